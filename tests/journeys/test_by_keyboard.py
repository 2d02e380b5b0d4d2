"""Somebody without a mouse pays, follows the order to the door, and sends something back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop
from tests.journeys.visitor import PATIENCE_MS, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

#: More than any page of the shop has.
MOST_STOPS = 60
_FOCUSED = """() => {
  const focused = document.activeElement;
  const box = focused.getBoundingClientRect();
  const look = getComputedStyle(focused);
  const named = focused.getAttribute("aria-label") || (focused.labels && focused.labels[0] || focused).innerText || "";
  return {
    name: named.replace(/\\s+/g, " ").trim(),
    shown: box.width > 0 && look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2,
  };
}"""


def tab_to(visitor: Visitor, name: str, *, within: int = MOST_STOPS) -> None:
    """Go on with the tab key until something is focused; each stop on the way can be seen."""
    passed = []
    for _ in range(within):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.evaluate(_FOCUSED)
        passed.append(focused["name"])
        assert focused["shown"], f"{visitor.page.url}: nobody sees that {focused['name']!r} is focused"
        if name in focused["name"]:
            return
    raise AssertionError(f"{visitor.page.url}: {name!r} is not among {passed}.")


def press(visitor: Visitor, name: str) -> None:
    tab_to(visitor, name)
    visitor.page.keyboard.press("Enter")


def hears(visitor: Visitor, words: str) -> None:
    """Wait until a screen reader was told so, in a place that was there before."""
    expect(visitor.page.locator("main > [role=status]")).to_contain_text(words, timeout=PATIENCE_MS)


def test_somebody_without_a_mouse_pays_follows_the_order_and_sends_something_back(shop: Shop, enter: Enter) -> None:
    guest, staff = enter(), enter(name="packing_table")
    keys = guest.page.keyboard
    steps.put_into_cart(guest, shop, "lamp")
    press(guest, "Check out")
    guest.sees("Held for you")
    fields = {"E-mail": "kim@example.com", "Full name": "Kim Lee", "Street": "Gerberau 12", "Postcode": "79098",
              "City": "Freiburg", "Country": "Germany"}  # fmt: skip
    for field, words in fields.items():
        tab_to(guest, field)
        keys.type(words)
    press(guest, "Continue to payment")
    guest.sees("How do you want to pay?")
    press(guest, "Use Declined")
    guest.sees("Review your order")
    press(guest, "Place order")
    guest.sees("Your card was declined.")
    press(guest, "Pay with another card")
    guest.sees("Card number")
    press(guest, "Use Approved")
    guest.sees(steps.CONFIRMED)
    number = steps.order_number(guest)

    tab_to(guest, "Cancel this order")
    keys.press("Enter")
    tab_to(guest, "Yes, cancel the order", within=1)
    steps.sign_in_as_staff(staff)
    steps.move_parcel(staff, number, "Dispatch")
    hears(guest, "Your parcel is on its way.")
    expect(guest.page.locator("#live")).to_be_focused()
    tab_to(guest, "Follow it", within=1)
    steps.move_parcel(staff, number, "Mark as delivered")
    hears(guest, "Delivered. Enjoy it!")
    tab_to(guest, "Send something back", within=2)  # After the invoice.
    keys.press("Enter")

    guest.sees("You can send things back until")
    press(guest, "Ask to send it back")
    guest.sees("Choose a reason.")
    reason = guest.page.get_by_label("I do not like it")
    expect(reason).to_be_focused()
    expect(guest.page.get_by_role("group", name="Why do you send it back?")).to_have_accessible_description(
        re.compile("Choose a reason.")
    )
    keys.press("Space")
    expect(reason).to_be_checked()
    press(guest, "Ask to send it back")
    guest.sees("What goes back")
    guest.sees("I do not like it")
