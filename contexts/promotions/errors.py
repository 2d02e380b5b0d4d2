"""What promotions refuses; each says why and what can be done."""

from __future__ import annotations

from contexts.kernel.money import Money


class PromotionsError(Exception):
    """Anything that promotions refuses; the message is for the person who asked."""


class CannotRedeem(PromotionsError):
    """An order's code or gift card cannot be used; `reason` is the one of `PromotionRefused`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"It cannot be redeemed: {reason.replace('_', ' ')}.")
        self.reason = reason


class CodeTaken(PromotionsError):
    def __init__(self, code: str) -> None:
        super().__init__(f"There is a code {code} already. Choose another word, or change that one.")


class LimitBelowUse(PromotionsError):
    def __init__(self, code: str, *, limit: int, redeemed: int) -> None:
        super().__init__(
            f"{code} is limited to {limit}, but {redeemed} orders use it already. Allow at least {redeemed}."
        )


class NoSuchCode(PromotionsError):
    def __init__(self, code: str) -> None:
        super().__init__(f"There is no code {code}.")


class NoSuchGiftCard(PromotionsError):
    def __init__(self) -> None:
        super().__init__("There is no such gift card.")


class BadAmount(PromotionsError):
    def __init__(self, amount: Money) -> None:
        super().__init__(f"A gift card needs an amount above nothing, not {amount}.")


class NotTaken(PromotionsError):
    """More was to go back to a gift card than an order took from it."""

    def __init__(self, *, wanted: Money, left: Money) -> None:
        super().__init__(
            f"{wanted} wanted, {left} of what the order took from its gift card is left. Reduce the amount."
        )
