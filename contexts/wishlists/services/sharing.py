"""Sharing: a link that nobody can guess, until its owner takes it back."""

from __future__ import annotations

import secrets

from django.db import transaction

from contexts.wishlists.errors import NothingToShare
from contexts.wishlists.models import Wishlist
from contexts.wishlists.services.lists import Owner, list_of

#: Random bytes of a key: 128 bits.
KEY_BYTES = 16


def share(*, owner: Owner, title: str = "") -> Wishlist:
    """Let whoever has the link read the list, under a title; a link that is there stays.

    Raises:
        NothingToShare: the owner has no list.
    """
    with transaction.atomic(using="wishlists"):
        wishlist = _locked(owner)
        wishlist.title = title.strip()[:60]
        wishlist.share_key = wishlist.share_key or secrets.token_urlsafe(KEY_BYTES)
        wishlist.save(update_fields=["title", "share_key"])
    return wishlist


def stop_sharing(*, owner: Owner) -> Wishlist:
    """Take the link back: whoever has it finds nothing, and the next link is another one.

    Raises:
        NothingToShare: the owner has no list.
    """
    with transaction.atomic(using="wishlists"):
        wishlist = _locked(owner)
        wishlist.share_key = None
        wishlist.save(update_fields=["share_key"])
    return wishlist


def _locked(owner: Owner) -> Wishlist:
    found = list_of(owner)
    wishlist = Wishlist.objects.select_for_update().filter(id=found.id).first() if found else None
    if wishlist is None:
        raise NothingToShare
    return wishlist
