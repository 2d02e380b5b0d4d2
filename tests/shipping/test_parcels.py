"""An order gets one parcel, which is dispatched and delivered once each, or cancelled before it leaves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
import time_machine
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from structlog.testing import capture_logs

from contexts.shipping import services
from contexts.shipping.events import ParcelDelivered, ParcelDispatched, ParcelDue
from contexts.shipping.models import Parcel
from tests.shipping.factories import order_cancelled, order_confirmed, parcel

pytestmark = pytest.mark.django_db(databases=["shipping"])


@pytest.fixture
def order():
    return uuid4()


def state(order_id):
    return Parcel.objects.get(order_id=order_id).state


def entries(order_id):
    return list(Parcel.objects.get(order_id=order_id).events.values_list("state", flat=True))


@time_machine.travel("2026-03-05 10:00Z")  # a Thursday
def test_a_confirmed_order_gets_a_parcel(deliver, published_events, order):
    services.install_default_methods()
    published_events.clear()

    deliver(order_confirmed(order))

    made = Parcel.objects.get()
    assert (made.order_id, made.order_number, made.state, made.carrier) == (order, "T-1001", "created", "Heron Post")
    assert (made.name, made.city, made.country) == ("Ada Lovelace", "Utrecht", "NL")
    assert (made.expected_from, made.expected_until) == (date(2026, 3, 9), date(2026, 3, 11))
    assert [(line.sku, line.label, line.quantity) for line in made.lines.all()] == [("RED-MUG", "Red", 2)]
    assert published_events == []


def test_an_order_of_a_method_that_is_gone_is_sent_all_the_same(deliver, order):
    deliver(order_confirmed(order, method="balloon"))

    made = Parcel.objects.get()
    assert (made.method, made.carrier, made.expected_until) == ("balloon", "Heron Post", None)


def test_a_repeated_confirmation_makes_one_parcel(deliver, order):
    deliver(order_confirmed(order), times=2)
    deliver(order_confirmed(order))

    assert entries(order) == ["created"]


def test_tracking_numbers_cannot_be_guessed():
    numbers = {parcel(number=f"T-{count}").tracking_number for count in range(50)}

    assert len(numbers) == 50
    assert {len(number) for number in numbers} == {18}


def test_a_dispatched_parcel_is_announced_once(published_events):
    made = parcel()

    services.dispatch(made.id, actor="staff:1")
    with pytest.raises(services.NotPossible, match="The parcel for T-1001 has already left"):
        services.dispatch(made.id, actor="staff:2")

    assert published_events == [
        ParcelDispatched(
            order_id=made.order_id,
            parcel_id=made.id,
            carrier=made.carrier,
            tracking_number=made.tracking_number,
        )
    ]
    assert entries(made.order_id) == ["created", "dispatched"]


def test_a_delivered_parcel_is_announced_once(published_events):
    made = parcel()
    services.dispatch(made.id)
    published_events.clear()
    moment = timezone.now()

    services.deliver(made.id, at=moment)
    with pytest.raises(services.NotPossible, match="was already delivered"):
        services.deliver(made.id)

    assert published_events == [ParcelDelivered(order_id=made.order_id, parcel_id=made.id, delivered_at=moment)]
    assert entries(made.order_id) == ["created", "dispatched", "delivered"]


def test_a_parcel_is_not_delivered_before_it_left(published_events):
    made = parcel()

    with pytest.raises(services.NotPossible, match="has not been dispatched yet; dispatch it first"):
        services.deliver(made.id)

    assert state(made.order_id) == "created"
    assert published_events == []


def test_a_cancelled_order_is_not_sent(deliver, published_events, order):
    deliver(order_confirmed(order))

    deliver(order_cancelled(order), times=2)

    assert entries(order) == ["created", "cancelled"]
    with pytest.raises(services.NotPossible, match="was cancelled with its order"):
        services.dispatch(Parcel.objects.get().id)
    assert published_events == []


def test_a_parcel_that_left_is_not_cancelled(deliver, order):
    deliver(order_confirmed(order))
    services.dispatch(Parcel.objects.get().id)

    deliver(order_cancelled(order))

    assert state(order) == "dispatched"


def test_a_cancellation_heard_first_prevents_the_parcel(deliver, order):
    deliver(order_cancelled(order), times=2)

    deliver(order_confirmed(order))

    assert not Parcel.objects.exists()


STEPS = {
    "confirmed": lambda deliver, order: deliver(order_confirmed(order)),
    "cancelled": lambda deliver, order: deliver(order_cancelled(order)),
    "dispatch": lambda deliver, order: _try(services.dispatch, order),
    "deliver": lambda deliver, order: _try(services.deliver, order),
}


def _try(move, order):
    for found in Parcel.objects.filter(order_id=order):
        try:
            move(found.id)
        except services.NotPossible:
            return


@pytest.mark.parametrize("heard", list(permutations(["cancelled", "confirmed"])), ids=" ".join)
def test_confirmed_and_cancelled_means_nothing_is_sent(deliver, order, heard):
    for step in heard:
        STEPS[step](deliver, order)

    assert not Parcel.objects.exclude(state="cancelled").exists()


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_a_parcels_tracking_is_always_a_way_it_can_go(deliver, published_events, steps):
    order = uuid4()
    published_events.clear()

    for step in steps:
        STEPS[step](deliver, order)

    found = Parcel.objects.filter(order_id=order).first()
    way = entries(order) if found else []
    assert way in (
        [],
        ["created"],
        ["created", "cancelled"],
        ["created", "dispatched"],
        ["created", "dispatched", "delivered"],
    )
    assert (found.state if found else None) == (way[-1] if way else None)
    announced = [type(event) for event in published_events]
    expected = {"dispatched": ParcelDispatched, "delivered": ParcelDelivered}
    assert announced == [expected[state] for state in way if state in expected]


class TestTheDemoShop:
    """Parcels move by themselves."""

    pytestmark = pytest.mark.django_db(databases=["shipping"])

    @pytest.fixture(autouse=True)
    def demo(self, settings):
        settings.DEMO = True

    def test_timers_move_the_parcel(self, deliver, order):
        deliver(order_confirmed(order))
        made = Parcel.objects.get()

        deliver(ParcelDue(order_id=order, parcel_id=made.id, step="dispatch"))
        deliver(ParcelDue(order_id=order, parcel_id=made.id, step="deliver"))

        assert entries(order) == ["created", "dispatched", "delivered"]

    def test_a_timer_leaves_a_parcel_alone_that_was_moved_by_hand(self, deliver, published_events, order):
        deliver(order_confirmed(order))
        made = Parcel.objects.get()
        services.dispatch(made.id)
        published_events.clear()

        deliver(ParcelDue(order_id=order, parcel_id=made.id, step="dispatch"))

        assert entries(order) == ["created", "dispatched"]
        assert published_events == []

    def test_a_timer_leaves_a_cancelled_parcel_alone(self, deliver, order):
        deliver(order_confirmed(order))
        deliver(order_cancelled(order))

        deliver(ParcelDue(order_id=order, parcel_id=Parcel.objects.get().id, step="dispatch"))

        assert state(order) == "cancelled"


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_a_demo_parcel_is_dispatched_after_20_seconds_and_delivered_after_60(
    settings, network, deliver_all, published_events
):
    settings.DEMO = True
    made = parcel()
    start = timezone.now()
    seen = []

    for seconds in (0, 19, 21, 59, 61):
        with time_machine.travel(start + timedelta(seconds=seconds)):
            deliver_all()
        seen.append((seconds, state(made.order_id)))

    assert seen == [(0, "created"), (19, "created"), (21, "dispatched"), (59, "dispatched"), (61, "delivered")]


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_a_timer_that_comes_after_staff_fails_no_page(settings, network, deliver_all):
    settings.DEMO = True
    made = parcel()
    services.dispatch(made.id)
    services.deliver(made.id)

    with capture_logs() as said, time_machine.travel(timezone.now() + timedelta(minutes=2)):
        deliver_all()

    assert state(made.order_id) == "delivered"
    assert [line for line in said if line["event"].startswith("page failed") and line["subscriber"] == "shipping"] == []


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_outside_the_demo_a_parcel_waits_for_staff(network, deliver_all):
    made = parcel()

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        deliver_all()

    assert state(made.order_id) == "created"


def at_once(jobs):
    def run(job):
        try:
            return job()
        except services.NotPossible:
            return None
        finally:
            connections["shipping"].close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.django_db(databases=["shipping"], transaction=True)
def test_many_who_dispatch_at_once_dispatch_once(published_events):
    made = parcel()

    moved = at_once([lambda: services.dispatch(made.id)] * 16)

    assert sum(parcel is not None for parcel in moved) == 1
    assert len(published_events) == 1


@pytest.mark.django_db(databases=["shipping"], transaction=True)
def test_cancelling_and_dispatching_at_once_does_one_of_them(published_events):
    parcels = [parcel(number=f"T-{count}") for count in range(10)]

    jobs = []
    for made in parcels:
        jobs.append(lambda made=made: services.dispatch(made.id))
        jobs.append(lambda made=made: services.cancel_parcel(order_id=made.order_id))
    at_once(jobs)

    ways = [tuple(entries(made.order_id)) for made in parcels]
    assert set(ways) <= {("created", "dispatched"), ("created", "cancelled")}
    assert len(published_events) == ways.count(("created", "dispatched"))


@pytest.mark.django_db(databases=["shipping"], transaction=True)
def test_confirming_and_cancelling_at_once_sends_nothing():
    orders = [uuid4() for _ in range(15)]

    def confirm(order):
        services.create_parcel(
            order_id=order, number="T-1", customer_id=None, address=parcel_address(), method="standard", contents=[]
        )

    jobs = []
    for order in orders:
        jobs.append(lambda order=order: confirm(order))
        jobs.append(lambda order=order: services.cancel_parcel(order_id=order))
    at_once(jobs)

    assert not Parcel.objects.exclude(state="cancelled").exists()


def parcel_address():
    return order_confirmed(uuid4()).shipping_address
