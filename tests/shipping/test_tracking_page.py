"""Whoever has a tracking number sees where the parcel is, and nothing about whose it is."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from contexts.kernel.links import link
from contexts.shipping import services
from contexts.shipping.models import Parcel
from tests.shipping.factories import ADDRESS, parcel

pytestmark = pytest.mark.django_db(databases=["shipping"])


def page_of(made: Parcel) -> str:
    return link("tracking", tracking_number=made.tracking_number)


def test_the_page_shows_the_way_of_the_parcel(client):
    services.install_default_methods()
    made = parcel()
    services.dispatch(made.id, at=datetime(2026, 3, 5, 14, 30, tzinfo=UTC))

    answer = client.get(page_of(made))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Your parcel is on its way to Utrecht." in page
    assert "2026-03-05T14:30:00+00:00" in page
    assert "Heron Post" in page
    assert "Expected" in page
    assert page.count("timeline__step--now") == 1
    assert page.count("timeline__step--done") == 1


def test_the_page_names_no_person_no_street_and_no_order(client):
    page = client.get(page_of(parcel(number="T-4711"))).content.decode()

    for secret in (ADDRESS.name, ADDRESS.street, ADDRESS.postcode, "T-4711"):
        assert secret not in page
    assert "Utrecht, Netherlands" in page


def test_search_engines_and_shared_caches_are_kept_away(client):
    answer = client.get(page_of(parcel()))

    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Cache-Control"] == "private, no-store"


def test_an_unknown_number_is_not_found(client):
    assert client.get("/parcels/TPNOSUCHPARCEL/").status_code == 404


def test_small_letters_will_do(client):
    made = parcel()

    assert client.get(f"/parcels/{made.tracking_number.lower()}/").status_code == 200


def test_the_open_page_asks_for_what_is_new(client):
    made = parcel()
    assert client.get(page_of(made), {"seen": "1"}).status_code == 204

    services.dispatch(made.id)
    moved = client.get(page_of(made), {"seen": "1"})
    assert moved.status_code == 200
    assert "<html" not in moved.content.decode()
    assert "?seen=2" in moved.content.decode()

    services.deliver(made.id)
    last = client.get(page_of(made), {"seen": "2"})
    assert last.status_code == 286
    assert "Your parcel was delivered." in last.content.decode()
    assert "hx-get" not in last.content.decode()


def test_without_javascript_the_page_refreshes_while_something_is_to_come(client):
    made = parcel()
    assert 'http-equiv="refresh"' in client.get(page_of(made)).content.decode()

    services.dispatch(made.id)
    services.deliver(made.id)

    assert 'http-equiv="refresh"' not in client.get(page_of(made)).content.decode()


def test_a_cancelled_parcel_says_so(client):
    made = parcel()
    services.cancel_parcel(order_id=made.order_id)

    page = client.get(page_of(made)).content.decode()

    assert "This parcel will not be sent." in page
    assert "timeline__step--bad" in page


def test_the_page_needs_few_queries(client, django_assert_max_num_queries):
    made = parcel()
    services.dispatch(made.id, at=timezone.now())

    with django_assert_max_num_queries(2, using="shipping"):
        client.get(page_of(made))
