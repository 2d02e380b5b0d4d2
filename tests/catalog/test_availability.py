"""What inventory says is what the shop shows."""

import pytest

from contexts.catalog.goods import stock
from contexts.catalog.models import Product, Variant
from contexts.inventory.events import AvailabilityChanged
from tests.catalog.factories import draft, kept, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])


def test_the_shop_shows_what_inventory_says(deliver):
    on_sale(draft("Mug", variant("RED-MUG"), variant("BLUE-MUG")))

    deliver(AvailabilityChanged(sku="RED-MUG", available=3), to="catalog")

    assert Variant.objects.get(sku="RED-MUG").available == 3
    assert Product.objects.get().available == 13


def test_of_several_the_last_word_counts(deliver):
    on_sale(draft())

    for left in (5, 4, 3):
        deliver(AvailabilityChanged(sku="RED-MUG", available=left), times=2, to="catalog")

    assert Variant.objects.get().available == 3


def test_stock_that_came_before_the_product_is_shown_with_it(deliver):
    deliver(AvailabilityChanged(sku="RED-MUG", available=7), to="catalog")

    [mug] = kept(draft())

    assert Variant.objects.get().available == 7
    assert Product.objects.get(id=mug.id).available == 7


def test_what_is_no_longer_listed_does_not_count():
    on_sale(draft("Mug", variant("RED-MUG"), variant("BLUE-MUG", listed=False)))

    assert Product.objects.get().available == 10


@pytest.mark.parametrize(("left", "said"), [(None, "unknown"), (0, "none"), (1, "low"), (5, "low"), (6, "good")])
def test_low_stock_is_said_honestly(left, said):
    assert stock(left) == said
