"""Some weeks of orders, placed, paid, packed and delivered by the services of the contexts, at past times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Literal, NamedTuple
from uuid import UUID

from django.conf import settings
from django.test.utils import override_settings
from django.utils import timezone, translation

from config.demo.clock import Clock, set_back
from config.demo.people import PEOPLE, Person
from contexts.kernel.currencies import own
from contexts.messaging import acting_as, transport as hints
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport

NEEDED = ("customers", "catalog", "inventory", "ordering", "payments", "shipping")
ORDERS = 60
WEEKS = 5
#: Orders that come within the same minutes; what they cause is then delivered in one go, which is what takes time.
AT_ONCE = 5
GOOD_CARD, DECLINED_CARD = "4242424242424242", "4000000000000002"
#: When the carrier comes to the shop, and when it has made its round.
CARRIER_COMES, CARRIER_WAS_THERE = 15, 14

Step = tuple[Literal["deliver", "dispatch"], UUID]


class Plan(NamedTuple):
    """An order to be made: from which cart, when, who, what becomes of it, with how many articles, sent how."""

    cart_id: UUID
    at: datetime
    person: Person
    fate: str
    articles: int
    method: str


def possible() -> bool:
    return all(context in settings.CONTEXTS for context in NEEDED)


def make(*, seed: int, count: int = ORDERS, today: datetime | None = None) -> Iterator[int]:
    """Make orders, oldest first, and let the parcels of older ones arrive; yields how many were made at a time.

    The same seed, count and `today` make the same plans; of those that were begun before only the rest is done.
    """
    random = Random(seed + 2)  # noqa: S311 - who buys what, not secrets
    skus = _well_stocked()
    if not skus:
        return
    customers = _customers()
    today = today or timezone.now()
    rounds = _rounds(random, count, today)
    # What a break left undelivered comes first: plans go on from what the contexts know of each other.
    drain()
    # Past parcels are moved below, at their own times, and not by the demo's timers. Hints stay in this process: the
    # workers would write today's date into the past.
    with override_settings(DEMO=False), hints.use(MemoryTransport()), set_back(rounds[0][0].at) as clock:
        waiting: dict[date, list[Step]] = defaultdict(list)
        for plans in rounds:
            _move_parcels(waiting, clock, until=plans[0].at)
            placed = []
            for plan in plans:
                clock.set(plan.at)
                placed.append((plan, _order_of(plan) or _place(plan, skus, customers.get(plan.person.email))))
            drain()
            for plan, order_id in placed:
                _what_follows(plan, order_id, waiting, clock)
            yield len(plans)
        _move_parcels(waiting, clock, until=today)


def _rounds(random: Random, count: int, today: datetime) -> list[list[Plan]]:
    """Spread orders over the past weeks, a few at a time, the last of them within the last hour."""
    moments = [today - timedelta(minutes=random.randint(20, 50))]
    while len(moments) * AT_ONCE < count:
        # Nobody shops at four in the morning.
        day = today - timedelta(days=1 + WEEKS * 7 * random.random())
        moments.append(day.replace(hour=random.randint(8, 21), minute=random.randint(0, 59)))
    rounds: list[list[Plan]] = []
    for moment in sorted(moments):
        seconds = sorted(random.sample(range(240), AT_ONCE))
        rounds.append([_plan(random, moment + timedelta(seconds=after)) for after in seconds])
    del rounds[0][: len(moments) * AT_ONCE - count]
    return rounds


def _plan(random: Random, at: datetime) -> Plan:
    fate = random.choices(("good", "declined", "cancelled"), (88, 7, 5))[0]
    method = random.choices(("standard", "express"), (3, 1))[0]
    return Plan(
        UUID(int=random.getrandbits(128), version=4),
        at,
        random.choice(PEOPLE),
        fate,
        random.choice((1, 1, 1, 2, 2, 3)),
        method,
    )


def _order_of(plan: Plan) -> UUID | None:
    """Return the order that was placed before a break; a cart that came less far is thrown away."""
    from contexts.ordering.models import Cart, OrderSummary

    cart = Cart.objects.filter(id=plan.cart_id).first()
    if cart is None:
        return None
    if cart.order_id and OrderSummary.objects.filter(order_id=cart.order_id, placed_at__isnull=False).exists():
        return cart.order_id
    cart.delete()
    return None


def _place(plan: Plan, skus: list[str], customer_id: UUID | None) -> UUID:
    from contexts.ordering import services as ordering
    from contexts.ordering.events import Contact
    from contexts.ordering.models import Cart
    from contexts.payments import services as payments

    person, random = plan.person, Random(plan.cart_id.int)  # noqa: S311 - what is bought, not secrets
    actor = f"customer:{customer_id}" if customer_id else "guest"
    with acting_as(actor), translation.override(person.language):
        cart = Cart.objects.create(id=plan.cart_id, currency=own())
        for sku in random.sample(skus, plan.articles):
            ordering.add_to_cart(cart_id=cart.id, sku=sku, quantity=random.choice((1, 1, 1, 2)))
        order_id = ordering.start_checkout(
            cart_id=cart.id, customer_id=customer_id, email=person.email, name=person.name, language=person.language
        )
        ordering.save_details(
            order_id=order_id,
            contact=Contact(email=person.email, name=person.name, language=person.language),
            address=person.address,
            shipping_method=plan.method,
        )
        card = payments.add_card(order_id=order_id, number=DECLINED_CARD if plan.fate == "declined" else GOOD_CARD)
        ordering.save_payment_method(order_id=order_id, payment=card)
        ordering.place_order(order_id=order_id)
    return order_id


def _what_follows(plan: Plan, order_id: UUID, waiting: dict[date, list[Step]], clock: Clock) -> None:
    random = Random(plan.cart_id.int + 1)  # noqa: S311 - when, not secrets
    if plan.fate == "cancelled":
        from contexts.ordering.errors import TooLateToCancel
        from contexts.ordering.services import cancel_order

        clock.set(plan.at + timedelta(minutes=random.randint(4, 18)))
        # After a break the shop's own timers may have sent the parcel off.
        with suppress(TooLateToCancel):
            cancel_order(order_id=order_id)
        drain()
    elif plan.fate == "good":
        packed = plan.at.date() + timedelta(days=plan.at.hour >= CARRIER_COMES - 1)
        waiting[packed].append(("dispatch", order_id))
        travels = 1 if plan.method == "express" else random.choice((2, 3))
        waiting[packed + timedelta(days=travels)].append(("deliver", order_id))


def _move_parcels(waiting: dict[date, list[Step]], clock: Clock, *, until: datetime) -> None:
    """Let parcels arrive and leave that were to do so by then."""
    from contexts.shipping import services as shipping
    from contexts.shipping.models import Parcel

    for day in sorted(waiting):
        comes = datetime.combine(day, time(CARRIER_COMES), tzinfo=until.tzinfo)
        if comes + timedelta(hours=1) > until:
            return
        steps = sorted(waiting.pop(day))  # "deliver" before "dispatch"
        parcels = dict(Parcel.objects.filter(order_id__in=[order for _, order in steps]).values_list("order_id", "id"))
        with acting_as("system:demo"):
            for minute, (step, order_id) in enumerate(steps):
                if order_id not in parcels:
                    continue
                if step == "deliver":
                    clock.set(comes.replace(hour=CARRIER_WAS_THERE, minute=40) + timedelta(minutes=minute))
                else:
                    clock.set(comes + timedelta(minutes=minute))
                shipping.take_next_step(parcels[order_id], step)
        drain()


def _well_stocked() -> list[str]:
    """Return what the past may have sold without emptying today's shelves."""
    from contexts.catalog.models import Variant

    stocked = Variant.objects.filter(listed=True, available__gte=12, product__state="published")
    return list(stocked.order_by("sku").values_list("sku", flat=True))


def _customers() -> dict[str, UUID]:
    from contexts.customers.models import Account

    return dict(Account.objects.filter(email__in=[person.email for person in PEOPLE]).values_list("email", "id"))
