"""Sending something back, from the order's page; and the photos, for those who may see them."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from contexts.messaging import load
from contexts.ordering import access, queries, returns, services, wording
from contexts.ordering.errors import CannotDo
from contexts.ordering.models import ReturnPhoto
from contexts.ordering.order import Order
from contexts.ordering.return_forms import ReturnForm
from contexts.ordering.summaries import lines_of
from contexts.ordering.views import SeeOther
from contexts.ordering.views.orders import NotYours, own_order, take_key


@never_cache
@require_http_methods(["GET", "POST"])
def request_return(request: HttpRequest, order_id: UUID) -> HttpResponse:
    if request.method == "GET" and (key := request.GET.get("key")):
        return take_key(request, order_id, key, then="ordering:order-return")
    try:
        order = own_order(request, order_id)
    except NotYours as refusal:
        return refusal.response
    left = returns.returnable(load(Order, order_id)) if queries.can_be_returned(order) else {}
    if not left:
        return render(request, "ordering/return.html", {"order": order}, status=200 if request.method == "GET" else 409)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReturnForm(*data, lines=lines_of(order), left=left, shown=wording.shown_names(order))
    if request.method == "POST" and form.is_valid():
        try:
            services.request_return(
                order_id=order_id,
                pieces=form.pieces,
                reason=form.cleaned_data["reason"],
                remark=form.cleaned_data["remark"],
                pictures=form.cleaned_data["photos"],
                return_id=form.cleaned_data["return_id"],
            )
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            response = SeeOther(reverse("ordering:order", args=[order_id]) + "#returns")
            access.keep_order(request, response, order_id)
            return response
    context = {"order": order, "form": form, "until": queries.returnable_until(order)}
    return render(request, "ordering/return.html", context, status=422 if form.errors else 200)


@never_cache
@require_GET
def photo(request: HttpRequest, order_id: UUID, photo_id: UUID) -> HttpResponseBase:
    try:
        own_order(request, order_id)
    except NotYours as refusal:
        return refusal.response
    return picture(get_object_or_404(ReturnPhoto, pk=photo_id, order_id=order_id))


def picture(photo: ReturnPhoto) -> HttpResponseBase:
    """Give a photo out to somebody who may see it, as what it is and nothing else."""
    try:
        file = photo.image.open("rb")
    except FileNotFoundError:
        raise Http404("The photo's file is gone.") from None
    response = FileResponse(file, content_type="image/jpeg")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
