"""Erasing a person: nothing anywhere in the shop names them afterwards, and everything still adds up."""

from __future__ import annotations

import msgspec
import pytest
from django.conf import settings as live_settings

from contexts.customers import services as customers
from contexts.kernel.addresses import Address
from contexts.messaging import (
    load,
    projections,
    proofs,
    receipts,
    receipts_awaited,
    redrive,
    snapshotting,
    verify,
)
from contexts.ordering import services as ordering
from contexts.ordering.errors import NotAGuest
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order
from tests.customers.erased import HOME, traces

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_the_search_finds_what_is_there_and_the_log_has_it_sealed(zyanya, buy):
    buy(zyanya.id)

    found = traces()

    assert found == {
        "customers.customers_account", "customers.customers_savedaddress", "customers.account_emailaddress",
        "ordering.ordering_customer", "ordering.ordering_checkout", "ordering.ordering_ordersummary",
        "shipping.shipping_parcel", "notifications.notifications_email", "notifications.notifications_ordercontact",
        "mail",
    }  # fmt: skip


def test_nothing_in_the_shop_names_a_customer_who_was_erased(zyanya, buy, no_parcel, deliver_all, published_events):
    order_id = buy(zyanya.id)
    snapshotting.take(Order, order_id)
    (parked,) = redrive.find("shipping")
    assert "Obsidiana" in parked.traceback
    data = msgspec.json.decode(parked.event)["data"]
    data.pop("$sealed")
    redrive.edit(parked, data={**data, "shipping_address": msgspec.to_builtins(HOME)}, actor="operator:bea")
    assert {"ordering.messaging_snapshot", "shipping.messaging_parked", "shipping.messaging_act"} <= traces()
    number, total = OrderSummary.objects.values_list("number", "total_cents").get(order_id=order_id)

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    assert traces() == set()
    order = OrderSummary.objects.get(order_id=order_id)
    assert (order.number, order.total_cents, order.status) == (number, total, "confirmed")
    assert load(Order, order_id).placed.number == number


def test_everything_still_adds_up_and_can_be_replayed(zyanya, buy, deliver_all):
    bob = Address(name="Bob Miller", street="Elm 1", postcode="10115", city="Berlin", country="DE")
    hers, his = buy(zyanya.id), buy(address=bob, to="bob@example.org")
    unsigned = buy()
    assert OrderSummary.objects.get(order_id=unsigned).customer_id == zyanya.id

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    assert proofs.verify("ordering").differences == []
    assert [rebuilt.changed for rebuilt in map(projections.rebuild, projections.projections("ordering"))] == [0]
    verdicts = [verdict for context in live_settings.CONTEXTS for verdict in verify.verify_subscriptions(context)]
    assert [verdict.problems for verdict in verdicts if verdict.problems] == []
    assert traces() == set()
    assert OrderSummary.objects.get(order_id=hers).name == OrderSummary.objects.get(order_id=unsigned).name == ""
    assert receipts_awaited(f"guest/{unsigned}") == []
    assert (OrderSummary.objects.get(order_id=his).name, load(Order, his).placed.contact.name) == (bob.name, bob.name)


def test_each_context_gives_a_receipt(zyanya, buy, deliver_all):
    buy(zyanya.id)

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    found = {receipt.context: receipt.erased for receipt in receipts(f"customer/{zyanya.id}")}
    assert found == {
        "customers": {"keys": 1, "accounts": 1, "addresses": 1, "sessions": 0, "mails": 3},
        "inventory": {"keys": 1},
        "payments": {"keys": 1},
        "ordering": {
            "keys": 2,
            "rows folded anew": 1,
            "copies": 1,
            "checkouts": 1,
            "invoices": 0,
            "photos": 0,
            "claimed_orders": 0,
        },
        "shipping": {"keys": 1, "parcels": 1},
        "notifications": {"keys": 2, "emails": 3, "contacts": 1, "requests": 0, "mails": 0},
        "history": {"keys": 1},
        "catalog": {"keys": 1},
        "reviews": {"keys": 1, "purchases": 1, "reviews": 0},
        "wishlists": {"rows": 0},
        "promotions": {"keys": 1, "redemptions": 0},
    }


def test_a_guest_is_erased_by_order(buy, deliver_all):
    hers = buy()

    ordering.erase_guest(order_id=hers)
    ordering.erase_guest(order_id=hers)
    deliver_all()

    assert traces() == set()
    assert proofs.verify("ordering").differences == []
    assert {receipt.context for receipt in receipts(f"guest/{hers}")} >= {"ordering", "shipping", "notifications"}


def test_a_customers_order_is_not_erased_as_a_guests(zyanya, buy):
    order_id = buy(zyanya.id)

    with pytest.raises(NotAGuest, match=str(zyanya.id)):
        ordering.erase_guest(order_id=order_id)

    assert OrderSummary.objects.get(order_id=order_id).name == HOME.name
