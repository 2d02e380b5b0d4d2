"""What catalog does: bring products into the shop, change them and their prices, take them out again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from contexts.catalog import announcements, indexing, shelves, translations
from contexts.catalog.colours import family
from contexts.catalog.drafts import SHARED_FIELDS, ProductDraft, VariantDraft
from contexts.catalog.errors import NotAPrice, NotForSale, NothingToSell, SkuTaken, SlugTaken, UnknownSku
from contexts.catalog.events import PriceChanged, PricesFixed, ProductWithdrawn
from contexts.catalog.models import Category, DeliveryMethod, KnownStock, Product, Term, Variant
from contexts.catalog.translations import Glossary
from contexts.kernel.money import Money
from contexts.kernel.prepared import prepared_cursor
from contexts.messaging import publish

State = Product.State


def create_products(drafts: Sequence[ProductDraft]) -> list[UUID]:
    """Keep products as drafts that shoppers do not see; many at once for imports.

    Raises:
        SkuTaken, SlugTaken: another product has it. NothingToSell: a draft without a variant.
    """
    with transaction.atomic(using="catalog"):
        _refuse_taken(drafts)
        categories = dict(
            Category.objects.filter(slug__in={draft.category for draft in drafts}).values_list("slug", "id")
        )
        products = [_product(draft, categories[draft.category]) for draft in drafts]
        Product.objects.bulk_create(products)
        known = _known_stock(variant.sku for draft in drafts for variant in draft.variants)
        Variant.objects.bulk_create(
            _variant(product, variant, position, known)
            for product, draft in zip(products, drafts, strict=True)
            for position, variant in enumerate(draft.variants)
        )
        _summarise([product.id for product in products])
    return [product.id for product in products]


def publish_products(product_ids: Iterable[UUID]) -> list[Product]:
    """Put products in the shop; those that are there already stay as they are and are not announced again.

    Raises:
        NothingToSell: one of them has no variant for sale; none of them is published then.
    """
    with transaction.atomic(using="catalog"):
        products = _locked(product_ids)
        fresh = [product for product in products if not product.is_published]
        for product in fresh:
            if not product.variants.all():
                raise NothingToSell(product.name)
            product.state = State.PUBLISHED
            product.published_at = product.published_at or timezone.now()
        Product.objects.bulk_update(fresh, ["state", "published_at"])
        shelves.arrange(product.id for product in fresh)
        glossary = Glossary.read()
        publish(*(announcements.published(product, glossary) for product in fresh))
    return fresh


def publish_product(product_id: UUID) -> None:
    """Put one product in the shop. Raises NothingToSell."""
    publish_products([product_id])


def change_product(product_id: UUID, draft: ProductDraft) -> None:
    """Make a product what the draft says, prices included. A variant that the draft leaves out is no longer for sale.

    Of a published product the others hear what changed: a `PriceChanged` for each new price of a variant that stays, a
    `ProductChanged` for anything else, nothing if nothing changed.

    Raises:
        SkuTaken, SlugTaken: another product has it. NothingToSell: no variant would be left.
    """
    with transaction.atomic(using="catalog"):
        product = _locked([product_id])[0]
        _refuse_taken([draft], own=product_id)
        glossary = Glossary.read()
        before = announcements.changed(product, glossary)
        prices = {variant.sku: variant.price for variant in product.variants.all()}
        fixed = {variant.sku: variant.prices for variant in before.variants}
        _write(product, draft)
        _summarise([product_id])
        if not product.is_published:
            return
        after = announcements.changed(_locked([product_id])[0], glossary)
        publish(
            *(
                PriceChanged(product_id=product_id, sku=variant.sku, price=variant.price, previous=prices[variant.sku])
                for variant in after.variants
                if variant.sku in prices and variant.price != prices[variant.sku]
            ),
            *(
                PricesFixed(product_id=product_id, sku=variant.sku, prices=variant.prices)
                for variant in after.variants
                if variant.sku in prices and variant.prices != fixed[variant.sku]
            ),
        )
        if announcements.without_prices(before) != announcements.without_prices(after):
            publish(after)


def change_price(*, sku: str, price: Money) -> None:
    """Give a variant another price; nothing happens if it has that price already.

    One in another of the shop's currencies is fixed: the exchange rate no longer counts for it.

    Raises:
        UnknownSku: no such variant. NotAPrice: zero, negative, or in a currency that the shop does not sell in.
    """
    change_prices({sku: price})


def change_prices(prices: Mapping[str, Money]) -> int:
    """Give many variants other prices, all or none; return how many prices are new. Raises as `change_price`."""
    with transaction.atomic(using="catalog"):
        products = list(Product.objects.select_for_update().filter(variants__sku__in=prices).order_by("id"))
        variants = {
            variant.sku: variant
            for variant in Variant.objects.filter(product__in=[product.id for product in products], sku__in=prices)
        }
        changed, fixed = [], []
        for sku, price in prices.items():
            variant = variants.get(sku)
            if variant is None:
                raise UnknownSku(sku)
            if price.amount <= 0 or price.currency not in (variant.currency, *settings.CURRENCIES):
                raise NotAPrice(sku, price)
            if price.currency != variant.currency:
                if variant.prices.get(price.currency) != price.amount:
                    fixed.append(variant)
                    variant.prices = {**variant.prices, price.currency: price.amount}
            elif variant.price != price:
                changed.append((variant, variant.price))
                variant.price_cents = price.amount
        moved = [*(variant for variant, _ in changed), *fixed]
        Variant.objects.bulk_update(moved, ["price_cents", "prices"])
        shelves.arrange({variant.product_id for variant in moved})
        published = {product.id for product in products if product.is_published}
        publish(
            *(
                PriceChanged(product_id=variant.product_id, sku=variant.sku, price=variant.price, previous=previous)
                for variant, previous in changed
                if variant.product_id in published and variant.listed
            ),
            *(
                PricesFixed(product_id=variant.product_id, sku=variant.sku, prices=announcements.fixed_prices(variant))
                for variant in fixed
                if variant.product_id in published and variant.listed
            ),
        )
    return len(moved)


def withdraw_product(product_id: UUID) -> None:
    """Take a product out of the shop; orders that have it are still delivered.

    Raises:
        NotForSale: it is not in the shop.
    """
    with transaction.atomic(using="catalog"):
        product = _locked([product_id])[0]
        if not product.is_published:
            raise NotForSale(product.name, product.get_state_display().lower())
        product.state = State.WITHDRAWN
        product.save(update_fields=["state"])
        shelves.arrange([product_id])
        publish(ProductWithdrawn(product_id=product.id, skus=[variant.sku for variant in product.variants.all()]))


def save_term(term: Term) -> None:
    """Keep a word of the glossary; whatever has it is found by the new word, and the others hear of new labels."""
    with transaction.atomic(using="catalog"):
        before = Term.objects.filter(pk=term.pk).first()
        term.save()
        _say_again([term, *([before] if before else [])])


def delete_terms(terms: Sequence[Term]) -> None:
    """Take words out of the glossary; goods say them as they were written from then on."""
    with transaction.atomic(using="catalog"):
        Term.objects.filter(pk__in=[term.pk for term in terms]).delete()
        _say_again(list(terms))


def _say_again(terms: Sequence[Term]) -> None:
    ids = sorted({id for term in terms for id in translations.products_with(term.kind, term.text)})
    products = _locked(ids)
    indexing.index(ids)
    if any(term.kind == Term.Kind.LABEL for term in terms):
        glossary = Glossary.read()
        publish(*(announcements.changed(product, glossary) for product in products if product.is_published))


def note_availability(available: Mapping[str, int]) -> None:
    """Remember and show what inventory says can be bought."""
    with transaction.atomic(using="catalog"):
        keep_availability(available)
        show_availability(available)


def keep_availability(available: Mapping[str, int]) -> None:
    """Remember what inventory says can be bought, also of SKUs that catalog does not have yet."""
    with prepared_cursor("catalog") as cursor:
        cursor.execute(_REMEMBER_STOCK, [list(available), list(available.values())])


def show_availability(available: Mapping[str, int]) -> None:
    """Show what can be bought beside the variants and the products that have it."""
    with transaction.atomic(using="catalog"), prepared_cursor("catalog") as cursor:
        cursor.execute(_SHOW_STOCK, [list(available), list(available.values())])
        shelves.arrange(shelves.lock({row[0] for row in cursor.fetchall()}))


def keep_delivery_method(
    *, code: str, name: str, price: Money, days: tuple[int, int], active: bool, names: Mapping[str, str] | None = None,
    prices: Sequence[Money] = (),
) -> None:  # fmt: skip
    """Keep what shipping says of a way to send parcels; `days` are the fewest and the most working days."""
    told = {
        "name": name, "names": dict(names or {}), "price_cents": price.amount, "currency": price.currency, "days_min": days[0],
        "days_max": days[1], "active": active, "prices": {price.currency: price.amount for price in prices},
    }  # fmt: skip
    DeliveryMethod.objects.update_or_create(code=code, defaults=told)


def note_ratings(ratings: Mapping[UUID, tuple[int, int]]) -> None:
    """Show what reviews say of products: the average in hundredths of a star, and how many say it."""
    ids = sorted(ratings)
    averages, counts = [ratings[one][0] for one in ids], [ratings[one][1] for one in ids]
    with transaction.atomic(using="catalog"), connections["catalog"].cursor() as cursor:
        known = shelves.lock(ids)
        cursor.execute(_SHOW_RATINGS, [ids, averages, counts])
        shelves.arrange(known)


def show_known_stock() -> int:
    """Show everywhere what is remembered of availability; return how many variants said otherwise."""
    with transaction.atomic(using="catalog"), connections["catalog"].cursor() as cursor:
        cursor.execute(_SHOW_KNOWN_STOCK)
        changed: int = cursor.rowcount
        shelves.arrange(shelves.lock(Product.objects.values_list("id", flat=True)))
        return changed


def _locked(product_ids: Iterable[UUID]) -> list[Product]:
    """Lock products in a fixed order, so that two writers of several cannot deadlock, with their listed variants."""
    return list(
        Product.objects.select_for_update(of=("self",))
        .filter(id__in=list(product_ids))
        .select_related("category")
        .prefetch_related(announcements.listed_variants())
        .order_by("id")
    )


def _refuse_taken(drafts: Sequence[ProductDraft], own: UUID | None = None) -> None:
    for draft in drafts:
        if not any(variant.listed for variant in draft.variants):
            raise NothingToSell(draft.name)
    skus = [variant.sku for draft in drafts for variant in draft.variants]
    variants = Variant.objects.filter(sku__in=skus)
    products = Product.objects.filter(slug__in=[draft.slug for draft in drafts])
    if own is not None:
        variants, products = variants.exclude(product_id=own), products.exclude(id=own)
    taken = set(variants.values_list("sku", flat=True))
    taken |= {sku for sku, times in Counter(skus).items() if times > 1}
    if taken:
        raise SkuTaken(taken)
    if occupied := list(products.values_list("slug", flat=True)):
        raise SlugTaken(occupied)


def _product(draft: ProductDraft, category_id: int) -> Product:
    return Product(category_id=category_id, **_fields(draft))


def _fields(draft: ProductDraft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in SHARED_FIELDS}


def _variant(product: Product, draft: VariantDraft, position: int, known: Mapping[str, int]) -> Variant:
    return Variant(
        product=product, sku=draft.sku, label=draft.label, colour=draft.colour, family=family(draft.colour),
        position=position, price_cents=draft.price.amount, currency=draft.price.currency, weight_grams=draft.weight_grams,
        listed=draft.listed, available=known.get(draft.sku), prices=draft.prices,
    )  # fmt: skip


def _write(product: Product, draft: ProductDraft) -> None:
    """Bring the rows of a product in line with a draft."""
    for name, value in _fields(draft).items():
        setattr(product, name, value)
    product.category = Category.objects.get(slug=draft.category)
    product.save()
    known = _known_stock(variant.sku for variant in draft.variants)
    rows = [_variant(product, variant, position, known) for position, variant in enumerate(draft.variants)]
    Variant.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=[
            "label",
            "colour",
            "family",
            "position",
            "price_cents",
            "currency",
            "prices",
            "weight_grams",
            "listed",
        ],
    )
    # Kept, not deleted: carts, orders and stock still speak of the SKU, and it may come back.
    product.variants.exclude(sku__in=[row.sku for row in rows]).update(listed=False)


def _known_stock(skus: Iterable[str]) -> dict[str, int]:
    return dict(KnownStock.objects.filter(sku__in=list(skus)).values_list("sku", "available"))


def _summarise(product_ids: Iterable[UUID]) -> None:
    """Bring what lists and search read in line with products that the caller has locked or made."""
    ids = sorted(product_ids)
    shelves.arrange(ids)
    indexing.index(ids)


_REMEMBER_STOCK = """
    INSERT INTO catalog_knownstock (sku, available) SELECT * FROM unnest(%s::text[], %s::int[]) AS told (sku, available)
    ON CONFLICT (sku) DO UPDATE SET available = excluded.available
"""
_SHOW_STOCK = """
    UPDATE catalog_variant variant SET available = told.available
    FROM unnest(%s::text[], %s::int[]) AS told (sku, available) WHERE variant.sku = told.sku
    RETURNING variant.product_id
"""
_SHOW_RATINGS = """
    UPDATE catalog_product product SET rating_hundredths = told.average, rating_count = told.count
    FROM unnest(%s::uuid[], %s::int[], %s::int[]) AS told (id, average, count) WHERE product.id = told.id
"""
_SHOW_KNOWN_STOCK = """
    UPDATE catalog_variant variant SET available = told.available
    FROM (SELECT v.id, known.available FROM catalog_variant v LEFT JOIN catalog_knownstock known USING (sku)
          WHERE v.available IS DISTINCT FROM known.available) told WHERE variant.id = told.id
"""
