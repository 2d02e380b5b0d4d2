"""A guest with a phone sends something back, staff take it, the money returns; the guest becomes a customer."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop
from tests.journeys.test_customer_on_a_desktop import until_listed
from tests.journeys.test_staff_on_a_desktop import again_until
from tests.journeys.visitor import PATIENCE_MS

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
EMAIL = "lena@example.com"


def test_a_guest_sends_something_back_gets_the_money_and_becomes_a_customer(shop: Shop, enter: Enter) -> None:
    guest, staff = enter(phone=True), enter(name="returns_desk")
    number = steps.buy_as_guest(guest, shop, "vase", email=EMAIL, name="Lena Vogt")
    guest.sees("Keep this for next time")
    guest.look("offer-of-an-account")
    steps.sign_in_as_staff(staff)
    steps.move_parcel(staff, number, "Dispatch")
    guest.sees("Your parcel is on its way.")
    steps.move_parcel(staff, number, "Mark as delivered")
    guest.sees("Delivered. Enjoy it!")
    guest.sees("(PDF)")
    guest.look("delivered")
    with guest.page.expect_download() as paper:
        guest.page.get_by_role("link", name="Invoice").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")

    guest.follow("Send something back")
    guest.sees("You can send things back until")
    guest.look("return-form")
    guest.press("Ask to send it back")
    guest.sees("Choose a reason.")
    guest.look("return-form-with-mistakes")
    guest.page.get_by_label("It is damaged or does not work").check()
    guest.fill(pieces_0="1", remark="It arrived with a crack near the rim.")
    guest.page.locator("[name=photos]").set_input_files(
        [{"name": "vase.png", "mimeType": "image/png", "buffer": _cracked_vase()}]
    )
    guest.press("Ask to send it back")
    guest.sees("We look at it")
    guest.sees("It arrived with a crack near the rim.")
    guest.look("return-requested")

    staff.go(f"/admin/ordering/returnedorder/?q={number}")
    staff.look("returns")
    staff.page.get_by_role("link", name=number).first.click()
    staff.page.get_by_role("link", name="Handle returns…").first.click()
    staff.look("return")
    staff.page.get_by_role("button", name="Accept the return").click()
    expect(staff.page.locator("body")).to_contain_text("The shopper is told where to send it.", timeout=PATIENCE_MS)
    guest.sees("Please send it")
    guest.look("return-accepted")
    staff.page.get_by_label("can be sold again").fill("0")
    staff.look("counting")
    staff.page.get_by_role("button", name="Note what came back").click()
    expect(staff.page.locator("body")).to_contain_text("goes back to the shopper.", timeout=PATIENCE_MS)
    again_until(guest, "Credit note")
    guest.look("money-returned")

    staff.go("/admin/notifications/email/letters/")
    staff.look("letters")
    staff.go("/admin/notifications/email/letters/order_shipped/en/")
    staff.look("letter")
    subjects = [letter.subject for letter in steps.letters(shop, guest, to=EMAIL, count=8)]
    assert f"Order {number}: please send it back" in subjects
    assert f"Money back for order {number}" in subjects

    guest.fill(password1="a vase in every window")
    guest.press("Open an account")
    guest.sees("Enter the code")
    guest.fill(code=steps.code_in(steps.letters(shop, guest, to=EMAIL, count=10)))
    guest.press("Confirm")
    guest.sees("Hello, Lena")
    until_listed(guest, number, "Delivered")
    guest.look("purchases-of-before")
    guest.page.get_by_role("article").filter(has_text=number).get_by_role("button", name="Buy again").click()
    guest.sees(f"“{shop.article('vase').name}” is in your cart")


def _cracked_vase() -> bytes:
    picture = Image.new("RGB", (600, 800), "#dfe6df")
    drawing = ImageDraw.Draw(picture)
    drawing.polygon([(230, 180), (370, 180), (430, 480), (360, 680), (240, 680), (170, 480)], fill="#3f6f8f")
    drawing.line([(300, 180), (320, 260), (295, 310), (330, 380)], fill="#16201c", width=5)
    made = BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()
