"""The generated documents in docs/events/, by file name."""

from __future__ import annotations

import json

from contexts.messaging.contracts.asyncapi import asyncapi
from contexts.messaging.contracts.catalogue import catalogue
from contexts.messaging.contracts.diagram import draw
from contexts.messaging.contracts.landscape import Told


def documents(told: list[Told]) -> dict[str, str]:
    """Return every generated document's text by its file name."""
    return {
        "README.md": catalogue(told),
        "asyncapi.json": json.dumps(asyncapi(told), indent=2, ensure_ascii=False) + "\n",
        "who-tells-whom.svg": draw(told),
    }
