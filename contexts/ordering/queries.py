"""What ordering's pages ask: the cart as it is now, the way of an order so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import connections
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from contexts.kernel import currencies
from contexts.kernel.board import Tile
from contexts.kernel.languages import as_written
from contexts.kernel.money import Money, total
from contexts.kernel.prepared import Lookup
from contexts.kernel.rates import prices_are_kept_in, with_rate
from contexts.kernel.templatetags.tradepost import money
from contexts.messaging import event_named
from contexts.ordering import states, wording
from contexts.ordering.events import OrderLine
from contexts.ordering.models import (
    CartItem,
    Checkout,
    ExchangeRate,
    Invoice,
    OrderSummary,
    ReturnPhoto,
    ShippingMethod,
)
from contexts.ordering.quotes import currency_of
from contexts.ordering.return_forms import REASONS
from contexts.ordering.returns import OPEN, REFUSED, deadline
from contexts.ordering.services.cart import priced_offer
from contexts.ordering.summaries import lines_of


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the cart page. `price_before` is set when the price moved; `left` when fewer are left than wanted."""

    sku: str
    name: str
    label: str
    image: str
    product_slug: str
    quantity: int
    unit_price: Money
    for_sale: bool
    price_before: Money | None
    left: int | None

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


class CartView(msgspec.Struct, frozen=True, kw_only=True):
    """The cart as it is now; `subtotal` leaves out what is no longer for sale. `order_id`: the checkout under way.

    `was_in` is the currency in which its shopper saw the prices last, where it is another one.
    """

    was_in: str
    lines: list[CartLine]
    subtotal: Money
    count: int
    order_id: UUID | None

    @property
    def can_check_out(self) -> bool:
        return bool(self.lines) and all(line.for_sale for line in self.lines)


def cart(cart_id: UUID | None) -> CartView:
    """Return the cart in the currency that is being read; an unknown one is empty."""
    items = []
    if cart_id:
        rows = CartItem.objects.filter(cart_id=cart_id).select_related("offer", "cart")
        items = list(with_rate(rows, currencies.currency(), ExchangeRate))
    order_id = items[0].cart.order_id if items else None
    short = any((item.offer.available or 0) < item.quantity for item in items)
    held = _held_pieces(order_id) if short and order_id else {}
    lines = [_cart_line(item, held.get(item.offer_id, 0)) for item in items]
    for_sale = [line for line in lines if line.for_sale]
    currency = lines[0].unit_price.currency if lines else currencies.own()
    return CartView(
        was_in=items[0].cart.currency if items and items[0].cart.currency != currency else "",
        lines=lines,
        subtotal=total([line.total for line in for_sale], currency),
        count=sum(item.quantity for item in items),
        order_id=order_id,
    )


def _cart_line(item: CartItem, held: int) -> CartLine:
    offer = priced_offer(item)
    # What this shopper's own checkout holds is not available to others, but it is to them.
    left = None if offer.available is None else max(offer.available, 0) + held
    seen = Money(item.seen_price_cents, item.cart.currency)
    moved = offer.on_sale and seen.currency == offer.price.currency and seen != offer.price
    return CartLine(
        sku=offer.sku,
        name=offer.shown_name,
        label=offer.shown_label,
        image=offer.image,
        product_slug=offer.product_slug,
        quantity=item.quantity,
        unit_price=offer.price,
        for_sale=offer.on_sale,
        price_before=seen if moved else None,
        left=left if left is not None and left < item.quantity else None,
    )


def _held_pieces(order_id: UUID) -> dict[str, int]:
    row = OrderSummary.objects.filter(order_id=order_id, status=states.CHECKOUT, held_until__isnull=False).first()
    return {line.sku: line.quantity for line in lines_of(row)} if row else {}


#: Return the summary of an order, None where nothing was begun under its id.
summary = Lookup(OrderSummary, "order_id")
_checkout = Lookup(Checkout, "order_id", "cart_id")
_methods = Lookup(ShippingMethod, "active")


