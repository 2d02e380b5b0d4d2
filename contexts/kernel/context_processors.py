"""What every page's frame needs, read from the request alone: no query, whichever context serves the page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import get_script_prefix

from contexts.kernel import currencies
from contexts.kernel.hearts import hearts_of
from contexts.kernel.identity import identity_of
from contexts.kernel.languages import address_in, language
from contexts.kernel.links import link

#: A plain number that ordering sets beside its signed cart cookie; it is only ever shown.
CART_COUNT_COOKIE = "cart_count"
THEME_COOKIE = "theme"
THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """Return who is asking, what is in cart and wishlist, the chosen theme ("" follows the system), and the languages."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    identity = request.identity if hasattr(request, "identity") else identity_of(request)
    return {
        "identity": identity,
        "cart_count": _cart_count(request),
        "hearts": hearts_of(request, identity),
        "theme": theme if theme in THEMES else "",
        "canonical_url": request.build_absolute_uri(address_in(language(), request.path_info)),
        "languages": _languages(request),
        "currency": currencies.currency(),
        "currencies": _currencies(request),
        "not_sold_in": currencies.not_sold_in(),
        "prefix": get_script_prefix(),
        "card_url": request.build_absolute_uri(link("card")),
    }


def _languages(request: HttpRequest) -> tuple[tuple[str, str, str, str], ...]:
    """Return each language's code, its own name, the address of this page in it, and the one that switches to it."""
    query = request.META.get("QUERY_STRING", "")
    return tuple(
        (
            code,
            name,
            request.build_absolute_uri(address_in(code, request.path_info)),
            f"/{code}{request.path_info}" + (f"?{query}" if query else ""),
        )
        for code, name in settings.LANGUAGES
    )


def _currencies(request: HttpRequest) -> tuple[tuple[str, str, str], ...]:
    """Return each currency's code, its name, and the address that switches this page to it; nothing of an only one."""
    if len(settings.CURRENCIES) < 2:
        return ()
    query = QueryDict(request.META.get("QUERY_STRING", ""), mutable=True)
    query.pop(currencies.PARAMETER, None)
    kept = f"?{query.urlencode()}&" if query else "?"
    return tuple(
        (code, str(currencies.NAMES.get(code, code)), f"{kept}{currencies.PARAMETER}={code}")
        for code in settings.CURRENCIES
    )


def _cart_count(request: HttpRequest) -> int:
    raw = request.COOKIES.get(CART_COUNT_COOKIE, "")
    return min(int(raw), 999) if raw.isascii() and raw.isdigit() and len(raw) < 8 else 0
