"""A customer's copy of everything the shop holds of them: each context hands out its own part, on a page of its own.

Customers makes sure that it is them, and writes a short-lived key for the parts; no context asks another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contexts.kernel import tokens
from contexts.kernel.identity import Identity, identity_of
from contexts.kernel.links import link

KEY_MAX_AGE_S = 15 * 60
#: What a customer finds in each context's part.
PARTS = {
    "customers": _("Name, e-mail address, address book, passkeys by name, and where you are signed in."),
    "ordering": _("Your orders with addresses, sums and every step, and checkouts that you left."),
    "shipping": _("Your parcels, where they went and when."),
    "reviews": _("Your reviews, and which goods you may review as bought."),
    "wishlists": _("Your wishlist."),
    "promotions": _("The codes and gift cards that you used."),
    "notifications": _("The e-mails that we sent you, and what you asked to be told about."),
    "history": _("Your purchases as the history lists them."),
}


class DataKey(msgspec.Struct, frozen=True, kw_only=True):
    """This customer has just shown that it is them, and may have a copy of their data."""

    customer_id: UUID


def key_for(customer_id: UUID) -> str:
    return tokens.sign(DataKey(customer_id=customer_id), audience="own-data")


def part(context: str, gather: Callable[[Identity], dict[str, Any]]) -> Callable[..., HttpResponse]:
    """Return the view that hands out what a context holds of the customer who asks, as a JSON file."""

    @never_cache
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        identity = identity_of(request)
        if identity is None or not _opens(request.GET.get("key", ""), identity):
            return redirect(link("own-data"))
        about = {"context": context, "made_at": datetime.now(UTC), "customer_id": identity.customer_id}
        answer = JsonResponse({**about, **gather(identity)}, encoder=_Encoder, json_dumps_params={"indent": 2})
        answer["Content-Disposition"] = f'attachment; filename="tradepost-{context}.json"'
        return answer

    return view


def _opens(key: str, identity: Identity) -> bool:
    try:
        held = tokens.read(key, DataKey, audience="own-data", max_age_s=KEY_MAX_AGE_S)
    except tokens.InvalidToken:
        return False
    return held.customer_id == identity.customer_id


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return msgspec.to_builtins(o) if isinstance(o, msgspec.Struct) else super().default(o)