def checkout(order_id: UUID, *, cart_id: UUID | None) -> Checkout | None:
    """Return the checkout, if it was begun from that cart: nobody else may see it."""
    return _checkout(order_id, cart_id) if cart_id else None


def shipping_methods(currency: str) -> list[ShippingMethod]:
    """Return the ways of shipping on offer, priced in a currency, cheapest first."""
    methods: Iterable[ShippingMethod] = (
        _methods.rows(True)
        if prices_are_kept_in(currency)
        else with_rate(ShippingMethod.objects.filter(active=True), currency, ExchangeRate)
    )
    return sorted(methods, key=lambda method: (method.price.amount, method.code))


def subtotal_of(lines: list[OrderLine]) -> Money:
    return total([line.total for line in lines], currency_of(lines))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of an order's way. `state` is "done", "now", "todo" or "bad"."""

    title: str
    state: str
    at: datetime | None = None
    note: str = ""


def photos_of(order_id: UUID) -> dict[str, list[ReturnPhoto]]:
    """Return the photos of an order's returns, by the return's id."""
    photos: dict[str, list[ReturnPhoto]] = {}
    for photo in ReturnPhoto.objects.filter(order_id=order_id):
        photos.setdefault(str(photo.return_id), []).append(photo)
    return photos


class ReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """A return as its shopper and staff see it."""

    id: str
    state: str
    reason: str
    remark: str
    explanation: str
    pieces: list[tuple[str, int]]
    steps: list[Step]
    refund: Money | None
    to_gift_card: Money
    photos: list[ReturnPhoto]

    @property
    def to_card(self) -> Money | None:
        """What of the refund goes to the card that was charged."""
        return self.refund - self.to_gift_card if self.refund else None


def returns_of(order: OrderSummary) -> list[ReturnView]:
    """Return what of an order goes back, newest first, each with the way it has come."""
    names = wording.shown_names(order)
    photos = photos_of(order.order_id) if any(one["photos"] for one in order.returns) else {}
    return [
        ReturnView(
            id=one["id"],
            state=one["state"],
            reason=str(REASONS.get(one["reason"], one["reason"])),
            remark=one["remark"],
            explanation=as_written(one.get("explanation", ""), order.language),
            pieces=[(names.get(part["sku"], part["sku"]), part["quantity"]) for part in one["pieces"]],
            steps=list(_way_back(one, order.language)),
            refund=Money(one["refund_cents"], order.currency) if "refund_cents" in one else None,
            to_gift_card=Money(one.get("gift_cents", 0), order.currency),
            photos=photos.get(one["id"], []),
        )
        for one in reversed(order.returns)
    ]


def _way_back(one: dict[str, Any], language: str) -> Iterator[Step]:
    def at(step: str) -> datetime | None:
        return datetime.fromisoformat(one[step]) if step in one else None

    yield _step(_("Asked for"), at("requested_at"))
    if "refused_at" in one:
        yield Step(
            title=_("Not accepted"), state="bad", at=at("refused_at"), note=as_written(one["explanation"], language)
        )
        return
    yield _step(_("Accepted"), at("approved_at"), doing=_("We look at it"))
    yield _step(_("Back with us"), at("received_at"), doing=_("Please send it") if "approved_at" in one else "")
    waiting = _("Money on its way back") if "received_at" in one else ""
    yield _step(_("Money returned"), at("refunded_at"), doing=waiting)


def invoices_of(order_id: UUID) -> list[Invoice]:
    """Return an order's invoice and its credit notes, oldest first."""
    return list(Invoice.objects.filter(order_id=order_id).order_by("year", "serial"))


def invoice(order_id: UUID, *, year: int | None = None, serial: int | None = None) -> Invoice | None:
    """Return one of an order's documents by its number; without one, its invoice."""
    mine = Invoice.objects.filter(order_id=order_id)
    if year is None or serial is None:
        return mine.filter(kind=Invoice.Kind.INVOICE).first()
    return mine.filter(year=year, serial=serial).first()


