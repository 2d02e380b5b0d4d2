"""The tracking page: where a parcel is, for whoever has its number. It names no person and no street."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contexts.kernel.countries import country_name
from contexts.shipping import queries

#: htmx stops asking at this status, and shows the content that comes with it.
STOP_POLLING = 286


@require_safe
def track_parcel(request: HttpRequest, tracking_number: str) -> HttpResponse:
    """Show the parcel's way; with `?seen=<entries>`, as the open page asks, only the part that moves, if it moved."""
    tracking = queries.tracking(tracking_number)
    if tracking is None:
        raise Http404(_("No parcel has this tracking number. Check it against the e-mail that you got."))
    context = {
        "parcel": tracking.parcel,
        "steps": tracking.steps,
        "seen": tracking.entries,
        "country": country_name(tracking.parcel.country),
    }
    seen = request.GET.get("seen")
    if seen is None:
        response = render(request, "shipping/tracking.html", context)
    elif not tracking.parcel.is_moving:
        response = render(request, "shipping/_progress.html", context, status=STOP_POLLING)
    elif seen == str(tracking.entries):
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    else:
        response = render(request, "shipping/_progress.html", context)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
