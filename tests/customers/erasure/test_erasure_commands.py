"""Erasing a person by command: asked first, receipts shown, nonsense answered."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from contexts.customers import services as customers
from contexts.customers.models import Account
from tests.customers.erased import EMAIL, manage, traces

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_an_operator_erases_a_customer_and_sees_the_receipts(zyanya, buy, deliver_all, client, capsys):
    buy(zyanya.id)
    who = str(zyanya.id)

    with pytest.raises(SystemExit):
        manage("customers", "erase", EMAIL)
    asked = capsys.readouterr().err
    assert "cannot be undone" in asked
    assert "Say --yes" in asked
    assert Account.objects.get(id=zyanya.id).email == EMAIL
    manage("customers", "erase", EMAIL.upper(), "--yes")
    with pytest.raises(SystemExit) as on_its_way:
        manage("customers", "erasure", who)
    deliver_all()

    assert on_its_way.value.code == 1
    words = manage("customers", "erasure", who)
    assert "shipping" in words
    assert "1 parcels" in words
    assert json.loads(manage("customers", "erasure", who, "--json"))["awaited"] == []
    boss = customers.open_staff_account(email="boss@example.org", name="B", password="secret", superuser=True)
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/admin/customers/account/{who}/change/").content.decode()
    assert "Shipping: 1 keys, 1 parcels" in page


def test_an_operator_erases_a_guest_by_address(buy, deliver_all, capsys):
    orders = [buy(), buy()]

    with pytest.raises(SystemExit):
        manage("order", "erase", "--email", EMAIL)
    assert "Say --yes" in capsys.readouterr().err
    manage("order", "erase", "--email", EMAIL.upper(), "--yes")
    deliver_all()

    assert traces() == set()
    assert "1 parcels" in manage("customers", "erasure", str(orders[1]))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("customers", "erase", "zyania@example.org", "--yes"), f'Did you mean "{EMAIL}"'),
        (("customers", "erase", "", "--yes"), "No customer"),
        (("customers", "erase", str(UUID(int=7)), "--yes"), "No customer"),
        (("customers", "erasure", EMAIL), "is no id"),
        (("customers", "erasure", str(UUID(int=7))), "Nobody with the id"),
        (("order", "erase"), "Say which order"),
        (("order", "erase", "--email", "nobody@example.org", "--yes"), "No order was placed without an account"),
        (("order", "erase", "TP-0000-0000", "--yes"), "No order"),
    ],
)
def test_nonsense_is_answered_with_a_sentence(zyanya, arguments, sentence, capsys):
    with pytest.raises(SystemExit) as refused:
        manage(*arguments)

    assert refused.value.code == 2
    assert sentence in capsys.readouterr().err
