"""Travelling in an order's time: as it was at a version or a moment, what differs between two, and what happened."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from contexts.kernel.countries import country_name
from contexts.kernel.languages import in_language
from contexts.kernel.money import Money
from contexts.kernel.templatetags.tradepost import money
from contexts.messaging import Entry, history, load, moment, version_at
from contexts.ordering.events import ReturnedPieces
from contexts.ordering.labels import return_state_name, status_name
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.order_numbers import as_typed
from contexts.ordering.queries import method_name


class NoSuchPast(Exception):
    """A question about an order or a time that was not; the message says what there is."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its stream had it at `version`, of `versions` that it has today; `entry` is what had just happened."""

    order: Order
    version: int
    versions: int
    entry: Entry


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an order that differs; None where there was or is nothing."""

    field: str
    before: Any
    after: Any


def find(name: str) -> UUID:
    """Return the id of the order that a person calls so: by its number, however typed, or by its id.

    Raises:
        NoSuchPast: there is none, with the number that was probably meant.
    """
    try:
        wanted = OrderSummary.objects.filter(order_id=UUID(name))
    except ValueError:
        wanted = OrderSummary.objects.filter(number=as_typed(name))
    order_id: UUID | None = wanted.values_list("order_id", flat=True).first()
    if order_id is None:
        raise NoSuchPast(f'No order "{name}". {_meant(as_typed(name))}')
    return order_id


def _meant(number: str) -> str:
    """Return a hint at the placed order whose number is the closest, as far as one half of it is right."""
    placed = OrderSummary.objects.exclude(number=None)
    first, last = number[3:7], number[8:12]
    alike = placed.filter(number__startswith=f"TP-{first}") | placed.filter(number__endswith=f"-{last}")
    newest = alike.order_by("-placed_at").values_list("number", flat=True)[:50] if first and last else []
    close = difflib.get_close_matches(number, [known for known in newest if known], n=1)
    return f'Did you mean "{close[0]}"?' if close else "Numbers look like TP-7F3K-92QX; the admin lists them."


def entries_of(order_id: UUID, *, upto: int | None = None) -> list[Entry]:
    """Return what happened to an order, oldest first: who, what, when, and in answer to what."""
    return history("ordering", f"order/{order_id}", upto=upto)


def at(order_id: UUID, when: str | None = None) -> Moment:
    """Return the order as it was at a version ("3"), at a moment ("2026-01-31T12:00", "10m" ago), or as it is now.

    Raises:
        NoSuchPast: no such version, or the moment lies before the order's beginning.
        NotATime: neither a version nor a moment.
    """
    entries = entries_of(order_id)
    if not entries:
        raise NoSuchPast(f"Nothing ever happened to order {order_id}.")
    version = _version(order_id, when, entries)
    return Moment(
        order=load(Order, order_id, version=version), version=version, versions=len(entries), entry=entries[version - 1]
    )


def _version(order_id: UUID, when: str | None, entries: list[Entry]) -> int:
    if when is None:
        return len(entries)
    if when.strip().isdecimal():
        version = int(when)
        if not 1 <= version <= len(entries):
            raise NoSuchPast(f"The order has no version {version}: it has had 1 to {len(entries)} so far.")
        return version
    moment_ = moment(when)
    if moment_ < entries[0].time:
        began = entries[0].time.astimezone(UTC)
        raise NoSuchPast(f"At {moment_:%Y-%m-%d %H:%M:%S} UTC there was no such order yet; it began at {began:%c} UTC.")
    return version_at("ordering", f"order/{order_id}", moment_)


def differences(before: Order, after: Order) -> list[Change]:
    """Return what differs between two states of an order, down to the single value."""
    old, new = (dict(_leaves(msgspec.to_builtins(state))) for state in (before, after))
    return [
        Change(field=field, before=old.get(field), after=new.get(field))
        for field in sorted(old.keys() | new.keys())
        if field != "version" and old.get(field) != new.get(field)
    ]


def _leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    match value:
        case {"amount": int(), "currency": str()}:
            return [(path, str(Money(value["amount"], value["currency"])))]
        case dict():
            return [
                leaf for name, part in value.items() for leaf in _leaves(part, f"{path}.{name}" if path else str(name))
            ]
        case list():
            return [leaf for nr, part in enumerate(value, 1) for leaf in _leaves(part, f"{path}[{nr}]")]
    return [(path, value)]


def facts(order: Order, *, customer: Callable[[UUID], str] = str) -> list[tuple[str, str]]:
    """Return an order's state as lines for people: what, and its value; what is not there yet is left out.

    `customer` says how an account is named.
    """
    placed = order.placed
    articles = {
        line.sku: f"{in_language(line.name, line.names)} {in_language(line.label, line.labels)}".strip()
        for line in order.lines
    }
    found: list[tuple[str, Any]] = [(_("Status"), status_name(order.status))]
    if placed is not None:
        address = placed.shipping_address
        where = ", ".join(
            part
            for part in (address.name, address.street, address.postcode, address.city, country_name(address.country))
            if part
        )
        found += [(_("Number"), placed.number), (_("Name"), placed.contact.name), (_("E-mail"), placed.contact.email)]
        found += [(_("Address"), where), (_("Shipping"), method_name(placed.shipping_method))]
    found += [
        (
            _("Line %(number)d") % {"number": nr},
            _("%(article)s at %(price)s")
            % {"article": f"{line.quantity} × {articles[line.sku]}", "price": money(line.unit_price)},
        )
        for nr, line in enumerate(order.lines, 1)
    ]
    if placed is not None:
        found += [(_("Subtotal"), placed.subtotal), (_("Postage"), placed.shipping), (_("Tax in it"), placed.tax)]
        found += [(_("Total"), placed.total)]
    found += [
        (_("Customer"), customer(order.customer_id) if order.customer_id else _("a guest")),
        (_("Held until"), _clock(order.held_until) if placed is None else None),
        (_("Goods reserved"), _("yes") if order.reserved else None),
        (_("Payment authorised"), _("yes") if order.authorised else None),
        (_("Bank asks by"), _clock(order.action.expires_at) if order.action and not order.authorised else None),
        (_("Parcel has left"), _("yes") if order.parcel_left else None),
        (_("Charged"), order.charged),
        (_("Returned"), order.refunded),
    ]
    found += [
        (
            _("Sent back %(number)d") % {"number": nr},
            f"{_pieces(one.pieces, articles)}: {return_state_name(one.state)}",
        )
        for nr, one in enumerate(order.returns, 1)
    ]
    shown = [(name, money(value) if isinstance(value, Money) else value) for name, value in found]
    return [(name, value if isinstance(value, str) else str(value)) for name, value in shown if value not in (None, "")]


def _pieces(pieces: Iterable[ReturnedPieces], articles: Mapping[str, str]) -> str:
    return ", ".join(f"{part.quantity} × {articles.get(part.sku, part.name)}" for part in pieces)


def _clock(when: datetime | None) -> str | None:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if when else None


def why(entry: Entry) -> str:
    """Return in answer to what an event happened, in words."""
    if entry.cause is None:
        return _("by itself") if entry.actor == "system" else _("asked for")
    if entry.cause.type is None:
        return _("in answer to event %(id)s, whose log is not at hand") % {"id": entry.cause.id}
    return _("in answer to %(event)s") % {"event": entry.cause.type}


def where_from(entry: Entry) -> str:
    """Return from where the cause came: another context, or the shop's own pages and commands."""
    if entry.cause is None:
        return "here"
    return entry.cause.source or "elsewhere"
