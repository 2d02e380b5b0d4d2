"""The numbers beside filters are those of the database as the page's own statement sees it, whoever writes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal

import pytest
from django.db import connections, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from config import warming
from contexts.catalog import lists, services, warming as catalog_warming
from contexts.catalog.bits import bits, numbers
from contexts.catalog.facets import Wanted
from contexts.catalog.models import Product
from contexts.catalog.rates import set_rate
from contexts.kernel.currencies import Rate, reading
from contexts.kernel.money import Money, eur
from tests.catalog.factories import draft, on_sale, variant


def number(query: str = "") -> int:
    return lists.counts(None, Wanted.read(QueryDict(query))).total


@contextmanager
def another_session() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Have a connection of its own, as another process would; what is done `with there():` is done on it.

    It is closed in the end, so that a transaction that a failed test left open in it locks nothing.
    """
    mine = connections["catalog"]
    other = mine.copy()

    @contextmanager
    def there() -> Iterator[None]:
        connections["catalog"] = other
        try:
            yield
        finally:
            connections["catalog"] = mine

    try:
        yield there
    finally:
        other.close()


@pytest.mark.django_db(databases=["catalog"], transaction=True)
def test_what_others_do_is_counted_once_they_have_committed():
    red, blue = {"colour": "#c2452d"}, {"colour": "#3a4a78"}
    on_sale(
        draft("Mug", variant("MUG", **red)), draft("Cup", variant("CUP", **red)), draft("Pot", variant("POT", **blue))
    )
    assert (number("stock=1"), number("colour=red&stock=1")) == (3, 2)

    with another_session() as there:
        slow = transaction.atomic(using="catalog")
        with there():
            slow.__enter__()
            services.note_availability({"MUG": 0})
        assert number("stock=1") == 3, "not committed yet"

        services.note_availability({"CUP": 0})
        assert (number("stock=1"), number("colour=red&stock=1")) == (2, 1), "began later, was done sooner"

        with there():
            slow.__exit__(None, None, None)
    assert (number("stock=1"), number("colour=red&stock=1")) == (1, 0)

    services.withdraw_product(Product.objects.get(name="Pot").id)
    assert (number(), number("stock=1"), number("colour=blue")) == (2, 0, 0)
    with CaptureQueriesContext(connections["catalog"]) as asked:
        number("colour=red")
    assert len(asked) == 1, "nothing is read again"


@pytest.mark.django_db(databases=["catalog"], transaction=True)
def test_what_is_taken_back_is_never_counted():
    on_sale(draft("Mug", variant("MUG")))
    assert number() == 1

    with pytest.raises(ZeroDivisionError), transaction.atomic(using="catalog"):
        on_sale(draft("Pot", variant("POT")))
        assert number() == 2, "whoever writes sees it"
        raise ZeroDivisionError

    assert number() == 1


@pytest.mark.django_db(databases=["catalog"], transaction=True)
def test_a_product_whose_row_is_deleted_by_hand_is_counted_no_more():
    on_sale(draft("Mug", variant("MUG")), draft("Pot", variant("POT")))
    assert number() == 2

    Product.objects.get(name="Pot").delete()

    assert number() == 1


@pytest.mark.django_db(databases=["catalog"], transaction=True)
def test_a_new_price_moves_its_goods_to_another_band_in_every_currency():
    set_rate(Rate("GBP", Decimal("0.8")))
    on_sale(draft("Mug", variant("MUG", 10_00)), draft("Pot", variant("POT", 10_00)))
    with reading("GBP"):
        assert number("price=to-25") == 2

        services.change_price(sku="MUG", price=Money(30_00, "GBP"))
        assert number("price=to-25") == 1, "the band in euros is the same"
        services.change_price(sku="POT", price=eur(31_00))

        with CaptureQueriesContext(connections["catalog"]) as asked:
            assert (number("price=to-25"), number("price=25-60")) == (0, 2)
    assert len(asked) == 2, "nothing is read again"
    assert (number("price=to-25"), number("price=25-60")) == (1, 1)


@pytest.mark.parametrize("some", [[], [0], [7, 8], [1, 64, 100_000]])
def test_a_bitmap_has_the_numbers_that_were_put_in(some):
    assert numbers(bits(some)) == some


@pytest.mark.django_db(databases=["catalog"], transaction=True)
def test_a_web_process_that_was_warmed_reads_nothing_again():
    on_sale(draft("Mug", variant("MUG")))
    warming.warm([catalog_warming.warm])

    with CaptureQueriesContext(connections["catalog"]) as asked:
        assert number() == 1
    assert len(asked) == 1
