"""Ways through the shop that several journeys share."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.shop import STAFF, Letter, Shop
from tests.journeys.visitor import PATIENCE_MS, Visitor

ADDRESS = {"street": "Gerberau 12", "postcode": "79098", "city": "Freiburg", "country": "DE"}
CONFIRMED = "Your order is confirmed."


def put_into_cart(visitor: Visitor, shop: Shop, kind: str) -> None:
    """Go straight to a product and take one of the first variant."""
    visitor.go(f"/p/{shop.article(kind).slug}/")
    visitor.press("Add to cart")
    visitor.sees("is in your cart")


def pay_with(visitor: Visitor, card: str) -> None:
    """Choose one of the test cards that a demo lists, before the order is placed."""
    use_card(visitor, card)
    visitor.sees("Review your order")


def use_card(visitor: Visitor, card: str) -> None:
    visitor.page.get_by_role("button", name=f"Use {card}", exact=True).click()


def order_number(visitor: Visitor) -> str:
    heading = visitor.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Order ", timeout=PATIENCE_MS)
    return heading.inner_text().removeprefix("Order ").strip()


def buy_as_guest(visitor: Visitor, shop: Shop, kind: str, *, email: str, name: str) -> str:
    """Buy one thing without looking around; return the order's number once it is confirmed."""
    put_into_cart(visitor, shop, kind)
    visitor.press("Check out")
    visitor.fill(email=email, name=name, **ADDRESS)
    visitor.press("Continue to payment")
    pay_with(visitor, "Approved")
    visitor.press("Place order")
    visitor.sees(CONFIRMED)
    return order_number(visitor)


def sign_in_as_staff(staff: Visitor) -> None:
    staff.go("/admin/")
    staff.page.locator("[name=username]").fill(STAFF.email)
    staff.page.locator("[name=password]").fill(STAFF.password)
    staff.page.get_by_role("button", name="Log in").click()
    expect(staff.page).to_have_url(f"{staff.site}/admin/")


def move_parcel(staff: Visitor, number: str, action: str) -> None:
    """Find a parcel by its order's number and move it on, as the packing table does."""
    staff.go(f"/admin/shipping/parcel/?q={number}")
    staff.page.get_by_role("link", name=number).first.click()
    staff.page.get_by_role("link", name=action).first.click()
    staff.page.get_by_role("button", name=action).click()
    expect(staff.page.locator("body")).to_contain_text("1 parcel ", timeout=PATIENCE_MS)


def code_in(letters: list[Letter]) -> str:
    """Return the newest code that was sent to prove an address."""
    found = [code for letter in letters for code in re.findall(r"^[A-Z0-9]{3,}(?:-[A-Z0-9]+)*$", letter.text, re.M)]
    return str(found[-1])


def letters(shop: Shop, visitor: Visitor, *, to: str, count: int) -> list[Letter]:
    """Wait until so many letters have been sent to an address."""
    for _ in range(PATIENCE_MS // 200):
        found = shop.letters(to)
        if len(found) >= count:
            return found
        visitor.page.wait_for_timeout(200)
    raise AssertionError(f"{count} letters should have been sent to {to}; these were: {shop.letters(to)}")
