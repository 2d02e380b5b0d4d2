"""A customer who has just ordered sees the order, or that it is on its way."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
import redis
from django.http import HttpResponse
from django.test import Client, RequestFactory

from contexts.history import queries, views
from contexts.history.redis_store import live_store
from contexts.kernel import awaited, identity
from contexts.kernel.awaited import AwaitedOrder
from contexts.kernel.identity import Identity
from tests.history.factories import ADA, EVE, cancelled, order_id, placed, said

pytestmark = pytest.mark.django_db(databases="__all__")

PAGE = "/account/purchases/"


@pytest.fixture
def ada(client: Client, client_of_redis: redis.Redis) -> Client:
    response = HttpResponse()
    identity.issue(response, Identity(customer_id=ADA, email="ada@example.org", name="Ada Byron"))
    client.cookies[identity.COOKIE] = response.cookies[identity.COOKIE].value
    live_store().apply(said(placed(1), 1), as_of=None)
    return client


@pytest.fixture(autouse=True)
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; `hear` below may be called in one of them."""
    made: list[float] = []
    monkeypatch.setattr(queries.time, "sleep", made.append)
    return made


def awaits(browser: Client, number: int, *, customer: UUID = ADA, version: int = 1) -> None:
    """Have a browser come from ordering, where it has just placed or changed an order."""
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in browser.cookies.items()}
    response = HttpResponse()
    order = AwaitedOrder(order_id=order_id(number), number=f"T-{number}", customer_id=customer, version=version)
    awaited.await_order(request, response, order)
    browser.cookies[awaited.COOKIE] = response.cookies[awaited.COOKIE].value


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def poll(browser: Client, look: int) -> Any:
    return browser.get(f"{PAGE}?look={look}", headers={"HX-Request": "true"})


def test_an_order_that_is_here_is_shown_at_once_and_not_awaited_any_more(ada: Client, sleeps: list[float]) -> None:
    awaits(ada, 1)

    page = text_of(ada.get(PAGE))

    assert "on its way into this list" not in page
    assert sleeps == []
    assert ada.cookies[awaited.COOKIE].value == ""


def test_an_order_that_comes_a_moment_later_is_waited_for(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    awaits(ada, 2)
    looks: list[float] = []

    def while_it_sleeps(pause_s: float) -> None:
        looks.append(pause_s)
        if len(looks) == 3:
            live_store().apply(said(placed(2), 1), as_of=None)

    monkeypatch.setattr(queries.time, "sleep", while_it_sleeps)
    page = text_of(ada.get(PAGE))

    assert re.findall(r"Order (T-\d+)</a></h2>", page) == ["T-2", "T-1"]
    assert "on its way into this list" not in page
    assert looks == list(queries.PAUSES_S[:3])


def test_an_order_that_does_not_come_is_said_to_be_on_its_way(ada: Client, sleeps: list[float]) -> None:
    awaits(ada, 2)

    page = text_of(ada.get(PAGE))

    assert f'Order <a href="/orders/{order_id(2)}/">T-2</a> is on its way into this list.' in page
    assert 'hx-get="/account/purchases/?look=1" hx-trigger="load delay:1s"' in page
    assert sleeps == list(queries.PAUSES_S)
    assert sum(sleeps) < 1


def test_the_browser_looks_again_until_the_order_is_here(ada: Client, sleeps: list[float]) -> None:
    awaits(ada, 2)

    still_missing = poll(ada, 1)
    live_store().apply(said(placed(2), 1), as_of=None)
    here = poll(ada, 2)

    assert "<h1" not in text_of(still_missing)
    assert 'hx-get="/account/purchases/?look=2"' in text_of(still_missing)
    assert (here["HX-Retarget"], here["HX-Reswap"]) == ("#purchases", "outerHTML")
    assert "Order T-2 is here now." in text_of(here)
    assert re.findall(r"Order (T-\d+)</a></h2>", text_of(here)) == ["T-2", "T-1"]
    assert sleeps == [], "a browser that looks again holds up no thread"
    assert ada.cookies[awaited.COOKIE].value == ""


def test_after_some_looks_the_page_gives_up_and_says_so(ada: Client) -> None:
    awaits(ada, 2)

    last = text_of(poll(ada, len(views.LOOKS_S)))

    assert "takes longer than usual" in last
    assert "hx-get" not in last


def test_a_filter_stays_while_the_page_looks_again(ada: Client) -> None:
    awaits(ada, 2)

    assert 'hx-get="/account/purchases/?year=2026&amp;look=1"' in text_of(ada.get(f"{PAGE}?year=2026"))


def test_a_first_order_is_awaited_in_an_empty_history(ada: Client) -> None:
    live_store().apply(said(placed(2, customer=EVE), 1), as_of=None)
    response = HttpResponse()
    identity.issue(response, Identity(customer_id=UUID(int=9), email="new@example.org", name="New"))
    ada.cookies[identity.COOKIE] = response.cookies[identity.COOKIE].value
    awaits(ada, 3, customer=UUID(int=9))

    page = text_of(ada.get(PAGE))

    assert "T-3</a> is on its way" in page
    assert "You have not bought anything yet" not in page


def test_a_cancelled_order_is_awaited_as_cancelled(ada: Client) -> None:
    awaits(ada, 1, version=2)

    before = text_of(ada.get(PAGE))
    live_store().apply(said(cancelled(1), 2), as_of=None)
    after = text_of(ada.get(PAGE))

    assert "on its way into this list" in before
    assert "on its way into this list" not in after


@pytest.mark.parametrize("note", ["", "nonsense", "a:b:c"])
def test_a_forged_note_awaits_nothing(ada: Client, sleeps: list[float], note: str) -> None:
    ada.cookies[awaited.COOKIE] = note

    assert "on its way into this list" not in text_of(ada.get(PAGE))
    assert sleeps == []


def test_somebody_elses_order_is_not_awaited(ada: Client, sleeps: list[float]) -> None:
    awaits(ada, 7, customer=EVE)

    assert "T-7" not in text_of(ada.get(PAGE))
    assert sleeps == []


def test_only_two_threads_wait_at_once(ada: Client, sleeps: list[float]) -> None:
    awaits(ada, 2)
    with queries._waiting, queries._waiting:
        page = text_of(ada.get(PAGE))

    assert "on its way into this list" in page
    assert sleeps == []


def test_a_browser_remembers_the_latest_three(ada: Client) -> None:
    for number in (2, 3, 4, 5, 3):
        awaits(ada, number)

    page = text_of(ada.get(PAGE))

    assert re.findall(r">(T-\d)</a> is on its way", page) == ["T-4", "T-5", "T-3"]


def test_with_redis_away_the_browser_goes_on_looking(ada: Client, settings: Any) -> None:
    awaits(ada, 2)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = text_of(poll(ada, 1))

    assert "T-2</a> is on its way into this list." in answer
    assert 'hx-get="/account/purchases/?look=2"' in answer
