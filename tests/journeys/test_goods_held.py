"""Goods are kept while somebody checks out: the time is shown, more of it can be had once, and its end is told."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from contexts.catalog.models import Variant
from contexts.inventory import services as inventory
from contexts.inventory.models import Hold
from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop, behind_the_scenes
from tests.journeys.visitor import PATIENCE_MS, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def begin(guest: Visitor, shop: Shop, kind: str) -> None:
    steps.put_into_cart(guest, shop, kind)
    guest.press("Check out")
    guest.sees("Held for you")


def time_is_up(guest: Visitor) -> None:
    """Let the hold of this checkout run out now, as its timer would in a quarter of an hour."""
    order_id = UUID(guest.page.url.split("/checkout/")[1].split("/")[0])
    assert behind_the_scenes(
        lambda: inventory.expire_hold(order_id=order_id, until=Hold.objects.get(order_id=order_id).until)
    )


def until_on_sale(guest: Visitor, sku: str) -> None:
    """Wait until the shop's front has heard that the piece is back."""
    for _ in range(PATIENCE_MS // 200):
        if behind_the_scenes(lambda: Variant.objects.get(sku=sku).available) == 1:
            return
        guest.page.wait_for_timeout(200)
    raise AssertionError(f"{sku} never came back on sale.")


def test_a_hold_that_runs_out_while_the_shopper_reads_is_told_and_taken_up_again(shop: Shop, enter: Enter) -> None:
    guest = enter(phone=True)
    begin(guest, shop, "bowl")
    countdown = guest.page.locator("[data-countdown]")
    expect(countdown).to_contain_text(re.compile(r"^1[45]:\d\d$"))
    guest.fill(email="rosa@example.com", name="Rosa Lesefreund", **steps.ADDRESS)
    before = countdown.get_attribute("datetime")

    guest.press("I need more time")
    expect(guest.page.get_by_role("button", name="I need more time")).to_have_count(0)
    guest.sees("Held for you")
    expect(countdown).not_to_have_attribute("datetime", before or "", timeout=PATIENCE_MS)
    expect(guest.page.locator("[name=email]")).to_have_value("rosa@example.com")
    guest.look("more-time")
    guest.press("Continue to payment")
    steps.pay_with(guest, "Approved")
    time_is_up(guest)

    guest.sees("This checkout has ended.")
    guest.sees("We could not keep the goods for you any longer")
    guest.look("time-is-up")
    guest.press("Start again")
    guest.sees("Held for you")
    expect(guest.page.locator("[name=name]")).to_have_value("Rosa Lesefreund")
    guest.press("Continue to payment")
    guest.press("Place order")
    guest.sees(steps.CONFIRMED)


def test_the_last_piece_sold_to_somebody_else_during_a_checkout_is_told(shop: Shop, enter: Enter) -> None:
    chair = shop.article("chair")
    sku = chair.variants[0].sku
    behind_the_scenes(lambda: inventory.adjust_stock(sku=sku, counted=1, reason="One was left on the shelf"))
    slow, quick = enter(name="the_last_piece_slow"), enter(phone=True, name="the_last_piece_quick")
    begin(slow, shop, "chair")
    slow.fill(email="lars@example.com", name="Lars Langsam", **steps.ADDRESS)
    time_is_up(slow)
    slow.sees("This checkout has ended.")

    until_on_sale(quick, sku)
    steps.buy_as_guest(quick, shop, "chair", email="quirin@example.com", name="Quirin Quick")
    slow.press("Start again")

    slow.sees("is sold out.")
    slow.look("sold-out")
    slow.follow("Change the cart")
    slow.sees(chair.name)
