"""E-mails for staff: what was owed and sent, how it looks, and once more if it got lost."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from contexts.messaging import acting_as
from contexts.notifications import services
from contexts.notifications.models import Email, EmailState
from contexts.notifications.rendering import letter_of, render

#: The preview shows the letter and nothing else: no script, nothing loaded, no form.
PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@admin.register(Email)
class EmailAdmin(ModelAdmin):
    list_display = ("kind", "recipient", "shown_state", "subject", "attempts", "queued_at", "sent_at")
    list_filter = ("state", "kind", "language")
    search_fields = ("recipient", "subject", "order_id", "event_id")
    date_hierarchy = "queued_at"
    show_full_result_count = False
    actions = ("send_again",)
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(
        description=_("State"),
        label={"To be sent": "info", "Sent": "success", "Failed": "danger", EmailState.WITHDRAWN.label: "warning"},
    )
    def shown_state(self, email: Email) -> str:
        return EmailState(email.state).label

    @admin.display(description=_("How it looks"))
    def preview(self, email: Email) -> SafeString | str:
        if not email.data:
            return "Nothing is left of it: its recipient was erased."
        address = reverse(f"{self.admin_site.name}:notifications_email_preview", args=[email.pk])
        return format_html(
            '<iframe src="{}" title="The e-mail as it looks" sandbox width="640" height="720" loading="lazy" '
            'class="bg-white border border-base-200 rounded-default w-full"></iframe>',
            address,
        )

    @admin.display(description=_("As text"))
    def text(self, email: Email) -> SafeString | str:
        if not email.data:
            return "—"
        rendered = render(letter_of(email.kind, email.data), language=email.language)
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', rendered.text)

    def get_urls(self) -> list[URLPattern]:
        show = self.admin_site.admin_view(self.show_preview)
        return [path("<int:pk>/preview/", show, name="notifications_email_preview"), *super().get_urls()]

    def show_preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Serve the letter's HTML alone, for the frame on its page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        email = get_object_or_404(Email.objects.exclude(data={}), pk=pk)
        response = HttpResponse(render(letter_of(email.kind, email.data), language=email.language).html)
        response["Content-Security-Policy"] = PREVIEW_POLICY
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response

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
            self.message_user(request, f"{queued} e-mail(s) will be sent again.", messages.SUCCESS)
