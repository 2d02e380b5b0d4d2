"""Toy events that come and go with a test, so that each kind of break can be made on purpose."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contexts.messaging import Event, events


@pytest.fixture
def declare() -> Iterator[Callable[..., type[Event]]]:
    """Return `declare(fields, version=1, ...)`, which declares the toy event anew, as an edit of the code would."""
    kept = [dict(events._events), dict(events._upcasters), dict(events._former)]

    def declare_toy(fields: dict[str, Any], *, title: str = "ToyPainted", **arguments: Any) -> type[Event]:
        defaults = {name: kind[1] for name, kind in fields.items() if isinstance(kind, tuple)}
        kinds = {name: kind[0] if isinstance(kind, tuple) else kind for name, kind in fields.items()}
        words = {"name": "catalog.toy_painted", "version": 1, "subject": "toy/{toy_id}"} | arguments
        body = {"__annotations__": kinds, "__module__": __name__, "__doc__": "A toy has a new colour."} | defaults
        for registry in (events._events, events._former):
            for name in [name for name, event in registry.items() if event.__module__ == __name__]:
                del registry[name]
        return types.new_class(title, (Event,), words, lambda namespace: namespace.update(body))

    yield declare_toy
    for registry, content in zip((events._events, events._upcasters, events._former), kept, strict=True):
        registry.clear()
        registry.update(content)
