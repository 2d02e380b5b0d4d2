"""A real tailer, killed with SIGKILL again and again while a COPY is taken over."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest
from django.db import connections

from contexts.catalog.models import SupplierPrice
from tests.catalog.factories import draft, on_sale, variant
from tests.tailing.conftest import drop_slot, flush, sql

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.xdist_group("slots"),
]
ROWS = 1500
KILLS = 4


def start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "manage.py", "tail", "run", "catalog"], env=environment)


def events() -> list[tuple[str, int, int]]:
    return sql(
        "catalog",
        "select data->>'sku', (data->'previous'->>'amount')::int, (data->'price'->>'amount')::int "
        "from messaging_event where type = 'catalog.price_changed' order by id",
    )


def test_a_tailer_that_is_killed_loses_nothing_and_repeats_nothing(process_environment: dict[str, str]):
    skus = [f"SKU-{nr}" for nr in range(ROWS)]
    on_sale(draft("Alder Mug", *(variant(sku, 1000) for sku in skus)))
    first = subprocess.run(
        [sys.executable, "manage.py", "tail", "run", "--once", "catalog"], env=process_environment, check=True
    )
    lines = "".join(f"{sku}\tAcme\t{2000 + nr}\n" for nr, sku in enumerate(skus))
    with (
        connections["catalog"].cursor() as cursor,
        cursor.cursor.copy("copy catalog_supplierprice (sku, supplier, price_cents) from stdin") as rows,
    ):
        rows.write(lines)
    flush()

    dice = random.Random(7)
    seen_between = set()
    for _ in range(KILLS):
        process = start(process_environment)
        time.sleep(dice.uniform(1.5, 3.5))
        process.kill()
        process.wait()
        seen_between.add(len(events()))
    last = subprocess.run(
        [sys.executable, "manage.py", "tail", "run", "--once", "catalog"], env=process_environment, check=True
    )
    found = events()
    drop_slot("catalog")

    assert first.returncode == last.returncode == 0
    assert found == [(sku, 1000, 2000 + nr) for nr, sku in enumerate(skus)]
    assert SupplierPrice.objects.count() == ROWS
