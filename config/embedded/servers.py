"""Both embedded servers as one thing: start what this configuration needs, stop what we started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from config.embedded.places import Owner, Places
from config.embedded.postgres import Postgres
from config.embedded.redis import Redis

Server = Postgres | Redis


def needed(*, durable: bool = True) -> list[Server]:
    """Return the embedded servers that the settings ask for."""
    places = Places(settings.DATA_DIR)
    servers: list[Server] = []
    if settings.EMBEDDED_POSTGRES:
        servers.append(Postgres(places, settings.EMBEDDED_POSTGRES_PASSWORD, durable=durable))
    if settings.EMBEDDED_REDIS:
        servers.append(Redis(places, durable=durable))
    return servers


def prepare() -> Owner:
    """Create the servers' folders and return the user they run as."""
    return Places(settings.DATA_DIR).prepare()


def start(servers: list[Server]) -> list[Server]:
    """Start in the background those that do not run yet, and return them."""
    if not servers:
        return []
    owner = prepare()
    started = []
    for server in servers:
        if not server.running():
            server.prepare(owner)
            server.start(owner)
            started.append(server)
    return started


def stop(servers: list[Server]) -> list[Server]:
    """Stop those that run, and return them."""
    running = [server for server in servers if server.running()]
    for server in running:
        server.stop()
    return running


@contextmanager
def embedded_servers() -> Iterator[None]:
    """Have the embedded servers running inside the block; those that ran before keep running after it."""
    started = start(needed())
    try:
        yield
    finally:
        stop(started)
