"""Staff at work: an order from the list to the door and back, a new price, a delivery of stock."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import PIECES, Shop
from tests.journeys.visitor import PATIENCE_MS, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def test_staff_send_an_order_and_give_the_money_back(shop: Shop, enter: Enter) -> None:
    guest, staff = enter(phone=True, name="guest_of_staff"), enter()
    number = steps.buy_as_guest(guest, shop, "backpack", email="ruth@example.com", name="Ruth Ahrens")

    staff.go("/admin/")
    staff.look("sign-in")
    steps.sign_in_as_staff(staff)
    staff.look("front")
    staff.go("/admin/ordering/ordersummary/")
    staff.look("orders")
    staff.page.get_by_role("link", name=number).first.click()
    for step in ("OrderPlaced", "OrderReserved", "OrderAuthorised", "OrderConfirmed"):
        sees(staff, step)
    staff.look("order")
    staff.page.set_viewport_size({"width": 390, "height": 844})
    staff.must_fit("order on a phone")
    staff.page.get_by_role("link", name="2", exact=True).click()
    sees(staff, "Version 2 of")
    staff.must_fit("past on a phone")
    staff.page.set_viewport_size({"width": 1280, "height": 900})
    staff.go("/admin/shipping/parcel/")
    staff.look("parcels")
    steps.move_parcel(staff, number, "Dispatch")
    staff.look("dispatched")
    guest.sees("Card charged")
    steps.move_parcel(staff, number, "Mark as delivered")
    guest.sees("Delivered. Enjoy it!")

    staff.go(f"/admin/payments/payment/?q={number}")
    staff.look("payments")
    staff.page.get_by_role("link", name=number).first.click()
    staff.look("payment")
    staff.go("/admin/payments/gatewaycall/")
    staff.look("gateway-calls")
    staff.go("/admin/payments/refusednotice/")
    staff.look("refused-notices")
    staff.go(f"/admin/payments/payment/?q={number}")
    staff.page.get_by_role("link", name=number).first.click()
    staff.page.get_by_role("link", name="Refund…").first.click()
    staff.page.locator("[name=reason]").fill("The strap was torn.")
    staff.look("refund")
    staff.page.get_by_role("button", name="Refund", exact=True).click()
    sees(staff, "is on its way back to the shopper")
    guest.page.reload()
    staff.go("/admin/ordering/ordersummary/")
    staff.page.get_by_role("link", name=number).first.click()
    again_until(staff, "OrderRefunded")
    again_until(guest, "Money returned")
    guest.look("order-refunded")


def test_staff_change_a_price_and_receive_stock(shop: Shop, enter: Enter) -> None:
    guest, staff = enter(phone=True, name="guest_of_staff"), enter()
    radio = shop.article("radio")
    sku = radio.variants[0].sku
    steps.put_into_cart(guest, shop, "radio")

    steps.sign_in_as_staff(staff)
    staff.go(f"/admin/catalog/product/?q={radio.slug}")
    staff.look("products")
    staff.page.get_by_role("link", name=radio.name).first.click()
    staff.look("product")
    staff.page.locator("[name=variants-0-price]").fill("123.45")
    staff.page.get_by_role("button", name="Save", exact=True).click()
    sees(staff, "successfully")
    again_until(guest, "€123.45")
    guest.look("price-changed")

    staff.go(f"/admin/inventory/stockitem/?q={sku}")
    staff.look("stock")
    staff.page.get_by_role("link", name=sku, exact=True).click()
    staff.page.get_by_role("link", name="Receive stock").first.click()
    staff.page.locator("[name=quantity]").fill("7")
    staff.page.locator("[name=reason]").fill("Delivery note 4711")
    staff.look("receive")
    staff.page.get_by_role("button", name="Receive stock").click()
    sees(staff, f"{sku} has {PIECES + 7} on hand")
    staff.look("received")


def sees(staff: Visitor, text: str) -> None:
    expect(staff.page.locator("body")).to_contain_text(re.compile(re.escape(text)), timeout=PATIENCE_MS)


def again_until(visitor: Visitor, text: str) -> None:
    """Load the page again until it says something that travels between contexts."""
    for _ in range(100):
        if text in visitor.page.locator("body").inner_text():
            return
        visitor.page.wait_for_timeout(200)
        visitor.page.reload()
    raise AssertionError(f"{visitor.page.url} never said {text!r}.")
