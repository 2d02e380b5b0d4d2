"""Staff dispatch and deliver parcels in the admin, after saying that they mean it."""

from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from contexts.shipping import services
from contexts.shipping.events import ParcelDelivered, ParcelDispatched
from contexts.shipping.models import Parcel, ParcelEvent
from tests.shipping.factories import parcel

pytestmark = pytest.mark.django_db(databases=["shipping", "customers"])
PARCELS = "admin:shipping_parcel_changelist"


@pytest.fixture
def staff(client):
    ContentType.objects.clear_cache()  # Its rows may have been made, and rolled back, by another test.
    person = get_user_model().objects.create_superuser(email="staff@example.com", password="a long password")
    client.force_login(person)
    client.person = person
    return client


def states():
    return dict(Parcel.objects.values_list("order_number", "state"))


def test_dispatching_asks_first(staff, published_events):
    made = parcel()

    page = staff.get(reverse("admin:shipping_parcel_dispatch_parcel", args=[made.pk])).content.decode()

    assert "cannot be called back" in page
    assert "T-1001" in page
    assert states() == {"T-1001": "created"}
    assert published_events == []


def test_a_confirmed_dispatch_is_done_and_remembered(staff, published_events):
    made = parcel()
    page = reverse("admin:shipping_parcel_dispatch_parcel", args=[made.pk])

    answer = staff.post(page, {"confirmed": "yes"}, follow=True)

    assert "1 parcel dispatched." in answer.content.decode()
    assert [type(event) for event in published_events] == [ParcelDispatched]
    assert ParcelEvent.objects.get(state="dispatched").actor == f"staff:{staff.person.pk}"


def test_a_second_click_is_told_so(staff, published_events):
    made = parcel()
    page = reverse("admin:shipping_parcel_dispatch_parcel", args=[made.pk])
    staff.post(page, {"confirmed": "yes"})

    answer = staff.post(page, {"confirmed": "yes"}, follow=True)

    assert "The parcel for T-1001 has already left." in answer.content.decode()
    assert len(published_events) == 1


def test_a_parcel_is_marked_as_delivered(staff, published_events):
    made = parcel()
    services.dispatch(made.id)
    published_events.clear()

    staff.post(reverse("admin:shipping_parcel_deliver_parcel", args=[made.pk]), {"confirmed": "yes"})

    assert [type(event) for event in published_events] == [ParcelDelivered]


def test_several_parcels_are_dispatched_together(staff):
    first, second, gone = parcel(number="T-1"), parcel(number="T-2"), parcel(number="T-3")
    services.cancel_parcel(order_id=gone.order_id)
    chosen = {"action": "dispatch_selected", "_selected_action": [str(made.pk) for made in (first, second, gone)]}

    asked = staff.post(reverse(PARCELS), chosen)
    assert "Dispatch: 3 parcels" in asked.content.decode()
    assert set(states().values()) == {"created", "cancelled"}
    answer = staff.post(reverse(PARCELS), chosen | {"confirmed": "yes"}, follow=True)

    page = answer.content.decode()
    assert "2 parcels dispatched." in page
    assert "The parcel for T-3 was cancelled with its order." in page
    assert states() == {"T-1": "dispatched", "T-2": "dispatched", "T-3": "cancelled"}


def test_a_parcel_is_not_edited_or_deleted_by_hand(staff):
    made = parcel()
    page = reverse("admin:shipping_parcel_change", args=[made.pk])
    assert staff.get(page).status_code == 200

    staff.post(page, {"state": "delivered", "order_number": "T-9"})

    assert states() == {"T-1001": "created"}
    assert staff.post(reverse("admin:shipping_parcel_delete", args=[made.pk]), {"post": "yes"}).status_code == 403
    assert staff.get(reverse("admin:shipping_parcel_add")).status_code == 403


def test_a_parcels_page_has_words_for_staff_and_only_the_buttons_that_do_something(staff):
    made = parcel()
    page = reverse("admin:shipping_parcel_change", args=[made.pk])

    packed = staff.get(page).content.decode()
    services.dispatch(made.id)
    sent = staff.get(page).content.decode()

    assert f'<a class="text-link" href="/admin/ordering/ordersummary/{made.order_id}/change/">T-1001</a>' in packed
    assert "Netherlands" in packed
    assert 'name="_save"' not in packed
    assert 'name="_continue"' not in packed
    assert ("/dispatch" in packed, "/deliver" in packed) == (True, False)
    assert ("/dispatch" in sent, "/deliver" in sent) == (False, True)


def test_parcels_are_found_by_order_and_tracking_number(staff):
    made = parcel(number="T-1")
    parcel(number="T-2")

    for asked in ("T-1", made.tracking_number):
        page = staff.get(reverse(PARCELS), {"q": asked})
        assert [found.order_number for found in page.context["cl"].result_list] == ["T-1"]


def test_an_unknown_parcel_is_not_found(staff):
    assert staff.post(reverse("admin:shipping_parcel_dispatch_parcel", args=[uuid4()])).status_code == 404


def test_a_stranger_dispatches_nothing(client, published_events):
    made = parcel()

    answer = client.post(reverse("admin:shipping_parcel_dispatch_parcel", args=[made.pk]), {"confirmed": "yes"})

    assert answer.status_code == 302
    assert published_events == []


def test_a_full_list_needs_few_queries(staff, django_assert_max_num_queries):
    for count in range(30):
        parcel(number=f"T-{count}")

    with django_assert_max_num_queries(6, using="shipping"):
        staff.get(reverse(PARCELS))
