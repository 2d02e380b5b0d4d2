"""Erasing a person from archives, parked events, late news and a read model that is being made anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as live_settings
from django.db import connections

from contexts.customers import services as customers
from contexts.customers.models import Account
from contexts.messaging import (
    keys,
    partitions,
    proofs,
    reading,
    redrive,
    verify,
)
from contexts.messaging.archive import shelf
from contexts.shipping import services as shipping
from contexts.shipping.models import Parcel
from tests.customers.erased import HOME, manage, traces
from tests.messaging.conftest import cut

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def small_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cut customers' empty log into partitions of two events, and make it whole again afterwards."""
    monkeypatch.setattr(partitions, "SIZE", 2)
    cut("customers", [(first, first + 2) for first in range(0, 40, 2)])
    yield
    with connections["customers"].cursor() as cursor:
        cursor.execute("truncate messaging_event, messaging_position, messaging_archive")
    cut("customers", [(0, 1_000_000), (1_000_000, 2_000_000)])


def said_by_customers() -> str:
    """Return all that customers ever said, in the log and in files, with what its keys still open."""
    ring = keys.KeyRing("customers")
    return " ".join(str(ring.open(row[-1])) for row in reading.read_all("customers", 0, 1000, limit=1000)[0])


def keys_to(account: Account) -> int:
    """Return how many contexts have a key to somebody's personal data."""
    found = 0
    for alias in live_settings.CONTEXTS:
        with connections[alias].cursor() as cursor:
            cursor.execute("select count(*) from messaging_person where person = %s", [f"customer/{account.id}"])
            found += cursor.fetchone()[0]
    return found


def test_archives_hold_what_nobody_can_read_any_more(small_log, zyanya, buy, deliver_all):
    buy(zyanya.id)
    customers.register(email="bob@example.org", name="Bob Miller", password="secret", confirmed=True)
    deliver_all()
    with pytest.raises(SystemExit):
        manage("events", "archive", "customers", "--before", "1000")
    assert shelf.archives("customers") != []
    assert ("Zyanya Quetzal" in said_by_customers(), keys_to(zyanya) > 0) == (True, True)

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    assert traces() == set()
    said = said_by_customers()
    assert keys_to(zyanya) == 0
    assert ("Zyanya" in said, "Bob Miller" in said, str(zyanya.id) in said) == (False, True, True)
    assert [verdict.problems for verdict in verify.verify_subscriptions("customers") if verdict.problems] == []


def test_a_parked_event_of_somebody_erased_is_handled_with_blanks(zyanya, buy, deliver_all, monkeypatch):
    make = shipping.create_parcel
    monkeypatch.setattr(shipping, "create_parcel", lambda **_: 1 / 0)
    order_id = buy(zyanya.id)
    monkeypatch.setattr(shipping, "create_parcel", make)
    customers.erase(customer_id=zyanya.id)
    deliver_all()

    (parked,) = redrive.find("shipping")
    redrive.retry(parked, actor="operator:bea")

    parcel = Parcel.objects.get(order_id=order_id)
    assert (parcel.name, parcel.street, parcel.order_number != "") == ("", "", True)
    assert redrive.find("shipping") == []


def test_a_parked_event_of_somebody_who_is_there_keeps_what_it_needs(zyanya, buy, monkeypatch):
    make = shipping.create_parcel
    monkeypatch.setattr(shipping, "create_parcel", lambda **_: 1 / 0)
    order_id = buy(zyanya.id)
    monkeypatch.setattr(shipping, "create_parcel", make)
    (parked,) = redrive.find("shipping")
    assert "personalkey" not in parked.event

    redrive.retry(parked, actor="operator:bea")

    assert Parcel.objects.get(order_id=order_id).street == HOME.street


def test_news_that_arrives_after_the_erasure_is_not_kept(zyanya, buy, deliver_all):
    """Ordering's pages and customers' travel apart: the order may reach shipping after the erasure did."""
    from contexts.messaging import relay, transport, work
    from contexts.messaging.memory import MemoryTransport

    order_id = buy(zyanya.id)
    Parcel.objects.all().delete()
    with connections["shipping"].cursor() as cursor:
        cursor.execute("delete from messaging_inbox where publisher = 'ordering'")
        cursor.execute("delete from messaging_delivery where publisher = 'ordering'")
    with connections["ordering"].cursor() as cursor:
        cursor.execute(
            "update messaging_subscription set sent = 0, acknowledged = 0, scanned = 0, sent_digest = '', "
            "acknowledged_digest = '' where subscriber = 'shipping'"
        )
    late = MemoryTransport()
    with transport.use(late):
        relay.relay("ordering")
    assert len(late) > 0
    customers.erase(customer_id=zyanya.id)
    with transport.use(MemoryTransport()):
        relay.relay("customers")
        while (message := transport.current().next()) is not None:
            if message.args[0] == "shipping":
                work.perform(message)

    with transport.use(MemoryTransport()):
        while (message := late.next()) is not None:
            work.perform(message)

    assert Parcel.objects.get(order_id=order_id).street == ""
    assert not any(place.startswith("shipping.") for place in traces())


def test_a_read_model_that_is_being_made_anew_forgets_too(zyanya, buy, deliver_all):
    from contexts.messaging.projections import Refold
    from contexts.ordering.summaries import SUMMARIES

    buy(zyanya.id)
    refold = Refold(SUMMARIES)
    refold.begin(restart=True)
    list(refold.run())
    assert any("replay_" in place for place in traces()), "the copy has her data while she is there"

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    assert traces() == set()
    refold.swap()
    assert traces() == set()
    assert proofs.verify("ordering").differences == []
