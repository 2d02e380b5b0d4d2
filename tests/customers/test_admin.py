"""What staff can do with accounts."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django.fixtures import Settings

from contexts.customers import services
from contexts.customers.events import CustomerErased
from contexts.customers.models import Account
from contexts.messaging.testing import PublishedEvents

pytestmark = pytest.mark.django_db(databases=["customers"])

ACCOUNTS = "/admin/customers/account/"


@pytest.fixture
def boss(client: Client) -> Account:
    """A superuser who is signed in."""
    account = services.open_staff_account(email="boss@example.org", name="The Boss", password=None, superuser=True)
    client.force_login(account)
    return account


@pytest.fixture
def ada() -> Account:
    return services.register(email="ada@example.org", name="Ada Byron", password=None)


def test_accounts_are_listed_and_shown(client: Client, boss: Account, ada: Account) -> None:
    assert "ada@example.org" in client.get(ACCOUNTS).content.decode()
    assert "Ada Byron" in client.get(f"{ACCOUNTS}{ada.id}/change/").content.decode()


def test_closing_and_reopening(client: Client, boss: Account, ada: Account) -> None:
    client.post(ACCOUNTS, {"action": "deactivate", "_selected_action": [str(ada.id), str(boss.id)]})
    assert not Account.objects.get(id=ada.id).is_active
    assert Account.objects.get(id=boss.id).is_active, "nobody locks themselves out"

    client.post(ACCOUNTS, {"action": "reactivate", "_selected_action": [str(ada.id)]})
    assert Account.objects.get(id=ada.id).is_active


def test_erasing_asks_first(client: Client, boss: Account, ada: Account, published_events: PublishedEvents) -> None:
    page = client.get(f"{ACCOUNTS}{ada.id}/erase/")

    assert "This cannot be undone." in page.content.decode()
    assert published_events == []

    client.post(f"{ACCOUNTS}{ada.id}/erase/")

    assert published_events == [CustomerErased(customer_id=ada.id)]


def test_staff_accounts_are_not_erased(client: Client, boss: Account, published_events: PublishedEvents) -> None:
    answer = client.post(f"{ACCOUNTS}{boss.id}/erase/", follow=True)

    assert "Take its staff rights away first" in answer.content.decode()
    assert published_events == []


def form(**fields: str) -> dict[str, str]:
    return fields | {"addresses-TOTAL_FORMS": "0", "addresses-INITIAL_FORMS": "0"}


@pytest.fixture
def clerk(client: Client) -> Account:
    """Somebody of the staff who may change customers and is signed in."""
    account = services.open_staff_account(email="clerk@example.org", name="Clerk", password=None)
    account.user_permissions.set(Permission.objects.filter(content_type__app_label="customers"))
    client.force_login(account)
    return account


def test_staff_cannot_hand_out_rights_not_even_to_themselves(client: Client, clerk: Account) -> None:
    answer = client.post(f"{ACCOUNTS}{clerk.id}/change/", form(is_superuser="on", is_staff="on"))

    assert answer.status_code == 302
    assert not Account.objects.get(id=clerk.id).is_superuser


def test_staff_close_customers_but_not_each_other(client: Client, clerk: Account, ada: Account) -> None:
    colleague = services.open_staff_account(email="colleague@example.org", name="Colleague", password=None)

    client.post(ACCOUNTS, {"action": "deactivate", "_selected_action": [str(ada.id), str(colleague.id)]})

    assert not Account.objects.get(id=ada.id).is_active
    assert Account.objects.get(id=colleague.id).is_active


def test_superusers_make_staff(client: Client, boss: Account, ada: Account) -> None:
    answer = client.post(f"{ACCOUNTS}{ada.id}/change/", form(is_staff="on"))

    assert answer.status_code == 302
    assert Account.objects.get(id=ada.id).is_staff


def test_too_many_wrong_passwords_lock_the_admin(client: Client, settings: Settings) -> None:
    settings.AXES_ENABLED = True
    services.open_staff_account(email="boss@example.org", name="The Boss", password="quite a long phrase")

    for _ in range(8):
        answer = client.post("/admin/login/", {"username": "boss@example.org", "password": "wrong"})
    answer = client.post("/admin/login/", {"username": "boss@example.org", "password": "quite a long phrase"})

    assert answer.status_code == 429
