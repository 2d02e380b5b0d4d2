"""The identity cookie: issued at sign-in, renewed on customers' own pages, forgotten at sign-out, here or elsewhere.

With it come the language and the currency of the account.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from contexts.customers import devices, services
from contexts.customers.models import Account
from contexts.kernel import currencies, identity
from contexts.kernel.identity import Identity
from contexts.kernel.languages import set_language_cookie

View = Callable[..., HttpResponseBase]


def statement_about(account: Account) -> Identity:
    """Return what customers vouches for."""
    return Identity(customer_id=account.id, email=account.email, name=account.name, staff=account.is_staff)


class IdentityCookie:
    """Carries out on the response what happened to the sign-in during the request.

    An identity that was stated some minutes ago is looked at again, on any page: the session may have been ended from
    another device. It costs a customer three queries every five minutes, and a guest none. The account is asked as well
    after a choice of a currency, which it keeps; else the browser takes over what was chosen elsewhere.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = currencies.CHOICE_COOKIE in request.COOKIES
        if identity.COOKIE in request.COOKIES and (chosen or not identity.is_fresh(request)):
            _look_again(request)
        with currencies.reading(getattr(request, "account_currency", "") or currencies.currency()):
            response = self.get_response(request)
        wish = getattr(request, "identity_wish", None)
        if isinstance(wish, Identity):
            identity.issue(response, wish)
        elif wish == "forget":
            identity.forget(response)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and hasattr(request, "account_language"):
            set_language_cookie(response, request.account_language)
        if code := getattr(request, "account_currency", ""):
            _follow_account(request, response, code)
        return response


def _look_again(request: HttpRequest) -> None:
    try:
        user = get_user(request)
        if isinstance(user, Account):
            request.identity_wish = statement_about(user)  # type: ignore[attr-defined]
            devices.note_sign_in(request=request, account=user)
            _settle_currency(request, user)
        else:
            del request.COOKIES[identity.COOKIE]
            request.identity_wish = "forget"  # type: ignore[attr-defined]
    except DatabaseError:
        # Customers does not answer: the statement holds until it expires, and the other contexts' pages go on.
        return


def _settle_currency(request: HttpRequest, account: Account) -> None:
    """Have the account keep what was chosen in this visit; where nothing was, the browser is to follow the account."""
    if currencies.CHOICE_COOKIE in request.COOKIES:
        code = currencies.chosen_in(request)
        services.keep_currency(customer_id=account.id, currency=code)
        request.account_currency = code  # type: ignore[attr-defined]
    elif account.currency in settings.CURRENCIES:
        request.account_currency = account.currency  # type: ignore[attr-defined]


def _follow_account(request: HttpRequest, response: HttpResponse, code: str) -> None:
    if request.COOKIES.get(currencies.COOKIE) != code:
        currencies.set_currency_cookie(response, code)
    if currencies.CHOICE_COOKIE in request.COOKIES:
        response.delete_cookie(currencies.CHOICE_COOKIE, samesite="Lax")


def issue_at_sign_in(sender: type, request: HttpRequest | None, user: Account, **_: Any) -> None:
    if request is not None:
        request.identity_wish = statement_about(user)  # type: ignore[attr-defined]
        devices.note_sign_in(request=request, account=user)
        request.account_language = user.language  # type: ignore[attr-defined]
        _settle_currency(request, user)


def forget_at_sign_out(sender: type, request: HttpRequest | None, **_: Any) -> None:
    if request is not None:
        devices.forget(session_key=request.session.session_key)
        request.identity_wish = "forget"  # type: ignore[attr-defined]


def keep_only_this_device(sender: type, request: HttpRequest, user: Account, **_: Any) -> None:
    """A new password ends what the old one opened; the session that changed it has a new key by now."""
    devices.end_others(customer_id=user.pk, keep=request.session.session_key)
    if request.user.is_authenticated:
        devices.note_sign_in(request=request, account=user)


def renews_identity(view: View) -> View:
    """Decorate a page of customers': whoever is signed in leaves it with a fresh cookie that says who they are now.

    The sign-in page needs it too. It sends those who are signed in back to where they came from, which would send them
    here again for want of the cookie.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.user.is_authenticated and not hasattr(request, "identity_wish"):
            request.identity_wish = statement_about(request.user)  # type: ignore[attr-defined]
        return response

    return page
