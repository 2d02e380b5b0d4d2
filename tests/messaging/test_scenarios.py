"""given / when / then: it passes what is right and fails, with a useful sentence, what is not."""

from __future__ import annotations

import pytest
from uuid_utils.compat import uuid7

from contexts.messaging.scenarios import Scenario
from contexts.ordering.errors import NoSuchOrder, TooLateToCancel
from contexts.ordering.events import CheckoutExpired, CheckoutStarted
from contexts.ordering.order import Order

ID = uuid7()
STARTED = CheckoutStarted(order_id=ID, customer_id=None, lines=[])
EXPIRED = CheckoutExpired(order_id=ID, explanation="Time is up.")


def begin(*events):
    return Scenario(Order, events)


def expire(order):
    order.note_hold_over("Time is up.")


def cancel(order):
    order.cancel(reason="by_customer", explanation="")


def test_what_happened_is_asserted_exactly():
    begin(STARTED).when(expire).then(EXPIRED)
    begin(STARTED).when(expire, expire).then(EXPIRED)
    begin(STARTED, EXPIRED).when(expire).then()
    begin(STARTED).when(expire).then_is(status="expired", version=2)
    begin(STARTED).when(cancel).then_raises(NoSuchOrder)


def test_another_event_fails_and_shows_the_field_that_differs():
    other = CheckoutExpired(order_id=ID, explanation="Sold out.")

    with pytest.raises(AssertionError, match=r"CheckoutExpired.explanation: 'Time is up.', not 'Sold out.'"):
        begin(STARTED).when(expire).then(other)


def test_an_event_too_many_or_too_few_fails():
    with pytest.raises(AssertionError):
        begin(STARTED).when(expire).then()
    with pytest.raises(AssertionError):
        begin(STARTED, EXPIRED).when(expire).then(EXPIRED)


def test_a_refusal_that_nobody_expected_is_raised():
    with pytest.raises(NoSuchOrder):
        begin(STARTED).when(cancel).then()
    with pytest.raises(NoSuchOrder):
        begin(STARTED).when(cancel).then_is(status="checkout")
    with pytest.raises(NoSuchOrder):
        begin(STARTED).when(cancel).then_raises(TooLateToCancel)


def test_a_refusal_that_does_not_come_fails():
    with pytest.raises(AssertionError, match="NoSuchOrder was not raised"):
        begin(STARTED).when(expire).then_raises(NoSuchOrder)
    with pytest.raises(AssertionError, match="does not match"):
        begin(STARTED).when(cancel).then_raises(NoSuchOrder, match="the moon")


def test_a_refusal_after_something_was_recorded_fails():
    def expire_then_fail(order):
        expire(order)
        raise NoSuchOrder

    with pytest.raises(AssertionError, match="recorded all the same"):
        begin(STARTED).when(expire_then_fail).then_raises(NoSuchOrder)


def test_a_wrong_state_fails():
    with pytest.raises(AssertionError, match=r"found \{'status': 'expired'\}"):
        begin(STARTED).when(expire).then_is(status="placed")


def test_then_without_when_fails():
    with pytest.raises(AssertionError, match=r"needs .when"):
        begin(STARTED).then()


def test_events_of_different_subjects_do_not_make_a_scenario():
    with pytest.raises(AssertionError, match="is about"):
        begin(STARTED, CheckoutExpired(order_id=uuid7(), explanation=""))


def test_the_fixture_begins_an_empty_scenario_too(given):
    other = uuid7()
    started = CheckoutStarted(order_id=other, customer_id=None, lines=[])

    given(Order, id=other).when(lambda order: order.record(started)).then(started)


def test_a_scenario_that_asserts_nothing_fails_its_test(pytester_like):
    assert pytester_like("given(Order, STARTED).when(expire)") == "Unfinished"
    assert pytester_like("given(Order, STARTED).when(expire).then(EXPIRED)") is None


@pytest.fixture
def pytester_like():
    """Run a line in a test that uses the fixture; return the name of what its end raised."""
    from contexts.messaging.testing import given as fixture

    def run(line):
        generator = fixture.__wrapped__() if hasattr(fixture, "__wrapped__") else fixture._get_wrapped_function()()
        eval(line, globals() | {"given": next(generator)})
        try:
            next(generator, None)
        except AssertionError as problem:
            return type(problem).__name__
        return None

    return run
