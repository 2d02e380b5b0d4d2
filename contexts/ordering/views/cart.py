"""The cart page and its forms."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from contexts.kernel.currencies import NAMES, note_shown
from contexts.ordering import access, queries, services
from contexts.ordering.errors import NotForSale
from contexts.ordering.forms import AddForm, QuantityForm
from contexts.ordering.models import MAX_QUANTITY, Offer
from contexts.ordering.views import SeeOther


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    return cart_page(request)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    form = AddForm(request.POST)
    if not form.is_valid():
        return cart_page(request, problem=_bad_quantity(), status=400)
    try:
        cart = services.add_to_cart(cart_id=access.cart_of(request), **form.cleaned_data)
    except NotForSale as refusal:
        return cart_page(request, problem=str(refusal), status=409)
    said = {"added": form.cleaned_data["sku"]} | ({"was_in": cart.was_in} if cart.was_in else {})
    response = SeeOther(f"{reverse('ordering:cart')}?{urlencode(said)}")
    access.keep_cart(response, cart)
    return response


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    form = QuantityForm(request.POST)
    cart_id = access.cart_of(request)
    if cart_id is None:
        return SeeOther(reverse("ordering:cart"))
    if not form.is_valid():
        return cart_page(request, problem=_bad_quantity(), status=400)
    sku, quantity = form.cleaned_data["sku"], form.cleaned_data["quantity"]
    try:
        cart = services.change_quantity(cart_id=cart_id, sku=sku, quantity=quantity)
    except NotForSale as refusal:
        return cart_page(request, problem=str(refusal), status=409)
    said = {"removed": sku, "was": request.POST.get("was", "1")} if quantity == 0 else {}
    said |= {"was_in": cart.was_in} if cart.was_in else {}
    response = SeeOther(reverse("ordering:cart") + (f"?{urlencode(said)}" if said else ""))
    access.keep_cart(response, cart)
    return response


def cart_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Show the cart as it is, with what could not be done where something could not."""
    cart = queries.cart(access.cart_of(request))
    if cart.lines:
        note_shown(cart.subtotal.currency)
    added = request.GET.get("added", "")
    context = {
        "cart": cart,
        "problem": problem,
        "added": next((line for line in cart.lines if line.sku == added), None),
        "removed": _removed(request),
        "max_quantity": MAX_QUANTITY,
        "switched": _switched(request, cart),
    }
    response = render(request, "ordering/cart.html", context, status=status)
    access.show_count(response, cart.count)
    return response


def _switched(request: HttpRequest, cart: queries.CartView) -> dict[str, object] | None:
    """Return from which currency to which the prices of the cart went over."""
    before = cart.was_in or request.GET.get("was_in", "")
    now = cart.subtotal.currency
    if not cart.lines or before not in settings.CURRENCIES or before == now:
        return None
    return {"before": NAMES.get(before, before), "now": NAMES.get(now, now)}


def _removed(request: HttpRequest) -> dict[str, object] | None:
    """Return what an undo brings back."""
    form = QuantityForm({"sku": request.GET.get("removed"), "quantity": request.GET.get("was")})
    if not form.is_valid() or form.cleaned_data["quantity"] == 0:
        return None
    offer = Offer.objects.filter(sku=form.cleaned_data["sku"]).first()
    return {"offer": offer, "quantity": form.cleaned_data["quantity"]} if offer else None


def _bad_quantity() -> str:
    return _("Please choose a quantity from 1 to %(most)d.") % {"most": MAX_QUANTITY}
