"""The history made anew in Redis, as another generation of keys beside the live one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

import msgspec
import redis
from django.conf import settings

from contexts.history.inbox import RedisInbox
from contexts.history.redis_store import RedisPurchaseStore, client_of
from contexts.history.scripts import SWAP
from contexts.messaging import Beside, Comparison, Conflict, Example, Moved, Place

#: Documents compared, and keys removed, in one round trip.
BATCH = 500

SHOWN = 5

Document = dict[str, str]


class RedisBeside:
    """Keeps the copy in a generation of its own; its positions are among its keys, as the live ones are."""

    def __init__(self, client: redis.Redis, *, prefix: str = "history:") -> None:
        self._client, self._prefix = client, prefix
        self._swap = client.register_script(SWAP)
        self._generation = ""
        self._found: list[Comparison] = []

    def begin(self) -> bool:
        self._remove_retired()
        begun = self._client.get(f"{self._prefix}beside")
        if begun:
            self._generation = str(begun)
            return True
        self._generation = f"g{_number(self._live) + 1}"
        self._remove(self._generation)
        self._client.set(f"{self._prefix}beside", self._generation)
        return False

    def step(self) -> AbstractContextManager[None]:
        return nullcontext()

    def open(self, publisher: str, subscriber: str, partition: int) -> AbstractContextManager[Place]:
        copy = RedisPurchaseStore(self._client, prefix=self._prefix, generation=self._generation)
        return RedisInbox(lambda: copy).open(publisher, subscriber, partition)

    def compare(self) -> list[Comparison]:
        """Compare document by document. A key that Redis names twice while its tables grow is counted twice."""
        rows, added, changed, removed = 0, 0, 0, 0
        examples: list[Example] = []
        for orders in _batches(self._orders(self._generation)):
            live, anew = self._documents(self._live, orders), self._documents(self._generation, orders)
            for order, old, new in zip(orders, live, anew, strict=True):
                rows += 1
                if old != new:
                    added, changed = added + (not old), changed + bool(old)
                    examples += [_example(order, old, new)]
            del examples[SHOWN:]
        for orders in _batches(self._orders(self._live)):
            for order, new in zip(orders, self._documents(self._generation, orders), strict=True):
                if not new:
                    removed += 1
                    examples += [_example(order, self._documents(self._live, [order])[0], {})]
            del examples[SHOWN:]
        self._found = [
            Comparison(where="purchases", rows=rows, added=added, changed=changed, removed=removed, examples=examples),
            self._compare_keys("index:", self._members),
            self._compare_keys("totals:", self._documents),
        ]
        return self._found

    def swap(self) -> list[Comparison]:
        outcome = self._swap(keys=[self._prefix], args=[self._generation])
        if outcome == "moved":
            raise Moved
        if outcome != "swapped":
            raise Conflict("The copy in Redis is gone. Begin anew with --restart.")
        return self._found

    def drop(self) -> None:
        self._remove_retired()
        begun = self._client.get(f"{self._prefix}beside")
        if begun:
            self._client.delete(f"{self._prefix}beside")
            self._remove(str(begun))

    @property
    def _live(self) -> str:
        return str(self._client.get(f"{self._prefix}generation") or "g1")

    def _remove_retired(self) -> None:
        retired = self._client.get(f"{self._prefix}retired")
        if retired and str(retired) != self._live:
            self._remove(str(retired))
        self._client.delete(f"{self._prefix}retired")

    def _remove(self, generation: str) -> None:
        for keys in _batches(self._keys(generation, "")):
            self._client.unlink(*(f"{self._prefix}{generation}:{key}" for key in keys))

    def _keys(self, generation: str, kind: str) -> Iterator[str]:
        root = f"{self._prefix}{generation}:"
        pattern = re.sub(r"([\\*?\[\]])", r"\\\1", root + kind) + "*"
        for key in self._client.scan_iter(pattern, count=BATCH):
            yield str(key).removeprefix(root)

    def _orders(self, generation: str) -> Iterator[str]:
        return self._keys(generation, "order:")

    def _documents(self, generation: str, keys: list[str]) -> list[Document]:
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.hgetall(f"{self._prefix}{generation}:{key}")
        return list(pipeline.execute())

    def _members(self, generation: str, keys: list[str]) -> list[list[tuple[str, float]]]:
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.zrange(f"{self._prefix}{generation}:{key}", 0, -1, withscores=True)
        return list(pipeline.execute())

    def _compare_keys(self, kind: str, read: Callable[[str, list[str]], Iterable[object]]) -> Comparison:
        """Compare what follows from the documents: it is wrong where a crash of Redis tore them apart."""
        rows, added, changed, removed = 0, 0, 0, 0
        for keys in _batches(self._keys(self._generation, kind)):
            rows += len(keys)
            for old, new in zip(read(self._live, keys), read(self._generation, keys), strict=True):
                added, changed = added + (not old), changed + bool(old and old != new)
        for keys in _batches(self._keys(self._live, kind)):
            removed += sum(not new for new in read(self._generation, keys))
        return Comparison(where=kind.rstrip(":"), rows=rows, added=added, changed=changed, removed=removed)


def live_beside() -> Beside:
    """Return where the history that customers see is made anew."""
    return RedisBeside(client_of(settings.REDIS_URL))


def _number(generation: str) -> int:
    return int(generation.removeprefix("g"))


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    """Yield the keys in batches, without those that Redis named twice in a row of them."""
    left = iter(keys)
    while found := list(islice(left, BATCH)):
        yield list(dict.fromkeys(found))


def _example(order: str, old: Document, new: Document) -> Example:
    return Example(key=order, live=_shown(old), anew=_shown(new))


def _shown(document: Document) -> dict[str, object] | None:
    """Return a document as it is shown: what is in the receipt, told apart."""
    if not document:
        return None
    rest = {name: value for name, value in document.items() if name != "receipt"}
    return rest | {"receipt": msgspec.json.decode(document["receipt"])} if "receipt" in document else dict(rest)
