"""A customer with an account: a card is declined, another needs the bank's page, and the history shows the order."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import CUSTOMER, Shop
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def test_a_customer_whose_card_is_declined_buys_with_another(shop: Shop, enter: Enter) -> None:
    customer = enter()
    sign_in(customer)

    steps.put_into_cart(customer, shop, "kettle")
    steps.put_into_cart(customer, shop, "blanket")
    customer.look("cart")
    customer.press("Check out")
    customer.sees("Held for you")
    expect(customer.page.locator("[name=email]")).to_have_value(CUSTOMER.email)
    expect(customer.page.locator("[name=city]")).to_have_value("Köln")
    customer.look("details")
    customer.press("Continue to payment")
    customer.look("card")
    steps.pay_with(customer, "Declined")
    customer.look("review")
    customer.press("Place order")
    customer.sees("Your card was declined.")
    customer.sees("The goods are kept for you")
    bought = steps.order_number(customer)
    customer.look("declined")

    customer.follow("Pay with another card")
    customer.sees("Visa ending 0002: Your bank declined the card")
    customer.fill(number="4242 4242 4242 4241")
    customer.press("Pay with this card")
    customer.sees("A digit seems to be wrong")
    expect(customer.page.locator("input[name=number]")).to_have_value("4242 4242 4242 4241")
    customer.look("another-card-mistyped")
    steps.use_card(customer, "Not enough money")
    customer.sees("there is not enough money available")
    customer.follow("Pay with another card")
    customer.sees("Visa ending 9995")
    customer.look("another-card")
    steps.use_card(customer, "Needs confirmation")
    customer.sees("Your bank asks you to confirm the payment.")
    assert steps.order_number(customer) == bought
    customer.look("bank-asks")
    customer.follow("Confirm at the bank")
    customer.sees("Is this payment yours?")
    customer.look("bank")
    customer.press("Approve the payment")
    customer.sees(steps.CONFIRMED)
    customer.look("confirmed")

    until_listed(customer, bought, "Confirmed")
    customer.look("purchases")
    customer.go("/account/")
    customer.look("account")
    customer.go("/account/addresses/")
    customer.look("addresses")


def test_a_customer_orders_in_yen_with_an_approved_card_and_buys_it_again(shop: Shop, enter: Enter) -> None:
    customer = enter()
    sign_in(customer)

    customer.go("/")
    customer.look("home")
    customer.go(f"/p/{shop.article('lamp').slug}/")
    customer.look("product")
    customer.press("Add to cart")
    customer.follow("Japanese yen (JPY)")
    customer.sees("Your cart went over from Euro to Japanese yen")
    customer.look("cart-in-yen")
    customer.press("Check out")
    customer.sees("¥")
    customer.press("Continue to payment")
    steps.pay_with(customer, "Approved")
    customer.look("review-in-yen")
    customer.press("Place order")
    customer.sees(steps.CONFIRMED)
    number = steps.order_number(customer)
    until_listed(customer, number, "Confirmed")
    article = customer.page.get_by_role("article").filter(has_text=number)
    article.get_by_role("button", name="Buy again").click()

    customer.sees(f"“{shop.article('lamp').name}” is in your cart")


def sign_in(customer: Visitor) -> None:
    customer.go("/account/sign-in/")
    customer.look("sign-in")
    customer.fill(login=CUSTOMER.email, password="not this one")
    customer.page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(customer.page.get_by_role("alert")).to_be_visible()
    customer.fill(login=CUSTOMER.email, password=CUSTOMER.password)
    customer.page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    customer.sees(f"Hello, {CUSTOMER.name.split()[0]}")


def until_listed(customer: Visitor, number: str, status: str) -> None:
    """Look at the purchases until an order is there with that status: history hears of it a moment later."""
    customer.go("/account/purchases/")
    article = customer.page.get_by_role("article").filter(has_text=number)
    for _ in range(100):
        if article.count() and status in article.inner_text():
            return
        customer.page.wait_for_timeout(200)
        customer.page.reload()
    raise AssertionError(f"Order {number} never became {status} in the purchases.")
