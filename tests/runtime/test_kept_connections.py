"""Connections are kept from task to task and from request to request, without asking each whether it still works."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.db import close_old_connections, connections
from django.http import HttpRequest, HttpResponse

from config.celery import refresh_connections
from config.connections import KeptConnections

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def pid(alias: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        found: int = cursor.fetchone()[0]
        return found


def a_task_begins():
    refresh_connections()


def a_request_begins():
    close_old_connections()
    KeptConnections(lambda request: HttpResponse())(HttpRequest())


BEGINNINGS = [a_task_begins, a_request_begins]


@pytest.mark.parametrize("begin", BEGINNINGS)
def test_a_connection_that_works_is_kept_and_not_asked(begin):
    before = pid("catalog")
    connection: Any = connections["catalog"]

    begin()

    with patch.object(type(connection), "is_usable", side_effect=AssertionError("it was asked")):
        assert pid("catalog") == before


@pytest.mark.parametrize("begin", BEGINNINGS)
def test_a_connection_that_the_server_ended_is_replaced_before_it_is_used(begin):
    before = pid("catalog")
    with connections["catalog"].copy().cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", [before])
        assert cursor.fetchone() == (True,)
        cursor.connection.close()

    begin()

    assert pid("catalog") != before
