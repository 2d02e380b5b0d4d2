"""What supervisors and load balancers are told: the truth, and which part is wrong."""

from __future__ import annotations

import time

import pytest
import redis
from django.conf import settings
from django.db import connections
from django.test import Client, override_settings

from config import health
from config.heartbeat import FRESH_S, KEY, unattended
from config.provision import migrations

pytestmark = pytest.mark.django_db(databases=settings.CONTEXTS)


@pytest.fixture(autouse=True)
def _nothing_known_yet():
    health._migrated.clear()


def heartbeat(*queues: str, age_s: float = 0.0) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.hset(KEY, mapping={f"{queue}|contexts@here": time.time() - age_s for queue in queues})


def ready(client: Client) -> tuple[int, dict[str, str]]:
    """The status, and the parts that are not well."""
    response = client.get("/readyz")
    return response.status_code, {part: why for part, why in response.json()["parts"].items() if why != "ok"}


def test_a_process_that_answers_is_alive(client):
    assert client.get("/livez").json() == {"alive": True}


def test_ready_when_stores_answer_migrations_are_complete_and_every_queue_is_served(client):
    heartbeat(*settings.CONTEXTS, "effects")

    assert ready(client) == (200, {})


def test_not_ready_without_a_worker(client):
    status, wrong = ready(client)

    assert status == 503
    assert wrong["workers"].startswith("no fresh heartbeat on the queues customers, catalog")


def test_not_ready_when_one_queue_is_not_served(client):
    heartbeat(*settings.CONTEXTS)

    assert ready(client) == (503, {"workers": "no fresh heartbeat on the queues effects"})


def test_an_old_heartbeat_is_none(client):
    heartbeat(*settings.CONTEXTS, "effects")
    heartbeat("ordering", age_s=FRESH_S + 1)

    assert ready(client) == (503, {"workers": "no fresh heartbeat on the queues ordering"})


def test_one_living_worker_on_a_queue_is_enough():
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.hset(KEY, mapping={"ordering|dead@there": time.time() - 100, "ordering|contexts@here": time.time()})

        assert unattended(["ordering"], client) == []


def test_not_ready_while_a_migration_is_missing(client):
    heartbeat(*settings.CONTEXTS, "effects")
    last = migrations._on_disk("payments")[-1]
    with connections["payments"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", last)

    status, wrong = ready(client)

    assert status == 503
    assert wrong == {
        "database payments": f"1 migrations are missing, the first is {'.'.join(last)}; run manage.py setup"
    }


def test_not_ready_while_a_database_is_gone(client):
    heartbeat(*settings.CONTEXTS, "effects")
    with connections["payments"].cursor() as cursor, pytest.raises(Exception, match="terminat"):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    status, wrong = ready(client)
    connections["payments"].close()

    assert status == 503
    assert list(wrong) == ["database payments"]


def test_not_ready_while_redis_is_gone(client):
    with override_settings(REDIS_URL="redis://127.0.0.1:9/0"):
        status, wrong = ready(client)

    assert status == 503
    assert wrong["redis"].startswith("does not answer: ")
    assert wrong["workers"] == "unknown: Redis does not answer"


def test_the_shop_has_a_strict_security_policy_and_the_admin_a_looser_one(client):
    shop = client.get("/livez")["Content-Security-Policy"]
    admin = client.get("/admin/login/")["Content-Security-Policy"]

    assert "default-src 'self'" in shop
    assert "unsafe" not in shop
    assert "'unsafe-eval'" in admin
    assert "frame-ancestors 'none'" in admin
