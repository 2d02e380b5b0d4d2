"""E-mails for staff: what was owed and sent, how it looks, once more if it got lost; and who waits for which goods."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from contexts.kernel.letters import Sample, sample_of, samples
from contexts.kernel.staff import ReadOnly
from contexts.messaging import acting_as
from contexts.notifications import services
from contexts.notifications.models import Awaited, BackRequest, Email, EmailState
from contexts.notifications.rendering import letter_of, render

#: The preview shows the letter and nothing else: no script, nothing loaded, no form.
PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@admin.register(Email)
class EmailAdmin(ReadOnly, ModelAdmin):
    list_display = ("kind", "recipient", "shown_state", "subject", "attempts", "queued_at", "sent_at")
    list_filter = ("state", "kind", "language")
    search_fields = ("recipient", "subject", "order_id", "event_id")
    date_hierarchy = "queued_at"
    show_full_result_count = False
    actions = ("send_again",)
    actions_list = ("all_letters",)
    fields = (
        "preview",
        "text",
        "kind",
        "recipient",
        "language",
        "subject",
        "state",
        "attempts",
        "times_resent",
        "error",
        "queued_at",
        "send_at",
        "sent_at",
        "event_id",
        "order_id",
        "customer_id",
    )
    readonly_fields = fields

    @display(
        description=_("State"),
        label={EmailState.QUEUED: "info", EmailState.SENT: "success", EmailState.FAILED: "danger",
               EmailState.WITHDRAWN: "warning"},
    )  # fmt: skip
    def shown_state(self, email: Email) -> tuple[str, str]:
        return email.state, str(EmailState(email.state).label)

    @admin.display(description=_("How it looks"))
    def preview(self, email: Email) -> SafeString | str:
        if not email.data:
            return str(_("Nothing is left of it: its recipient was erased."))
        address = reverse(f"{self.admin_site.name}:notifications_email_preview", args=[email.pk])
        return format_html(
            '<iframe src="{}" title="{}" sandbox width="640" height="720" loading="lazy" '
            'class="bg-white border border-base-200 rounded-default w-full"></iframe>',
            address,
            _("The e-mail as it looks"),
        )

    @admin.display(description=_("As text"))
    def text(self, email: Email) -> SafeString | str:
        if not email.data:
            return "—"
        rendered = render(letter_of(email.kind, email.data), language=email.language)
        return format_html('<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', rendered.text)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", wrap(self.show_preview), name="notifications_email_preview"),
            path("letters/", wrap(self.show_samples), name="notifications_email_samples"),
            path("letters/<slug:kind>/<slug:language>/", wrap(self.show_sample), name="notifications_email_sample"),
            path(
                "letters/<slug:kind>/<slug:language>/html/",
                wrap(self.show_sample_html),
                name="notifications_email_sample_html",
            ),
            *super().get_urls(),
        ]

    @action(description=_("All letters"), url_path="all-letters", icon="drafts")
    def all_letters(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:notifications_email_samples"))

    def show_samples(self, request: HttpRequest) -> HttpResponse:
        """List every kind of letter the shop writes, each to be looked at with invented data."""
        self._check_may_view(request)
        page = {
            "title": _("Letters"),
            "opts": self.opts,
            "samples": [(one, apps.get_app_config(one.context).verbose_name) for one in samples()],
            "languages": settings.LANGUAGES,
        }
        return TemplateResponse(
            request, "notifications/admin/samples.html", {**self.admin_site.each_context(request), **page}
        )

    def show_sample(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Show one letter with invented data: how it looks, and beside it its text."""
        sample = self._sample(request, kind, language)
        page = {
            "title": gettext(sample.when), "opts": self.opts, "sample": sample, "language": language,
            "languages": settings.LANGUAGES, "rendered": sample.write(language),
        }  # fmt: skip
        return TemplateResponse(
            request, "notifications/admin/sample.html", {**self.admin_site.each_context(request), **page}
        )

    def show_sample_html(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        return _framed(self._sample(request, kind, language).write(language).html)

    def _sample(self, request: HttpRequest, kind: str, language: str) -> Sample:
        self._check_may_view(request)
        sample = sample_of(kind)
        if sample is None or language not in dict(settings.LANGUAGES):
            raise Http404(_("There is no such letter."))
        return sample

    def _check_may_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def show_preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Serve the letter's HTML alone, for the frame on its page."""
        self._check_may_view(request)
        email = get_object_or_404(Email.objects.exclude(data={}), pk=pk)
        return _framed(render(letter_of(email.kind, email.data), language=email.language).html)

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, chosen: QuerySet[Email]) -> None:
        queued = 0
        with acting_as(f"staff:{request.user.pk}"):
            for email in chosen:
                try:
                    services.send_again(email_id=email.pk)
                except services.CannotResend as problem:
                    self.message_user(request, str(problem), messages.WARNING)
                else:
                    queued += 1
        if queued:
            words = ngettext("%(count)d e-mail will be sent again.", "%(count)d e-mails will be sent again.", queued)
            self.message_user(request, words % {"count": queued}, messages.SUCCESS)


def _framed(html: str) -> HttpResponse:
    response = HttpResponse(html)
    response["Content-Security-Policy"] = PREVIEW_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


@admin.register(Awaited)
class AwaitedAdmin(ReadOnly, ModelAdmin):
    """Which goods people wait for, those with most of them first: what to order next."""

    show_full_result_count = False
    list_display = ("sku", "title", "waiting", "since", "available", "on_sale")
    list_filter = ("on_sale",)
    search_fields = ("sku", "name")
    fields = ("sku", "title", "waiting", "since", "available", "on_sale")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Awaited]:
        open_requests = BackRequest.objects.filter(sku=OuterRef("sku"), told_at=None).order_by().values("sku")
        awaited: QuerySet[Awaited] = super().get_queryset(request).filter(Exists(open_requests))
        counted: Any = awaited.annotate(  # the names it adds are unknown to the model
            people=Subquery(open_requests.annotate(number=Count("*")).values("number")),
            first=Subquery(open_requests.annotate(first=Min("asked_at")).values("first")),
        )
        most_awaited: QuerySet[Awaited] = counted.order_by("-people", "sku")
        return most_awaited

    @admin.display(description=_("Product"), ordering="name")
    def title(self, article: Awaited) -> str:
        return str(article)

    @admin.display(description=_("People waiting"), ordering="people")
    def waiting(self, article: Any) -> SafeString:
        address = reverse(f"{self.admin_site.name}:notifications_backrequest_changelist")
        return format_html('<a href="{}?q={}&amp;told=no">{}</a>', address, article.sku, article.people)

    @admin.display(description=_("The first since"), ordering="first")
    def since(self, article: Any) -> Any:
        return article.first


class ToldFilter(admin.SimpleListFilter):
    title = _("told")
    parameter_name = "told"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Still waiting")), ("yes", _("Told"))]

    def queryset(self, request: HttpRequest, requests: QuerySet[BackRequest]) -> QuerySet[BackRequest]:
        return requests.filter(told_at__isnull=self.value() == "no") if self.value() in ("yes", "no") else requests


@admin.register(BackRequest)
class BackRequestAdmin(ReadOnly, ModelAdmin):
    """Who asked to be told when an article is back, and who was."""

    show_full_result_count = False
    list_display = ("sku", "email", "language", "asked_at", "told_at")
    list_filter = (ToldFilter, "language")
    search_fields = ("=sku", "email")
    date_hierarchy = "asked_at"
    fields = ("sku", "email", "language", "customer_id", "asked_at", "told_at")
