"""What every purchase store must do, run against Redis and against the plain one in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contexts.customers.events import CustomerErased
from contexts.history.purchases import PurchaseQuery
from contexts.history.store import Move, PlaceTaken, PurchaseStore, StoreUnavailable
from contexts.kernel.money import Money, eur
from contexts.messaging import Event
from tests.history.factories import (
    ADA,
    EVE,
    cancelled,
    claimed,
    completed,
    confirmed,
    line,
    order_id,
    placed,
    refunded,
    said,
    shipped,
)

MAY = datetime(2026, 5, 1, tzinfo=UTC)


def hear(store: PurchaseStore, *events: Event, at: datetime = MAY) -> None:
    """Apply events in their order, as versions 1, 2, 3, ..."""
    for version, event in enumerate(events, start=1):
        store.apply(said(event, version, at=at), as_of=at)


def numbers(store: PurchaseStore, customer: UUID = ADA, **filters: object) -> list[str]:
    page = store.page(PurchaseQuery(customer_id=customer, **filters))  # type: ignore[arg-type]
    return [purchase.receipt.number for purchase in page.purchases]


def test_a_purchase_shows_what_was_bought_and_no_person(store: PurchaseStore) -> None:
    hear(store, placed(1, line("red-mug", cents=9_99, quantity=2)))

    purchase = store.page(PurchaseQuery(customer_id=ADA)).purchases[0]

    assert (purchase.order_id, purchase.status, purchase.refunded) == (order_id(1), "placed", eur(0))
    assert (purchase.receipt.number, purchase.receipt.placed_at) == ("T-1", MAY)
    assert [(each.sku, each.quantity, each.total) for each in purchase.receipt.lines] == [("RED-MUG", 2, eur(19_98))]
    assert "Ada" not in repr(purchase)
    assert "Rheingasse" not in repr(purchase)


def test_a_purchase_moves_from_status_to_status(store: PurchaseStore) -> None:
    seen = []
    for version, event in enumerate([placed(1), confirmed(1), shipped(1), completed(1)], start=1):
        store.apply(said(event, version), as_of=MAY)
        page = store.page(PurchaseQuery(customer_id=ADA))
        seen.append((page.purchases[0].status, {status: n for status, n in page.by_status.items() if n}))

    assert seen == [(word, {word: 1}) for word in ("placed", "confirmed", "shipped", "completed")]
    assert page.purchases[0].tracking_number == "TRACK1"


def test_a_repeated_event_changes_nothing(store: PurchaseStore) -> None:
    events = [placed(1), confirmed(1), shipped(1)]
    hear(store, *events)
    before = store.page(PurchaseQuery(customer_id=ADA))

    hear(store, *events)
    store.apply(said(confirmed(1), 2), as_of=MAY)

    assert store.page(PurchaseQuery(customer_id=ADA)) == before


def test_a_guests_order_is_in_nobodys_history(store: PurchaseStore) -> None:
    hear(store, placed(1, customer=None), confirmed(1))
    hear(store, placed(2))

    assert numbers(store) == ["T-2"]


def test_a_guests_order_appears_as_it_is_when_somebody_claims_it(store: PurchaseStore) -> None:
    hear(store, placed(1, customer=None), confirmed(1), claimed(1, status="confirmed"))

    (purchase,) = store.page(PurchaseQuery(customer_id=ADA)).purchases
    assert (purchase.receipt.number, purchase.status) == ("T-1", "confirmed")
    assert purchase.receipt.placed_at == datetime(2026, 4, 30, tzinfo=UTC)
    store.apply(said(shipped(1), 4), as_of=MAY)
    assert store.page(PurchaseQuery(customer_id=ADA)).purchases[0].status == "shipped"


def test_customers_do_not_see_each_others_purchases(store: PurchaseStore) -> None:
    hear(store, placed(1))
    hear(store, placed(2, customer=EVE))

    assert (numbers(store), numbers(store, EVE)) == (["T-1"], ["T-2"])


def test_purchases_come_newest_first_in_pages(store: PurchaseStore) -> None:
    for number in range(7):
        hear(store, placed(number), at=MAY + timedelta(days=number))

    pages = [store.page(PurchaseQuery(customer_id=ADA, page=page, size=3)) for page in (1, 2, 3)]

    shown = [[purchase.receipt.number for purchase in page.purchases] for page in pages]
    assert shown == [["T-6", "T-5", "T-4"], ["T-3", "T-2", "T-1"], ["T-0"]]
    assert {(page.count, page.pages) for page in pages} == {(7, 3)}


def test_a_page_beyond_the_last_is_the_last(store: PurchaseStore) -> None:
    for number in range(4):
        hear(store, placed(number), at=MAY + timedelta(days=number))

    page = store.page(PurchaseQuery(customer_id=ADA, page=99, size=3))

    assert (page.page, [purchase.receipt.number for purchase in page.purchases]) == (2, ["T-0"])


def test_purchases_of_the_same_moment_keep_one_order(store: PurchaseStore) -> None:
    for number in (2, 1, 3):
        hear(store, placed(number))

    assert numbers(store) == ["T-3", "T-2", "T-1"]


def test_years_statuses_and_products_filter_alone_and_together(store: PurchaseStore) -> None:
    hear(store, placed(1, line("red-mug")), confirmed(1), at=datetime(2025, 12, 31, 23, 59, 59, 999000, tzinfo=UTC))
    hear(store, placed(2, line("red-mug"), line("blue-lamp")), at=datetime(2026, 1, 1, tzinfo=UTC))
    hear(store, placed(3, line("blue-lamp")), confirmed(3), at=datetime(2026, 3, 1, tzinfo=UTC))

    assert numbers(store, year=2025) == ["T-1"]
    assert numbers(store, year=2026) == ["T-3", "T-2"]
    assert numbers(store, year=2024) == []
    assert numbers(store, status="confirmed") == ["T-3", "T-1"]
    assert numbers(store, product_slug="blue-lamp") == ["T-3", "T-2"]
    assert numbers(store, product_slug="blue-lamp", status="confirmed") == ["T-3"]
    assert numbers(store, product_slug="red-mug", year=2026, status="placed") == ["T-2"]
    page = store.page(PurchaseQuery(customer_id=ADA, year=2026, product_slug="blue-lamp"))
    assert (page.by_status["placed"], page.by_status["confirmed"], page.by_status["shipped"]) == (1, 1, 0)


def test_filtered_purchases_come_in_pages_too(store: PurchaseStore) -> None:
    for number in range(10):
        hear(store, placed(number), at=datetime(2020 + number % 2, 1, 1 + number, tzinfo=UTC))

    first = numbers(store, year=2020, page=1, size=2)
    second = numbers(store, year=2020, page=2, size=2)

    assert (first, second) == (["T-8", "T-6"], ["T-4", "T-2"])


def test_a_year_says_what_was_ordered_and_what_it_cost_in_the_end(store: PurchaseStore) -> None:
    hear(store, placed(1, line(cents=50_00)), confirmed(1), shipped(1), refunded(1, 12_00), at=MAY)
    hear(store, placed(2, line(cents=30_00)), cancelled(2), refunded(2, 30_00), at=MAY)
    hear(store, placed(3, line(cents=7_00, currency="CHF")), at=MAY)
    hear(store, placed(4, line(cents=5_00)), at=datetime(2025, 5, 1, tzinfo=UTC))

    years = store.page(PurchaseQuery(customer_id=ADA, year=2025)).years

    assert [(total.year, total.orders, total.spent) for total in years] == [
        (2026, 3, [Money(7_00, "CHF"), Money(38_00, "EUR")]),
        (2025, 1, [Money(5_00, "EUR")]),
    ]


def test_a_cancelled_purchase_says_why(store: PurchaseStore) -> None:
    hear(store, placed(1), cancelled(1))

    purchase = store.page(PurchaseQuery(customer_id=ADA)).purchases[0]

    assert (purchase.status, purchase.explanation) == ("cancelled", "Your card was declined.")


def test_an_erased_customer_leaves_nothing_and_stays_out(store: PurchaseStore) -> None:
    hear(store, placed(1, line("red-mug"), line("blue-lamp")), shipped(1))
    hear(store, placed(2, customer=EVE))

    store.apply(said(CustomerErased(customer_id=ADA), 1), as_of=MAY)
    hear(store, placed(1), completed(1))
    hear(store, placed(3))

    page = store.page(PurchaseQuery(customer_id=ADA))
    assert (page.purchases, page.years, sum(page.by_status.values())) == ([], [], 0)
    assert numbers(store, EVE) == ["T-2"]


def test_how_fresh_it_is_never_goes_back(store: PurchaseStore) -> None:
    store.apply(said(placed(1), 1, at=MAY), as_of=MAY)
    store.apply(said(placed(1), 1, at=MAY), as_of=MAY - timedelta(days=1))

    assert store.page(PurchaseQuery(customer_id=ADA)).as_of == MAY


def test_a_store_that_was_never_filled_says_so(store: PurchaseStore) -> None:
    with pytest.raises(StoreUnavailable):
        store.page(PurchaseQuery(customer_id=ADA))


def test_large_amounts_stay_exact(store: PurchaseStore) -> None:
    cents = 9_007_199_254_740_991

    hear(store, placed(1, line(cents=cents)), cancelled(1))
    hear(store, placed(2, line(cents=cents)))

    page = store.page(PurchaseQuery(customer_id=ADA))
    assert page.years[0].spent == [eur(cents)]
    assert page.purchases[0].receipt.total == eur(cents)


def move(after: int, upto: int) -> Move:
    return Move(publisher="ordering", subscriber="history", partition=2, after=after, upto=upto, digest=f"{upto:032x}")


def test_the_place_moves_with_the_changes(store: PurchaseStore) -> None:
    assert store.place("ordering", "history", 2) == (0, "")

    store.apply(said(placed(1), 1), move=move(0, 12), as_of=MAY)
    store.apply([], move=move(12, 20), as_of=MAY)

    assert store.place("ordering", "history", 2) == (20, f"{20:032x}")
    assert store.place("ordering", "history", 1) == (0, "")
    assert numbers(store) == ["T-1"]


def test_changes_from_another_place_are_refused_as_a_whole(store: PurchaseStore) -> None:
    store.apply(said(placed(1), 1), move=move(0, 12), as_of=MAY)

    for wrong in (move(0, 13), move(11, 13), move(13, 14)):
        with pytest.raises(PlaceTaken):
            store.apply(said(placed(2), 1), move=wrong, as_of=MAY)

    assert store.place("ordering", "history", 2) == (12, f"{12:032x}")
    assert numbers(store) == ["T-1"]


def test_an_awaited_order_is_missing_until_its_version_is_here(store: PurchaseStore) -> None:
    hear(store, placed(1), confirmed(1))
    asked = [(order_id(1), 1), (order_id(1), 2), (order_id(1), 3), (order_id(2), 1)]

    answers = [store.page(PurchaseQuery(customer_id=ADA, awaited=(each,))).missing for each in asked]

    assert answers == [[], [], [order_id(1)], [order_id(2)]]
    assert store.page(PurchaseQuery(customer_id=ADA, awaited=tuple(asked))).missing == [order_id(1), order_id(2)]


def dated(after: int, upto: int, *, at: datetime | None = None, late: bool = False, partition: int = 0) -> Move:
    return Move(
        publisher="ordering", subscriber="history", partition=partition, after=after, upto=upto, digest="d", at=at, late=late
    )  # fmt: skip


def test_when_old_news_arrived_last_is_kept(store: PurchaseStore) -> None:
    seen = []
    for nr, late in enumerate([False, True, False, True]):
        store.apply([], move=dated(nr, nr + 1, at=MAY + timedelta(seconds=nr), late=late), as_of=MAY)
        seen.append(store.page(PurchaseQuery(customer_id=ADA)).late_at)

    assert seen == [None, MAY + timedelta(seconds=1), MAY + timedelta(seconds=1), MAY + timedelta(seconds=3)]


def test_when_the_place_moved_past_a_position_is_kept(store: PurchaseStore) -> None:
    store.apply([], move=dated(0, 2))
    store.apply([], move=dated(2, 5, at=MAY))
    store.apply([], move=dated(5, 6, at=MAY + timedelta(milliseconds=7)))
    store.apply([], move=dated(0, 9, at=MAY + timedelta(hours=1), partition=1))

    found = [store.moved_past("ordering", "history", 0, position) for position in (1, 2, 3, 5, 6, 7)]

    assert found == [None, None, MAY, MAY, MAY + timedelta(milliseconds=7), None]
    assert store.moved_past("ordering", "history", 2, 1) is None
