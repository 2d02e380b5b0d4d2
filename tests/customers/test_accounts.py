"""Accounts: opening, changing, closing, forgetting."""

from __future__ import annotations

from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from contexts.customers import services
from contexts.customers.events import CustomerChanged, CustomerErased, CustomerRegistered
from contexts.customers.models import Account, SavedAddress
from contexts.kernel.addresses import Address
from contexts.messaging.testing import PublishedEvents

pytestmark = pytest.mark.django_db(databases=["customers"])

HOME = Address(name="Ada Byron", street="Sankt-Jakob-Str. 1", postcode="4052", city="Basel", country="CH")
WORK = Address(name="Ada Byron", street="Engine Road 2", postcode="N1", city="London", country="GB")


def ada(**given: object) -> Account:
    known: dict[str, object] = {"email": "Ada@Example.org ", "name": "Ada Byron", "password": "a long enough one"}
    return services.register(**(known | given))  # type: ignore[arg-type]


def test_registering_opens_an_account_and_tells_the_others_once(published_events: PublishedEvents) -> None:
    account = ada(language="de")

    assert published_events == [
        CustomerRegistered(customer_id=account.id, email="ada@example.org", name="Ada Byron", language="de")
    ]
    stored = Account.objects.get(id=account.id)
    assert (stored.email, stored.is_active, stored.is_staff) == ("ada@example.org", True, False)
    assert stored.check_password("a long enough one")


def test_an_address_that_has_an_account_opens_no_second_one(published_events: PublishedEvents) -> None:
    ada()

    with pytest.raises(services.EmailTaken, match=r"ada@example\.org has an account already"):
        ada(email="ADA@example.ORG")

    assert Account.objects.count() == 1
    assert len(published_events) == 1


def test_a_confirmed_registration_may_sign_in_at_once() -> None:
    account = ada(confirmed=True)

    assert list(EmailAddress.objects.values_list("user_id", "email", "verified", "primary")) == [
        (account.id, "ada@example.org", True, True)
    ]


def test_a_superuser_made_by_djangos_command_is_announced_like_everybody(published_events: PublishedEvents) -> None:
    account = Account.objects.create_superuser("boss@example.org", "a long enough one", name="The Boss")

    assert (account.is_staff, account.is_superuser) == (True, True)
    assert published_events.of(CustomerRegistered)[0].customer_id == account.id


def test_a_changed_profile_is_announced_as_it_is_now(published_events: PublishedEvents) -> None:
    account = ada()
    services.save_address(customer_id=account.id, address=HOME)
    published_events.clear()

    services.change_profile(customer_id=account.id, name="Ada Lovelace", language="de")

    assert published_events == [
        CustomerChanged(
            customer_id=account.id, email="ada@example.org", name="Ada Lovelace", language="de", default_address=HOME
        )
    ]


def test_saying_the_same_again_announces_nothing(published_events: PublishedEvents) -> None:
    account = ada()
    published_events.clear()

    services.change_profile(customer_id=account.id, name="Ada Byron", language="en")

    assert published_events == []


def test_the_first_address_becomes_the_default_and_the_others_hear_of_it(published_events: PublishedEvents) -> None:
    account = ada()
    published_events.clear()

    first = services.save_address(customer_id=account.id, address=HOME)
    services.save_address(customer_id=account.id, address=WORK)

    assert first.is_default
    assert [event.default_address for event in published_events.of(CustomerChanged)] == [HOME]
    assert SavedAddress.objects.filter(is_default=True).count() == 1


def test_another_default_takes_over(published_events: PublishedEvents) -> None:
    account = ada()
    services.save_address(customer_id=account.id, address=HOME)
    work = services.save_address(customer_id=account.id, address=WORK)
    published_events.clear()

    services.set_default_address(customer_id=account.id, address_id=work.id)
    services.set_default_address(customer_id=account.id, address_id=work.id)

    assert [event.default_address for event in published_events.of(CustomerChanged)] == [WORK]


def test_deleting_the_default_hands_over_to_the_newest_other(published_events: PublishedEvents) -> None:
    account = ada()
    home = services.save_address(customer_id=account.id, address=HOME)
    services.save_address(customer_id=account.id, address=WORK)
    published_events.clear()

    services.delete_address(customer_id=account.id, address_id=home.id)
    services.delete_address(customer_id=account.id, address_id=home.id)

    assert [event.default_address for event in published_events.of(CustomerChanged)] == [WORK]


def test_deleting_the_last_address_leaves_none(published_events: PublishedEvents) -> None:
    account = ada()
    home = services.save_address(customer_id=account.id, address=HOME)
    published_events.clear()

    services.delete_address(customer_id=account.id, address_id=home.id)

    assert [event.default_address for event in published_events.of(CustomerChanged)] == [None]


