"""Handlers: a mistake shows when the handler is declared, with the line to write."""

import io

import pytest
from django.core.management import call_command
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged, ProductWithdrawn
from contexts.messaging import Envelope, handles, publish, relay, subscribes, subscriptions
from contexts.messaging.drain import drain
from contexts.messaging.errors import MisdeclaredHandler
from tests.messaging.conftest import price_changed, sql


def placed(function, module: str = "contexts.inventory.handlers"):
    function.__module__, function.__qualname__ = module, "react"
    return function


def test_a_handler_outside_a_context_is_refused():
    with pytest.raises(MisdeclaredHandler, match="is in no context"):
        handles(PriceChanged)(placed(lambda event, envelope: None, "tests.thing"))


def test_a_handler_that_nobody_reaches_says_where_to_move():
    with pytest.raises(MisdeclaredHandler, match=r"contexts/inventory/handlers\.py\. Move it there"):
        handles(PriceChanged)(placed(lambda event, envelope: None, "contexts.inventory.services"))


def test_a_handler_annotated_with_another_event_is_refused():
    def react(event: ProductWithdrawn, envelope: Envelope) -> None: ...

    with pytest.raises(MisdeclaredHandler, match="Annotate it PriceChanged"):
        handles(PriceChanged)(placed(react))


def test_a_batch_handler_takes_a_list():
    def react(event: PriceChanged, envelope: Envelope) -> None: ...

    with pytest.raises(MisdeclaredHandler, match=r"list\[tuple\[PriceChanged, Envelope\]\]"):
        handles(PriceChanged, batch=True)(placed(react))


def test_a_handler_needs_an_event_class():
    with pytest.raises(MisdeclaredHandler, match="needs an event class"):
        handles("catalog.price_changed")(placed(lambda event, envelope: None))


def test_a_wait_that_makes_no_sense_is_refused():
    with pytest.raises(MisdeclaredHandler, match=r"every wait is more than 0 seconds"):
        handles(PriceChanged, retry_after_s=(10, 0))(
            placed(lambda event, envelope: None, "contexts.inventory.handlers")
        )


# --- where a subscriber begins


def declare_beginning(
    from_: str, module: str = "contexts.inventory.handlers", projection: str | None = "probe"
) -> None:
    """Call `subscribes` as a module of that name would."""
    code = f"subscribes(from_={from_!r}, projection={projection!r})"
    exec(code, {"__name__": module, "subscribes": subscribes})


@pytest.fixture(autouse=True)
def _own_beginnings(monkeypatch):
    monkeypatch.setattr(subscriptions, "_begins", {})


@pytest.mark.parametrize(
    ("from_", "module", "words"),
    [
        ("yesterday", "contexts.inventory.handlers", r"""say from_="first" or from_="now"\."""),
        ("now", "contexts.inventory.services", r"do that in contexts/<name>/handlers\.py"),
        ("now", "tests.thing", r"do that in contexts/<name>/handlers\.py"),
    ],
)
def test_a_beginning_that_makes_no_sense_is_refused(from_, module, words):
    with pytest.raises(MisdeclaredHandler, match=words):
        declare_beginning(from_, module)


def test_two_beginnings_for_one_subscriber_are_refused():
    declare_beginning("now")

    with pytest.raises(MisdeclaredHandler, match="Say one"):
        declare_beginning("first")


def test_a_beginning_for_a_subscriber_without_handlers_is_found_at_the_start():
    declare_beginning("now", projection="prob")

    assert subscriptions.beginnings_of_nobody() == [
        'A beginning is declared for "inventory:prob", but no handler belongs to it. '
        + subscriptions.did_you_mean("inventory:prob", subscriptions._handlers)
    ]


def say(*prices: int) -> None:
    for cents in prices:
        with transaction.atomic(using="catalog"):
            publish(price_changed(cents=cents))


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize(("from_", "received"), [("first", [1, 2, 3, 4]), ("now", [3, 4])])
def test_a_new_subscriber_begins_where_it_chose(listen, ledger, from_, received):
    say(1, 2)
    relay.relay("catalog")
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    declare_beginning(from_)
    drain()
    say(3, 4)
    drain()

    assert sorted(value for _, value in ledger.rows) == received
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", "catalog", stdout=io.StringIO())
    assert ended.value.code == 0


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_who_began_from_now_is_not_sent_the_past_after_its_database_was_emptied(listen, ledger):
    say(1, 2)
    relay.relay("catalog")
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    declare_beginning("now")
    say(3)
    relay.relay("catalog")
    say(4)
    drain()
    sql("inventory", "delete from messaging_delivery returning 1")
    sql("inventory", "delete from messaging_inbox returning 1")

    say(5, 6, 7, 8, 9, 10, 11, 12)
    drain()

    assert {value for _, value in ledger.rows} == set(range(4, 13)), "3 had a position when the subscriber was met"


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_changing_the_choice_later_changes_nothing(listen, ledger):
    say(1)
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    relay.relay("catalog")
    declare_beginning("now")
    drain()

    assert [value for _, value in ledger.rows] == [1]


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_kind_that_a_subscriber_wants_later_comes_from_then_on_and_the_others_go_on(listen, ledger):
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    say(1)
    withdraw()
    drain()
    listen(ProductWithdrawn, lambda event, envelope: ledger.add(envelope.subject, -1))
    relay.relay("catalog")

    withdraw()
    say(2)
    drain()

    assert sorted(value for _, value in ledger.rows) == [-1, 1, 2]


def withdraw() -> None:
    with transaction.atomic(using="catalog"):
        publish(ProductWithdrawn(product_id=uuid7(), skus=["PROBE"]))
