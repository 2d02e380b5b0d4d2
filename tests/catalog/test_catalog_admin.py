"""Staff change the catalogue in the admin, and the others hear of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from contexts.catalog.events import PriceChanged, ProductChanged, ProductPublished, ProductWithdrawn
from contexts.catalog.models import Product, Variant
from contexts.catalog.queries import tiles
from contexts.catalog.rates import set_rate
from contexts.kernel.currencies import Rate
from contexts.kernel.money import eur
from contexts.messaging.models import LogEntry
from tests.catalog.factories import aisle, draft, kept, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog", "customers"])
LIST = "/admin/catalog/product/"


@pytest.fixture
def staff(client):
    ContentType.objects.clear_cache()  # Its rows may have been made, and rolled back, by another test.
    client.person = get_user_model().objects.create_superuser(email="staff@example.com", password="a long password")
    client.force_login(client.person)
    return client


def form(product: Product | None, *rows: dict[str, object], **changed: object) -> dict[str, object]:
    fields = {
        "name": "Alder Mug", "slug": "alder-mug", "summary": "In short", "description": "", "tax_class": "standard",
        "category": aisle().pk, "material": "", "attributes": "{}", "drawn_as": "mug", "drawing_seed": 1,
        "drawing_finish": "oak",
    } | changed  # fmt: skip
    known = list(product.variants.all()) if product else []
    fields |= {"variants-TOTAL_FORMS": len(rows), "variants-INITIAL_FORMS": len(known), "variants-MIN_NUM_FORMS": 1}
    for place, row in enumerate(rows):
        values = {"colour": "#c2452d", "label": "", "weight_grams": 300, "position": place, "listed": "on"} | row
        if place < len(known):
            values |= {"id": known[place].pk, "product": product.pk}
        fields |= {f"variants-{place}-{name}": value for name, value in values.items()}
    return fields


def test_a_product_is_made_as_a_draft_and_published_by_hand(staff, published_events):
    aisle()

    answer = staff.post(f"{LIST}add/", form(None, {"sku": "RED-MUG", "price": "19.98"}), follow=True)

    mug = Product.objects.get()
    assert "Shoppers do not see it yet" in answer.content.decode()
    assert (mug.state, mug.variants.get().price) == ("draft", eur(19_98))
    assert published_events.of(ProductPublished) == []

    staff.post(LIST, {"action": "publish", "_selected_action": [mug.pk]})

    assert [event.name for event in published_events.of(ProductPublished)] == ["Alder Mug"]
    entry = LogEntry.objects.using("catalog").get(type="catalog.product_published")
    assert entry.actor == f"staff:{staff.person.pk}"


def test_saving_a_published_product_announces_what_changed(staff, published_events):
    [mug] = on_sale(draft())
    published_events.clear()

    staff.post(
        f"{LIST}{mug.pk}/change/",
        form(mug, {"sku": "RED-MUG", "price": "24.50"}, {"sku": "BLUE-MUG", "price": "21.00"}, name="Elder Mug"),
    )

    assert Product.objects.get().name == "Elder Mug"
    assert [event.price for event in published_events.of(PriceChanged)] == [eur(24_50)]
    [changed] = published_events.of(ProductChanged)
    assert [(v.sku, v.price) for v in changed.variants] == [("RED-MUG", eur(24_50)), ("BLUE-MUG", eur(21_00))]


def test_staff_see_which_currency_has_no_rate_or_an_old_one(staff, settings):
    settings.CURRENCIES = ["EUR", "GBP", "JPY", "CHF"]
    set_rate(Rate("GBP", Decimal("0.87")), since=timezone.localdate() - timedelta(days=31))
    set_rate(Rate("CHF", Decimal("0.93")))

    page = staff.get("/admin/catalog/exchangerate/").content.decode()

    assert "JPY has no exchange rate: its readers see prices in EUR, and are told so." in page
    assert "The exchange rate of GBP has counted since" in page
    assert "CHF has no" not in page
    assert "rate of CHF" not in page
    [tile] = tiles()
    assert (tile.figure, tile.tone) == ("1", "trouble")
    set_rate(Rate("JPY", Decimal(178)))
    assert [tile.tone for tile in tiles()] == ["act"]
    set_rate(Rate("GBP", Decimal("0.88")))
    assert tiles() == []


def test_the_sku_of_a_variant_cannot_be_changed(staff):
    [mug] = on_sale(draft())

    staff.post(f"{LIST}{mug.pk}/change/", form(mug, {"sku": "OTHER", "price": "19.98"}))

    assert Variant.objects.get().sku == "RED-MUG"


def test_a_product_without_anything_for_sale_is_refused(staff, published_events):
    [mug] = on_sale(draft())
    published_events.clear()

    answer = staff.post(f"{LIST}{mug.pk}/change/", form(mug, {"sku": "RED-MUG", "price": "19.98", "listed": ""}))

    assert "at least one variant that is for sale" in answer.content.decode()
    assert Variant.objects.get().listed
    assert len(published_events) == 0


def test_a_taken_sku_is_said_beside_the_field(staff):
    on_sale(draft("Bowl", variant("BOWL")))

    answer = staff.post(f"{LIST}add/", form(None, {"sku": "BOWL", "price": "1.00"}))

    assert "already exists" in answer.content.decode()
    assert Product.objects.count() == 1


def test_prices_change_by_percent_after_a_question(staff, published_events):
    [mug] = on_sale(draft("Alder Mug", variant("RED-MUG", 20_00), variant("BLUE-MUG", 9_99)))
    published_events.clear()
    chosen = {"action": "change_prices", "_selected_action": [mug.pk]}

    question = staff.post(LIST, chosen)
    assert "Carts follow at once" in question.content.decode()
    assert len(published_events) == 0

    staff.post(LIST, chosen | {"confirmed": "1", "percent": "-10"})

    assert [event.price for event in published_events.of(PriceChanged)] == [eur(18_00), eur(8_99)]


def test_withdrawing_asks_first(staff, published_events):
    [mug] = on_sale(draft())
    published_events.clear()
    chosen = {"action": "withdraw", "_selected_action": [mug.pk]}

    assert "Withdraw these products?" in staff.post(LIST, chosen).content.decode()
    assert Product.objects.get().is_published

    staff.post(LIST, chosen | {"confirmed": "1"})

    assert published_events.of(ProductWithdrawn) == [ProductWithdrawn(product_id=mug.id, skus=["RED-MUG"])]


def test_products_are_never_deleted(staff):
    [mug] = kept(draft())

    assert staff.post(f"{LIST}{mug.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Product.objects.exists()


def test_the_lists_and_forms_open(staff):
    [mug] = on_sale(draft())

    for address in (LIST, f"{LIST}?q=red", f"{LIST}{mug.pk}/change/", f"{LIST}add/", "/admin/catalog/category/"):
        assert staff.get(address).status_code == 200
