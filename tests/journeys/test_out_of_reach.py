"""The shop cannot be reached while somebody looks at an order, and is back a little later."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop
from tests.journeys.visitor import PATIENCE_MS

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
AWAY = "We cannot be reached right now."


def test_an_open_order_says_when_the_shop_is_out_of_reach_and_goes_on_by_itself(shop: Shop, enter: Enter) -> None:
    guest, staff = enter(phone=True), enter(name="packing_table")
    number = steps.buy_as_guest(guest, shop, "lamp", email="ida@example.com", name="Ida Winter")
    steps.sign_in_as_staff(staff)

    guest.page.route("**/live/", lambda route: route.abort())
    guest.sees(AWAY)
    guest.look("out-of-reach")
    steps.move_parcel(staff, number, "Dispatch")
    assert "Your parcel is on its way." not in guest.page.locator("main").inner_text()
    guest.page.unroute("**/live/")

    guest.sees("Your parcel is on its way.")
    expect(guest.page.locator("#live")).not_to_contain_text(AWAY, timeout=PATIENCE_MS)
    unanswered = ("/live/", "Failed to load resource", ": htmx:")
    assert [problem for problem in guest.problems if not any(part in problem for part in unanswered)] == []
    guest.problems.clear()
