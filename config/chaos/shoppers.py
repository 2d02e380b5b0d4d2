"""People in the shop: they buy through the web and through the services, some cancel, and staff send the parcels."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from random import Random
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connections

from config.chaos.doors import Away, Door, Refused, Wish, ask, cancel
from config.chaos.notebook import Notebook
from config.chaos.shelves import ACTOR
from contexts.messaging import acting_as
from contexts.ordering.models import OrderSummary
from contexts.ordering.states import PAYMENT_DECLINED
from contexts.shipping import services as shipping
from contexts.shipping.models import Parcel

T = TypeVar("T")

#: The sandbox bank's cards, and how often each is used.
APPROVED, DECLINED, SLOW, ANSWER_LOST = "4242424242424242", "4000000000000002", "4000000000000077", "4000000000000341"
CARDS = {APPROVED: 84, DECLINED: 8, SLOW: 4, ANSWER_LOST: 4}
#: One order in so many is cancelled by its shopper right away, while the shop is still at work on it.
CANCELLED_ONE_IN = 20
#: How long somebody goes on asking a shop that does not answer.
PATIENCE_S = 90.0
ASK_AGAIN_S = 0.2
STAFF_EVERY_S = 0.5


class Person(threading.Thread, ABC):
    """Somebody who does something again and again until told to go."""

    def __init__(self, name: str, going: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.going = going
        #: What ended this person's work before its time; a defect of ours.
        self.problem: Exception | None = None

    def run(self) -> None:
        try:
            self.live()
        except Exception as problem:
            self.problem = problem
        finally:
            connections.close_all()

    @abstractmethod
    def live(self) -> None: ...


class Shopper(Person):
    """Buys something every `every_s` seconds, in the way that a seed wants it."""

    def __init__(
        self, door: Door, skus: list[str], notebook: Notebook, *, seed: int, number: int, every_s: float,
        going: threading.Event,
    ) -> None:  # fmt: skip
        super().__init__(f"shopper {number}", going)
        self._door, self._skus, self._notebook, self._every_s = door, skus, notebook, every_s
        self._random = Random(f"{seed} {number}")  # noqa: S311 - who buys what, not secrets
        self._number = number

    def live(self) -> None:
        wait_s = self._random.uniform(0, self._every_s)
        while not self.going.wait(wait_s):
            began = time.monotonic()
            self._shop()
            wait_s = max(0.0, self._every_s - (time.monotonic() - began))

    def _shop(self) -> None:
        wish = Wish(
            self._random.choice(self._skus), self._random.choice((1, 1, 2)),
            self._random.choices(list(CARDS), list(CARDS.values()))[0], f"shopper{self._number}@example.org",
            settings.CURRENCIES[self._number % len(settings.CURRENCIES)],
        )  # fmt: skip
        fickle = self._random.randrange(CANCELLED_ONE_IN) == 0
        order_id = buy(self._door, wish, self._notebook)
        if order_id is not None and fickle:
            patiently(lambda: cancel(order_id))
            self._notebook.counts["cancelled by the shopper"] += 1


class Staff(Person):
    """Sends parcels that are packed, notes that those sent before have arrived, and cancels for whoever gave up."""

    def live(self) -> None:
        while not self.going.wait(STAFF_EVERY_S):
            try:
                self.round()
            except Away:
                continue

    def round(self) -> int:
        """Move every parcel one step on, and end the orders whose card was declined; return how many there were."""
        open_parcels = ask(
            lambda: list(Parcel.objects.filter(state__in=["created", "dispatched"]).values_list("id", "state"))
        )
        for parcel_id, state in open_parcels:
            ask(partial(_move, parcel_id, state))
        return len(open_parcels) + give_up_declined()


def give_up_declined() -> int:
    """Cancel the orders that wait for another card, as their shoppers do who have none; return how many there were."""
    waiting = ask(lambda: list(OrderSummary.objects.filter(status=PAYMENT_DECLINED).values_list("order_id", flat=True)))
    for order_id in waiting:
        cancel(order_id)
    return len(waiting)


def buy(door: Door, wish: Wish, notebook: Notebook) -> UUID | None:
    """Buy something, asking again where the shop does not answer; return the order unless the shop said no."""
    try:
        basket = patiently(lambda: door.fill(wish))
    except Refused:
        notebook.counts["turned away"] += 1
        return None
    except Away:
        notebook.counts["gave up"] += 1
        return None
    op = notebook.intends(basket.order_id, basket.total_cents, door=door.name)
    try:
        patiently(lambda: door.place(basket))
    except Refused:
        notebook.refused(op)
        return None
    except Away:
        notebook.unknown(op, basket.order_id)
        return None
    notebook.placed(op, basket.order_id)
    return basket.order_id


def patiently(step: Callable[[], T]) -> T:
    """Take a step, again and again while nobody answers.

    Raises:
        Away: nobody has answered for a long time.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return step()
        except Away:
            if time.monotonic() > deadline:
                raise
            time.sleep(ASK_AGAIN_S)


def _move(parcel_id: UUID, state: str) -> None:
    with acting_as(ACTOR):
        try:
            if state == Parcel.State.CREATED:
                shipping.dispatch(parcel_id, actor=ACTOR)
            else:
                shipping.deliver(parcel_id, actor=ACTOR)
        except shipping.NotPossible:
            # The shopper cancelled meanwhile.
            return
