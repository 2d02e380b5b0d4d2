"""`/metrics`: what is asked of the databases, what workers measured, and who may read it."""

from __future__ import annotations

import pytest
import redis
import structlog
from django.db import OperationalError, transaction
from prometheus_client.parser import text_string_to_metric_families

from contexts.catalog.events import PriceChanged
from contexts.messaging import Discard, measuring, metrics, publish
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.relay import relay
from contexts.messaging.transport import use
from contexts.messaging.work import refuse
from tests.messaging.conftest import price_changed

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def nothing_measured():
    measuring._sums.take()
    yield
    measuring._sums.take()


def publish_prices(count=1):
    with transaction.atomic(using="catalog"):
        publish(*[price_changed(cents=cents) for cents in range(1, count + 1)])


@pytest.fixture
def scrape(client):
    def read(**labels):
        answer = client.get("/metrics")
        assert answer.status_code == 200
        return {
            (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return read


def test_lag_counts_what_a_subscriber_wants_and_has_not_acknowledged(listen, scrape):
    listen(PriceChanged, lambda event, envelope: None, to="inventory")
    publish_prices(20)
    with use(MemoryTransport()):
        relay("catalog")

    found = scrape()
    lags = [value for key, value in found.items() if key[0] == "tradepost_subscription_lag_events"]
    late = [value for key, value in found.items() if key[0] == "tradepost_subscription_lag_seconds"]

    assert sum(lags) == 20
    assert 0 < max(late) < 60
    assert found["tradepost_log_head", "catalog"] == 20
    assert found["tradepost_database_up", "catalog"] == 1


def test_handlers_pages_and_relayed_pages_are_measured(listen, scrape):
    def handle(event, envelope):
        if event.price.amount == 2:
            raise Discard("not this one")
        if event.price.amount == 3:
            raise ValueError("nor this")

    listen(PriceChanged, handle, to="inventory")
    publish_prices(3)
    drain(with_chores=False)

    found = scrape()
    name = f"{handle.__module__}.{handle.__qualname__}"
    calls = {
        key[2]: value for key, value in found.items() if key[0] == "tradepost_handler_seconds_count" and key[1] == name
    }

    assert calls["ok"] >= 1
    assert calls["failed"] >= 1
    assert calls["discarded"] >= 1
    assert found["tradepost_page_events_sum", "catalog", "inventory"] == 3
    assert found["tradepost_relay_pages_total", "catalog", "inventory"] >= 1
    assert found["tradepost_parked_events", "waiting", "inventory"] == 1
    assert found["tradepost_parked_events", "discarded", "inventory"] == 1


def test_a_histogram_counts_up_to_each_bound(scrape):
    for seconds in (0.0004, 0.001, 0.02, 60):
        measuring.count(measuring.HANDLER_SECONDS, "inventory", "one", "ok", amount=seconds)

    found = scrape()
    buckets = {key[2]: value for key, value in found.items() if key[0] == "tradepost_handler_seconds_bucket"}

    assert [buckets[bound] for bound in ("0.0005", "0.001", "0.01", "0.025", "10", "+Inf")] == [1, 2, 2, 3, 3, 4]
    assert found["tradepost_handler_seconds_sum", "one", "ok", "inventory"] == pytest.approx(60.0214)


def test_measurements_of_several_processes_add_up(scrape):
    for _ in range(3):
        measuring.count(measuring.RELAY_PAGES, "catalog", "inventory")
        measuring.flush()

    assert scrape()["tradepost_relay_pages_total", "catalog", "inventory"] == 3


def test_a_child_process_does_not_pass_on_what_its_parent_measured():
    measuring.count(measuring.RELAY_PAGES, "catalog", "inventory")

    measuring._sums.forget()

    assert measuring._sums.take() == {}


def test_refused_messages_are_counted(scrape):
    refuse("catalog", "forged")
    refuse("catalog", "forged")

    assert scrape()["tradepost_refused_messages_total", "catalog"] == 2


def test_without_redis_delivery_goes_on_and_the_rest_is_shown(listen, scrape, monkeypatch):
    def gone():
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(measuring, "store", gone)
    monkeypatch.setattr(metrics, "store", gone)
    listen(PriceChanged, lambda event, envelope: None, to="inventory")
    publish_prices(1)
    drain(with_chores=False)

    found = scrape()

    assert found[("tradepost_metrics_store_up",)] == 0
    assert found["tradepost_log_head", "catalog"] == 1


def test_a_database_that_is_down_is_said_so_and_the_others_are_shown(scrape, monkeypatch):
    real = metrics.log_of

    def log_of(context):
        if context == "catalog":
            raise OperationalError("gone")
        return real(context)

    monkeypatch.setattr(metrics, "log_of", log_of)

    found = scrape()

    assert found["tradepost_database_up", "catalog"] == 0
    assert found["tradepost_database_up", "ordering"] == 1
    assert ("tradepost_log_head", "catalog") not in found


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "203.0.113.7"}, 403),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, 403),
        ({"REMOTE_ADDR": "nonsense"}, 403),
    ],
)
def test_without_a_token_only_this_machine_may_scrape(client, request_, status):
    assert client.get("/metrics", **request_).status_code == status


@pytest.mark.parametrize(
    ("header", "status"), [("Bearer secret", 200), ("Bearer wrong", 403), ("secret", 403), ("", 403)]
)
def test_with_a_token_whoever_has_it_may_scrape(client, settings, header, status):
    settings.METRICS_TOKEN = "secret"

    assert client.get("/metrics", headers={"Authorization": header}, REMOTE_ADDR="203.0.113.7").status_code == status


def test_log_lines_in_a_handler_carry_event_and_correlation(listen):
    seen = []

    def handle(event, envelope):
        seen.append((structlog.contextvars.get_contextvars(), envelope))

    listen(PriceChanged, handle, to="inventory")
    publish_prices(1)
    drain(with_chores=False)

    ((bound, envelope),) = seen
    assert bound["event_id"] == str(envelope.id)
    assert bound["correlation_id"] == str(envelope.correlation_id)
    assert "event_id" not in structlog.contextvars.get_contextvars()
