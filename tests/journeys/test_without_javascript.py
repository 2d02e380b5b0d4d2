"""Everything that buying needs works in a browser without JavaScript; pages that move are asked again by themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def test_a_guest_without_javascript_buys_and_sees_the_order_confirmed(shop: Shop, enter: Enter) -> None:
    vase = shop.article("vase")
    guest = enter(phone=True, script=False)

    guest.go("/")
    guest.look("home")
    guest.page.get_by_role("searchbox").fill(vase.name)
    guest.press("Search")
    guest.look("search")
    guest.follow(vase.name)
    guest.page.locator(f'[href$="variant={vase.variants[1].sku}"]').click()
    guest.sees(f"Version: {vase.variants[1].label}")
    guest.look("product")
    guest.fill(quantity="3")
    guest.press("Add to cart")
    guest.sees("is in your cart")
    guest.fill(quantity="2")
    guest.press("Update")
    guest.look("cart")
    guest.press("Check out")
    guest.look("details")
    guest.fill(email="ruth@example.com", name="Ruth Ahrens", street=steps.ADDRESS["street"])
    if guest.page.get_by_role("button", name="I need more time").count() == 0:
        guest.page.reload()  # The goods are held by now.
        guest.fill(email="ruth@example.com", name="Ruth Ahrens", street=steps.ADDRESS["street"])
    guest.press("I need more time")
    expect(guest.page.locator("[name=street]")).to_have_value(steps.ADDRESS["street"])
    assert "Please fill this in." not in guest.page.locator("main").inner_text()
    guest.look("details-with-more-time")
    guest.fill(**steps.ADDRESS)
    guest.press("Continue to payment")
    guest.look("card")
    steps.pay_with(guest, "Slow")
    guest.look("review")
    guest.press("Place order")
    guest.sees("Thank you! We are checking stock and payment")
    guest.look("order-placed")
    guest.sees(steps.CONFIRMED)
    guest.look("order-confirmed")
