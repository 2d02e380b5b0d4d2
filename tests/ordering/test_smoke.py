"""`manage.py smoke`: a purchase that tells an operator whether the shop works."""

from io import StringIO

import pytest
from django.core.management import call_command
from uuid_utils.compat import uuid7

from config.management.commands.smoke import buy_and_follow
from config.problems import Problem
from contexts.inventory.services import receive_many
from contexts.ordering.models import Offer, OrderSummary
from tests.ordering.shop import offer, shipping_method, status


def fill_shop(*, pieces):
    offer("RED-MUG", available=pieces)
    shipping_method()
    if pieces:
        receive_many({"RED-MUG": pieces}, reason="delivery", open_missing=True)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_purchase_is_followed_to_its_confirmation(network, deliver_all):
    fill_shop(pieces=5)

    outcome = buy_and_follow(sku=None, timeout_s=20, pause=lambda seconds: deliver_all())

    assert outcome.problem == ""
    assert status(outcome.order_id) in ("confirmed", "shipped", "completed")
    assert {step.event for step in outcome.steps} >= {
        "CheckoutStarted", "OrderPlaced", "StockReserved", "OrderReserved", "PaymentAuthorised", "OrderAuthorised",
        "OrderConfirmed",
    }  # fmt: skip
    assert outcome.steps[0].ms == 0 < outcome.placed_ms < outcome.confirmed_ms


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_an_order_that_fails_says_why(network, deliver_all):
    fill_shop(pieces=0)
    Offer.objects.update(available=3)  # ordering was told so, inventory has none

    outcome = buy_and_follow(sku=None, timeout_s=20, pause=lambda seconds: deliver_all())

    assert outcome.confirmed_ms is None
    assert outcome.problem == "The order was cancelled (out_of_stock): “Red mug” is sold out."


@pytest.mark.django_db(databases=["ordering", "inventory", "payments"])
def test_a_silent_shop_says_who_does_not_answer(network):
    fill_shop(pieces=5)

    outcome = buy_and_follow(sku="RED-MUG", timeout_s=0.01)

    assert "no worker serves" in outcome.problem
    assert [step.event for step in outcome.steps] == ["CheckoutStarted", "OrderPlaced"]


@pytest.mark.django_db(databases=["ordering", "inventory", "payments"])
def test_without_workers_nothing_is_ordered():
    fill_shop(pieces=5)

    with pytest.raises(Problem, match=r"Nothing was ordered\. Start the shop with `make up`"):
        call_command("smoke", stdout=StringIO())

    assert not OrderSummary.objects.exists()


@pytest.mark.django_db(databases=["ordering", "inventory", "payments"])
@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda: None, "Nothing is in stock"),
        (lambda: offer("RED-MUG"), "No shipping method is on offer"),
        (lambda: Offer.objects.create(sku="X", product_id=uuid7(), on_sale=True, available=0), "Nothing is in stock"),
    ],
    ids=["empty", "no shipping", "sold out"],
)
def test_an_empty_shop_says_what_is_missing(prepare, words):
    prepare()

    with pytest.raises(Problem, match=words):
        buy_and_follow(sku=None, timeout_s=1)


@pytest.mark.parametrize("seconds", ["0", "-1", "99999", "nan"])
def test_a_timeout_that_makes_no_sense_is_refused(seconds):
    with pytest.raises(Problem, match="--timeout takes seconds"):
        call_command("smoke", timeout=float(seconds))
