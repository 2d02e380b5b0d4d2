"""What wishlists refuses; each says why and what can be done."""

from __future__ import annotations

from django.utils.translation import gettext as _


class WishlistsError(Exception):
    """Anything that wishlists refuses; the message is for the person who asked."""


class NoSuchProduct(WishlistsError):
    """Nobody told us of the product, or it is no longer sold."""

    def __init__(self) -> None:
        super().__init__(_("This article is not for sale now, so it cannot go on a wishlist."))


class ListIsFull(WishlistsError):
    """The list holds as many wishes as a list can."""

    def __init__(self, most: int) -> None:
        super().__init__(_("Your wishlist holds %(most)d articles. Take one off first.") % {"most": most})


class NoLongerACustomer(WishlistsError):
    """The account was deleted; its sign-in holds for a while in other browsers."""

    def __init__(self) -> None:
        super().__init__(_("This account was deleted. Sign out to keep a wishlist without one."))


class NothingToShare(WishlistsError):
    """There is no list yet."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing on your wishlist to share yet."))
