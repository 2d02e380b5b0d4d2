"""How often wrong codes may be tried, so that nobody finds a gift card by guessing."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

WINDOW_S = 10 * 60
#: Wrong codes in one checkout, and from one address: behind a proxy many shoppers have the same.
MOST_PER_CHECKOUT, MOST_PER_ADDRESS = 20, 400


class Guesses:
    """Counts the wrong codes of a checkout and of an address for a while."""

    def __init__(self, *, order_id: UUID, address: str) -> None:
        self._most = {
            f"ordering:wrong-codes:{order_id}": MOST_PER_CHECKOUT,
            f"ordering:wrong-codes:{address}": MOST_PER_ADDRESS,
        }

    def used_up(self) -> bool:
        """Whether no more codes are looked up for now, right or wrong."""
        try:
            counted = cache.get_many(self._most)
        except RedisError:
            # A gift card has 80 bits; a shop whose cache is away goes on selling.
            logger.warning("wrong codes not counted, the cache does not answer")
            return False
        return any(count >= self._most[key] for key, count in counted.items())

    def note(self) -> None:
        """Count a wrong code."""
        try:
            for key in self._most:
                cache.add(key, 0, WINDOW_S)
                cache.incr(key)
        except (RedisError, ValueError):
            logger.warning("wrong code not counted")
