"""Which hearts are full: a short note in a cookie that wishlists writes and every page's frame reads.

It is only ever shown; the truth is in wishlists' tables. Nothing is asked of them to draw a page.
"""

from __future__ import annotations

import re
from uuid import UUID

import msgspec
from django.http import HttpRequest

from contexts.kernel.identity import Identity

COOKIE = "wished"
#: So many hearts are drawn full, the newest ones; a cookie travels with every request.
MOST = 50
GUEST = "guest"
_NOTE = re.compile(r"(guest|[0-9a-f]{8})\.([0-9]{1,4})((?:\.[0-9a-f]{8})*)")


class Hearts(msgspec.Struct, frozen=True, kw_only=True):
    """What the frame shows of a wishlist: how many wishes, and which products have a full heart.

    `known` is false after a sign-in, until wishlists has written its note for this customer.
    """

    count: int = 0
    products: frozenset[str] = frozenset()
    known: bool = True


def short(name: UUID | str) -> str:
    """Return the part of an id that the cookie keeps: the random end of a UUIDv7."""
    return str(name).replace("-", "")[-8:]


def note(*, customer_id: UUID | None, count: int, products: list[UUID]) -> str:
    """Return the cookie's text; `products` with the newest wish first."""
    owner = short(customer_id) if customer_id else GUEST
    return ".".join([owner, str(min(count, 9999)), *(short(product) for product in products[:MOST])])


def hearts_of(request: HttpRequest, identity: Identity | None) -> Hearts:
    """Read the note; what another customer of this browser wished is not shown."""
    written = _NOTE.fullmatch(request.COOKIES.get(COOKIE, ""))
    owner = short(identity.customer_id) if identity else GUEST
    if written is None or written[1] not in (owner, GUEST):
        return Hearts(known=identity is None)
    products = frozenset(part for part in written[3].split(".") if part)
    return Hearts(count=int(written[2]), products=products, known=written[1] == owner)
