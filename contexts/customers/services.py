"""What customers does: opens accounts, changes them, keeps the address book, forgets people."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction

from contexts.customers.events import (
    AccountOpenedFromOrder,
    CustomerChanged,
    CustomerErased,
    CustomerRegistered,
    EmailConfirmed,
    ErasureDue,
)
from contexts.customers.models import Account, SavedAddress
from contexts.kernel.addresses import Address
from contexts.kernel.mailbox import forget_mail
from contexts.messaging import cancel_timers, note_erased, publish

#: An address book is for people; more than this is a mistake or a program.
MAX_ADDRESSES = 20


class CustomersError(Exception):
    """Anything that customers refuses; the message is for the person who asked."""


class EmailTaken(CustomersError):
    """Another account uses the e-mail address."""


class StaffAccount(CustomersError):
    """The account belongs to staff; take its staff rights away first."""


class TooManyAddresses(CustomersError):
    """The address book is full."""


class NoSuchAddress(CustomersError):
    """The customer has no such address."""


def register(
    *,
    email: str,
    name: str,
    password: str | None,
    language: str = "en",
    confirmed: bool = False,
    from_order: UUID | None = None,
) -> Account:
    """Open an account.

    Without a password nobody can sign in until one is set by e-mail. `confirmed` says that the address is known to
    belong to this person, so that the first sign-in does not ask for it. `from_order` is the guest's order on whose
    page the account was offered; it will belong to the account.

    Raises:
        EmailTaken: there is an account with this address.
    """
    # Hashing takes a good part of a second on purpose: not while a transaction is open.
    account = Account(
        email=email.strip().lower(), name=name.strip(), language=language, password=make_password(password)
    )
    _open(account, confirmed=confirmed, from_order=from_order)
    return account


def open_staff_account(
    *, email: str, name: str, password: str | None, language: str = "en", superuser: bool = False
) -> Account:
    """Open an account that may sign in to the admin.

    Raises:
        EmailTaken: there is an account with this address.
    """
    account = Account(
        email=email.strip().lower(), name=name.strip(), language=language, password=make_password(password),
        is_staff=True, is_superuser=superuser,
    )  # fmt: skip
    _open(account, confirmed=True)
    return account


def _open(account: Account, *, confirmed: bool, from_order: UUID | None = None) -> None:
    try:
        with transaction.atomic(using="customers"):
            account.save(force_insert=True)
            publish(
                CustomerRegistered(
                    customer_id=account.id, email=account.email, name=account.name, language=account.language
                )
            )
            if confirmed:
                EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=True)
                publish(EmailConfirmed(customer_id=account.id, email=account.email))
            if from_order is not None:
                publish(AccountOpenedFromOrder(customer_id=account.id, order_id=from_order))
    except IntegrityError as problem:
        if not Account.objects.filter(email=account.email).exists():
            raise
        raise EmailTaken(f"{account.email} has an account already. Sign in, or reset its password.") from problem


def change_profile(*, customer_id: UUID, name: str, language: str, currency: str = "") -> Account:
    """Change how a customer is called and written to; saying the same again announces nothing.

    A `currency` is kept as `keep_currency` does.
    """
    with transaction.atomic(using="customers"):
        account = Account.objects.select_for_update().get(id=customer_id)
        if (account.name, account.language) != (name.strip(), language):
            account.name, account.language = name.strip(), language
            account.save(update_fields=["name", "language"])
            _announce_change(account)
        if currency:
            keep_currency(customer_id=customer_id, currency=currency)
    return account


def keep_currency(*, customer_id: UUID, currency: str) -> None:
    """Keep in which currency a customer reads prices. It is nobody else's business, so nothing is announced."""
    Account.objects.filter(id=customer_id, erased_at=None).exclude(currency=currency).update(currency=currency)


def announce_confirmed_email(*, customer_id: UUID, before: str) -> None:
    """Tell the others that the account's address is proven, and what it is if it was `before`.

    Call it in the transaction that stored it.
    """
    account = Account.objects.get(id=customer_id)
    if account.email != before:
        _announce_change(account)
    publish(EmailConfirmed(customer_id=account.id, email=account.email))


