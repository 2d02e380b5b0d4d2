"""A customer with a saved address, a code and a gift card, on a phone: first a part of the card, then all of an order."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import CUSTOMER, Shop
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def test_a_customer_pays_with_a_code_and_a_gift_card(shop: Shop, enter: Enter) -> None:
    customer = enter(phone=True)
    sign_in(customer)
    steps.put_into_cart(customer, shop, "kettle")
    steps.put_into_cart(customer, shop, "kettle")

    # Typing is enough to see what a code does; nothing is pressed.
    customer.press("Check out")
    expect(customer.page.locator("[name=city]")).to_have_value("Köln")
    customer.page.locator("[name=promotion_code]").press_sequentially("welcome1")
    customer.sees("We do not know this code.")
    customer.look("unknown-code")
    customer.page.locator("[name=promotion_code]").press_sequentially("0")
    customer.sees("Discount with WELCOME10")
    customer.sees("This code is valid.")

    # A gift card that is not one: the answer stands beside the field, and what was typed is still there.
    customer.fill(gift_card="GOLD-0051")
    customer.press("Continue to payment")
    expect(customer.page.locator("[name=gift_card]")).to_have_value("GOLD-0051")
    expect(customer.page.locator("[name=promotion_code]")).to_have_value("welcome10")
    customer.sees("We do not know this code.")
    customer.look("unknown-gift-card")
    customer.fill(gift_card="gold 0050")
    customer.sees("Gift card ending 0050")
    customer.sees("To pay")
    customer.look("both-understood")
    customer.press("Continue to payment")
    customer.sees("Codes and gift cards to try")
    customer.look("card")
    steps.pay_with(customer, "Approved")
    customer.sees("Discount with WELCOME10")
    customer.sees("Gift card ending 0050")
    customer.look("review")
    to_pay = sum_of(customer, "To pay")
    customer.press("Place order")
    customer.sees(steps.CONFIRMED)
    assert sum_of(customer, "To pay") == to_pay
    customer.look("confirmed")
    first = steps.order_number(customer)
    [placed, confirmed] = steps.letters(shop, customer, to=CUSTOMER.email, count=2)[-2:]
    for letter in (placed, confirmed):
        assert first in letter.subject
        assert "Discount with WELCOME10: −€" in letter.text
        assert f"To pay: {to_pay}" in letter.text

    # The code was for once; the other gift card covers everything, and no card is asked for.
    steps.put_into_cart(customer, shop, "notebook")
    customer.press("Check out")
    customer.fill(promotion_code="WELCOME10", gift_card="GOLD-0500")
    customer.page.locator("#details button.btn--primary").click()
    customer.sees("The code WELCOME10 was already used with this e-mail address.")
    customer.look("used-before")
    customer.fill(promotion_code="")
    customer.page.locator("#details button.btn--primary").click()
    customer.sees("The gift card covers everything: no card is needed.")
    customer.look("covered")
    customer.press("Place order")
    customer.sees(steps.CONFIRMED)
    customer.sees("Paid in full")
    customer.look("paid-in-full")


def test_a_guest_without_javascript_pays_with_a_gift_card_and_takes_it_off_again(shop: Shop, enter: Enter) -> None:
    guest = enter(script=False)
    steps.put_into_cart(guest, shop, "mug")
    guest.press("Check out")
    guest.fill(email="gift@example.com", name="Gift Giver", **steps.ADDRESS)
    guest.fill(gift_card="GOLD-0500", promotion_code="FREESHIP")

    guest.press("Continue to payment")
    guest.sees("The gift card covers everything: no card is needed.")
    guest.sees("Discount with FREESHIP")
    guest.follow("Change code or gift card")
    guest.look("given")
    guest.page.locator("button[name=remove][value=gift_card]").click()
    expect(guest.page.locator("[name=gift_card]")).to_have_value("")
    expect(guest.page.locator("[name=promotion_code]")).to_have_value("FREESHIP")
    guest.look("taken-off")
    guest.press("Continue to payment")
    steps.pay_with(guest, "Approved")
    guest.press("Place order")

    guest.sees("Discount with FREESHIP")


def sign_in(customer: Visitor) -> None:
    customer.go("/account/sign-in/")
    customer.fill(login=CUSTOMER.email, password=CUSTOMER.password)
    customer.page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    customer.sees(f"Hello, {CUSTOMER.name.split()[0]}")


def sum_of(visitor: Visitor, row: str) -> str:
    """Return the amount of a row of the summary, such as "€12.90"."""
    found = visitor.page.locator(".summary p").filter(has_text=row).last
    return found.locator("span").last.inner_text().strip()
