"""The identity cookie: issued at sign-in, renewed on customers' own pages, forgotten at sign-out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from contexts.customers.models import Account
from contexts.kernel import identity
from contexts.kernel.identity import Identity
from contexts.kernel.languages import set_language_cookie

View = Callable[..., HttpResponseBase]


def statement_about(account: Account) -> Identity:
    """Return what customers vouches for."""
    return Identity(customer_id=account.id, email=account.email, name=account.name, staff=account.is_staff)


class IdentityCookie:
    """Carries out on the response what happened to the sign-in during the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        wish = getattr(request, "identity_wish", None)
        if isinstance(wish, Identity):
            identity.issue(response, wish)
        elif wish == "forget":
            identity.forget(response)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and hasattr(request, "account_language"):
            set_language_cookie(response, request.account_language)
        return response


def issue_at_sign_in(sender: type, request: HttpRequest | None, user: Account, **_: Any) -> None:
    if request is not None:
        request.identity_wish = statement_about(user)  # type: ignore[attr-defined]
        request.account_language = user.language  # type: ignore[attr-defined]


def forget_at_sign_out(sender: type, request: HttpRequest | None, **_: Any) -> None:
    if request is not None:
        request.identity_wish = "forget"  # type: ignore[attr-defined]


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
