"""Sets of small numbers as Python integers, a bit for each: intersections and counts cost next to nothing."""

from __future__ import annotations

from collections.abc import Iterable

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
