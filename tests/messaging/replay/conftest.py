"""A shop with twenty offers to make anew, and what to ask of a replay."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import transaction

from contexts.catalog.events import ProductPublished, Variant
from contexts.inventory.events import AvailabilityChanged
from contexts.kernel.money import eur
from contexts.messaging import publish
from contexts.messaging.drain import drain
from contexts.messaging.readmodels import ReadModel, read_models
from contexts.messaging.replay import feed
from tests.messaging.conftest import do, price_changed, sql
from tests.messaging.counting import probe_count  # noqa: F401

SKUS = [f"MUG-{number}" for number in range(20)]

UUIDS = [UUID(int=number + 1) for number in range(20)]


@pytest.fixture(autouse=True)
def _no_leftovers():
    yield
    for context in ("ordering", "catalog", "inventory"):
        for (table,) in sql(context, "select tablename from pg_tables where schemaname = %s "
                                     "and tablename like 'replay!_%%' escape '!'", context):  # fmt: skip
            do(context, f'drop table "{table}"')


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(feed, "PAGE_EVENTS", 7)


def say(context: str, *events: Any) -> None:
    for event in events:
        with transaction.atomic(using=context):
            publish(event)


def published(number: int, cents: int = 100) -> ProductPublished:
    variant = Variant(sku=SKUS[number], label="", price=eur(cents), weight_grams=300, image="")
    return ProductPublished(
        product_id=UUIDS[number], slug=f"mug-{number}", name=f"Mug {number}", category="Kitchen", tax_class="standard",
        image="", variants=[variant],
    )  # fmt: skip


@pytest.fixture
def offers() -> None:
    """A shop with twenty offers, told by two contexts."""
    say("catalog", *(published(number) for number in range(20)))
    say("inventory", *(AvailabilityChanged(sku=sku, available=number) for number, sku in enumerate(SKUS)))
    say("catalog", *(price_changed(SKUS[n], 500 + n, UUIDS[n]) for n in range(20)))
    drain()


def replay(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", *arguments, stdout=out)
    return ended.value.code, out.getvalue()


def replay_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    status, said = replay(*arguments, "--json")
    (report,) = json.loads(said)["replayed"]
    return status, report


def rows() -> list[tuple[Any, ...]]:
    return sql("ordering", "select sku, product_slug, price_cents, available, on_sale from ordering_offer order by sku")


def verified(*contexts: str) -> None:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", *contexts, stdout=out)
    assert ended.value.code == 0, out.getvalue()


def read_model_named(name: str) -> ReadModel:
    return read_models()[name]