def save_address(
    *, customer_id: UUID, address: Address, address_id: UUID | None = None, default: bool = False
) -> SavedAddress:
    """Add an address to the book, or replace the one called `address_id`. The first one becomes the default.

    Raises:
        TooManyAddresses: the book has `MAX_ADDRESSES` already.
        NoSuchAddress: `address_id` is not in this customer's book.
    """
    with transaction.atomic(using="customers"):
        account = Account.objects.select_for_update().get(id=customer_id)
        others = account.addresses.exclude(id=address_id) if address_id else account.addresses.all()
        if address_id is None and others.count() >= MAX_ADDRESSES:
            raise TooManyAddresses(f"The address book holds {MAX_ADDRESSES} addresses. Delete one first.")
        saved = _address_of(account, address_id) if address_id else SavedAddress(account=account)
        before = (saved.is_default, saved.address)
        saved.name, saved.street, saved.postcode = address.name, address.street, address.postcode
        saved.city, saved.country = address.city, address.country
        if default or not others.filter(is_default=True).exists():
            others.filter(is_default=True).update(is_default=False)
            saved.is_default = True
        saved.save()
        if saved.is_default and before != (True, saved.address):
            _announce_change(account)
    return saved


def set_default_address(*, customer_id: UUID, address_id: UUID) -> None:
    """Make an address of the book the one that a checkout starts with.

    Raises:
        NoSuchAddress: it is not in this customer's book.
    """
    with transaction.atomic(using="customers"):
        account = Account.objects.select_for_update().get(id=customer_id)
        if not _address_of(account, address_id).is_default:
            account.addresses.filter(is_default=True).update(is_default=False)
            account.addresses.filter(id=address_id).update(is_default=True)
            _announce_change(account)


def delete_address(*, customer_id: UUID, address_id: UUID) -> None:
    """Take an address out of the book; the newest of the others takes over as the default. Gone already is fine."""
    with transaction.atomic(using="customers"):
        account = Account.objects.select_for_update().get(id=customer_id)
        deleted = account.addresses.filter(id=address_id).first()
        if deleted is None:
            return
        deleted.delete()
        if deleted.is_default:
            heir = account.addresses.order_by("-id").first()
            if heir is not None:
                account.addresses.filter(id=heir.id).update(is_default=True)
            _announce_change(account)


def deactivate(*, customer_id: UUID) -> None:
    """Close an account: its sessions end at their next request; an identity issued before holds until it expires."""
    Account.objects.filter(id=customer_id).update(is_active=False)


def reactivate(*, customer_id: UUID) -> None:
    """Let a deactivated customer sign in again; an erased one stays erased."""
    Account.objects.filter(id=customer_id, erased_at=None).update(is_active=True)


def erase(*, customer_id: UUID) -> None:
    """Forget a customer: nothing personal stays here, and every context is told to remove what it keeps.

    Erasing again does nothing.

    Raises:
        StaffAccount: somebody answers for what this account did in the admin.
    """
    with transaction.atomic(using="customers"):
        account = Account.objects.select_for_update().get(id=customer_id)
        if account.erased_at is not None:
            return
        if account.is_staff:
            raise StaffAccount(f"{account.email} is a staff account. Take its staff rights away first.")
        for trace in (AccessAttempt, AccessFailureLog, AccessLog):
            trace.objects.filter(username__iexact=account.email).delete()
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Account), object_id=str(account.id)
        ).update(object_repr="erased account", change_message="")
        known = {account.email, *EmailAddress.objects.filter(user=account).values_list("email", flat=True)}
        EmailAddress.objects.filter(user=account).delete()
        Authenticator.objects.filter(user=account).delete()
        addresses, _ = account.addresses.all().delete()
        sessions = _end_sessions(account)
        account.devices.all().delete()
        cancel_timers(ErasureDue, subject=f"customer/{account.id}")
        account.groups.clear()
        account.user_permissions.clear()
        account.become_nobody()
        account.save()
        erased = CustomerErased(customer_id=account.id)
        publish(erased)
        note_erased("customers", erased, accounts=1, addresses=addresses, sessions=sessions, mails=forget_mail(known))


def _end_sessions(account: Account) -> int:
    """Delete the sessions of an account: they say how and with which address it signed in. All are looked into."""
    theirs = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(account.pk)
    ]
    return Session.objects.filter(pk__in=theirs).delete()[0]


def _address_of(account: Account, address_id: UUID) -> SavedAddress:
    try:
        return account.addresses.get(id=address_id)
    except SavedAddress.DoesNotExist:
        raise NoSuchAddress("That address is not in this address book.") from None


def _announce_change(account: Account) -> None:
    default = account.addresses.filter(is_default=True).first()
    publish(
        CustomerChanged(
            customer_id=account.id, email=account.email, name=account.name, language=account.language,
            default_address=default.address if default else None,
        )
    )  # fmt: skip
