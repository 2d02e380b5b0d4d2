"""What the demo shop is to become, kept in a file until it is whole: a filling that was cut short goes on from there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings


class Filling(msgspec.Struct, frozen=True, kw_only=True):
    """A demo shop in the making. `began` is its today: its past is counted back from there, also after a break."""

    began: datetime
    scale: int
    seed: int
    orders: int

    def keep(self) -> None:
        _place().write_bytes(msgspec.json.encode(self))


def unfinished() -> Filling | None:
    """Return the filling that did not come to its end."""
    try:
        return msgspec.json.decode(_place().read_bytes(), type=Filling)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def finished() -> None:
    """Forget the filling: the shop is whole."""
    _place().unlink(missing_ok=True)


def _place() -> Path:
    return settings.DATA_DIR / "demo.unfinished"
