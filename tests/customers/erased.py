"""Whom the erasure's tests erase, and a search for her through every table, Redis key and mail."""

from __future__ import annotations

import email
import email.policy
import gzip
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import redis
from django.conf import settings as live_settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from contexts.kernel.addresses import Address

HOME = Address(name="Zyanya Quetzal", street="Obsidiana 77", postcode="90210", city="Xochimilco", country="DE")

EMAIL = "zyanya@example.org"

TRACES = ("zyanya", "quetzal", "obsidiana", "xochimilco")


def traces() -> set[str]:
    """Return where in the whole shop something names the person: "schema.table", "redis", "mail", "archive"."""
    return {place for place, text in _everything() if any(word in text.lower() for word in TRACES)}


def _everything() -> Iterator[tuple[str, str]]:
    for alias in live_settings.CONTEXTS:
        for table in _tables(alias):
            with connections[alias].cursor() as cursor:
                cursor.execute(sql.SQL("select * from {}").format(sql.Identifier(alias, table)))
                for row in cursor.fetchall():
                    yield f"{alias}.{table}", " ".join(_text(value) for value in row)
    yield from (("redis", text) for text in _redis())
    folder = Path(live_settings.EMAIL_FILE_PATH)
    for file in folder.rglob("*"):
        yield "mail", str(file.relative_to(folder))
        if file.is_file():
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            yield (
                "mail",
                f"{message.items()} "
                + " ".join(str(part.get_content()) for part in message.walk() if not part.is_multipart()),
            )

    for file in live_settings.MESSAGING_ARCHIVE_DIR.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            yield "archive", (gzip.decompress(content) if file.suffix == ".gz" else content).decode()


def _tables(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = %s::regnamespace and relkind in ('r', 'p') "
            "and not relispartition",
            [alias],
        )
        return [name for (name,) in cursor.fetchall()]


def _text(value: Any) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("latin-1")
    return msgspec.json.encode(value, enc_hook=str).decode() if isinstance(value, (dict, list)) else str(value)


def _redis() -> Iterator[str]:
    client = redis.Redis.from_url(live_settings.REDIS_URL, decode_responses=True)
    readers: dict[str, Callable[[str], object]] = {
        "string": client.get, "hash": client.hgetall, "set": client.smembers,
        "list": lambda key: client.lrange(key, 0, -1), "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }  # fmt: skip
    for key in client.scan_iter():
        yield f"{key} {readers[str(client.type(key))](key)}"


def manage(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, no_color=True)
    return out.getvalue()
