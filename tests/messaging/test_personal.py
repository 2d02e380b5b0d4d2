"""Personal data in events: sealed in the log, open to those who may read it, blank once the key is gone."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.messaging import Aggregate, Event, Personal, load, personal as sealing, publish, receipts, save, upcasts
from contexts.messaging.checks import persons_unclear
from contexts.messaging.errors import BrokenSeal, MisdeclaredEvent, NoKey
from contexts.messaging.events import _events, _upcasters, reader
from contexts.messaging.snapshotting import take
from tests.messaging.conftest import sql

PERSON = ("customer/{customer_id}", "guest/{thing_id}")


class Wished(Event, name="catalog.probe_wished", version=1, subject="wish/{thing_id}", person=PERSON):
    """Somebody wants to be told."""

    thing_id: UUID
    customer_id: UUID | None
    name: Personal[str]
    address: Personal[Address | None] = None
    tags: Personal[list[str]] = []
    price: int = 1


class Forgotten(Event, name="catalog.probe_forgotten", version=1, subject="wish/{customer_id}",
                erases="customer/{customer_id}"):  # fmt: skip
    """Somebody is forgotten."""

    customer_id: UUID


class Wish(Aggregate, context="catalog", category="wish", snapshot_every=2):
    name: str = ""
    price: int = 0

    def apply(self, event: Event) -> None:
        assert isinstance(event, Wished)
        self.name, self.price = event.name, event.price


HOME = Address(name="Ada Byron", street="Kanalstr. 4", postcode="20095", city="Hamburg", country="DE")


def wished(customer_id: UUID | None = None, *, thing_id: UUID | None = None, name: str = "Ada Byron") -> Wished:
    return Wished(thing_id=thing_id or uuid7(), customer_id=customer_id, name=name, address=HOME, tags=["ada"], price=7)


def say(*events: Event) -> None:
    with transaction.atomic(using="catalog"):
        publish(*events)


def stored() -> list[str]:
    return [row[0] for row in sql("catalog", "select data::text from messaging_event order by id")]


def forget_kinds() -> None:
    for name in [name for name in _events if name.startswith("catalog.probe_")]:
        del _events[name]
    for key in [key for key in _upcasters if key[0].startswith("catalog.probe_")]:
        del _upcasters[key]


@pytest.fixture(scope="module", autouse=True)
def kinds():
    """The module's events, each time that its tests run: no start-up check of another test is to see them."""
    _events.update({kind.event_name: kind for kind in (Wished, Forgotten)})
    yield
    forget_kinds()


forget_kinds()


@pytest.mark.django_db(databases=["catalog"])
def test_the_log_holds_blanks_and_a_box(published_events):
    event = wished(uuid7())

    say(event)

    (data,) = stored()
    assert not any(word in data for word in ("Ada", "ada", "Kanalstr", "Hamburg"))
    document = msgspec.json.decode(data)
    assert (document["name"], document["address"], document["tags"], document["price"]) == ("", None, [], 7)
    assert document["$sealed"]["of"] == f"customer/{event.customer_id}"
    assert published_events == [event]


@pytest.mark.django_db(databases=["catalog"])
def test_one_person_has_one_key_and_each_person_another():
    ada, bob = uuid7(), uuid7()

    say(wished(ada), wished(bob))
    say(wished(ada), wished(None))

    keys = sql("catalog", "select person, key from messaging_person")
    assert len(keys) == 3
    assert len({bytes(key) for _, key in keys}) == 3
    assert [person for person, _ in keys if person.startswith("guest/")] != []


@pytest.mark.django_db(databases=["catalog"])
def test_events_without_personal_data_cost_no_query_more(django_assert_num_queries):
    from tests.messaging.conftest import price_changed

    with transaction.atomic(using="catalog"):
        publish(price_changed())
        with django_assert_num_queries(1, using="catalog"):
            publish(price_changed())


@pytest.mark.django_db(databases="__all__")
def test_erasing_leaves_an_event_of_the_same_shape_with_blanks(published_events):
    ada, bob = uuid7(), uuid7()
    say(wished(ada), wished(bob))
    before = stored()

    say(Forgotten(customer_id=ada))

    hers, his, _ = published_events
    assert (hers.name, hers.address, hers.tags, hers.price) == ("", None, [], 7)
    assert (his.name, his.address) == ("Ada Byron", HOME)
    assert stored()[:2] == before
    (receipt,) = [one for one in receipts(f"customer/{ada}") if one.context == "catalog"]
    assert receipt.erased == {"keys": 1}


@pytest.mark.django_db(databases=["catalog"])
def test_what_is_said_of_somebody_after_their_erasure_is_not_kept(published_events):
    ada = uuid7()
    say(Forgotten(customer_id=ada))

    say(wished(ada))

    assert published_events[1].name == ""
    assert "box" not in msgspec.json.decode(stored()[1])["$sealed"]
    assert sql("catalog", "select count(*) from messaging_person") == [(0,)]


