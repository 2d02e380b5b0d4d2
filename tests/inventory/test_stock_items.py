"""Stock items are opened by catalog's products, filled by receiving and corrected by counting."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from contexts.catalog.events import ProductChanged, ProductWithdrawn
from contexts.inventory import queries, services
from contexts.inventory.events import AvailabilityChanged
from contexts.inventory.models import StockItem, StockMove
from contexts.kernel.money import eur
from contexts.ordering.events import ReceivedPieces, ReturnReceived
from tests.inventory.factories import figures, product_published, shelf, stock

pytestmark = pytest.mark.django_db(databases=["inventory"])


def test_a_published_product_opens_a_stock_item_for_each_variant(deliver, published_events):
    deliver(product_published("RED-MUG", "BLUE-MUG", name="Mug"))

    assert [(item.sku, item.title, item.available) for item in StockItem.objects.all()] == [
        ("BLUE-MUG", "Mug - Blue-Mug", 0),
        ("RED-MUG", "Mug - Red-Mug", 0),
    ]
    assert published_events == [
        AvailabilityChanged(sku="BLUE-MUG", available=0),
        AvailabilityChanged(sku="RED-MUG", available=0),
    ]


def test_goods_may_come_before_their_product(deliver, published_events):
    services.receive_many({"RED-MUG": 7}, reason="Early delivery", open_missing=True)

    deliver(product_published("RED-MUG"))

    assert stock("RED-MUG").on_hand == 7
    assert published_events == [AvailabilityChanged(sku="RED-MUG", available=7)] * 2


def test_what_a_shopper_sent_back_and_can_be_sold_again_goes_on_the_shelf_once(deliver, published_events):
    shelf(("RED-MUG", 5))
    published_events.clear()
    came = [
        ReceivedPieces(sku="RED-MUG", quantity=3, resaleable=2), ReceivedPieces(sku="GONE", quantity=1, resaleable=1),
    ]  # fmt: skip

    deliver(
        ReturnReceived(order_id=uuid4(), return_id=uuid4(), number="TP-1001", pieces=came, refund=eur(9_99)), times=2
    )

    assert stock("RED-MUG").on_hand == 7
    assert StockMove.objects.latest("id").reason == "Return received"
    assert published_events == [AvailabilityChanged(sku="RED-MUG", available=7)]


def test_a_changed_product_keeps_the_numbers_and_brings_the_name_up_to_date(deliver, published_events):
    published = product_published("RED-MUG", "BLUE-MUG", name="Mug")
    deliver(published)
    services.receive_stock(sku="RED-MUG", quantity=4, reason="Delivery")
    published_events.clear()

    deliver(
        ProductChanged(
            product_id=published.product_id,
            slug="cup",
            name="Cup",
            category="kitchen",
            tax_class="standard",
            image="",
            variants=published.variants[:1],
        )
    )

    assert (stock("RED-MUG").name, stock("RED-MUG").on_hand, stock("RED-MUG").for_sale) == ("Cup", 4, True)
    assert stock("BLUE-MUG").for_sale is False
    assert published_events == []


def test_a_withdrawn_product_is_no_longer_listed_as_low(deliver):
    published = product_published("RED-MUG")
    deliver(published)
    assert list(queries.stock_items(low_only=True)) == [stock("RED-MUG")]

    deliver(ProductWithdrawn(product_id=published.product_id, skus=["RED-MUG"]))

    assert list(queries.stock_items(low_only=True)) == []


def test_received_pieces_are_available_and_in_the_ledger(published_events):
    shelf(("RED-MUG", 0))

    services.receive_stock(sku="RED-MUG", quantity=10, reason="Delivery 4711", actor="staff:7")

    move = StockMove.objects.get()
    assert (move.on_hand_before, move.on_hand_change, move.on_hand_after) == (0, 10, 10)
    assert (move.kind, move.reason, move.actor) == ("received", "Delivery 4711", "staff:7")
    assert published_events == [AvailabilityChanged(sku="RED-MUG", available=10)]


def test_a_count_corrects_the_shelf():
    shelf(("RED-MUG", 10))

    services.adjust_stock(sku="RED-MUG", counted=8, reason="2 broken")

    assert figures("RED-MUG") == (8, 0, 0)
    assert StockMove.objects.first().on_hand_change == -2


def test_a_count_without_a_difference_is_in_the_ledger_and_announces_nothing(published_events):
    shelf(("RED-MUG", 10))
    published_events.clear()

    services.adjust_stock(sku="RED-MUG", counted=10, reason="Yearly count")

    assert StockMove.objects.filter(kind="adjusted", on_hand_change=0).count() == 1
    assert published_events == []


def test_a_count_below_what_is_promised_is_refused():
    shelf(("RED-MUG", 10))
    services.reserve(order_id=uuid4(), wanted={"RED-MUG": 4})
    services.hold(order_id=uuid4(), wanted={"RED-MUG": 3})

    with pytest.raises(services.StillPromised, match="RED-MUG: 6 counted, but 3 are held for checkouts and 4 reserved"):
        services.adjust_stock(sku="RED-MUG", counted=6, reason="Count")

    assert figures("RED-MUG") == (10, 3, 4)


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_an_impossible_delivery_is_refused(quantity):
    shelf(("RED-MUG", 1))

    with pytest.raises(services.BadCount, match=f"{quantity} pieces cannot arrive"):
        services.receive_stock(sku="RED-MUG", quantity=quantity, reason="Slip")

    assert figures("RED-MUG") == (1, 0, 0)


def test_a_shelf_that_would_burst_is_refused():
    shelf(("RED-MUG", 1_000_000))

    with pytest.raises(services.BadCount, match="1000001 pieces is more than 1000000"):
        services.receive_stock(sku="RED-MUG", quantity=1, reason="One more")

    assert figures("RED-MUG") == (1_000_000, 0, 0)


def test_a_delivery_with_an_unknown_item_is_not_received_at_all():
    shelf(("RED-MUG", 1))

    with pytest.raises(services.UnknownSku, match='No stock item "RED-MUGG"'):
        services.receive_many({"RED-MUG": 5, "RED-MUGG": 5}, reason="Delivery")

    assert figures("RED-MUG") == (1, 0, 0)


def test_a_large_delivery_is_received_in_a_fixed_number_of_queries(django_assert_max_num_queries):
    pieces = {f"SKU-{number:04}": 5 for number in range(300)}

    with django_assert_max_num_queries(12, using="inventory"):
        assert services.receive_many(pieces, reason="Opening stock", open_missing=True) == 1500

    assert queries.ledger_balances() == queries.Balance(items=300, moves=300, differences=[])


def test_the_ledger_cannot_be_changed_or_deleted():
    shelf(("RED-MUG", 1))

    for forbidden in (
        lambda: StockMove.objects.update(reason="Nothing happened"),
        lambda: StockMove.objects.all().delete(),
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(using="inventory"),
        ):
            forbidden()

    assert StockMove.objects.get().reason == "First delivery"


@pytest.mark.parametrize("numbers", [{"on_hand": 1, "held": 2}, {"on_hand": 3, "held": 2, "reserved": 2}])
def test_the_database_refuses_to_promise_what_is_not_there(numbers):
    with pytest.raises(IntegrityError, match="stock_promises_are_on_hand"), transaction.atomic(using="inventory"):
        StockItem.objects.create(sku="RED-MUG", **numbers)


def test_the_low_list_names_items_at_their_threshold_and_below():
    shelf(("PLENTY", 6), ("AT-IT", 5), ("GONE", 0))

    assert [item.sku for item in StockItem.objects.low()] == ["AT-IT", "GONE"]
    assert [item.sku for item in StockItem.objects.sold_out()] == ["GONE"]
