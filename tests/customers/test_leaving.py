"""A customer deletes the account: asked for now, done after some days, taken back until then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from contexts.customers import erasure, services
from contexts.customers.events import CustomerErased, ErasureDue
from contexts.customers.models import Account
from contexts.messaging import timers
from contexts.messaging.testing import PublishedEvents
from tests.customers.signing_in import customer, prove, signed_in

pytestmark = pytest.mark.django_db(databases=["customers"])


@pytest.fixture(autouse=True)
def ada(published_events: PublishedEvents) -> Account:
    cache.clear()
    account = customer()
    published_events.clear()
    return account


def pending() -> int:
    with connections["customers"].cursor() as cursor:
        cursor.execute("select count(*) from messaging_timer where type = 'customers.erasure_due'")
        count: int = cursor.fetchone()[0]
        return count


def test_deleting_asks_who_it_is_first(ada: Account) -> None:
    browser = signed_in()

    answer = browser.post("/account/delete/")

    assert answer["Location"].startswith("/account/confirm-identity/")
    assert Account.objects.get().erase_at is None


def test_a_deletion_is_noted_told_by_mail_and_happens_later(
    ada: Account, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.CUSTOMERS_ERASURE_DAYS = 7
    browser = signed_in()
    prove(browser)

    page = browser.get("/account/delete/").content.decode()
    with django_capture_on_commit_callbacks(using="customers", execute=True):
        answer = browser.post("/account/delete/", follow=True)

    assert "You have 7 days to change your mind." in page
    assert "Keep my account" in answer.content.decode()
    kept = Account.objects.get()
    assert kept.email == "ada@example.org"
    assert kept.erase_at is not None
    assert timedelta(days=6, hours=23) < kept.erase_at - timezone.now() <= timedelta(days=7)
    assert pending() == 1
    assert [message.subject for message in mail.outbox] == ["Your account will be deleted"]
    assert "http://testserver/account/" in str(mail.outbox[0].body)


def test_when_the_days_are_over_the_customer_is_erased(
    ada: Account, settings: Any, published_events: PublishedEvents, deliver: Any
) -> None:
    settings.CUSTOMERS_ERASURE_DAYS = 0
    erasure.ask_erasure(customer_id=ada.id)
    published_events.clear()

    deliver(ErasureDue(customer_id=ada.id))

    assert published_events == [CustomerErased(customer_id=ada.id)]
    assert Account.objects.get().erased_at is not None


def test_a_timer_that_comes_early_erases_nobody(ada: Account, deliver: Any) -> None:
    erasure.ask_erasure(customer_id=ada.id)

    deliver(ErasureDue(customer_id=ada.id))

    assert Account.objects.get().erased_at is None


def test_whoever_takes_it_back_stays(ada: Account, settings: Any, deliver: Any) -> None:
    settings.CUSTOMERS_ERASURE_DAYS = 0
    browser = signed_in()
    erasure.ask_erasure(customer_id=ada.id)

    answer = browser.post("/account/keep/", follow=True)
    assert timers.fire_due("customers") == 0
    deliver(ErasureDue(customer_id=ada.id))

    assert "Your account stays." in answer.content.decode()
    assert Account.objects.get().erased_at is None
    assert pending() == 0


def test_asking_twice_moves_nothing(ada: Account) -> None:
    first = erasure.ask_erasure(customer_id=ada.id)

    assert erasure.ask_erasure(customer_id=ada.id) == first
    assert pending() == 1


def test_an_erasure_by_staff_meanwhile_leaves_no_timer(ada: Account) -> None:
    erasure.ask_erasure(customer_id=ada.id)

    services.erase(customer_id=ada.id)

    assert pending() == 0


def test_staff_accounts_are_not_deleted_by_themselves(ada: Account) -> None:
    Account.objects.update(is_staff=True)
    browser = signed_in()
    prove(browser)

    answer = browser.post("/account/delete/")

    assert answer.status_code == 422
    assert "Take its staff rights away first." in answer.content.decode()
    assert pending() == 0
