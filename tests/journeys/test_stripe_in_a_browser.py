"""Paying with Stripe in a real browser: the card and the confirmation on Stripe's own pages, here those of a stand-in.

Our content security policy is the strict one: that its form may lead to Stripe's page is seen here only.
"""

from __future__ import annotations

import pytest

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop, another_web
from tests.journeys.visitor import Visitor
from tests.payments.harness import CONFIRM, DECLINED
from tests.payments.stripe_stand_in import StripeStandIn

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
def test_a_guest_pays_at_stripe(shop: Shop, enter: Enter, stripe: StripeStandIn, script: bool) -> None:
    before = set_aside(stripe)
    with another_web(shop, JOURNEYS_GATEWAY="stripe") as site:
        guest = enter(script=script, site=site, name="a_guest_pays_at_stripe" if script else "stripe_without_script")
        steps.put_into_cart(guest, shop, "vase")
        guest.press("Check out")
        guest.fill(email="ida@example.com", name="Ida Sommer", **steps.ADDRESS)
        guest.press("Continue to payment")
        guest.sees("You enter your card on a page of our payment provider")
        guest.look("payment")
        guest.press("Enter the card at Stripe")
        guest.follow("Back")
        guest.press("Enter the card at Stripe")
        give_card(guest, DECLINED)
        guest.sees("Visa ending 0002")
        guest.press("Place order")
        until(guest, "Your card was declined.")
        number = steps.order_number(guest)
        guest.look("declined")

        guest.follow("Pay with another card")
        guest.sees("Visa ending 0002: Your bank declined the card")
        guest.look("another-card")
        guest.press("Enter the card at Stripe")
        give_card(guest, CONFIRM)
        until(guest, "Your bank asks you to confirm the payment.")
        guest.follow("Confirm at the bank")
        guest.sees("Confirm the payment")
        guest.press("Complete")
        until(guest, steps.CONFIRMED)
        assert steps.order_number(guest) == number
        guest.look("confirmed")

    assert set_aside(stripe) == before + 1
    logs = "".join(log.read_text(errors="replace") for log in shop.folder.glob("*.txt"))
    assert "GET /pay/" in logs
    assert DECLINED not in logs
    assert CONFIRM not in logs


def set_aside(stripe: StripeStandIn) -> int:
    return sum(intent["status"] == "requires_capture" for intent in stripe.intents.values())


def give_card(guest: Visitor, number: str) -> None:
    guest.sees("Your card")
    guest.fill(number=number)
    guest.press("Save card")


def until(guest: Visitor, words: str) -> None:
    """Look until the order's page says it; without a script the page has to be loaded again."""
    for _ in range(150):
        if words in guest.page.locator("main").inner_text():
            return
        guest.page.wait_for_timeout(400)
        if not guest.script:
            guest.page.reload()
    guest.sees(words)
