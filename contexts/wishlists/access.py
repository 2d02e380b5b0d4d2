"""Which list a browser may read and change, and the cookies and links that say so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from contexts.kernel import hearts
from contexts.kernel.identity import Identity
from contexts.wishlists.models import Item, Wishlist
from contexts.wishlists.services import Owner

LIST_COOKIE = "wishlist"
LIST_MAX_AGE_S = 365 * 24 * 3600
_signer = signing.Signer(salt="wishlists.shared")

View = Callable[..., HttpResponse]


def owner_of(request: HttpRequest) -> Owner:
    identity: Identity | None = getattr(request, "identity", None)
    return Owner(customer_id=identity.customer_id if identity else None, guest_list=guest_list_of(request))


def guest_list_of(request: HttpRequest) -> UUID | None:
    """Return the guest's list this browser holds, None without one or with a cookie that does not hold."""
    try:
        return UUID(request.get_signed_cookie(LIST_COOKIE, salt=LIST_COOKIE, max_age=LIST_MAX_AGE_S))
    except (KeyError, ValueError, signing.BadSignature):
        return None


def keep(response: HttpResponse, owner: Owner, wishlist: Wishlist | None) -> None:
    """Let the browser hold a guest's list, and tell the frame of every context's pages what is on it."""
    secure = settings.SESSION_COOKIE_SECURE
    if owner.customer_id is not None:
        response.delete_cookie(LIST_COOKIE, samesite="Lax")
    elif wishlist is not None:
        response.set_signed_cookie(
            LIST_COOKIE, str(wishlist.id), salt=LIST_COOKIE, max_age=LIST_MAX_AGE_S, httponly=True, samesite="Lax",
            secure=secure,
        )  # fmt: skip
    response.set_cookie(hearts.COOKIE, note_of(owner, wishlist), max_age=LIST_MAX_AGE_S, samesite="Lax", secure=secure)


def note_of(owner: Owner, wishlist: Wishlist | None) -> str:
    wished = Item.objects.filter(wishlist=wishlist).values_list("product_id", flat=True) if wishlist else []
    products = list(wished)
    return hearts.note(customer_id=owner.customer_id, count=len(products), products=products)


def sealed(share_key: str) -> str:
    """Return the key as it stands in a link: signed, so that guesses are refused without a query."""
    return _signer.sign(share_key)


def opened(key: str) -> str | None:
    """Return the key of a link, None for one that was not made here."""
    try:
        return _signer.unsign(key)
    except signing.BadSignature:
        return None


def from_this_shop(view: View) -> View:
    """Accept a form only from the shop's own pages, going by what the browser says of where it comes from.

    The hearts stand on pages that many see, dozens on each: a token in every one would make these pages larger and
    impossible to keep in a cache. Browsers send `Sec-Fetch-Site` or `Origin` with every POST, and a page of somebody
    else's cannot forge them. Without either, it is no browser that anybody could be tricked in.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not _is_from_here(request):
            return HttpResponseForbidden(_("This form was sent from another site. Open the shop and try again."))
        return view(request, *args, **kwargs)

    return guarded


def _is_from_here(request: HttpRequest) -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site in ("same-origin", "none") or (site is None and origin is None):
        return True
    own = f"{request.scheme}://{request.get_host()}"
    return origin is not None and (origin == own or origin in settings.CSRF_TRUSTED_ORIGINS)
