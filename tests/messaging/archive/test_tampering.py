"""A file that was altered, moved or lost is found, and holds up only those who need it."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from django.db import transaction

from contexts.catalog.events import PriceChanged
from contexts.messaging import (
    publish,
)
from contexts.messaging.archive import files
from contexts.messaging.drain import drain
from tests.messaging.archive.conftest import archive, everything, verify
from tests.messaging.conftest import price_changed, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def _change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _rewrite(path: Path) -> None:
    """Forge an event, and make file and index agree with each other."""
    index, _ = files.read_index(path)
    lines = list(files.lines_between(path, index, 0, 10_000))
    forged = msgspec.Raw(bytes(lines[3].data).replace(b'"amount": ', b'"amount": 9'))
    lines[3] = msgspec.structs.replace(lines[3], data=forged)
    files.write(path, lines, context="catalog", first_event=index.first_event, end_event=index.end_event)


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_change_a_byte, "was altered"),
        (_rewrite, "events-50-99.index.json was altered"),
        (lambda path: path.unlink(), "cannot be read: No such file or directory"),
        (lambda path: files.index_path(path).unlink(), "index.json cannot be read"),
        (lambda path: files.index_path(path).write_text("{}"), "was altered"),
        (lambda path: path.write_bytes(b""), "was altered: it has 0 bytes"),
    ],
)
def test_a_tampered_archive_is_found(told, folder, tamper, words):
    archive()
    files.lines_of.cache_clear()
    tamper(folder / "catalog/events-50-99.jsonl.gz")

    status, said = verify()

    assert status == 1
    assert words in said


def test_an_event_that_vanished_from_an_archived_range_is_found(told):
    archive()
    sql("catalog", "update messaging_archive set events = events - 1 where first_event = 50 returning 1")

    status, said = verify()

    assert status == 1
    assert "50 events from identity 50 on are gone from the log" in said


def test_a_missing_file_holds_up_only_those_who_need_it(told, folder, listen, ledger):
    archive()
    files.lines_of.cache_clear()
    shutil.move(folder, folder.with_name("elsewhere"))
    listen(PriceChanged, lambda event, envelope: ledger.add(event.sku, event.price.amount), to="inventory:late")

    with transaction.atomic(using="catalog"):
        publish(price_changed("NEW", 1))
    drain()

    assert dict(sql("inventory", "select sku, told from probe_count"))["NEW"] == 1
    assert ledger.rows == []
    shutil.move(folder.with_name("elsewhere"), folder)
    drain()
    assert len(ledger.rows) == 181


def test_files_that_were_moved_are_found_where_the_settings_say(told, folder, settings):
    before = everything()
    archive("--to", str(folder.with_name("old")))
    files.lines_of.cache_clear()
    shutil.move(folder.with_name("old"), folder)

    assert everything() == before
    assert verify()[0] == 0