def method_name(code: str) -> str:
    """Return what a way of shipping is called in the language being read; its code where it is not known any more."""
    method = ShippingMethod.objects.filter(code=code).first()
    return method.shown_name if method else code


class StreamEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An event of an order's stream, for the audit trail."""

    version: int
    at: datetime
    title: str
    actor: str


def stream(order_id: UUID) -> list[StreamEntry]:
    """Return what happened to an order, oldest first, from the log itself."""
    with connections["ordering"].cursor() as cursor:
        cursor.execute(
            """
            select stream_version, time, type, actor from messaging_event
            where subject = %s and stream_version is not null order by stream_version
            """,
            [f"order/{order_id}"],
        )
        return [
            StreamEntry(version=version, at=at, title=event_named(name).__name__, actor=actor)
            for version, at, name, actor in cursor.fetchall()
        ]


# --- the way of an order


#: Seconds between looks at an order that is moving at once, and at one that waits for people.
QUICK_S, SLOW_S = 1, 5


def poll_s(order: OrderSummary) -> int | None:
    """Return after how many seconds to look again; None when nothing more will happen by itself."""
    if order.status in (states.PLACED, states.ACTION_REQUIRED):
        return QUICK_S
    if order.status in (states.PAYMENT_DECLINED, states.CONFIRMED, states.SHIPPED):
        return SLOW_S
    waits_for_money = order.charged > order.refunded_to_card
    if order.refund_pending_cents or order.return_state in OPEN:
        return SLOW_S
    return SLOW_S if order.status == states.CANCELLED and waits_for_money else None


def can_be_cancelled(order: OrderSummary) -> bool:
    return order.status in (states.PLACED, states.ACTION_REQUIRED, states.PAYMENT_DECLINED, states.CONFIRMED)


def returnable_until(order: OrderSummary) -> datetime | None:
    """Return until when something may be sent back, None before it was delivered."""
    return None if order.completed_at is None else deadline(order.completed_at)


def can_be_returned(order: OrderSummary) -> bool:
    """Whether the time to send something back has begun and is not over, and not everything is on its way back."""
    until = returnable_until(order)
    on_the_way = sum(
        pieces["quantity"]
        for one in order.returns
        if one["state"] != REFUSED
        for pieces in one.get("received") or one["pieces"]
    )
    bought = sum(line["quantity"] for line in order.lines)
    return until is not None and timezone.now() <= until and on_the_way < bought


def steps(order: OrderSummary) -> list[Step]:
    """Return the way of a placed order: what happened with its time, what is under way, what is to come."""
    way = list(_way(order))
    if order.status == states.CANCELLED:
        way = [step for step in way if step.state == "done"]
        way.append(Step(title=_("Cancelled"), state="bad", at=order.cancelled_at, note=wording.explanation_of(order)))
    if refund := _refund_step(order):
        way.append(refund)
    return way


def _refund_step(order: OrderSummary) -> Step | None:
    """Return how far the money is that goes back, where some does."""
    amount = money(order.refund_pending)
    match order.refund_state:
        case "under_way" | "done" if order.refund_pending_cents:
            return Step(title=_("%(amount)s is on its way back to you") % {"amount": amount}, state="now")
        case "came_back":
            note = _("Your bank sent the money back to us. We look for another way and write to you.")
            return Step(title=_("Money came back"), state="bad", note=note)
        case "refused":
            note = _("We could not send the money yet. We look into it and write to you.")
            return Step(title=_("Money not sent"), state="bad", note=note)
    if order.refunded_at is None:
        return None
    return Step(title=_("Money returned"), state="done", at=order.refunded_at, note=_where_it_went(order))


