"""What catalog announces, and what it keeps to itself."""

import pytest

from contexts.catalog import services
from contexts.catalog.errors import NotAPrice, NotForSale, NothingToSell, SkuTaken, SlugTaken, UnknownSku
from contexts.catalog.events import PriceChanged, ProductChanged, ProductPublished, ProductWithdrawn
from contexts.catalog.models import Product, Variant
from contexts.kernel.money import Money, eur
from tests.catalog.factories import draft, kept, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])


def test_a_kept_product_is_nobody_elses_business(published_events):
    [mug] = kept(draft())

    assert not mug.is_published
    assert published_events == []


def test_publishing_tells_the_whole_product_once(published_events):
    [mug] = kept(draft("Alder Mug", variant("RED-MUG", 19_98, label="Red", weight_grams=300, colour="#c2452d")))

    services.publish_product(mug.id)
    services.publish_product(mug.id)

    [event] = published_events
    assert isinstance(event, ProductPublished)
    assert (event.product_id, event.slug, event.name, event.category) == (mug.id, "alder-mug", "Alder Mug", "kitchen")
    [red] = event.variants
    assert (red.sku, red.label, red.price, red.weight_grams) == ("RED-MUG", "Red", eur(19_98), 300)
    assert red.image == event.image == "/pictures/mug-1-c2452d-oak/front.svg"


def test_many_are_published_together_or_not_at_all(published_events):
    mug, bowl = kept(draft("Mug"), draft("Bowl", variant("BOWL")))
    Variant.objects.filter(sku="BOWL").update(listed=False)

    with pytest.raises(NothingToSell, match="Bowl has no variant that is for sale"):
        services.publish_products([mug.id, bowl.id])

    assert not Product.objects.filter(state="published").exists()
    assert published_events == []


def test_a_new_price_is_told_with_the_old_one(published_events):
    [mug] = on_sale(draft())
    published_events.clear()

    services.change_price(sku="RED-MUG", price=eur(24_00))

    assert published_events == [PriceChanged(product_id=mug.id, sku="RED-MUG", price=eur(24_00), previous=eur(19_98))]
    assert Variant.objects.get().price == eur(24_00)
    assert Product.objects.get().price_from == eur(24_00)


def test_the_same_price_again_is_no_news(published_events):
    on_sale(draft())
    published_events.clear()

    services.change_price(sku="RED-MUG", price=eur(19_98))

    assert published_events == []


def test_the_price_of_a_draft_is_no_news(published_events):
    kept(draft())

    services.change_price(sku="RED-MUG", price=eur(5_00))

    assert published_events == []
    assert Variant.objects.get().price == eur(5_00)


@pytest.mark.parametrize("price", [eur(0), eur(-1), Money(500, "SEK")])
def test_what_is_not_a_price_changes_nothing(published_events, price):
    on_sale(draft())
    published_events.clear()

    with pytest.raises(NotAPrice):
        services.change_price(sku="RED-MUG", price=price)

    assert Variant.objects.get().price == eur(19_98)
    assert published_events == []


def test_prices_change_all_or_none(published_events):
    on_sale(draft())
    published_events.clear()

    with pytest.raises(UnknownSku, match='No variant has the SKU "BLUE-MUG"'):
        services.change_prices({"RED-MUG": eur(1_00), "BLUE-MUG": eur(1_00)})

    assert Variant.objects.get().price == eur(19_98)
    assert published_events == []


def test_a_new_name_is_told_with_the_whole_product(published_events):
    [mug] = on_sale(draft())
    published_events.clear()

    services.change_product(mug.id, draft("Elder Mug"))

    [event] = published_events
    assert isinstance(event, ProductChanged)
    assert (event.name, event.slug, [v.sku for v in event.variants]) == ("Elder Mug", "elder-mug", ["RED-MUG"])


def test_a_new_price_in_a_changed_product_is_told_as_a_price(published_events):
    [mug] = on_sale(draft())
    published_events.clear()

    services.change_product(mug.id, draft("Alder Mug", variant("RED-MUG", 25_00)))

    assert published_events == [PriceChanged(product_id=mug.id, sku="RED-MUG", price=eur(25_00), previous=eur(19_98))]


def test_what_only_the_page_shows_is_no_news(published_events):
    [mug] = on_sale(draft())
    published_events.clear()

    services.change_product(mug.id, draft(description="Longer words."))

    assert published_events == []
    assert Product.objects.get().description == "Longer words."


def test_a_variant_left_out_is_no_longer_for_sale(published_events):
    [mug] = on_sale(draft("Mug", variant("RED-MUG"), variant("BLUE-MUG")))
    published_events.clear()

    services.change_product(mug.id, draft("Mug", variant("BLUE-MUG")))

    [event] = published_events
    assert [v.sku for v in event.variants] == ["BLUE-MUG"]
    assert not Variant.objects.get(sku="RED-MUG").listed
    assert Product.objects.get().available == 10


def test_withdrawing_tells_which_skus_are_gone(published_events):
    [mug] = on_sale(draft("Mug", variant("RED-MUG"), variant("BLUE-MUG")))
    published_events.clear()

    services.withdraw_product(mug.id)

    assert published_events == [ProductWithdrawn(product_id=mug.id, skus=["RED-MUG", "BLUE-MUG"])]


def test_what_is_not_in_the_shop_cannot_be_withdrawn(published_events):
    [mug] = kept(draft())

    with pytest.raises(NotForSale, match="Alder Mug is draft, not in the shop"):
        services.withdraw_product(mug.id)

    assert published_events == []


def test_a_withdrawn_product_can_return():
    [mug] = on_sale(draft())
    since = mug.published_at
    services.withdraw_product(mug.id)

    services.publish_product(mug.id)

    mug.refresh_from_db()
    assert mug.is_published
    assert mug.published_at == since


def test_a_sku_belongs_to_one_product():
    kept(draft())

    with pytest.raises(SkuTaken, match="RED-MUG: already the SKU of another product"):
        kept(draft("Other Mug"))

    assert Product.objects.count() == 1


def test_a_sku_cannot_be_taken_over_by_a_change():
    on_sale(draft(), draft("Bowl", variant("BOWL")))
    bowl = Product.objects.get(slug="bowl")

    with pytest.raises(SkuTaken):
        services.change_product(bowl.id, draft("Bowl", variant("BOWL"), variant("RED-MUG")))

    assert Variant.objects.get(sku="RED-MUG").product.slug == "alder-mug"


def test_an_address_belongs_to_one_product():
    kept(draft())

    with pytest.raises(SlugTaken, match="alder-mug"):
        kept(draft("Alder Mug", variant("OTHER")))


def test_a_product_needs_something_to_sell():
    with pytest.raises(NothingToSell):
        kept(draft("Mug", variant(listed=False)))
