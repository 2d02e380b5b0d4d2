"""A catalogue of any size to measure in: invented goods, brought in by the services and then multiplied by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random

import psycopg
from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from psycopg import sql

from config.demo.goods import ARTICLES, invent
from config.demo.shop import open_categories
from config.problems import Problem, one_line
from config.provision import migrations, roles
from contexts.catalog import popularity, services, shelves
from contexts.catalog.models import Product, Variant
from contexts.kernel.money import eur
from contexts.kernel.outages import next_step
from contexts.messaging import transport
from contexts.messaging.memory import MemoryTransport

#: So many products are invented; the others are copies of them with names, numbers and prices of their own.
INVENTED = 1_000
SEED = 11
PREFIX = "tradepost_bench"
#: Says of a database that it has all its goods.
FILLED = "filled by bench pages"


@contextmanager
def catalogue(products: int, *, keep: bool = False) -> Iterator[str]:
    """Fill a database of its own with `products` products, and drop it afterwards; yields its name.

    With `keep` it stays, and one that was kept is taken as it is, with the migrations that came since.
    """
    name = f"{PREFIX}_{products}"
    alias = connections["catalog"].settings_dict
    shop = alias["NAME"]
    kept = keep and _is_filled(name)
    try:
        use(name)
        if not kept:
            _drop(name)
        roles.prepare("catalog", alias, settings.DATABASE_ADMIN)
        migrations.migrate("catalog")
        if not kept:
            with transport.use(MemoryTransport()):
                _fill(products)
        _vacuum()
        if keep:
            _mark(name)
        yield name
    finally:
        use(shop)
        if not (keep and _is_filled(name)):
            _drop(name)


def use(name: str) -> None:
    """Let this process ask the database of that name as catalog's."""
    connections["catalog"].close()
    connections["catalog"].settings_dict["NAME"] = name


def _is_filled(name: str) -> bool:
    """Whether a database of that name was filled to the end."""
    with _server() as server:
        said = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        return server.execute(said, [name]).fetchone() == (FILLED,)


def _mark(name: str) -> None:
    with _server() as server:
        server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(FILLED)))


def _drop(name: str) -> None:
    with _server() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    try:
        with roles.connect(settings.DATABASE_ADMIN, database="postgres") as server:
            yield server
    except psycopg.Error as problem:
        raise Problem(
            f"The database server does not let us make room for the benchmark: {one_line(problem)}\n{next_step()}"
        ) from problem


def _fill(products: int) -> None:
    random = Random(SEED)  # noqa: S311 - taste, not secrets
    open_categories()
    drafts = invent(scale=-(-min(products, INVENTED) // ARTICLES), seed=SEED)[:products]
    services.publish_products(services.create_products(drafts))
    services.note_availability(
        {sku: max(random.randint(-3, 40), 0) for sku in Variant.objects.values_list("sku", flat=True)}
    )
    services.keep_delivery_method(code="standard", name="Standard", price=eur(4_90), days=(2, 4), active=True)
    services.keep_delivery_method(code="express", name="Express", price=eur(9_90), days=(1, 1), active=True)
    copies = -(-(products - len(drafts)) // len(drafts))
    with transaction.atomic(using="catalog"), connections["catalog"].cursor() as cursor:
        cursor.execute(_COPIES, [copies, products - len(drafts)])
        cursor.execute(_COPY_PRODUCTS)
        cursor.execute(_COPY_VARIANTS)
        cursor.execute("UPDATE catalog_product SET shelf = NULL, facets = '{}'")
    ids = list(Product.objects.values_list("id", flat=True))
    for start in range(0, len(ids), 5_000):
        with transaction.atomic(using="catalog"):
            shelves.arrange(shelves.lock(ids[start : start + 5_000]))
    _sell(random)


def _vacuum() -> None:
    connections["catalog"].close()
    with connections["catalog"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE catalog_product, catalog_variant, catalog_word, catalog_companion")


def _sell(random: Random) -> None:
    """Let people buy for a while: a few thousand orders of what lies about."""
    skus = list(Variant.objects.order_by("sku").values_list("sku", flat=True)[:4_000])
    popularity.note_sales(
        (timezone.now() - timedelta(hours=random.randint(0, 700)), [(sku, 1) for sku in random.sample(skus, 2)])
        for _ in range(2_000)
    )


_COPIES = """
    CREATE TEMPORARY TABLE copy ON COMMIT DROP AS
    SELECT nth, product.id AS original, overlay(product.id::text PLACING lpad(to_hex(nth), 8, '0') FROM 1 FOR 8)::uuid AS id
    FROM generate_series(1, %s) nth, catalog_product product ORDER BY nth, product.id LIMIT %s
"""
_OWN = {
    "id", "slug", "name", "drawing_seed", "featured", "published_at", "price_from_cents", "price_to_cents", "available",
    "picture", "colours", "shelf", "facets", "popularity", "search",
}  # fmt: skip
_SAME = ", ".join(str(field.column) for field in Product._meta.concrete_fields if field.column not in _OWN)
# The search vector of a copy is its original's with its own number, as indexing it would give.
_COPY_PRODUCTS = f"""
    INSERT INTO catalog_product ({_SAME}, id, slug, name, drawing_seed, featured, published_at, price_from_cents,
        price_to_cents, available, picture, colours, facets, popularity, search)
    SELECT {_SAME}, copy.id, slug || '-' || nth, name || ' No. ' || nth, (drawing_seed + nth) % 1000000, false,
        published_at - nth * interval '1 hour', 0, 0, 0, '', '{{}}', '{{}}', 0,
        search || setweight(to_tsvector('simple', 'no ' || nth), 'A')
    FROM copy JOIN catalog_product product ON product.id = copy.original
"""  # noqa: S608 - put together from constants
_COPY_VARIANTS = """
    INSERT INTO catalog_variant (product_id, sku, label, colour, family, position, price_cents, currency, weight_grams,
        listed, available)
    SELECT copy.id, sku || '-' || nth, label, colour, family, position, price_cents * (80 + nth % 40) / 100, currency,
        weight_grams, listed, available
    FROM copy JOIN catalog_variant variant ON variant.product_id = copy.original
"""
