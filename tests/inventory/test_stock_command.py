"""`manage.py stock` lists, receives and verifies, for people and for programs."""

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from contexts.inventory import services
from contexts.inventory.models import StockItem, StockMove
from tests.inventory.factories import figures, shelf

pytestmark = pytest.mark.django_db(databases=["inventory"])


def stock_command(*args: str) -> str:
    out = StringIO()
    call_command("stock", *args, stdout=out)
    return out.getvalue()


def test_the_list_shows_what_is_available():
    shelf(("RED-MUG", 10), ("BLUE-MUG", 2))
    services.reserve(order_id=uuid4(), wanted={"RED-MUG": 4})

    lines = stock_command("list").splitlines()

    assert [line.split() for line in lines[1:]] == [
        ["BLUE-MUG", "BLUE-MUG", "2", "0", "0", "2"],
        ["RED-MUG", "RED-MUG", "10", "0", "4", "6"],
    ]


def test_the_low_list_is_there_for_programs():
    shelf(("RED-MUG", 10), ("BLUE-MUG", 2))

    listed = json.loads(stock_command("list", "--low", "--json"))

    assert listed == [
        {
            "sku": "BLUE-MUG",
            "title": "BLUE-MUG",
            "on_hand": 2,
            "held": 0,
            "reserved": 0,
            "available": 2,
            "low": True,
        }
    ]


def test_an_empty_shop_says_what_to_do():
    assert stock_command("list") == "No stock items yet: publish a product first.\n"
    assert stock_command("list", "--low") == "Nothing is low.\n"


def test_goods_are_received():
    shelf(("RED-MUG", 1))

    assert stock_command("receive", "RED-MUG", "5", "--reason", "Delivery 7") == (
        "RED-MUG: 5 received, 6 on hand, 6 available.\n"
    )

    assert StockMove.objects.first().actor == "operator"


@pytest.mark.parametrize(
    ("sku", "quantity", "sentence"),
    [("RED-MUGG", "5", 'No stock item "RED-MUGG"'), ("RED-MUG", "0", "0 pieces cannot arrive")],
)
def test_nonsense_is_refused_in_a_sentence(sku, quantity, sentence):
    shelf(("RED-MUG", 1))

    with pytest.raises(CommandError, match=sentence) as refusal:
        stock_command("receive", sku, quantity, "--reason", "Delivery 7")

    assert refusal.value.returncode == 1
    assert figures("RED-MUG") == (1, 0, 0)


def test_books_that_add_up_are_said_to():
    shelf(("RED-MUG", 10))
    services.reserve(order_id=uuid4(), wanted={"RED-MUG": 4})

    assert stock_command("verify") == "1 items and 2 ledger lines agree.\n"


@pytest.mark.parametrize(
    ("tampered", "found"),
    [
        ({"on_hand": 9}, {"on hand, by the ledger"}),
        ({"held": 1}, {"held, by the ledger", "held, by the live holds"}),
        ({"reserved": 3}, {"reserved, by the ledger", "reserved, by the reservations"}),
    ],
)
def test_a_row_changed_behind_the_services_is_found(tampered, found):
    shelf(("RED-MUG", 10))
    services.reserve(order_id=uuid4(), wanted={"RED-MUG": 4})
    StockItem.objects.update(**tampered)

    with pytest.raises(CommandError, match="differences between items and ledger") as refusal:
        stock_command("verify")

    assert refusal.value.returncode == 1
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("stock", "verify", "--json", stdout=out)
    assert {difference["what"] for difference in json.loads(out.getvalue())["differences"]} == found


def test_a_torn_ledger_is_found():
    shelf(("RED-MUG", 10))
    item = StockItem.objects.get()
    StockMove.objects.create(
        item=item, kind="adjusted", on_hand_after=4, held_after=0, reserved_after=0, reason="Forged", actor="nobody"
    )

    with pytest.raises(CommandError, match="1 differences"):
        stock_command("verify")
