"""A log of small partitions with 180 events in it, and what to ask of its archive."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.messaging import (
    partitions,
    publish,
    reading,
)
from contexts.messaging.archive import files
from contexts.messaging.drain import drain
from tests.messaging.conftest import cut, do, price_changed, sql
from tests.messaging.counting import counting, probe_count  # noqa: F401

SIZE = 50


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MESSAGING_ARCHIVE_DIR = tmp_path / "archive"
    return settings.MESSAGING_ARCHIVE_DIR


@pytest.fixture(autouse=True)
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Cut catalog's and ordering's empty logs into partitions of fifty, and make them whole again afterwards."""
    monkeypatch.setattr(partitions, "SIZE", SIZE)
    monkeypatch.setattr(files, "BLOCK_EVENTS", 7)
    with_small = ("catalog", "ordering")
    for context in with_small:
        cut(context, [(first, first + SIZE) for first in range(0, 6 * SIZE, SIZE)])
    yield
    for context in with_small:
        do(context, "truncate messaging_event, messaging_position, messaging_archive")
        cut(context, [(0, 1_000_000), (1_000_000, 2_000_000)])


@pytest.fixture
def told(listen, ledger):
    """Catalog has published 180 prices in 20 subjects, and inventory has counted them."""
    model = counting(listen)
    subjects = [uuid7() for _ in range(20)]
    for start in range(0, 180, 30):
        with transaction.atomic(using="catalog"):
            publish(*(price_changed(f"S-{n % 20}", n, subjects[n % 20]) for n in range(start, start + 30)))
    drain()
    return model


def archive(*arguments: str, before: str = "1000000") -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "archive", "catalog", "--before", before, *arguments, stdout=out)
    return ended.value.code, out.getvalue()


def verify() -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", "catalog", stdout=out)
    return ended.value.code, " ".join(out.getvalue().split())


def in_table() -> list[int]:
    return [row[0] for row in sql("catalog", "select id from messaging_event order by id")]


def everything() -> list[tuple[Any, ...]]:
    return reading.read_all("catalog", 0, 10_000, limit=10_000)[0]
