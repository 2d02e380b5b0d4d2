"""Staff receive and count stock in the admin; the books themselves can only be read."""

from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from contexts.inventory import services
from contexts.inventory.models import Hold, Reservation, StockItem, StockMove
from tests.inventory.factories import figures, shelf, stock

pytestmark = pytest.mark.django_db(databases=["inventory", "customers"])


@pytest.fixture
def staff(client):
    ContentType.objects.clear_cache()  # Its rows may have been made, and rolled back, by another test.
    person = get_user_model().objects.create_superuser(email="staff@example.com", password="a long password")
    client.force_login(person)
    client.person = person
    return client


def action(name: str) -> str:
    return reverse(f"admin:inventory_stockitem_{name}", args=[stock("RED-MUG").pk])


def test_staff_receive_stock(staff):
    shelf(("RED-MUG", 1))

    assert "Pieces received" in staff.get(action("receive_stock")).content.decode()
    answer = staff.post(action("receive_stock"), {"quantity": 5, "reason": "Delivery 7"}, follow=True)

    assert "5 received: RED-MUG has 6 on hand." in answer.content.decode()
    assert StockMove.objects.first().actor == f"staff:{staff.person.pk}"


def test_staff_correct_a_count(staff):
    shelf(("RED-MUG", 9))

    staff.post(action("correct_count"), {"counted": 7, "reason": "2 broken"})

    assert figures("RED-MUG") == (7, 0, 0)


def test_a_refusal_is_shown_beside_what_was_typed(staff):
    shelf(("RED-MUG", 9))
    services.reserve(order_id=uuid4(), wanted={"RED-MUG": 8})

    answer = staff.post(action("correct_count"), {"counted": 7, "reason": "2 broken"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "RED-MUG: 7 counted, but 0 are held for checkouts and 8 reserved for orders." in page
    assert "2 broken" in page
    assert figures("RED-MUG") == (9, 0, 8)


def test_nonsense_changes_nothing(staff):
    shelf(("RED-MUG", 9))

    assert staff.post(action("receive_stock"), {"quantity": "-3", "reason": ""}).status_code == 422

    assert figures("RED-MUG") == (9, 0, 0)


@pytest.mark.parametrize(("chosen", "listed"), [("low", {"LOW", "GONE"}), ("out", {"GONE"})])
def test_the_list_is_filtered_by_what_is_left(staff, chosen, listed):
    shelf(("RED-MUG", 50), ("LOW", 3), ("GONE", 0))

    page = staff.get(reverse("admin:inventory_stockitem_changelist"), {"stock": chosen})

    assert {item.sku for item in page.context["cl"].result_list} == listed


def test_the_threshold_is_edited_and_nothing_else(staff):
    shelf(("RED-MUG", 9))

    staff.post(
        reverse("admin:inventory_stockitem_change", args=[stock("RED-MUG").pk]),
        {"low_stock_threshold": 12, "on_hand": 99, "sku": "OTHER"},
    )

    item = stock("RED-MUG")
    assert (item.low_stock_threshold, item.on_hand) == (12, 9)


def test_the_books_are_read_only(staff):
    shelf(("RED-MUG", 9))
    hold = services.hold(order_id=uuid4(), wanted={"RED-MUG": 1})
    reservation = services.reserve(order_id=uuid4(), wanted={"RED-MUG": 1})

    for row in (hold, reservation, StockMove.objects.first(), stock("RED-MUG")):
        name = row._meta.model_name
        assert staff.get(reverse(f"admin:inventory_{name}_changelist")).status_code == 200
        assert staff.get(reverse(f"admin:inventory_{name}_change", args=[row.pk])).status_code == 200
        assert staff.get(reverse(f"admin:inventory_{name}_add")).status_code == 403
        assert staff.post(reverse(f"admin:inventory_{name}_delete", args=[row.pk])).status_code == 403
    assert staff.post(reverse("admin:inventory_hold_change", args=[hold.pk]), {"state": "used"}).status_code == 403
    assert (Hold.objects.get().state, Reservation.objects.get().state) == ("live", "reserved")


def test_moves_and_reservations_are_found_by_order(staff):
    shelf(("RED-MUG", 9))
    order = uuid4()
    services.reserve(order_id=order, wanted={"RED-MUG": 1})
    services.reserve(order_id=uuid4(), wanted={"RED-MUG": 1})

    for name in ("stockmove", "reservation"):
        page = staff.get(reverse(f"admin:inventory_{name}_changelist"), {"q": str(order)})
        assert [row.order_id for row in page.context["cl"].result_list] == [order]
        assert staff.get(reverse(f"admin:inventory_{name}_changelist"), {"q": "no order at all"}).status_code == 200


def test_staff_verify_the_ledger(staff):
    shelf(("RED-MUG", 9))
    verify = reverse("admin:inventory_stockitem_verify_ledger")
    assert "1 items and 1 ledger lines agree." in staff.get(verify, follow=True).content.decode()

    StockItem.objects.update(on_hand=8)

    assert "RED-MUG: on hand, by the ledger is 8, but should be 9." in staff.get(verify, follow=True).content.decode()


def test_an_items_ledger_is_one_click_away(staff):
    shelf(("RED-MUG", 9), ("BLUE-MUG", 9))

    page = staff.get(action("ledger"), follow=True)

    assert [move.item.sku for move in page.context["cl"].result_list] == ["RED-MUG"]


def test_a_stranger_changes_no_stock(client):
    shelf(("RED-MUG", 9))

    answer = client.post(action("receive_stock"), {"quantity": 5, "reason": "Mine"})

    assert answer.status_code == 302
    assert figures("RED-MUG") == (9, 0, 0)


def test_a_full_list_needs_few_queries(staff, django_assert_max_num_queries):
    shelf(*((f"SKU-{number}", 3) for number in range(50)))

    with django_assert_max_num_queries(6, using="inventory"):
        staff.get(reverse("admin:inventory_stockitem_changelist"))
