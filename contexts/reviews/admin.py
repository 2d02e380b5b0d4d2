"""Reviews in the admin: staff read them, let them appear or reject them with a reason. Nobody rewrites them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from contexts.kernel.links import link
from contexts.messaging import acting_as
from contexts.reviews import services
from contexts.reviews.errors import NotPossible
from contexts.reviews.forms import ReasonForm
from contexts.reviews.models import MOST_STARS, Review
from contexts.reviews.wording import as_kept, usual_reasons

LIST = "admin:reviews_review_changelist"


@admin.register(Review)
class ReviewAdmin(ModelAdmin):
    """Reviews: read, publish, reject."""

    list_display = ("title", "stars", "about", "shown_state", "author", "verified", "written_at")
    list_filter = ("state", "rating", "verified")
    list_select_related = ("product",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("title", "text", "author", "product__name")
    actions = ("publish_selected",)
    actions_detail: ClassVar = ["publish_one", "reject_one"]
    actions_row: ClassVar = ["publish_one", "reject_one"]
    fields = (
        "title", "text", "stars", "about", "author", "verified", "state", "shown_reason",
        "written_at", "edited_at", "moderated_at",
    )  # fmt: skip

    @display(description=_("reason"))
    def shown_reason(self, review: Review) -> str:
        return review.shown_reason or "—"

    def get_readonly_fields(self, request: HttpRequest, obj: Review | None = None) -> Sequence[str]:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description=_("state"), ordering="state",
             label={"waiting": "warning", "published": "success", "rejected": "danger"})  # fmt: skip
    def shown_state(self, review: Review) -> tuple[str, str]:
        return review.state, review.get_state_display()

    @display(description=_("stars"), ordering="rating")
    def stars(self, review: Review) -> str:
        return _("%(rating)d of %(most)d") % {"rating": review.rating, "most": MOST_STARS}

    @display(description=_("about"), ordering="product__name")
    def about(self, review: Review) -> str:
        address = link("reviews", slug=review.product.slug)
        return format_html('<a href="{}">{}</a>', address, review.product.shown_name)

    @admin.action(description=_("Publish selected reviews"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        done = sum(self._publish(request, review) for review in queryset)
        if done:
            words = ngettext("%(count)d review published.", "%(count)d reviews published.", done) % {"count": done}
            self.message_user(request, words, messages.SUCCESS)

    @action(description=_("Publish"), url_path="publish", icon="check", permissions=["change"])
    def publish_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        review = self._review(request, object_id)
        if request.method != "POST":
            return self._ask(request, review, _("Publish"), _("Everybody sees it, and its stars count."))
        if self._publish(request, review):
            self.message_user(request, _("“%(title)s” is published.") % {"title": review.title}, messages.SUCCESS)
        return HttpResponseRedirect(reverse(LIST))

    @action(description=_("Reject"), url_path="reject", icon="block", permissions=["change"])
    def reject_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        review = self._review(request, object_id)
        form = ReasonForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            consequence = _("Nobody but its author sees it, and its stars do not count. The author reads the reason.")
            return self._ask(request, review, _("Reject"), consequence, form=form, reasons=usual_reasons())
        try:
            with acting_as(f"staff:{request.user.pk}"):
                services.reject_review(review.pk, reason=as_kept(form.cleaned_data["reason"]))
        except NotPossible as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            self.log_change(request, review, f"Rejected: {form.cleaned_data['reason']}")
            self.message_user(request, _("“%(title)s” is rejected.") % {"title": review.title}, messages.SUCCESS)
        return HttpResponseRedirect(reverse(LIST))

    def _review(self, request: HttpRequest, object_id: str) -> Review:
        review = get_object_or_404(Review.objects.select_related("product"), pk=object_id)
        if not self.has_change_permission(request, review):
            raise PermissionDenied
        return review

    def _publish(self, request: HttpRequest, review: Review) -> bool:
        try:
            with acting_as(f"staff:{request.user.pk}"):
                services.publish_review(review.pk)
        except NotPossible as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
            return False
        self.log_change(request, review, "Published")
        return True

    def _ask(
        self, request: HttpRequest, review: Review, title: object, consequence: object, **more: object
    ) -> HttpResponse:
        page = {"title": title, "opts": self.opts, "review": review, "consequence": consequence, **more}
        context = {**self.admin_site.each_context(request), **page}
        return TemplateResponse(request, "reviews/admin/moderate.html", context)
