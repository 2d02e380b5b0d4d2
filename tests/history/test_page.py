"""The purchase history page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from contexts.customers import services
from contexts.history import handlers, inbox
from contexts.history.redis_store import live_store
from contexts.history.wording import freshness
from contexts.kernel import identity
from contexts.kernel.identity import Identity
from contexts.messaging import Event
from tests.history.factories import ADA, EVE, cancelled, confirmed, envelope, line, placed, said, shipped

pytestmark = pytest.mark.django_db(databases="__all__")

PAGE = "/account/purchases/"
MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def ada(client: Client, client_of_redis: redis.Redis) -> Client:
    """A browser that carries the identity customers gave it."""
    response = HttpResponse()
    identity.issue(response, Identity(customer_id=ADA, email="ada@example.org", name="Ada Byron"))
    client.cookies[identity.COOKIE] = response.cookies[identity.COOKIE].value
    return client


def hear(*events: Event, at: datetime = MAY) -> None:
    for version, event in enumerate(events, start=1):
        live_store().apply(said(event, version, at=at), as_of=at)


def text_of(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def orders_on(page: str) -> list[str]:
    return re.findall(r"Order (T-\d+)", page)


def test_a_guest_signs_in_first_and_comes_back(client: Client) -> None:
    answer = client.get(f"{PAGE}?year=2026")

    assert (answer.status_code, answer["Location"]) == (
        302, "/account/sign-in/?next=%2Faccount%2Fpurchases%2F%3Fyear%3D2026",
    )  # fmt: skip


def test_a_forged_identity_is_a_guest(client: Client) -> None:
    client.cookies[identity.COOKIE] = "not:signed:by-us"

    assert client.get(PAGE).status_code == 302


def test_purchases_are_listed_newest_first_with_status_and_amount(ada: Client) -> None:
    hear(placed(1, line("red-mug", cents=9_99, quantity=2)), confirmed(1), shipped(1), at=MAY - timedelta(days=9))
    hear(placed(2), cancelled(2))
    hear(placed(3, customer=EVE))

    page = text_of(ada)

    assert orders_on(page) == ["T-2", "T-1"]
    assert "On its way" in page
    assert "Your card was declined." in page
    assert "€19.98" in page
    assert 'href="/parcels/TRACK1/"' in page
    assert f'href="/orders/{"00000000-0000-0000-0000-0000000003e9"}/"' in page


def test_the_page_says_how_fresh_it_is(ada: Client) -> None:
    hear(placed(1))

    page = text_of(ada)

    assert 'As of <time datetime="2026-05-01T12:00:00+00:00" title="1 May 2026, 12:00">1 May 2026, 12:00</time>' in page


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-3), "a moment ago"),
        (timedelta(seconds=59), "a moment ago"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=2), "today at 10:00"),
        (timedelta(hours=12), "today at 00:00"),
        (timedelta(hours=13), "yesterday at 23:00"),
        (timedelta(days=2), "29 April 2026, 12:00"),
    ],
)
def test_freshness_is_said_in_plain_words(ago: timedelta, words: str) -> None:
    assert freshness(MAY - ago, now=MAY) == words


def test_buying_again_posts_the_sku_and_the_quantity_to_the_cart(ada: Client) -> None:
    hear(placed(1, line("red-mug", quantity=3)))

    page = text_of(ada)

    form = re.search(r'<form method="post" action="/cart/add/">.*?</form>', page)
    assert form
    assert 'name="sku" value="RED-MUG"' in form[0]
    assert 'name="quantity" value="3"' in form[0]
    assert "csrfmiddlewaretoken" in form[0]


def test_filters_live_in_the_address_and_combine(ada: Client) -> None:
    hear(placed(1), at=datetime(2025, 2, 1, tzinfo=UTC))
    hear(placed(2), confirmed(2))
    hear(placed(3))

    assert orders_on(text_of(ada, f"{PAGE}?year=2025")) == ["T-1"]
    assert orders_on(text_of(ada, f"{PAGE}?year=2026&status=placed")) == ["T-3"]
    assert "Nothing matches this filter." in text_of(ada, f"{PAGE}?year=2025&status=confirmed")
    assert 'href="/account/purchases/?year=2026&amp;status=confirmed"' in text_of(ada, f"{PAGE}?year=2026")


def test_every_purchase_of_one_product_is_a_link_away(ada: Client) -> None:
    hear(placed(1, line("red-mug"), line("blue-lamp")), at=MAY - timedelta(days=1))
    hear(placed(2, line("blue-lamp")))

    address = re.findall(r'href="([^"]+)">Orders with this<span class="visually-hidden">: Red Mug', text_of(ada))
    page = text_of(ada, address[0])

    assert orders_on(page) == ["T-1"]
    assert "Only purchases of Red Mug are shown." in page
    assert "Orders with this" not in page


@pytest.mark.parametrize("nonsense", ["year=soon", "status=burnt", "page=-1", "page=none", "product=%00", "year=99999",
                                      "page=99999999999999999999"])  # fmt: skip
def test_nonsense_in_the_address_filters_nothing(ada: Client, nonsense: str) -> None:
    hear(placed(1))

    assert orders_on(text_of(ada, f"{PAGE}?{nonsense}")) == ["T-1"]


def test_a_long_history_comes_in_pages(ada: Client) -> None:
    for number in range(1, 13):
        hear(placed(number), at=MAY + timedelta(days=number))

    first, second = text_of(ada), text_of(ada, f"{PAGE}?page=2")

    assert len(orders_on(first)) == 10
    assert orders_on(second) == ["T-2", "T-1"]
    assert "Page 1 of 2" in first
    assert 'rel="next" href="/account/purchases/?page=2"' in first
    assert 'rel="prev"' in second


def test_somebody_who_bought_nothing_is_told_so(ada: Client) -> None:
    hear(placed(1, customer=EVE))

    assert "You have not bought anything yet." in text_of(ada)


def test_a_lost_history_is_said_in_plain_words(ada: Client, client_of_redis: redis.Redis) -> None:
    hear(placed(1))
    client_of_redis.flushdb()

    assert "Your orders are safe" in text_of(ada)


def test_a_history_that_fills_again_says_so_until_half_a_minute_after(
    ada: Client, deliver: Callable[..., None]
) -> None:
    with time_machine.travel(MAY, tick=False) as clock:
        event = placed(1)
        clock.shift(timedelta(days=1))
        with inbox.RedisInbox(live_store).open("ordering", "history", 0) as place:
            handlers.add_purchase(event, envelope(event, version=1, at=MAY))
            place.move(1, "ab")

        clock.shift(29)
        filling = text_of(ada)
        clock.shift(1)
        filled = text_of(ada)

    assert orders_on(filling) == orders_on(filled) == ["T-1"]
    assert "being put together again: some purchases may be missing" in filling
    assert "being put together again" not in filled


def test_news_that_just_happened_is_nothing_to_speak_of(ada: Client) -> None:
    with time_machine.travel(MAY, tick=False) as clock:
        event = placed(1)
        clock.shift(60)
        with inbox.RedisInbox(live_store).open("ordering", "history", 0) as place:
            handlers.add_purchase(event, envelope(event, version=1, at=MAY))
            place.move(1, "ab")

        assert "being put together again" not in text_of(ada)


def test_redis_away_is_said_in_plain_words(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")

    assert "Your orders are safe" in text_of(ada)


def commands(happening: Callable[[], object]) -> list[tuple[str, bool]]:
    """Return what this test's Redis database is asked while something happens: (command, whether a script asks)."""
    herald, watcher = (redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) for _ in range(2))
    herald.ping()  # so that its greeting is not counted
    ours, end = settings.TEST_REDIS_DB, f"that is all of {uuid4()}"
    asked: list[tuple[str, bool]] = []
    with watcher.monitor() as monitor:  # type: ignore[no-untyped-call]
        happening()
        herald.echo(end)
        for command in monitor.listen():
            if end in command["command"]:
                return asked
            # A monitor sees the other test processes' databases too.
            if command["db"] == ours and not command["command"].startswith(
                ("HELLO", "CLIENT")
            ):  # a connection's greeting is not the page's
                asked.append((command["command"].split()[0], command["client_type"] == "lua"))
    raise AssertionError("unreachable")


def test_the_page_costs_no_query_and_one_round_trip_to_redis(ada: Client, django_assert_num_queries: Any) -> None:
    for number in range(1, 13):
        hear(placed(number), confirmed(number))
    ada.force_login(services.register(email="ada@example.org", name="Ada Byron", password=None))
    text_of(ada)

    def look() -> None:
        for alias in settings.CONTEXTS:
            with django_assert_num_queries(0, using=alias):
                text_of(ada, f"{PAGE}?year=2026&status=confirmed&page=2")

    assert [word for word, by_script in commands(look) if not by_script] == ["EVALSHA"] * len(settings.CONTEXTS)


def test_a_page_of_a_long_history_is_no_more_work_than_one_of_a_short(ada: Client) -> None:
    for number in range(1, 21):
        hear(placed(number))
    short = commands(lambda: text_of(ada, f"{PAGE}?page=2"))
    for number in range(21, 61):
        hear(placed(number))

    assert commands(lambda: text_of(ada, f"{PAGE}?page=4")) == short
