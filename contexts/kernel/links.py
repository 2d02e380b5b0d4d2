"""Where each public page lives: the addresses contexts may link to without importing one another.

A context that moves to another host keeps its paths; `CONTEXT_BASE_URLS` in the settings then names its host.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import get_script_prefix

#: name: (owning context, path)
PAGES = {
    "home": ("catalog", "/"),
    "search": ("catalog", "/search/"),
    "suggest": ("catalog", "/search/suggest/"),
    "category": ("catalog", "/c/{slug}/"),
    "product": ("catalog", "/p/{slug}/"),
    "card": ("catalog", "/card.png"),
    "cart": ("ordering", "/cart/"),
    "cart-add": ("ordering", "/cart/add/"),
    "checkout": ("ordering", "/checkout/{order_id}/"),
    "checkout-review": ("ordering", "/checkout/{order_id}/review/"),
    "order": ("ordering", "/orders/{order_id}/"),
    "invoice": ("ordering", "/orders/{order_id}/invoice/"),
    "order-return": ("ordering", "/orders/{order_id}/return/"),
    "order-pay": ("ordering", "/orders/{order_id}/pay/"),
    "pay": ("payments", "/pay/{order_id}/"),
    "pay-confirm": ("payments", "/pay/{order_id}/confirm/"),
    "pay-return": ("payments", "/pay/{order_id}/back/"),
    "tracking": ("shipping", "/parcels/{tracking_number}/"),
    "account": ("customers", "/account/"),
    "sign-in": ("customers", "/account/sign-in/"),
    "sign-up": ("customers", "/account/sign-up/"),
    "sign-up-from-order": ("customers", "/account/sign-up/from-order/"),
    "sign-out": ("customers", "/account/sign-out/"),
    "reviews": ("reviews", "/p/{slug}/reviews/"),
    "review-write": ("reviews", "/p/{slug}/reviews/write/"),
    "my-reviews": ("reviews", "/account/reviews/"),
    "wishlist": ("wishlists", "/wishlist/"),
    "wishlist-heart": ("wishlists", "/wishlist/heart/"),
    "wishlist-count": ("wishlists", "/wishlist/count/"),
    "wishlist-shared": ("wishlists", "/wishlist/shared/{key}/"),
    "tell-me": ("notifications", "/back-in-stock/{sku}/"),
    "tell-me-stop": ("notifications", "/back-in-stock/stop/{token}/"),
    "purchases": ("history", "/account/purchases/"),
    "own-data": ("customers", "/account/data/"),
    **{
        f"own-data-{context}": (context, f"/account/data/{context}/")
        for context in (
            "customers",
            "ordering",
            "shipping",
            "reviews",
            "promotions",
            "wishlists",
            "notifications",
            "history",
        )
    },
}


def link(page: str, /, query: dict[str, str] | None = None, **parts: object) -> str:
    """Return the address of a public page: `link("product", slug="red-mug")`.

    Raises:
        KeyError: no page of that name, or a part of its path is missing.
    """
    context, path = PAGES[page]
    # Whoever reads an address that names a language stays among those.
    address = (
        settings.CONTEXT_BASE_URLS.get(context, "")
        + get_script_prefix().rstrip("/")
        + path.format_map({name: quote(str(part)) for name, part in parts.items()})
    )
    return f"{address}?{urlencode(query)}" if query else address
