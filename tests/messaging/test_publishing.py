"""B1: an event exists if and only if its change committed."""

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged, ProductWithdrawn
from contexts.inventory.events import HoldExpired
from contexts.messaging import Event, acting_as, event_published, publish
from contexts.messaging.errors import MisdeclaredEvent, NotInTransaction, NotYourEvent, UnknownEvent
from contexts.messaging.events import decode, event_named, upcasts
from tests.messaging.conftest import price_changed, sql

pytestmark = pytest.mark.django_db(databases=["catalog", "inventory"])


def test_an_event_of_a_change_that_rolls_back_does_not_exist(published_events):
    with pytest.raises(RuntimeError), transaction.atomic(using="catalog"):
        publish(price_changed())
        raise RuntimeError("the change failed")

    assert published_events == []


def test_an_event_of_a_change_that_commits_is_in_the_log_with_its_attributes():
    event = price_changed(cents=250)

    with acting_as("staff:7") as correlation_id, transaction.atomic(using="catalog"):
        publish(event)

    ((kind, subject, version, actor, correlation, causation, data),) = sql(
        "catalog",
        "select type, subject, version, actor, correlation_id, causation_id, data->'price'->>'amount' from messaging_event",
    )
    assert (kind, subject, version, actor, data) == (
        "catalog.price_changed", f"product/{event.product_id}", 1, "staff:7", "250",
    )  # fmt: skip
    assert correlation == correlation_id
    assert causation is None


def test_a_change_rolls_back_when_its_event_cannot_be_kept(published_events):
    def fail(**_: object) -> None:
        raise RuntimeError("a receiver in the same transaction refused")

    event_published.connect(fail)
    try:
        with pytest.raises(RuntimeError), transaction.atomic(using="catalog"):
            publish(price_changed())
    finally:
        event_published.disconnect(fail)

    assert published_events == []


def test_publishing_outside_a_transaction_says_what_to_write(published_events):
    with pytest.raises(NotInTransaction, match=r'with transaction\.atomic\(using="catalog"\)'):
        publish(price_changed())

    assert published_events == []


def test_one_publication_holds_events_of_one_context(published_events):
    with pytest.raises(NotYourEvent, match="use one for each"), transaction.atomic(using="catalog"):
        publish(price_changed(), HoldExpired(order_id=uuid7()))

    assert published_events == []


def test_a_context_cannot_publish_what_another_says(published_events):
    source = "from contexts.messaging import publish\ndef speak(event): publish(event)\n"
    namespace = {"__name__": "contexts.inventory.services"}
    exec(source, namespace)

    with pytest.raises(NotYourEvent, match="Only catalog says that"), transaction.atomic(using="catalog"):
        namespace["speak"](price_changed())

    assert published_events == []


def test_one_call_keeps_its_order(published_events):
    product_id = uuid7()
    events = [price_changed(cents=cents, product_id=product_id) for cents in range(50)]

    with transaction.atomic(using="catalog"):
        publish(*events, ProductWithdrawn(product_id=product_id, skus=["A"]))

    assert published_events == [*events, ProductWithdrawn(product_id=product_id, skus=["A"])]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": None, "subject": "x"}, "needs a name like"),
        ({"name": "Catalog.Thing", "subject": "x"}, "needs a name like"),
        ({"name": "catalog.price_changed", "subject": "x"}, "are both called"),
        ({"name": "catalog.thing", "subject": None}, "needs a subject"),
        ({"name": "catalog.thing", "subject": "product/{product_idd}"}, 'Did you mean "product_id"'),
        ({"name": "catalog.thing", "subject": "x", "version": 0}, "count from 1"),
    ],
)
def test_a_mistake_in_an_event_shows_when_it_is_defined(options, says):
    with pytest.raises(MisdeclaredEvent, match=says):
        type(Event)("Wrong", (Event,), {"__annotations__": {"product_id": str}, "__module__": "x"}, **options)


def test_an_event_in_the_wrong_context_says_where_it_belongs():
    with pytest.raises(MisdeclaredEvent, match=r'lives in inventory\. Call it "inventory\.thing"'):
        type(Event)("Wrong", (Event,), {"__module__": "contexts.inventory.events"}, name="catalog.thing", subject="x")


def test_an_unknown_name_suggests_the_closest():
    with pytest.raises(
        UnknownEvent, match=r'No event named "catalog.price_changd". Did you mean "catalog.price_changed"'
    ):
        event_named("catalog.price_changd")


def test_stored_versions_decode_through_the_chain_of_upcasters():
    class Third(Event, name="catalog.third", version=3, subject="thing/{id}"):
        id: int
        colour: str
        size: str

    upcasts(Third, version=1)(lambda old: old | {"colour": "red"})
    upcasts(Third, version=2)(lambda old: old | {"size": old["colour"] + "-large"})

    assert decode("catalog.third", 1, b'{"id": 4, "unknown": true}') == Third(id=4, colour="red", size="red-large")
    with pytest.raises(UnknownEvent, match="Deploy the newer code"):
        decode("catalog.third", 4, b"{}")


def test_reading_is_strict_about_types():
    with pytest.raises(Exception, match="Expected `int`"):
        decode(
            PriceChanged.event_name,
            1,
            b'{"product_id":"6f0f0000-0000-7000-8000-000000000000","sku":"A","price":{"amount":"1","currency":"EUR"},"previous":{"amount":1,"currency":"EUR"}}',
        )
