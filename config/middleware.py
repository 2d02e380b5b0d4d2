"""What every request goes through: who is asking, and which security policy the answer carries."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import escape_leading_slashes
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bind_contextvars

from contexts.kernel import currencies, languages
from contexts.kernel.identity import identity_of
from contexts.kernel.languages import set_language_cookie
from contexts.messaging import acting_as

GetResponse = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Let an address say its language: /de/cart/ is the cart in German, for this page and all that it links to.

    Without one it is the visitor's: as chosen last (a cookie), else as the browser asks. /en/cart/ chooses the shop's
    own language and goes on to /cart/. Why: docs/adr/0039-languages.md.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code, path = languages.split(request.path_info)
        if not code:
            with translation.override(translation.get_language_from_request(request)):
                response = self._answer(request)
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
            return response
        if code == settings.LANGUAGE_CODE:
            query = request.META.get("QUERY_STRING", "")
            chosen: HttpResponse = HttpResponseRedirect(
                iri_to_uri(escape_leading_slashes(path)) + f"?{query}" * bool(query)
            )
            add_never_cache_headers(chosen)
            return self._remember(request, chosen, code)
        before, request.path_info = get_script_prefix(), path
        set_script_prefix(f"/{code}/")
        try:
            with translation.override(code):
                response = self._answer(request)
        finally:
            set_script_prefix(before)
        return self._remember(request, response, code)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        request.LANGUAGE_CODE = translation.get_language()  # as Django's middleware does
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response

    @staticmethod
    def _remember(request: HttpRequest, response: HttpResponse, code: str) -> HttpResponse:
        """Keep the choice, unless others may be given the answer too."""
        shared = "public" in response.headers.get("Cache-Control", "")
        if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != code and not shared:
            set_language_cookie(response, code)
        return response


class CurrencyMiddleware:
    """Let an address choose a currency: /cart/?currency=GBP remembers it in a cookie and leads to /cart/.

    It needs no script and no form, as the choice of a language. What has prices in it differs by that cookie. Whoever is
    signed in has it in the account as well: customers' middleware takes it there with the next page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get(currencies.PARAMETER, "") if request.method in ("GET", "HEAD") else ""
        if asked in settings.CURRENCIES and not request.path_info.startswith("/admin/"):
            return self._choose(request, asked)
        with currencies.reading(currencies.chosen_in(request)):
            response = self.get_response(request)
        if "public" not in response.headers.get("Cache-Control", ""):
            patch_vary_headers(response, ["Cookie"])
        return response

    @staticmethod
    def _choose(request: HttpRequest, code: str) -> HttpResponse:
        rest = request.GET.copy()
        del rest[currencies.PARAMETER]
        address = iri_to_uri(escape_leading_slashes(request.path)) + (f"?{rest.urlencode()}" if rest else "")
        chosen = HttpResponseRedirect(address)
        add_never_cache_headers(chosen)
        currencies.set_choice_cookies(chosen, code)
        return chosen


class IdentityMiddleware:
    """Set `request.identity` from the signed cookie, and name the acting person for the events of this request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identity = identity_of(request)
        request.identity = identity  # type: ignore[attr-defined]  # Django's request has no slot for it
        with acting_as(actor=f"customer:{identity.customer_id}" if identity else "guest"):
            return self.get_response(request)


class PolicyMiddleware(CSPMiddleware):
    """django-csp's middleware, which puts the shop's policy together once instead of for each answer.

    It still does so for an answer with a policy of its own, and for one with a nonce.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        own = any(name.startswith("_csp_") for name in vars(response))
        if own or getattr(request, "_csp_nonce", None) is not None or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _policy())
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response


@cache
def _policy() -> str:
    return build_policy()


setting_changed.connect(lambda **_: _policy.cache_clear(), weak=False)


class AdminPolicyMiddleware:
    """Give the admin's pages their own, looser content security policy; the shop keeps the strict one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/admin/"):
            response._csp_replace = settings.ADMIN_SECURITY_POLICY  # type: ignore[attr-defined]  # django-csp reads it
        return response


class RequestLog(RequestMiddleware):
    """django-structlog's log of requests, with the address that really asked.

    The library looks through a dozen headers that anybody can write; we know whether there is a proxy, and what it says
    stands last.
    """

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        address = request.META.get("REMOTE_ADDR", "")
        if settings.BEHIND_PROXY:
            address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
        bind_contextvars(ip=address)
