"""A worker keeps its connections from task to task, without asking each whether it still works."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connections

from config.celery import refresh_connections

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def pid(alias: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        found: int = cursor.fetchone()[0]
        return found


def test_a_connection_that_works_is_kept_and_not_asked():
    before = pid("catalog")
    connection: Any = connections["catalog"]

    refresh_connections()

    with patch.object(type(connection), "is_usable", side_effect=AssertionError("it was asked")):
        assert pid("catalog") == before


def test_a_connection_that_the_server_ended_is_replaced_before_a_task_uses_it():
    before = pid("catalog")
    with connections["catalog"].copy().cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", [before])
        assert cursor.fetchone() == (True,)
        cursor.connection.close()

    refresh_connections()

    assert pid("catalog") != before
