"""The purchase history page: one round trip to Redis, no query to PostgreSQL.

Only a customer who has just ordered may cost more: while that order is not here yet, the page looks again for a moment,
then shows itself without it and goes on looking from the browser, less and less often, until it gives up and says so.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contexts.history import queries
from contexts.history.forms import FilterForm
from contexts.history.purchases import STATUSES, Purchase, PurchasePage, PurchaseQuery
from contexts.history.redis_store import live_store
from contexts.history.store import StoreUnavailable
from contexts.history.wording import explanation_of, freshness, shown_lines
from contexts.kernel.awaited import AwaitedOrder, awaited_orders, stop_awaiting
from contexts.kernel.identity import Identity
from contexts.kernel.links import link

logger = structlog.get_logger(__name__)

WORDS: dict[str, Promise] = {
    "placed": _("Placed"),
    "confirmed": _("Confirmed"),
    "shipped": _("On its way"),
    "completed": _("Delivered"),
    "cancelled": _("Cancelled"),
}
#: So long after the last piece of old news the page says that more of it may come.
CATCHING_UP = timedelta(seconds=30)
#: Seconds between the looks of a page that is open in a browser; after the last one it gives up.
LOOKS_S = (1, 1, 2, 3, 5, 8)
BADGES = {"placed": "", "confirmed": "badge--good", "shipped": "badge--good", "completed": "badge--good",
          "cancelled": "badge--bad"}  # fmt: skip


@never_cache
@require_safe
def purchases(request: HttpRequest) -> HttpResponse:
    identity: Identity | None = request.identity  # type: ignore[attr-defined]
    if identity is None:
        return redirect(link("sign-in", {"next": request.get_full_path()}))
    awaited = awaited_orders(request, identity.customer_id)
    form = FilterForm(request.GET)
    query = form.query(identity.customer_id, awaited=tuple((order.order_id, order.version) for order in awaited))
    polled = bool(request.headers.get("HX-Request")) and bool(form.looks)
    try:
        page = queries.purchases(live_store(), query, patient=not polled)
    except StoreUnavailable as problem:
        logger.warning("purchase history unavailable", problem=str(problem))
        if polled:
            return render(request, "history/_arrivals.html", _arrivals(query, awaited, awaited, looks=form.looks))
        return render(request, "history/unavailable.html")
    missing = [order for order in awaited if order.order_id in page.missing]
    context = _context(query, page) | _arrivals(query, awaited, missing, looks=form.looks)
    if not polled:
        response = render(request, "history/purchases.html", context)
    elif missing:
        return render(request, "history/_arrivals.html", context)
    else:
        response = render(request, "history/_arrived.html", context)
        response["HX-Retarget"], response["HX-Reswap"] = "#purchases", "outerHTML"
    if awaited and not missing:
        stop_awaiting(response)
    return response


def _arrivals(
    query: PurchaseQuery, awaited: list[AwaitedOrder], missing: list[AwaitedOrder], *, looks: int
) -> dict[str, object]:
    """Return what is said of awaited orders, and where and when the browser is to look again."""
    return {
        "missing": missing,
        "arrived": [order for order in awaited if order not in missing],
        "look_again": _address(_asked(query), page=query.page if query.page > 1 else "", look=looks + 1),
        "look_again_s": LOOKS_S[looks] if missing and looks < len(LOOKS_S) else None,
    }


def _asked(query: PurchaseQuery) -> dict[str, object]:
    return {"year": query.year or "", "status": query.status, "product": query.product_slug}


def _context(query: PurchaseQuery, page: PurchasePage) -> dict[str, object]:
    asked, now = _asked(query), timezone.now()
    shown = [_shown(purchase) for purchase in page.purchases]
    return {
        "query": query, "page": page, "as_of": freshness(page.as_of, now=now), "shown": shown,
        "catching_up": page.late_at is not None and now - page.late_at < CATCHING_UP,
        "years": [{"total": total, "address": _address(asked, year=total.year), "current": total.year == query.year}
                  for total in page.years],
        "this_page": _address(asked, page=page.page if page.page > 1 else ""), "every_year": _address(asked, year=""),
        "statuses": [{"word": WORDS[status], "count": page.by_status[status], "current": status == query.status,
                      "address": _address(asked, status=status)}
                     for status in STATUSES if page.by_status[status] or status == query.status],
        "every_status": _address(asked, status=""),
        "every_product": _address(asked, product=""), "product_name": _name_of(query.product_slug, page),
        "newer": _address(asked, page=page.page - 1) if page.page > 1 else "",
        "older": _address(asked, page=page.page + 1) if page.page < page.pages else "",
    }  # fmt: skip


def _shown(purchase: Purchase) -> dict[str, object]:
    lines = shown_lines(purchase)
    return {
        "purchase": purchase, "lines": lines, "explanation": explanation_of(purchase, lines),
        "word": WORDS[purchase.status], "badge": BADGES[purchase.status],
    }  # fmt: skip


def _name_of(product_slug: str, page: PurchasePage) -> str:
    lines = (line for purchase in page.purchases for line in shown_lines(purchase))
    return next((line.name for line in lines if line.product_slug == product_slug), "")


def _address(asked: dict[str, object], **difference: object) -> str:
    """Return this page's address with other filters; the page number starts again unless it is what differs."""
    wanted = {name: str(value) for name, value in (asked | difference).items() if value}
    return link("purchases") + (f"?{urlencode(wanted)}" if wanted else "")
