"""The purchase history page: one round trip to Redis, no query to PostgreSQL."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contexts.history.forms import FilterForm
from contexts.history.purchases import STATUSES, PurchasePage, PurchaseQuery
from contexts.history.redis_store import live_store
from contexts.history.store import StoreUnavailable
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
BADGES = {"placed": "", "confirmed": "badge--good", "shipped": "badge--good", "completed": "badge--good",
          "cancelled": "badge--bad"}  # fmt: skip


@never_cache
@require_safe
def purchases(request: HttpRequest) -> HttpResponse:
    identity: Identity | None = request.identity  # type: ignore[attr-defined]
    if identity is None:
        return redirect(link("sign-in", {"next": request.get_full_path()}))
    query = FilterForm(request.GET).query(identity.customer_id)
    try:
        page = live_store().page(query)
    except StoreUnavailable as problem:
        logger.warning("purchase history unavailable", problem=str(problem))
        return render(request, "history/unavailable.html")
    return render(request, "history/purchases.html", _context(query, page))


def _context(query: PurchaseQuery, page: PurchasePage) -> dict[str, object]:
    asked: dict[str, object] = {"year": query.year or "", "status": query.status, "product": query.product_slug}
    shown = [
        {"purchase": purchase, "word": WORDS[purchase.status], "badge": BADGES[purchase.status]}
        for purchase in page.purchases
    ]
    return {
        "query": query, "page": page, "shown": shown, "filtered": any(asked.values()),
        "years": [{"total": total, "address": _address(asked, year=total.year), "current": total.year == query.year}
                  for total in page.years],
        "every_year": _address(asked, year=""),
        "statuses": [{"word": WORDS[status], "count": page.by_status[status], "current": status == query.status,
                      "address": _address(asked, status=status)}
                     for status in STATUSES if page.by_status[status] or status == query.status],
        "every_status": _address(asked, status=""),
        "every_product": _address(asked, product=""),
        "newer": _address(asked, page=page.page - 1) if page.page > 1 else "",
        "older": _address(asked, page=page.page + 1) if page.page < page.pages else "",
    }  # fmt: skip


def _address(asked: dict[str, object], **difference: object) -> str:
    """Return this page's address with other filters; the page number starts again unless it is what differs."""
    wanted = {name: str(value) for name, value in (asked | difference).items() if value}
    return link("purchases") + (f"?{urlencode(wanted)}" if wanted else "")