def _where_it_went(order: OrderSummary) -> str:
    """Return what went back to the card and what to the gift card, in words where it is both or the latter."""
    to_card, to_gift_card = order.refunded_to_card, order.refunded_to_gift_card
    named = {"card": money(to_card), "gift": money(to_gift_card), "last4": order.gift_last4}
    if not to_gift_card:
        return money(to_card)
    if not to_card:
        return _("%(gift)s to your gift card ending %(last4)s") % named
    return _("%(card)s to your card and %(gift)s to your gift card ending %(last4)s") % named


def _way(order: OrderSummary) -> Iterator[Step]:
    yield _step(_("Ordered"), order.placed_at)
    yield _step(_("Goods set aside for you"), order.reserved_at, doing=_("Setting the goods aside for you"))
    if order.status == states.ACTION_REQUIRED:
        yield Step(title=_("Confirm the payment at your bank"), state="now", at=order.action_required_at)
    elif order.status == states.PAYMENT_DECLINED:
        yield Step(title=_("Card declined: pay with another"), state="now")
    elif order.placed_at and not order.payable:
        covered = _("Gift card ending %(last4)s") % {"last4": order.gift_last4} if order.gift_cents else ""
        yield _step(_("Paid in full"), order.redeemed_at, doing=_("Taking your gift card or code"), note=covered)
    else:
        yield _step(
            _("Payment approved"), order.authorised_at, doing=_("Asking your bank"), note=wording.paid_with(order)
        )
    yield _step(_("Order confirmed"), order.confirmed_at)
    parcel = f"{order.carrier} {order.tracking_number}".strip()
    packing = _("Packing your parcel") if order.confirmed_at else ""
    yield _step(_("On its way"), order.shipped_at, doing=packing, note=parcel)
    if order.charged_at:
        yield _step(_("Card charged"), order.charged_at)
    travelling = _("Delivery comes next") if order.status == states.SHIPPED else ""
    yield _step(_("Delivered"), order.completed_at, doing=travelling)


def _step(title: str, at: datetime | None, *, doing: str = "", note: str = "") -> Step:
    """Return a step that is done, or under way as `doing` says, or to come."""
    if at is not None:
        return Step(title=title, state="done", at=at, note=note)
    return Step(title=doing or title, state="now" if doing else "todo")


def seconds_left(held_until: datetime | None) -> int | None:
    """Return for how long goods are still held, None where they are not."""
    return None if held_until is None else max(0, int((held_until - timezone.now()).total_seconds()))


#: A placed order that is neither confirmed nor cancelled after so long needs somebody to look at it.
STUCK_AFTER = timedelta(minutes=5)


def tiles() -> list[Tile]:
    """Return today's orders and what they come to, and the orders that do not move."""
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = OrderSummary.objects.filter(placed_at__gte=midnight).exclude(status=states.CANCELLED)
    sums = today.values_list("currency").annotate(orders=Count("pk"), cents=Sum("total_cents")).order_by("currency")
    orders, worth = 0, []
    for currency, count, cents in sums:
        orders += count
        worth.append(money(Money(amount=cents, currency=currency)))
    unsettled = OrderSummary.objects.filter(
        placed_at__lt=now - STUCK_AFTER, confirmed_at=None, cancelled_at=None, action_required_at=None
    )
    # After a refused card the goods are kept for a while, for another one: that is the shopper's turn.
    stuck = unsettled.exclude(status=states.PAYMENT_DECLINED, held_until__gt=now).count()
    return [
        Tile(
            title=_("Orders today"), figure=str(orders),
            text=_("worth %(sums)s") % {"sums": " + ".join(worth)} if worth else _("none so far"),
            list="ordering_ordersummary",
        ),
        Tile(
            title=_("Orders that do not move"), figure=str(stuck),
            text=_("placed over five minutes ago and neither confirmed nor cancelled"), list="ordering_ordersummary",
            query="status=placed", tone="trouble" if stuck else "calm",
        ),
    ]  # fmt: skip
