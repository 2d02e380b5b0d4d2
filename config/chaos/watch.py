"""How well is the shop? Whether a probe got through, whether everybody was told, whether all is quiet."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from config.chaos.doors import ask
from config.chaos.notebook import Notebook
from contexts.messaging.status import log_of, subscriptions_of
from contexts.notifications.models import Email, EmailState
from contexts.ordering.models import OrderSummary
from contexts.payments.models import Payment, Refund
from contexts.shipping.models import Parcel

ENDS = ("completed", "cancelled")


def confirmed(order_id: UUID) -> bool:
    """Whether an order has been confirmed; cancelled ones never are."""
    return ask(lambda: OrderSummary.objects.filter(order_id=order_id, confirmed_at__isnull=False).exists())


class Untold(NamedTuple):
    """An event that somebody still waits for: when it was written, and who waits."""

    written_at: float
    who: str


def oldest_untold() -> Untold | None:
    """Return the oldest event that somebody still waits for; None when all were told."""
    return ask(_oldest_untold)


def unfinished(notebook: Notebook) -> list[str]:
    """Return, in words, what the shop still has to do: an empty list when all is quiet."""
    return ask(lambda: _unfinished(notebook))


def state_of(orders: set[UUID]) -> dict[UUID, str]:
    """Return how far orders are; one that was never placed is not among them."""
    return ask(
        lambda: dict(
            OrderSummary.objects.filter(order_id__in=orders, placed_at__isnull=False).values_list("order_id", "status")
        )
    )


def _oldest_untold() -> Untold | None:
    found = []
    now = time.time()
    for context in settings.CONTEXTS:
        log = log_of(context)
        if log.unsequenced:
            found.append(Untold(now - log.oldest_unsequenced_s, f"the relay of {context}"))
        found += [
            Untold(now - one.lag_s, f"{one.subscriber}, of {context}, resent {one.attempts} times")
            for one in subscriptions_of(context)
            if one.lag_events
        ]
    return min(found, default=None)


def _unfinished(notebook: Notebook) -> list[str]:
    states = state_of(notebook.orders)
    counts: dict[str, Callable[[], int]] = {
        "orders under way": lambda: sum(state not in ENDS for state in states.values()),
        "parcels under way": Parcel.objects.filter(state__in=["created", "dispatched"]).count,
        "payments to be made": Payment.objects.filter(work_at__isnull=False).count,
        "refunds to be made": Refund.objects.filter(work_at__isnull=False).count,
        "e-mails to be sent": Email.objects.filter(state=EmailState.QUEUED).count,
        "subscriptions behind": lambda: sum(
            bool(one.lag_events) for context in settings.CONTEXTS for one in subscriptions_of(context)
        ),
        "events without a position": lambda: sum(log_of(context).unsequenced for context in settings.CONTEXTS),
    }
    return [f"{number} {words}" for words, count in counts.items() if (number := count())]