def test_changing_the_default_address_is_announced_and_changing_another_is_not(
    published_events: PublishedEvents,
) -> None:
    account = ada()
    home = services.save_address(customer_id=account.id, address=HOME)
    work = services.save_address(customer_id=account.id, address=WORK)
    published_events.clear()
    moved = Address(name="Ada Byron", street="Rheingasse 7", postcode="4058", city="Basel", country="CH")

    services.save_address(customer_id=account.id, address=moved, address_id=work.id)
    assert published_events == []
    services.save_address(customer_id=account.id, address=moved, address_id=home.id)

    assert [event.default_address for event in published_events.of(CustomerChanged)] == [moved]


def test_the_database_allows_one_default_only() -> None:
    account = ada()
    services.save_address(customer_id=account.id, address=HOME)
    work = services.save_address(customer_id=account.id, address=WORK)

    with pytest.raises(IntegrityError), transaction.atomic(using="customers"):
        SavedAddress.objects.filter(id=work.id).update(is_default=True)


def test_nobody_reaches_into_another_address_book() -> None:
    account, other = ada(), ada(email="eve@example.org")
    home = services.save_address(customer_id=account.id, address=HOME)

    with pytest.raises(services.NoSuchAddress):
        services.save_address(customer_id=other.id, address=WORK, address_id=home.id)
    with pytest.raises(services.NoSuchAddress):
        services.set_default_address(customer_id=other.id, address_id=home.id)
    services.delete_address(customer_id=other.id, address_id=home.id)

    assert SavedAddress.objects.get().address == HOME


def test_an_address_book_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_ADDRESSES", 1)
    account = ada()
    home = services.save_address(customer_id=account.id, address=HOME)

    with pytest.raises(services.TooManyAddresses, match="holds 1 addresses"):
        services.save_address(customer_id=account.id, address=WORK)
    services.save_address(customer_id=account.id, address=WORK, address_id=home.id)

    assert SavedAddress.objects.get().address == WORK


def test_erasing_leaves_nothing_personal_and_tells_the_others_once(published_events: PublishedEvents) -> None:
    account = ada(confirmed=True)
    services.save_address(customer_id=account.id, address=HOME)
    boss = services.open_staff_account(email="boss@example.org", name="The Boss", password=None)
    LogEntry.objects.create(
        user=boss, content_type=ContentType.objects.get_for_model(Account), object_id=str(account.id),
        object_repr="ada@example.org", action_flag=CHANGE, change_message="ada@example.org closed",
    )  # fmt: skip
    published_events.clear()

    services.erase(customer_id=account.id)
    services.erase(customer_id=account.id)

    assert published_events == [CustomerErased(customer_id=account.id)]
    left = Account.objects.get(id=account.id)
    assert (left.email, left.name, left.is_active) == (f"{account.id}@erased.invalid", "", False)
    assert not left.has_usable_password()
    assert everything_stored_about("ada") == []


def test_the_address_of_an_erased_customer_can_be_used_again() -> None:
    first = ada()
    services.erase(customer_id=first.id)

    second = ada()

    assert second.id != first.id


def test_an_erased_customer_stays_closed() -> None:
    account = ada()
    services.erase(customer_id=account.id)

    services.reactivate(customer_id=account.id)

    assert not Account.objects.get(id=account.id).is_active


def test_a_staff_account_is_not_erased(published_events: PublishedEvents) -> None:
    boss = services.open_staff_account(email="boss@example.org", name="The Boss", password=None)
    published_events.clear()

    with pytest.raises(services.StaffAccount, match="Take its staff rights away first"):
        services.erase(customer_id=boss.id)

    assert Account.objects.get(id=boss.id).email == "boss@example.org"
    assert published_events == []


def everything_stored_about(word: str) -> list[str]:
    """Search every text of every table of the context, the log apart, for a word."""
    from django.apps import apps
    from django.db import connections

    found = []
    with connections["customers"].cursor() as cursor:
        tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
        there = set(connections["customers"].introspection.table_names(cursor))
        for table in sorted(there.intersection(tables)):
            if table.startswith("messaging_"):
                continue
            cursor.execute(f'select entry::text from "{table}" entry where entry::text ilike %s', [f"%{word}%"])
            found += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return [entry for entry in found if not entry.startswith(("auth_permission", "django_content_type"))]


def test_the_search_for_traces_finds_what_is_there() -> None:
    account = ada()

    assert [entry.partition(":")[0] for entry in everything_stored_about("ada@")] == ["customers_account"]
    assert isinstance(account.id, UUID)
