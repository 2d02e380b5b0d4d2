"""The number that people call an order by: short, unambiguous to read aloud, and not countable."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

#: Crockford's base 32: no I, L, O or U, so nothing is mistaken for 1 or 0.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def order_number(order_id: UUID, attempt: int = 0) -> str:
    """Return the number of an order, such as "TP-7F3K-92QX"; always the same for the same arguments.

    It has 40 bits, so two of a million orders may meet: the caller then asks for the next `attempt`.
    """
    digest = blake2b(order_id.bytes, digest_size=5, salt=attempt.to_bytes(16, "big")).digest()
    bits = int.from_bytes(digest, "big")
    letters = "".join(ALPHABET[(bits >> shift) & 31] for shift in range(35, -5, -5))
    return f"TP-{letters[:4]}-{letters[4:]}"


def as_typed(number: str) -> str:
    """Return an order number as stored, from what a person typed: case, blanks and look-alikes forgiven."""
    letters = "".join(letter for letter in number.upper() if letter.isalnum())
    letters = letters.removeprefix("TP").translate(str.maketrans("ILO", "110"))
    return f"TP-{letters[:4]}-{letters[4:]}"
