"""How promotion codes and gift cards are written, so that promotions and ordering read what was typed alike."""

from __future__ import annotations

from hashlib import sha256

#: Crockford's base 32: no I, L, O or U, so nothing is mistaken for 1 or 0.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Sixteen letters of five bits: too many to guess one of them.
CARD_LETTERS = 16

#: What a demo shop has, for visitors to try: what to type, and what it does.
DEMO_CODES = (
    ("WELCOME10", "10 % off the goods, once per customer"),
    ("FREESHIP", "no charge for shipping"),
    ("FIVE", "€5 off from €30"),
    ("GOLD-0050", "a gift card of €50"),
    ("GOLD-0500", "a gift card of €500, enough for most carts"),
)


def code_as_stored(typed: str) -> str:
    """Return a promotion code as it is kept, from what a person typed: case and blanks forgiven."""
    return "".join(typed.upper().split())


def card_digest(typed: str) -> str:
    """Return what a gift card is known by: its code itself is told to its owner once and kept nowhere.

    Case, blanks, hyphens and look-alikes are forgiven. The code has 80 bits, so nobody finds it from the digest.
    """
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return sha256(b"gift card " + letters.translate(str.maketrans("ILO", "110")).encode()).hexdigest()


def grouped(letters: str) -> str:
    """Return "7F3K-92QX-..." for a gift card's letters."""
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
