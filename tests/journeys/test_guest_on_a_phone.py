"""A guest with a phone buys something and follows it to the door."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
EMAIL = "max@example.com"


def test_a_guest_buys_on_a_phone_and_follows_the_parcel(shop: Shop, enter: Enter) -> None:
    mug = shop.article("mug")
    guest = enter(phone=True)

    guest.go("/")
    guest.look("home")
    finder = guest.page.get_by_role("searchbox")
    finder.fill("qqqqq")
    finder.press("Enter")
    guest.sees("We found nothing by that name")
    guest.look("nothing-found")
    finder.fill(mug.name)
    finder.press("Enter")
    guest.sees(f"Results for “{mug.name}”")
    guest.look("search")
    guest.follow(mug.name)
    guest.sees("In stock")
    guest.page.locator(f'[href$="variant={mug.variants[1].sku}"]').click()
    expect(guest.page).to_have_url(f"{shop.url}/p/{mug.slug}/?variant={mug.variants[1].sku}")
    guest.sees(f"Version: {mug.variants[1].label}")
    guest.look("product")
    guest.press("One more")
    guest.press("Add to cart")
    guest.sees(f"“{mug.name}” is in your cart")
    expect(guest.page.locator(".tool__count")).to_contain_text("2")
    guest.look("cart")
    guest.follow("Pound sterling (GBP)")
    guest.sees("Your cart went over from Euro to Pound sterling")
    guest.look("cart-in-pounds")
    guest.follow("Euro (EUR)")

    guest.press("Check out")
    guest.sees("Held for you")
    guest.look("details")
    guest.press("Continue to payment")
    guest.sees("Please fill this in.")
    expect(guest.page.locator("[name=email]")).to_be_focused()
    guest.look("details-with-mistakes")
    guest.fill(email=EMAIL, name="Max Keller", **steps.ADDRESS)
    guest.press("Continue to payment")
    guest.sees("How do you want to pay?")
    guest.fill(number="4242 4242 4242 4241")
    guest.press("Continue to review")
    guest.sees("A digit seems to be wrong")
    guest.look("card-with-a-mistake")
    guest.fill(number="4242 4242 4242 4242")
    guest.press("Continue to review")
    guest.sees("Visa ending 4242")
    guest.look("review")

    guest.press("Place order")
    number = steps.order_number(guest)
    guest.sees(steps.CONFIRMED)
    guest.look("order-confirmed")

    staff = enter(name="packing_table")
    steps.sign_in_as_staff(staff)
    steps.move_parcel(staff, number, "Dispatch")
    guest.sees("Your parcel is on its way.")
    guest.sees("Card charged")
    guest.look("order-shipped")
    guest.follow("Follow it")
    guest.sees("Your parcel is on its way to Freiburg")
    guest.look("tracking")
    steps.move_parcel(staff, number, "Mark as delivered")
    guest.sees("Your parcel was delivered")
    guest.look("tracking-delivered")

    subjects = [letter.subject for letter in steps.letters(shop, guest, to=EMAIL, count=4)]
    assert len(subjects) == 4
    assert all(number in subject for subject in subjects), subjects


def test_an_empty_cart_and_a_wrong_address_lead_back_into_the_shop(shop: Shop, enter: Enter) -> None:
    guest = enter(phone=True)

    guest.go("/cart/")
    guest.sees("There is nothing in your cart yet.")
    guest.look("empty-cart")
    guest.go("/account/sign-in/")
    guest.look("sign-in")
    guest.go("/account/sign-up/")
    guest.look("sign-up")
    with guest.expecting(404):
        guest.go("/p/a-thing-that-never-was/")
        guest.look("not-found")
    guest.go("/c/kitchen/")
    guest.look("aisle")
    steps.put_into_cart(guest, shop, "tent")
    guest.press("Remove: " + shop.article("tent").name)
    guest.sees("was removed")
    guest.look("removed")
    guest.press("Undo")
    guest.sees(shop.article("tent").name)
