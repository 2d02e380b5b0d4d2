"""A gate that `make up` keeps closed while it makes the databases ready, so that the web can load meanwhile.

It is a locked file: whoever waits is let through when the supervisor opens it, and also when the supervisor is gone.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "START_GATE"


@contextmanager
def closed_gate(path: Path) -> Iterator[None]:
    """Keep processes that are started inside the block from serving before its end."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.environ[VARIABLE] = str(path)
    try:
        yield
    finally:
        os.close(descriptor)


def pass_gate() -> None:
    """Wait while the gate of our supervisor, if we have one, is closed."""
    path = os.environ.get(VARIABLE)
    if path and Path(path).exists():
        with open(path) as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
