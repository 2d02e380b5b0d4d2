"""Travelling in an order's time: `manage.py order`."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connections

from contexts.messaging import acting_as
from contexts.ordering import services
from contexts.ordering.order import Order
from contexts.ordering.services.orders import change_order
from tests.ordering.shop import placed, summary

pytestmark = pytest.mark.django_db(databases="__all__")


def order(*arguments: str) -> str:
    out = StringIO()
    call_command("order", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def order_json(*arguments: str):
    return json.loads(order(*arguments, "--json"))


@pytest.fixture
def cancelled() -> UUID:
    """An order of five versions: begun, held, placed, reserved, and cancelled by staff."""
    order_id = placed(("RED-MUG", 2))
    change_order(order_id, Order.note_reserved)
    with acting_as("staff:ada"):
        services.cancel_order(order_id=order_id, reason="by_staff", explanation="The mug broke.")
    return order_id


def test_an_order_is_shown_as_it_is_and_as_it_was(cancelled):
    number = summary(cancelled).number

    now, before = order("show", number), order("show", number, "--at", "2")

    assert "at version 4 of 4: OrderCancelled" in now
    assert "by staff:ada" in now
    assert "cancelled" in now
    assert "at version 2 of 4: OrderPlaced" in before
    assert "Goods reserved" not in before
    assert "Kanalstr. 4" in before
    assert "2 × Red mug at" in before


def test_a_moment_is_as_good_as_a_version(cancelled):
    with connections["ordering"].cursor() as cursor:
        cursor.execute(
            "update messaging_event set time = %s + stream_version * interval '1 hour' where subject = %s",
            [datetime(2026, 1, 31, 10, tzinfo=UTC), f"order/{cancelled}"],
        )

    shown = order_json("show", str(cancelled), "--at", "2026-01-31T12:30")

    assert (shown["version"], shown["event"], shown["order"]["status"]) == (2, "ordering.order_placed", "placed")


def test_what_changed_between_two_versions_is_told_value_by_value(cancelled):
    changes = order_json("diff", summary(cancelled).number, "2", "4")["changes"]

    assert changes == [
        {"field": "reserved", "before": False, "after": True},
        {"field": "status", "before": "placed", "after": "cancelled"},
    ]


def test_history_tells_who_what_when_and_why(cancelled):
    entries = order_json("history", summary(cancelled).number.lower())["entries"]
    words = order("history", summary(cancelled).number)

    assert [entry["type"] for entry in entries] == [
        "ordering.checkout_started", "ordering.order_placed", "ordering.order_reserved", "ordering.order_cancelled"
    ]  # fmt: skip
    assert [entry["actor"] for entry in entries] == ["system", "system", "system", "staff:ada"]
    assert "OrderCancelled" in words
    assert "asked for" in words


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_history_names_the_event_in_another_context_that_was_the_cause(deliver_all):
    order_id = placed(("RED-MUG", 1))

    deliver_all()

    entries = order_json("history", str(order_id))["entries"]

    assert entries[-1]["cause"]["source"] == "inventory"
    assert "inventory.stock_rejected" in order("history", str(order_id))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "TP-0000-0000"), "No order"),
        (("show", "nonsense"), "Numbers look like"),
        (("show", ""), "Numbers look like"),
        (("show", "018f2f6e-7a00-7000-8000-000000000001"), "No order"),
        (("show", "{number}", "--at", "9"), "it has had 1 to 4 so far"),
        (("show", "{number}", "--at", "0"), "no version 0"),
        (("show", "{number}", "--at", "yesterday"), "is no time"),
        (("show", "{number}", "--at", "1999-01-01"), "no such order yet"),
        (("diff", "{number}", "1", "99"), "no version 99"),
    ],
)
def test_nonsense_is_answered_with_a_sentence(cancelled, arguments, sentence, capsys):
    number = summary(cancelled).number

    with pytest.raises(SystemExit) as refused:
        order(*(argument.format(number=number) for argument in arguments))

    assert refused.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_number_almost_right_is_guessed(cancelled, capsys):
    number = summary(cancelled).number
    wrong = number[:-1] + ("7" if number[-1] != "7" else "8")

    with pytest.raises(SystemExit):
        order("show", wrong)

    assert f'Did you mean "{number}"' in capsys.readouterr().err


def test_a_moment_in_the_last_minutes_is_an_age(cancelled):
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with connections["ordering"].cursor() as cursor:
        cursor.execute(
            "update messaging_event set time = %s where subject = %s and stream_version < 3",
            [long_ago, f"order/{cancelled}"],
        )

    assert order_json("show", str(cancelled), "--at", "10m")["version"] == 2
