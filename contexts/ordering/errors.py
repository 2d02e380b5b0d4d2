"""What a shopper or the staff may ask for that cannot be done now. `str(error)` is a sentence for them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from contexts.ordering.quotes import Change, Quote


class CannotDo(Exception):
    """Base of the refusals below: nothing was changed."""


class NotForSale(CannotDo):
    """The article is unknown here or was withdrawn."""

    def __init__(self, name: str) -> None:
        super().__init__(_("“%(name)s” is not for sale at the moment.") % {"name": name})
        self.name = name


class EmptyCart(CannotDo):
    def __init__(self) -> None:
        super().__init__(_("Your cart is empty."))


class CartMoved(CannotDo):
    """A price moved between the page and the click; the cart page says which."""

    def __init__(self) -> None:
        super().__init__(_("Something in your cart changed since you opened the page. Please check it once more."))


class NoSuchOrder(CannotDo):
    def __init__(self) -> None:
        super().__init__(_("There is no such order."))


class CheckoutOver(CannotDo):
    """The checkout expired or was never started; the cart is still there."""

    def __init__(self) -> None:
        super().__init__(_("This checkout is over. Your cart is kept: you can start again."))


class DetailsMissing(CannotDo):
    """`part` is "details" or "payment": the page to go back to."""

    def __init__(self, part: str) -> None:
        super().__init__(
            _("Please tell us where to send your order.") if part == "details" else _("Please choose how to pay.")
        )
        self.part = part


class MethodUnavailable(CannotDo):
    """The shipping method does not exist any more, or does not go to that country."""

    def __init__(self, country: str) -> None:
        super().__init__(
            _("This way of shipping does not go to %(country)s. Please choose another.") % {"country": country}
        )


class QuoteChanged(CannotDo):
    """What the shopper was shown is not what it costs now. `changes` says what moved, `quote` is the present one."""

    def __init__(self, changes: list[Change], quote: Quote) -> None:
        super().__init__(_("Something changed since you saw this page. Please check it and confirm once more."))
        self.changes = changes
        self.quote = quote


class TooLateToCancel(CannotDo):
    def __init__(self) -> None:
        super().__init__(_("This order has left already and can no longer be cancelled. You can send it back instead."))


class NotReturnable(CannotDo):
    """This cannot be sent back, or not now; the message says why."""


class BadPhoto(CannotDo):
    """A photo that is none, or too large; the message says what is possible."""


class NotAGuest(CannotDo):
    """The order belongs to an account, which is erased as a whole."""

    def __init__(self, customer_id: UUID) -> None:
        super().__init__(
            _("The order belongs to the account of customer %(id)s. Erase the account instead.") % {"id": customer_id}
        )


class TooLittle(CannotDo):
    """What is left to pay is less than any card is asked for."""

    def __init__(self, least: str) -> None:
        self.least = least
        super().__init__(
            _("A card cannot pay less than %(least)s. Put something more into the cart, or pay with a gift card.")
            % {"least": least}
        )
