"""Where a customer is signed in, and ending it from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from contexts.customers.models import Account, Device
from contexts.kernel import identity
from tests.customers.signing_in import FIREFOX, PASSWORD, PHONE, customer, signed_in

pytestmark = pytest.mark.django_db(databases=["customers"])


@pytest.fixture(autouse=True)
def ada() -> Account:
    cache.clear()
    return customer()


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def holds_an_identity(browser: Client) -> bool:
    return bool(browser.cookies.get(identity.COOKIE) and browser.cookies[identity.COOKIE].value)


def test_every_sign_in_is_listed_with_what_it_looks_like() -> None:
    laptop = signed_in(agent=FIREFOX)
    signed_in(agent=PHONE)

    page = laptop.get("/account/devices/").content.decode()

    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("This device") == 1


def test_one_device_is_signed_out_and_the_others_stay() -> None:
    laptop, phone, tablet = signed_in(), signed_in(agent=PHONE), signed_in()
    gone = Device.objects.get(system="iPhone")

    laptop.post(f"/account/devices/{gone.id}/sign-out/")

    assert [is_signed_in(browser) for browser in (laptop, phone, tablet)] == [True, False, True]


def test_all_others_are_signed_out() -> None:
    laptop, phone, tablet = signed_in(), signed_in(agent=PHONE), signed_in()

    laptop.post("/account/devices/sign-out/")

    assert [is_signed_in(browser) for browser in (laptop, phone, tablet)] == [True, False, False]
    assert Device.objects.count() == 1


def test_nobody_signs_out_somebody_elses_device() -> None:
    customer("eve@example.org")
    laptop, eve = signed_in(), signed_in("eve@example.org")
    mine = Device.objects.get(account__email="ada@example.org")

    eve.post(f"/account/devices/{mine.id}/sign-out/")
    eve.post("/account/devices/sign-out/")

    assert is_signed_in(laptop)


def test_a_sign_out_elsewhere_reaches_pages_of_other_contexts_within_minutes() -> None:
    phone = signed_in(agent=PHONE)
    Device.objects.get().delete()
    phone_session = phone.session
    phone_session.flush()
    assert holds_an_identity(phone)

    phone.get("/livez")
    assert holds_an_identity(phone), "a statement made a moment ago is believed"
    with time_machine.travel(timezone.now() + timedelta(seconds=identity.FRESH_S + 1)):
        phone.get("/livez")

    assert not holds_an_identity(phone)


def test_an_older_identity_is_renewed_on_any_page_and_the_visit_is_noted(django_assert_num_queries: Any) -> None:
    phone = signed_in(agent=PHONE)
    before = phone.cookies[identity.COOKIE].value
    later = timezone.now() + timedelta(seconds=identity.FRESH_S + 1)

    with time_machine.travel(later):
        phone.get("/livez")
        assert phone.cookies[identity.COOKIE].value != before
        assert Device.objects.get().seen_at >= later - timedelta(seconds=1)
        with django_assert_num_queries(0, using="customers"):
            phone.get("/livez")


def test_a_new_password_signs_out_the_others() -> None:
    laptop, phone = signed_in(), signed_in(agent=PHONE)

    new = {"oldpassword": PASSWORD, "password1": "a wholly new phrase", "password2": "a wholly new phrase"}
    laptop.post("/account/password/", new)

    assert [is_signed_in(browser) for browser in (laptop, phone)] == [True, False]
    assert laptop.get("/account/devices/").content.decode().count('<li class="card') == 1


def test_signing_out_takes_the_device_off_the_list() -> None:
    laptop, phone = signed_in(), signed_in(agent=PHONE)

    phone.post("/account/sign-out/")

    assert "iPhone" not in laptop.get("/account/devices/").content.decode()
    assert Device.objects.count() == 1


def test_a_device_without_a_name_is_another_device() -> None:
    browser = signed_in(agent="")

    assert "Another device" in browser.get("/account/devices/").content.decode()


def test_the_list_costs_four_queries(django_assert_num_queries: Any) -> None:
    laptop = signed_in()
    for _ in range(3):
        signed_in(agent=PHONE)

    with django_assert_num_queries(4, using="customers"):  # session, account, devices, which sessions live
        laptop.get("/account/devices/")
