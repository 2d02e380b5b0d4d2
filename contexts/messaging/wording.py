"""Durations and ages as people read and write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from contexts.messaging.errors import MessagingError

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
AGO = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")


class NotATime(MessagingError):
    """A word that is neither a duration nor a moment."""


def duration(seconds: float) -> str:
    """Return "0.4 ms", "12 ms", "3.2 s", "5 min" or "2.1 h"."""
    sign, size = ("-", -seconds) if seconds < 0 else ("", seconds)
    if size < 0.01:
        return f"{sign}{size * 1000:.1f} ms"
    if size < 1:
        return f"{sign}{size * 1000:.0f} ms"
    if size < 120:
        return f"{sign}{size:.1f} s"
    return f"{sign}{size / 60:.0f} min" if size < 7200 else f"{sign}{size / 3600:.1f} h"


def moment(text: str) -> datetime:
    """Return the moment that "10m" (ten minutes ago), "2h", "2026-01-31" or "2026-01-31T12:00" stands for, in UTC.

    Raises:
        NotATime: it is none of these.
    """
    ago = AGO.fullmatch(text.strip())
    try:
        if ago:
            return datetime.now(UTC) - timedelta(seconds=float(ago[1]) * UNITS_S[ago[2]])
        when = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise NotATime(f'"{text}" is no time. Say 30s, 10m, 2h or 1d ago, or a moment like 2026-01-31T12:00.') from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
