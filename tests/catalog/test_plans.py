"""Every page can be answered from indexes: no plan reads all goods, however many there are."""

import re

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from contexts.catalog import bitmaps
from contexts.catalog.asking import ask
from contexts.catalog.cards import Card
from contexts.catalog.lists import write_place
from tests.catalog.factories import aisle, draft, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])
#: What a process reads once, and a transaction that writes (a test's) each time: all goods, for the bitmaps.
ONCE = r"Aggregate[^\n]*\n[^\n]*Group Key: catalog_product.shelf, [^\n]*catalog_product.facets"
#: Large tables; what is read of them must come from an index.
LARGE = ("catalog_product", "catalog_variant", "catalog_word", "catalog_companion")


@pytest.fixture(autouse=True)
def told_in_whole(settings) -> None:
    """A prepared statement is recorded without its values, and cannot be explained."""
    settings.PREPARED_STATEMENTS = False


def place(key: object) -> str:
    return write_place(Card("01a20cba-2da8-7727-b138-85335ee06c5d", *[""] * 13, key=key))


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/c/kitchen/",
        "/c/kitchen/?sort=price",
        "/c/kitchen/?sort=popular",
        "/c/cups/?sort=name&after=" + place("Mug 1"),
        "/c/cups/?sort=price-down&before=" + place(1),
        "/c/kitchen/?colour=grey&material=Wool&price=to-25&stock=1",
        "/search/",
        "/search/?after=" + place("2026-01-01T00:00:00Z"),
        "/search/?colour=red&colour=blue",
        "/search/?q=mug",
        "/search/?q=mugg&sort=price",
        "/search/suggest/?q=mu",
        "/p/mug-1/",
    ],
)
def test_no_page_reads_all_goods(client, address):
    aisle("kitchen")
    aisle("cups", parent="kitchen")
    on_sale(*(draft(f"Mug {number}", variant(f"M-{number}"), category="cups") for number in range(6)))
    with CaptureQueriesContext(connections["catalog"]) as asked:
        client.get(address)

    plans = [_plan(query["sql"]) for query in asked if query["sql"].lstrip().startswith(("SELECT", "WITH", "("))]
    plans = [plan for plan in plans if not re.search(ONCE, plan)]

    assert plans
    read_whole = {table for plan in plans for table in re.findall(r"Seq Scan on (\w+)", plan) if table in LARGE}
    assert read_whole == set(), plans


def _plan(statement: str) -> str:
    """Return the plan that the database makes where it may not read a table whole unless there is no other way."""
    with connections["catalog"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + statement)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("address", "indexes"),
    [
        ("/", ["product_featured", "product_newest", "product_popular"]),
        ("/c/cups/", ["product_aisle"]),
        ("/c/cups/?sort=price", ["product_aisle_price"]),
        ("/c/cups/?sort=price-down&before=" + place(1), ["product_aisle_price"]),
        ("/c/cups/?sort=popular", ["product_aisle_popular"]),
        ("/c/cups/?sort=name&after=" + place("Mug 1"), ["product_aisle_name"]),
        ("/search/?sort=name", ["product_name"]),
        ("/search/?sort=price", ["product_price"]),
    ],
)
def test_a_list_comes_from_the_index_of_its_order(client, address, indexes):
    aisle("kitchen")
    aisle("cups", parent="kitchen")
    on_sale(
        *(
            draft(f"Mug {number}", variant(f"M-{number}"), category="kitchen" if number % 20 else "cups")
            for number in range(60)
        )
    )
    with connections["catalog"].cursor() as cursor:
        cursor.execute("ANALYZE catalog_product")
    client.get("/c/cups/")
    with CaptureQueriesContext(connections["catalog"]) as asked:
        client.get(address)

    with connections["catalog"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    plan = "".join(_plan(query["sql"]) for query in asked if query["sql"].startswith("SELECT"))
    used = set(re.findall(r"using (\w+) on catalog_product", plan))
    assert set(indexes) <= used


def test_a_transaction_that_wrote_all_goods_is_not_taken_for_the_usual():
    on_sale(*(draft(f"Mug {number}", variant(f"M-{number}")) for number in range(60)))
    with connections["catalog"].cursor() as cursor:
        cursor.execute("ANALYZE catalog_product, catalog_word")
        for table, column in (("catalog_product", "arranged_in"), ("catalog_word", "learnt_in")):
            looked_up = f"{column} = ANY(ARRAY(SELECT pg_snapshot_xip(pg_current_snapshot())))"
            cursor.execute(f"EXPLAIN SELECT FROM {table} WHERE {looked_up}")
            plan = "\n".join(line for (line,) in cursor.fetchall())

            assert int(re.search(r"rows=(\d+)", plan)[1]) <= 10, plan


def test_what_is_new_is_looked_up_with_a_plan_that_any_bound_fits():
    """Planned for its value, the statement of each list page would be planned anew each time in a large catalogue."""
    on_sale(draft("Mug", variant("MUG")))
    known = bitmaps.latest().after(*ask(bitmaps.latest().asked_news()))
    with CaptureQueriesContext(connections["catalog"]) as asked:
        ask(known.asked_news())

    plan = _plan(asked[0]["sql"])

    bounds = re.findall(r"\b(arranged_in|learnt_in|gone_in) >= (\S)", plan)
    assert {column for column, _ in bounds} == {"arranged_in", "learnt_in", "gone_in"}
    assert {first for _, first in bounds} == {"("}, "a query of its own"
