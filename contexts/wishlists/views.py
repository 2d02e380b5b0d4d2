"""Wishlists' pages: one's own list, the hearts on everybody's pages, and lists that others share."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from contexts.kernel.hearts import Hearts, short
from contexts.kernel.links import link
from contexts.wishlists import queries, services
from contexts.wishlists.access import from_this_shop, keep, opened, owner_of, sealed
from contexts.wishlists.errors import NothingToShare, WishlistsError
from contexts.wishlists.forms import HeartForm, ShareForm
from contexts.wishlists.models import Product, Wishlist
from contexts.wishlists.services.lists import list_of


class SeeOther(HttpResponseRedirect):
    """303: what was sent is done; continue there with GET."""

    status_code = 303


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    return _own_page(request)


@require_POST
@from_this_shop
def heart(request: HttpRequest) -> HttpResponse:
    """Put a product on the list or take it off; a page that asked in the background gets its heart back."""
    form = HeartForm(request.POST)
    if not form.is_valid():
        return _own_page(request, problem=_("Something was missing. Go back to the article and try again."), status=400)
    owner, asked = owner_of(request), form.cleaned_data
    try:
        if asked["wish"] == "yes":
            wishlist: Wishlist | None = services.wish(owner=owner, product_id=asked["product"], sku=asked["sku"])
        else:
            wishlist = services.unwish(owner=owner, product_id=asked["product"])
    except WishlistsError as refusal:
        if getattr(request, "htmx", False):
            # A heart has no room for a sentence; the list's page has.
            messages.warning(request, str(refusal))
            return HttpResponse(headers={"HX-Redirect": link("wishlist")})
        return _own_page(request, problem=str(refusal), status=409)
    if getattr(request, "htmx", False):
        return _heart_again(request, wishlist, asked["product"], asked["sku"])
    word = "added" if asked["wish"] == "yes" else "removed"
    response = SeeOther(f"{link('wishlist')}?{urlencode({word: asked['product']})}")
    keep(response, owner, wishlist)
    return response


@never_cache
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """What the frame shows of the list; asked once after a sign-in, which is when a guest's list is merged."""
    wishlist = _merged(request)
    found = Hearts(count=len(queries.shown(wishlist).lines))
    response = render(request, "kernel/heart_count.html", {"hearts": found})
    keep(response, owner_of(request), wishlist)
    return response


@require_POST
def share(request: HttpRequest) -> HttpResponse:
    form = ShareForm(request.POST)
    title = form.cleaned_data["title"] if form.is_valid() else ""
    try:
        services.share(owner=owner_of(request), title=title)
    except NothingToShare as refusal:
        return _own_page(request, problem=str(refusal), status=409)
    return SeeOther(f"{link('wishlist')}#sharing")


@require_POST
def stop_sharing(request: HttpRequest) -> HttpResponse:
    try:
        services.stop_sharing(owner=owner_of(request))
    except NothingToShare as refusal:
        return _own_page(request, problem=str(refusal), status=409)
    return SeeOther(f"{link('wishlist')}?stopped=yes#sharing")


@never_cache
@require_safe
@ensure_csrf_cookie
def shared(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody's list, for whoever has the link. It names nobody but by the title its owner gave it."""
    share_key = opened(key)
    wishlist = queries.shared(share_key) if share_key else None
    if wishlist is None:
        raise Http404(_("This wishlist is not shared, or no longer. Ask whoever sent you the link for a new one."))
    # No canonical address either: this one is for those who were given it.
    context = {"shown": queries.shown(wishlist), "wishlist": wishlist, "canonical_url": ""}
    response = render(request, "wishlists/shared.html", context)
    response["X-Robots-Tag"] = "noindex"
    # The address is the key: it is told to nobody, not even by following a link.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _own_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Show the list as it is, with what could not be done where something could not."""
    wishlist = _merged(request)
    shown = queries.shown(wishlist)
    key = wishlist.share_key if wishlist else None
    context = {
        "shown": shown,
        "wishlist": wishlist,
        "problem": problem,
        "added": next((line for line in shown.lines if str(line.item.product_id) == request.GET.get("added")), None),
        "removed": _removed(request),
        "stopped": "stopped" in request.GET,
        "shared_url": request.build_absolute_uri(link("wishlist-shared", key=sealed(key))) if key else "",
        "hearts": _hearts(shown),
    }
    response = render(request, "wishlists/show.html", context, status=status)
    keep(response, owner_of(request), wishlist)
    return response


def _merged(request: HttpRequest) -> Wishlist | None:
    """Return the list of whoever is asking, with what they wished before they signed in."""
    owner = owner_of(request)
    if owner.customer_id is not None and owner.guest_list is not None:
        return services.merge(customer_id=owner.customer_id, guest_list=owner.guest_list)
    return list_of(owner)


def _heart_again(request: HttpRequest, wishlist: Wishlist | None, product_id: UUID, sku: str) -> HttpResponse:
    shown = queries.shown(wishlist)
    product = Product.objects.filter(id=product_id).first()
    context = {
        "product_id": product_id, "sku": sku, "labelled": "labelled" in request.POST,
        "name": product.shown_name if product else "", "swapped": True, "hearts": _hearts(shown),
    }  # fmt: skip
    response = render(request, "wishlists/heart.html", context)
    keep(response, owner_of(request), wishlist)
    return response


def _hearts(shown: queries.Shown) -> Hearts:
    """Return what the frame shows now; the cookie that came with the request says what it was before."""
    return Hearts(count=len(shown.lines), products=frozenset(short(one) for one in shown.product_ids))


def _removed(request: HttpRequest) -> Product | None:
    """Return what an undo brings back."""
    try:
        removed = UUID(request.GET.get("removed", ""))
    except ValueError:
        return None
    return Product.objects.filter(id=removed, on_sale=True).first()
