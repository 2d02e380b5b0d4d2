"""The crash-point fixture: a process dies between two steps, and what comes after makes it whole."""

from __future__ import annotations

import pytest

from contexts.catalog.events import PriceChanged
from contexts.messaging.crashpoints import POINTS, Crash, crash_point as pass_point
from contexts.messaging.drain import drain
from tests.messaging.conftest import publish_prices, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

AFTER_PUBLISHING = [point for point in POINTS if not point.startswith("publish")]


@pytest.mark.parametrize("point", AFTER_PUBLISHING)
@pytest.mark.parametrize("time", [1, 3])
def test_wherever_a_process_dies_every_effect_happens_once_and_in_order(point, time, crash_point, listen, ledger):
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    # So many subjects that every partition has a page.
    expected = publish_prices(1, count=60, products=40)

    with crash_point(point, time=time):
        drain()
    drain()

    assert crash_point.passed[-1] == point
    assert ledger.by_subject() == expected


def test_a_publisher_that_dies_before_its_commit_has_said_nothing(crash_point, listen, ledger):
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))

    with crash_point("publish: written, not committed"):
        publish_prices(1, count=3)
    drain()

    assert sql("catalog", "select count(*) from messaging_event") == [(0,)]
    assert ledger.rows == []


def test_a_point_that_is_not_there_is_refused(crash_point):
    with pytest.raises(ValueError, match='no crash point "relay: on holiday"'), crash_point("relay: on holiday"):
        pass


def test_a_point_that_is_not_reached_fails_the_test(crash_point):
    with pytest.raises(AssertionError, match="was not reached 1 times"), crash_point("relay: committed, not sent"):
        pass


def test_unarmed_it_does_nothing():
    pass_point("relay: committed, not sent")


def test_a_crash_is_no_exception_that_a_handler_could_swallow():
    assert not issubclass(Crash, Exception)
