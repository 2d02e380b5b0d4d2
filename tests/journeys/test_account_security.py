"""An account is protected with a passkey and an app, opened with each, and its data taken along."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from contexts.customers import services
from tests.customers.signing_in import code_of
from tests.journeys.conftest import Enter
from tests.journeys.shop import Person, Shop, behind_the_scenes
from tests.journeys.visitor import PATIENCE_MS, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def account(name: str) -> Person:
    person = Person(name, f"{name.split()[0].lower()}@example.com", "a drawer full of keys")
    behind_the_scenes(
        lambda: services.register(email=person.email, name=person.name, password=person.password, confirmed=True)
    )
    return person


def device_with_passkeys(visitor: Visitor) -> tuple[CDPSession, str]:
    """Give the browser a device that makes passkeys, and whose owner always shows the right finger."""
    devtools = visitor.page.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": kind})["authenticatorId"]


def sign_in(visitor: Visitor, person: Person) -> None:
    visitor.go("/account/sign-in/")
    visitor.fill(login=person.email, password=person.password)
    visitor.page.locator("main").get_by_role("button", name="Sign in", exact=True).click()


def sign_out(visitor: Visitor) -> None:
    visitor.go("/account/")
    visitor.press("Sign out")
    expect(visitor.page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_passkey_opens_the_account_by_itself_and_stands_for_the_password(
    shop: Shop, enter: Enter, tmp_path: Path
) -> None:
    person = account("Piet Paskamp")
    customer = enter(phone=True)
    device_with_passkeys(customer)
    sign_in(customer, person)
    customer.sees("Hello, Piet")

    customer.go("/account/security/")
    customer.look("security")
    customer.follow("Add a passkey")
    customer.look("is-it-you")
    customer.fill(password=person.password)
    customer.press("Continue")
    customer.look("add-a-passkey")
    customer.fill(name="Phone")
    customer.press("Make the passkey")
    customer.sees("Recovery codes")
    customer.look("recovery-codes")
    sign_out(customer)

    customer.go("/account/sign-in/")
    customer.look("sign-in")
    customer.press("Sign in with a passkey")
    customer.sees("Hello, Piet")

    customer.go("/account/data/")
    customer.sees("Is it you?")
    customer.follow("With a passkey")
    customer.look("is-it-you-with-a-passkey")
    customer.press("Continue with a passkey")
    customer.sees("Everything the shop holds of you")
    customer.look("own-data")
    with customer.page.expect_download() as download:
        customer.press("Everything in one file")
    customer.sees("The file is complete.")
    whole = json.loads(Path(download.value.path()).read_text())
    assert set(whole) == {
        "customers", "ordering", "shipping", "reviews", "promotions", "wishlists", "notifications", "history",
    }  # fmt: skip
    assert whole["customers"]["account"]["email"] == person.email
    assert [one["name"] for one in whole["customers"]["second_factors"] if one["kind"] == "webauthn"] == ["Phone"]

    customer.go("/account/security/")
    customer.follow("Rename")
    customer.fill(name="Old phone")
    customer.press("Save")
    customer.sees("Old phone")
    customer.follow("Remove")
    customer.look("remove-the-passkey")
    customer.press("Remove it")
    expect(customer.page.get_by_text("Old phone")).to_have_count(0)


def test_a_device_without_a_passkey_says_so_and_the_password_goes_on(shop: Shop, enter: Enter) -> None:
    person = account("Nora Neuland")
    customer = enter()
    devtools, device = device_with_passkeys(customer)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})

    customer.go("/account/sign-in/")
    customer.press("Sign in with a passkey")
    customer.sees("That did not work, and nothing was changed.")
    customer.look("no-passkey")
    sign_in(customer, person)
    customer.sees("Hello, Nora")


def test_an_app_is_asked_for_after_the_password_also_without_javascript(shop: Shop, enter: Enter) -> None:
    person = account("Tilda Totten")
    customer = enter(phone=True, script=False)
    sign_in(customer, person)

    customer.go("/account/security/")
    customer.follow("Set up an app")
    customer.fill(password=person.password)
    customer.press("Continue")
    customer.look("set-up-an-app")
    secret = customer.page.locator("[data-totp-key]").inner_text().strip()
    customer.fill(code="000000")
    customer.press("Switch it on")
    customer.sees("does not fit")
    customer.fill(code=code_of(secret))
    customer.press("Switch it on")
    customer.sees("Recovery codes")
    codes = re.findall(r"\b\d{8}\b", customer.page.locator("main").inner_text())
    assert len(codes) == 10
    sign_out(customer)

    sign_in(customer, person)
    customer.sees("One more step")
    customer.look("one-more-step")
    customer.fill(code=codes[0])
    customer.page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    customer.sees("Hello, Tilda")


def test_a_forgotten_device_is_signed_out_and_the_account_deleted_and_kept(shop: Shop, enter: Enter) -> None:
    person = account("Vera Vergesslich")
    library, home = enter(name="a_forgotten_device"), enter(phone=True)
    sign_in(library, person)
    sign_in(home, person)
    home.sees("Hello, Vera")

    home.go("/account/devices/")
    home.look("devices")
    home.press("Sign out all others")
    home.sees("This device")
    expect(home.page.get_by_role("button", name="Sign out all others")).to_have_count(0)
    library.go("/account/")
    library.sees("Forgot your password?")

    home.go("/account/delete/")
    home.fill(password=person.password)
    home.press("Continue")
    home.look("delete")
    home.press("Delete my account")
    home.sees("Your account will be deleted on")
    home.look("account-to-be-deleted")
    home.press("Keep my account")
    expect(home.page.get_by_text("Your account stays.")).to_be_visible(timeout=PATIENCE_MS)
    letters: list[Any] = shop.letters(person.email)
    assert [letter.subject for letter in letters if "deleted" in letter.subject] == ["Your account will be deleted"]
