"""The cart: priced by the shop, changed without surprise."""

from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from contexts.kernel.money import eur
from contexts.ordering import queries, services
from contexts.ordering.errors import NotForSale
from contexts.ordering.models import Cart, Offer
from tests.ordering.shop import NOON, cart, offer

pytestmark = pytest.mark.django_db(databases=["ordering"])


def quantities(cart_id):
    return {line.sku: line.quantity for line in queries.cart(cart_id).lines}


def test_adding_makes_a_cart_and_adding_again_adds_up():
    offer("RED-MUG")
    first = services.add_to_cart(cart_id=None, sku="RED-MUG", quantity=1, now=NOON)

    again = services.add_to_cart(cart_id=first.cart_id, sku="RED-MUG", quantity=1, now=NOON + timedelta(seconds=2))

    assert again == services.CartCount(cart_id=first.cart_id, count=2)
    assert quantities(first.cart_id) == {"RED-MUG": 2}


def test_a_click_that_arrives_twice_adds_once():
    offer("RED-MUG")
    first = services.add_to_cart(cart_id=None, sku="RED-MUG", quantity=2, now=NOON)

    services.add_to_cart(cart_id=first.cart_id, sku="RED-MUG", quantity=2, now=NOON + timedelta(milliseconds=300))

    assert quantities(first.cart_id) == {"RED-MUG": 2}


def test_no_more_than_99_of_one_article():
    offer("RED-MUG")
    first = services.add_to_cart(cart_id=None, sku="RED-MUG", quantity=60, now=NOON)

    services.add_to_cart(cart_id=first.cart_id, sku="RED-MUG", quantity=59, now=NOON)

    assert quantities(first.cart_id) == {"RED-MUG": 99}


@pytest.mark.parametrize("on_sale", [False, None], ids=["withdrawn", "unknown"])
def test_what_is_not_for_sale_does_not_get_into_a_cart(on_sale):
    if on_sale is not None:
        offer("RED-MUG", on_sale=on_sale)

    with pytest.raises(NotForSale):
        services.add_to_cart(cart_id=None, sku="RED-MUG")

    assert not Cart.objects.exists()


def test_removing_and_undoing():
    cart_id = cart(("RED-MUG", 2), ("LAMP", 1))

    removed = services.change_quantity(cart_id=cart_id, sku="RED-MUG", quantity=0)
    assert (removed.count, quantities(cart_id)) == (1, {"LAMP": 1})
    for _ in range(2):
        services.change_quantity(cart_id=cart_id, sku="RED-MUG", quantity=2)

    assert quantities(cart_id) == {"LAMP": 1, "RED-MUG": 2}


def test_a_cart_that_is_gone_is_empty_and_not_made_anew_by_a_change():
    cart_id = uuid7()

    assert services.change_quantity(cart_id=cart_id, sku="RED-MUG", quantity=2).count == 0
    assert queries.cart(cart_id).lines == []
    assert not Cart.objects.exists()


def test_a_changed_price_is_said_until_the_shopper_acts_upon_it():
    cart_id = cart(("RED-MUG", 2))
    Offer.objects.update(price_cents=13_50)

    before = queries.cart(cart_id)
    services.change_quantity(cart_id=cart_id, sku="RED-MUG", quantity=3)
    after = queries.cart(cart_id)

    assert (before.lines[0].price_before, before.lines[0].unit_price) == (eur(12_50), eur(13_50))
    assert before.subtotal == eur(27_00)
    assert (after.lines[0].price_before, after.subtotal) == (None, eur(40_50))


def test_a_withdrawn_article_stays_visible_and_is_not_counted():
    cart_id = cart(("RED-MUG", 2), ("LAMP", 1))
    Offer.objects.filter(sku="LAMP").update(on_sale=False)

    now = queries.cart(cart_id)

    assert [(line.sku, line.for_sale) for line in now.lines] == [("RED-MUG", True), ("LAMP", False)]
    assert (now.subtotal, now.can_check_out) == (eur(25_00), False)


@pytest.mark.parametrize(("available", "left"), [(3, None), (2, None), (1, 1), (0, 0), (None, None)])
def test_a_shortage_is_said_honestly(available, left):
    offer("RED-MUG", available=available)

    assert queries.cart(cart(("RED-MUG", 2))).lines[0].left == left


def test_what_the_shoppers_own_checkout_holds_is_no_shortage(deliver):
    from contexts.inventory.events import StockHeld
    from tests.ordering.shop import HOLD_ENDS

    cart_id = cart(("RED-MUG", 2))
    order_id = services.start_checkout(cart_id=cart_id)
    deliver(StockHeld(order_id=order_id, held_until=HOLD_ENDS))
    Offer.objects.update(available=0)

    assert queries.cart(cart_id).lines[0].left is None
