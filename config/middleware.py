"""What every request goes through: who is asking, and which security policy the answer carries."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from contexts.kernel.identity import identity_of
from contexts.messaging import acting_as

GetResponse = Callable[[HttpRequest], HttpResponse]


class IdentityMiddleware:
    """Set `request.identity` from the signed cookie, and name the acting person for the events of this request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identity = identity_of(request)
        request.identity = identity  # type: ignore[attr-defined]  # Django's request has no slot for it
        with acting_as(actor=f"customer:{identity.customer_id}" if identity else "guest"):
            return self.get_response(request)


class AdminPolicyMiddleware:
    """Give the admin's pages their own, looser content security policy; the shop keeps the strict one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/admin/"):
            response._csp_replace = settings.ADMIN_SECURITY_POLICY  # type: ignore[attr-defined]  # django-csp reads it
        return response
