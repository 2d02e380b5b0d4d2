"""Texts that the shop's own data has in several languages: a name and its translations by language code."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.translation import get_language


def language() -> str:
    """Return the code of the language that is being read, "en" for "en-gb"; the shop's own where there is none."""
    known = (get_language() or "").partition("-")[0]
    return known if known in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)


def choices() -> list[tuple[str, str]]:
    """Return the languages that texts are translated into, with their names."""
    return [(code, name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def others() -> list[str]:
    """Return the languages that texts are translated into: all of the shop's but its own."""
    return [code for code, _ in choices()]


def address_in(code: str, path: str) -> str:
    """Return the address of a page in a language: those of the shop's own, and of other hosts, are as they are."""
    return path if code == settings.LANGUAGE_CODE or not path.startswith("/") else f"/{code}{path}"


def split(path: str) -> tuple[str, str]:
    """Take the language off an address: "/de/cart/" is ("de", "/cart/"), and of one without it ("", "/cart/")."""
    code, slash, rest = path[1:].partition("/")
    return (code, f"/{rest}") if slash and code in dict(settings.LANGUAGES) else ("", path)


def in_language(text: str, translations: Mapping[str, str]) -> str:
    """Return a text in the language that is being read; as it is where nobody translated it."""
    return translations.get(language()) or text


def as_written(text: str, code: str) -> str:
    """Return a text that is in some language, marked with it where another is being read; "" is an unknown one."""
    return format_html('<span lang="{}">{}</span>', code, text) if text and code != language() else text


def said_in_language(text: str, translations: Mapping[str, str], *, written_in: str = "") -> str:
    """Return a text in the language that is being read, else as it was written and marked with that language.

    `written_in` is the language of a text that is none of its translations.
    """
    if translated := translations.get(language()):
        return translated
    return as_written(text, next((code for code, one in translations.items() if one == text), written_in))


def set_language_cookie(response: HttpResponseBase, code: str) -> None:
    """Remember in the browser which language was chosen."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE, httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]  # a setting is any string to mypy
    )  # fmt: skip
