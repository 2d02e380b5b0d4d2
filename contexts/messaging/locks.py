"""Advisory locks: how a name in a context's schema becomes a number that PostgreSQL can lock."""

from __future__ import annotations

import hashlib


def lock_key(context: str, name: str) -> int:
    """Return the advisory lock (a signed 64-bit integer) for a name in a context's schema."""
    return int.from_bytes(hashlib.blake2b(f"{context}\0{name}".encode(), digest_size=8).digest(), signed=True)