@pytest.mark.django_db(databases=["catalog"])
def test_streams_and_snapshots_forget(published_events):
    ada, wish = uuid7(), Wish(id=uuid7())
    for name in ("Ada", "Ada Byron"):
        wish.record(wished(ada, thing_id=wish.id, name=name))
    with transaction.atomic(using="catalog"):
        save(wish)
    assert take(Wish, wish.id) == 2
    assert load(Wish, wish.id).name == "Ada Byron"

    say(Forgotten(customer_id=ada))

    assert sql("catalog", "select count(*) from messaging_snapshot") == [(0,)]
    again = load(Wish, wish.id)
    assert (again.name, again.price, again.version) == ("", 7, 2)


@pytest.mark.django_db(transaction=True, databases=["catalog"])
def test_no_snapshot_outlives_an_erasure_that_runs_beside_it():
    """Whoever takes a snapshot and whoever erases wait for each other, so the copy is made before or not at all."""
    import threading

    ada, wish = uuid7(), Wish(id=uuid7())
    wish.record(wished(ada, thing_id=wish.id))
    with transaction.atomic(using="catalog"):
        save(wish)
    erasing, taken = threading.Event(), []

    def snapshot() -> None:
        erasing.wait()
        take(Wish, wish.id)
        taken.append(True)
        connections["catalog"].close()

    beside = threading.Thread(target=snapshot)
    beside.start()
    with transaction.atomic(using="catalog"):
        publish(Forgotten(customer_id=ada))
        erasing.set()
        beside.join(0.3)
        assert not taken
    beside.join()

    assert taken
    states = sql("catalog", "select state from messaging_snapshot")
    assert all(b"Ada" not in bytes(state) for (state,) in states)


@pytest.mark.django_db(databases=["catalog"])
def test_a_lost_key_is_not_taken_for_an_erasure(published_events):
    say(wished(uuid7()))
    with connections["catalog"].cursor() as cursor:
        cursor.execute("delete from messaging_person")

    with pytest.raises(NoKey, match="Restore messaging_person from the backup"):
        list(published_events)


@pytest.mark.django_db(databases=["catalog"])
def test_a_box_put_beside_another_persons_event_does_not_open(published_events):
    ada, bob = uuid7(), uuid7()
    say(wished(ada, name="Ada"), wished(bob, name="Bob"))
    with connections["catalog"].cursor() as cursor:
        cursor.execute(
            "update messaging_event e set data = jsonb_set(e.data, '{$sealed,box}', o.data->'$sealed'->'box') "
            "from messaging_event o where o.id <> e.id and e.data->>'customer_id' = %s",
            [str(ada)],
        )

    with pytest.raises(BrokenSeal, match=f"customer/{ada} does not open with its key"):
        list(published_events)


def test_old_versions_are_opened_and_blanked_before_they_are_upcast():
    class Told(Event, name="catalog.probe_told", version=2, subject="wish/{thing_id}", person="guest/{thing_id}"):
        thing_id: UUID
        full_name: Personal[str]

    @upcasts(Told, version=1)
    def rename(document: dict) -> dict:
        return {"thing_id": document["thing_id"], "full_name": f"{document['name']}!"}

    key, thing = sealing.new_key(), uuid7()

    class Old(msgspec.Struct):
        thing_id: UUID
        name: str

    secret = sealing.seal(wished(name="Ada", thing_id=thing), f"guest/{thing}", key)
    read = reader("catalog.probe_told", 1)

    assert read(sealing.opened(secret, key)).full_name == "Ada!"
    assert read(secret).full_name == "!"


def test_what_could_not_be_erased_is_refused_at_start():
    class Unclear(Event, name="catalog.probe_unclear", version=1, subject="wish/{thing_id}"):
        thing_id: UUID
        name: Personal[str]

    class Idle(Event, name="catalog.probe_idle", version=1, subject="wish/{thing_id}", person="guest/{thing_id}"):
        thing_id: UUID

    class Solid(Event, name="catalog.probe_solid", version=1, subject="wish/{thing_id}", person="guest/{thing_id}"):
        thing_id: Personal[UUID]

    sentences = "\n".join(persons_unclear())

    for kind in (Unclear, Idle, Solid):
        del _events[kind.event_name]
    assert "Unclear has personal fields (name) but does not say whose they are" in sentences
    assert "Idle names a person but no field is Personal[...]" in sentences
    assert "Solid.thing_id is personal, but nothing can stand in its place" in sentences
    assert persons_unclear() == []
    with pytest.raises(MisdeclaredEvent, match=r'no field "customr_id"\. Did you mean "customer_id"'):

        class Wrong(Event, name="catalog.probe_wrong", version=1, subject="wish/{customer_id}",
                    erases="customer/{customr_id}"):  # fmt: skip
            customer_id: UUID


def test_an_event_that_does_not_say_whose_it_is_cannot_be_published():
    class Nobodys(Event, name="catalog.probe_nobodys", version=1, subject="wish/{thing_id}",
                  person="customer/{customer_id}"):  # fmt: skip
        thing_id: UUID
        customer_id: UUID | None
        name: Personal[str]

    with pytest.raises(MisdeclaredEvent, match="does not say whose personal data it carries"):
        sealing.person_of(Nobodys(thing_id=uuid7(), customer_id=None, name="Ada"))
