"""Some weeks of orders, placed, paid, packed and delivered by the services of the contexts, at past times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.test.utils import override_settings
from django.utils import timezone

from config.demo.clock import Clock, set_back
from config.demo.people import PEOPLE, Person
from contexts.messaging import acting_as, transport as hints
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport

NEEDED = ("customers", "catalog", "inventory", "ordering", "payments", "shipping")
ORDERS = 60
WEEKS = 5
GOOD_CARD, DECLINED_CARD = "4242424242424242", "4000000000000002"


class Plan(NamedTuple):
    """An order to be made: who, when, what becomes of it."""

    at: datetime
    person: Person
    fate: str
    pieces: int
    method: str


def possible() -> bool:
    return all(context in settings.CONTEXTS for context in NEEDED)


def make(*, seed: int, count: int = ORDERS) -> Iterator[str]:
    """Make orders, oldest first, and let the parcels of older ones arrive; yields a word on each."""
    random = Random(seed + 2)  # noqa: S311 - who buys what, not secrets
    today = timezone.now()
    plans = sorted(_plans(random, count, today))
    skus = _well_stocked()
    if not skus:
        return
    customers = _customers()
    # Past parcels are moved below, at their own times, and not by the demo's timers. Hints stay in this process: the
    # workers would write today's date into the past.
    with override_settings(DEMO=False), hints.use(MemoryTransport()), set_back(plans[0].at) as clock:
        waiting: dict[datetime, list[tuple[str, UUID]]] = defaultdict(list)
        for plan in plans:
            _move_parcels(waiting, clock, until=plan.at)
            clock.set(plan.at)
            order_id = _place(plan, random, skus, customers.get(plan.person.email))
            drain()
            _what_follows(plan, order_id, waiting, clock, random)
            yield plan.fate
        _move_parcels(waiting, clock, until=today)


def _plans(random: Random, count: int, now: datetime) -> Iterator[Plan]:
    for _ in range(count):
        # More of them lately, and nobody shops at four in the morning.
        days = WEEKS * 7 * (random.random() ** 1.35)
        at = (now - timedelta(days=days)).replace(hour=random.randint(7, 22), minute=random.randint(0, 59))
        at = min(at, now - timedelta(minutes=random.randint(20, 300)))
        fate = random.choices(("good", "declined", "cancelled"), (88, 7, 5))[0]
        method = random.choices(("standard", "express"), (3, 1))[0]
        yield Plan(at, random.choice(PEOPLE), fate, random.choice((1, 1, 1, 2, 2, 3)), method)


def _place(plan: Plan, random: Random, skus: list[str], customer_id: UUID | None) -> UUID:
    from contexts.ordering import services as ordering
    from contexts.ordering.events import Contact
    from contexts.payments import services as payments

    person = plan.person
    with acting_as(f"customer:{customer_id}" if customer_id else "guest"):
        cart_id = None
        for sku in random.sample(skus, plan.pieces):
            cart_id = ordering.add_to_cart(cart_id=cart_id, sku=sku, quantity=random.choice((1, 1, 1, 2))).cart_id
        order_id = ordering.start_checkout(
            cart_id=cart_id, customer_id=customer_id, email=person.email, name=person.name
        )
        ordering.save_details(
            order_id=order_id,
            contact=Contact(email=person.email, name=person.name),
            address=person.address,
            shipping_method=plan.method,
        )
        card = payments.add_card(order_id=order_id, number=DECLINED_CARD if plan.fate == "declined" else GOOD_CARD)
        ordering.save_payment_method(order_id=order_id, payment=card)
        ordering.place_order(order_id=order_id)
    return order_id


def _what_follows(
    plan: Plan, order_id: UUID, waiting: dict[datetime, list[tuple[str, UUID]]], clock: Clock, random: Random
) -> None:
    if plan.fate == "cancelled":
        from contexts.ordering.services import cancel_order

        clock.set(plan.at + timedelta(minutes=random.randint(4, 90)))
        cancel_order(order_id=order_id)
        drain()
    elif plan.fate == "good":
        packed = (plan.at + timedelta(days=1 if plan.at.hour > 13 else 0)).replace(hour=16, minute=30)
        packed = max(packed, plan.at + timedelta(minutes=50))
        arrives = (packed + timedelta(days=1 if plan.method == "express" else random.randint(2, 4))).replace(
            hour=random.randint(9, 17), minute=random.randint(0, 59)
        )
        waiting[packed].append(("dispatch", order_id))
        waiting[arrives].append(("deliver", order_id))


def _move_parcels(waiting: dict[datetime, list[tuple[str, UUID]]], clock: Clock, *, until: datetime) -> None:
    """Let parcels leave and arrive that were to do so by then."""
    from contexts.shipping import services as shipping
    from contexts.shipping.models import Parcel

    for moment in sorted(when for when in waiting if when < until):
        clock.set(moment)
        steps = waiting.pop(moment)
        parcels = dict(Parcel.objects.filter(order_id__in=[order for _, order in steps]).values_list("order_id", "id"))
        with acting_as("system:demo"):
            for step, order_id in steps:
                if order_id in parcels:
                    (shipping.dispatch if step == "dispatch" else shipping.deliver)(parcels[order_id])
        drain()


def _well_stocked() -> list[str]:
    """Return what the past may have sold without emptying today's shelves."""
    from contexts.catalog.models import Variant

    stocked = Variant.objects.filter(listed=True, available__gte=12, product__state="published")
    return list(stocked.order_by("sku").values_list("sku", flat=True))


def _customers() -> dict[str, UUID]:
    from contexts.customers.models import Account

    return dict(Account.objects.filter(email__in=[person.email for person in PEOPLE]).values_list("email", "id"))
