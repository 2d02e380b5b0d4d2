"""A store that does not answer: 503 with a page that stands on its own; a defect of ours stays a 500."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from config import unavailable, urls, warming
from contexts.catalog import bitmaps


@pytest.fixture
def without_databases(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """Every context's database is gone: nobody listens where it was."""
    kept = {alias: connections[alias] for alias in connections}
    with django_db_blocker.unblock():
        for alias, connection in kept.items():
            connections[alias] = DatabaseWrapper({**connection.settings_dict, "HOST": str(tmp_path)}, alias)
        yield
        for alias, connection in kept.items():
            connections[alias].close()
            connections[alias] = connection


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["/", "/search/?q=mug", "/p/red-mug/", "/account/sign-in/code/"])
def test_without_a_database_pages_answer_503_and_when_to_come_back(
    browser: Client, without_databases: None, address: str
) -> None:
    browser.cookies["sessionid"] = "somebody"

    answer = browser.get(address)

    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
    assert "We are back in a moment" in answer.content.decode()


def test_without_a_database_a_web_process_is_left_to_warm_itself(without_databases: None) -> None:
    thread = warming.start()
    thread.join()

    assert bitmaps.latest().all == 0


def test_the_page_stands_on_its_own_under_the_strict_policy(browser: Client, without_databases: None) -> None:
    answer = browser.get("/")

    page, policy = answer.content.decode(), answer["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<(script|link|img)\b|style=", page), "it needs nothing that could be away as well"
    assert 'http-equiv="refresh" content="5"' in page


def test_what_was_sent_is_not_sent_again_by_itself(browser: Client, without_databases: None) -> None:
    answer = browser.post("/cart/add/", {"sku": "RED-MUG", "quantity": "1"})

    assert answer.status_code == 503
    assert "http-equiv" not in answer.content.decode()
    assert "no order is placed twice" in answer.content.decode()


@pytest.mark.django_db(databases=["customers"])
def test_without_redis_a_page_that_needs_it_answers_503(browser: Client, tmp_path: Path) -> None:
    gone = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": f"unix://{tmp_path}/nobody"}
    with override_settings(CACHES={"default": gone}):
        answer = browser.post("/account/sign-in/", {"login": "ada@example.org", "password": "x"})

    assert answer.status_code == 503


def broken(request: HttpRequest) -> HttpResponse:
    raise LookupError("a defect of ours")


urlpatterns = [path("broken/", broken), *urls.urlpatterns]
handler500 = urls.handler500


def test_a_defect_of_ours_is_no_outage(browser: Client) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        answer = browser.get("/broken/")

    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()
    assert "a defect of ours" not in answer.content.decode()
    assert "Retry-After" not in answer


def test_a_store_that_is_away_is_found_behind_another_error() -> None:
    error = ValueError("no cart")
    error.__cause__ = redis.ConnectionError("Connection refused.")

    assert unavailable.is_away(error)
    assert not unavailable.is_away(ValueError("no cart"))
    assert not unavailable.is_away(None)
