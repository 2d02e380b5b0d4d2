"""Bitmaps as Python's integers: a bit for each number that is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_BITS = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]


def bits(numbers: Iterable[int]) -> int:
    """Return a bitmap of some numbers."""
    each = list(numbers)
    octets = bytearray(max(each, default=0) // 8 + 1)
    for number in each:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")


def numbers(bitmap: int) -> list[int]:
    """Return the numbers in a bitmap."""
    octets = bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little")
    return [place * 8 + bit for place, octet in enumerate(octets) if octet for bit in _BITS[octet]]


def lowest(bitmap: int, most: int) -> Iterator[int]:
    """Yield the lowest numbers in a bitmap."""
    for _ in range(min(most, bitmap.bit_count())):
        first = bitmap & -bitmap
        yield first.bit_length() - 1
        bitmap ^= first


def highest(bitmap: int, most: int) -> Iterator[int]:
    """Yield the highest numbers in a bitmap."""
    for _ in range(min(most, bitmap.bit_count())):
        last = bitmap.bit_length() - 1
        yield last
        bitmap ^= 1 << last
