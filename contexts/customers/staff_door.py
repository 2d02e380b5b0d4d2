"""The door of the staff's admin: the password, then the second factor, before there is a session at all."""

from __future__ import annotations

from typing import Any, Literal

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from contexts.customers import second_factors

#: What keeps somebody out who knows the password.
Wanting = Literal["", "factor", "enrolment"]


class PasswordFirst(LoginView):
    """Goes on as the shop's own sign-in does, with the second factor of whoever has one. Django's would be done here."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        account = form.get_user()  # type: ignore[attr-defined]  # an authentication form has one
        login = Login(user=account, redirect_url=self.get_success_url(), email=account.email)
        response: HttpResponse = perform_password_login(self.request, {"email": account.email}, login)
        return response


class StaffSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """Lets staff in whose session has shown the second factor that their account has, or must have."""

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not _wanting(request)

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Ask for what is wanting: the password, the factor, or that there be one."""
        front = reverse("admin:index", current_app=self.name)
        if super().has_permission(request):
            match _wanting(request):
                case "factor":
                    onwards = urlencode({REDIRECT_FIELD_NAME: request.GET.get(REDIRECT_FIELD_NAME, front)})
                    return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{onwards}")
                case "enrolment":
                    messages.warning(
                        request, _("The admin asks for more than a password. Add a passkey or an app here.")
                    )
                    return HttpResponseRedirect(reverse("mfa_index"))
            if request.method == "GET":
                return HttpResponseRedirect(front)
        context = {
            **self.each_context(request), "title": _("Log in"), "subtitle": None, "app_path": request.get_full_path(),
            "username": request.user.get_username(), **(extra_context or {}),
        }  # fmt: skip
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = front
        request.current_app = self.name
        page = PasswordFirst.as_view(
            extra_context=context,
            authentication_form=self.login_form,
            template_name="admin/login.html",
            next_page=front,
        )
        return page(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().index(
            request, {"unprotected": not second_factors.shown(request), **(extra_context or {})}
        )
        return response


def _wanting(request: HttpRequest) -> Wanting:
    """Return what this session has still to show or do before it may enter; asked once per request."""
    known: Wanting | None = getattr(request, "wanting_of_staff", None)
    if known is None:
        known = _asked(request)
        request.wanting_of_staff = known  # type: ignore[attr-defined]  # Django's request has no slot for it
    return known


def _asked(request: HttpRequest) -> Wanting:
    if second_factors.shown(request):
        return ""
    if second_factors.enrolled(request.user):  # type: ignore[arg-type]  # somebody, as staff are
        return "factor"
    return "enrolment" if settings.REQUIRE_STAFF_SECOND_FACTOR else ""
