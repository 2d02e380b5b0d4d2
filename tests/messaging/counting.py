"""A read model that counts: applying an event twice, or never, shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections, models
from django.test.utils import isolate_apps

from contexts.catalog.events import PriceChanged
from contexts.messaging import subscriptions
from contexts.messaging.readmodels import ReadModel
from contexts.messaging.subscriptions import Handler
from tests.messaging.conftest import do

with isolate_apps("contexts.inventory"):

    class Count(models.Model):
        sku = models.TextField(primary_key=True)
        told = models.IntegerField()

        class Meta:
            app_label = "inventory"
            db_table = "probe_count"


@pytest.fixture(autouse=True)
def probe_count():
    do("inventory", "create table probe_count (sku text primary key, told integer not null)")
    yield
    do("inventory", "drop table probe_count")


def count(sku: str) -> None:
    with connections["inventory"].cursor() as cursor:
        cursor.execute(
            "insert into probe_count (sku, told) values (%s, 1) on conflict (sku) do update set told = probe_count.told + 1",
            [sku],
        )


def counting(listen: Any, function: Any = None) -> ReadModel:
    listen(PriceChanged, lambda event, envelope: None)
    model = ReadModel(name="inventory:probe", subscriber="inventory:probe", tables=(Count,))
    function = function or (lambda event, envelope: count(event.sku))
    by_event = subscriptions._handlers["inventory:probe"]
    by_event[PriceChanged.event_name] = [Handler(PriceChanged, function, False, "inventory:probe", feeds=model)]
    return model
