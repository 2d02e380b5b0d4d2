"""Places in the write-ahead log: 64-bit numbers, written by PostgreSQL as "16/B374D848"."""

from __future__ import annotations


def text(lsn: int) -> str:
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def number(lsn: str) -> int:
    high, low = lsn.split("/")
    return int(high, 16) << 32 | int(low, 16)
