"""An order's invoice and its credit notes, as PDF, for whoever may see the order."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from contexts.ordering import queries
from contexts.ordering.models import Invoice
from contexts.ordering.views.orders import NotYours, own_order, take_key


@never_cache
@require_GET
def show(request: HttpRequest, order_id: UUID, year: int | None = None, serial: int | None = None) -> HttpResponse:
    if key := request.GET.get("key"):
        return take_key(request, order_id, key, then="ordering:invoice")
    try:
        own_order(request, order_id)
    except NotYours as refusal:
        return refusal.response
    invoice = queries.invoice(order_id, year=year, serial=serial)
    if invoice is None:
        words = _("There is no invoice of this order yet. It is written when the parcel leaves.")
        return render(request, "ordering/no_order.html", {"explanation": words}, status=404)
    return pdf_of(invoice)


def pdf_of(invoice: Invoice) -> HttpResponse:
    # Here, because what draws takes longer to load than half of Django, and most processes never draw.
    from contexts.ordering.invoicing.pdf import draw

    response = HttpResponse(draw(invoice), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="tradepost-{invoice.number}.pdf"'
    return response
