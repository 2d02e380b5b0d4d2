"""The port behind which purchases are kept: any store that can apply changes and move a place in one atomic step."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from contexts.history.changes import Change
from contexts.history.purchases import PurchasePage, PurchaseQuery


class StoreUnavailable(Exception):
    """The store does not answer, or it answers that it was never filled."""


class PlaceTaken(Exception):
    """The place was moved by somebody else since it was read; nothing was applied."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """How far a subscriber gets with a batch: from position `after` of a partition to `upto`, and the digest there.

    `at` is when it was made; `late` says that its newest event was long past by then: the history is catching up.
    """

    publisher: str
    subscriber: str
    partition: int
    after: int
    upto: int
    digest: str
    at: datetime | None = None
    late: bool = False

    @property
    def subscription(self) -> str:
        return f"{self.publisher}/{self.subscriber}/{self.partition}"


class PurchaseStore(Protocol):
    """Keeps purchases. Applying what was applied before, in whole or in part, changes nothing."""

    def apply(self, changes: list[Change], *, move: Move | None = None, as_of: datetime | None = None) -> None:
        """Apply changes in their order and make the move, all or nothing.

        `as_of` is the time of the newest event among them.

        Raises:
            PlaceTaken: the place is not at `move.after`; nothing was applied.
        """

    def place(self, publisher: str, subscriber: str, partition: int) -> tuple[int, str]:
        """Return position and digest, (0, "") where nothing was received yet or the store was lost."""

    def moved_past(self, publisher: str, subscriber: str, partition: int, position: int) -> datetime | None:
        """Return when the place moved to this position or past it; None where it has not, or it is too long ago."""

    def page(self, query: PurchaseQuery) -> PurchasePage:
        """Return a page of a customer's purchases, in one round trip.

        Raises:
            StoreUnavailable: it does not answer, or has nothing in it at all.
        """
