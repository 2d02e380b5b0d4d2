"""The rival: the same page by SQL joins over tables like ordering's, with every index that helps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections
from django.utils import timezone
from psycopg import sql

from contexts.history.bench.orders import MadeOrder
from contexts.history.purchases import STATUSES, BoughtLine, Purchase, PurchasePage, PurchaseQuery, Receipt, YearTotal
from contexts.kernel.money import Money

SCHEMA = "bench_history"

TABLES = """
create table placed_order (
    id uuid not null, customer_id uuid not null, number text not null, placed_at timestamptz not null,
    status text not null, currency text not null, shipping_cents bigint not null, total_cents bigint not null,
    refunded_cents bigint not null, explanation text not null, carrier text not null, tracking_number text not null
);
create table order_line (
    order_id uuid not null, nr int not null, sku text not null, name text not null, label text not null,
    quantity int not null, unit_cents bigint not null, image text not null, product_slug text not null
);
"""
# After the rows: filling is much faster without them.
INDEXES = """
create unique index if not exists placed_order_key on placed_order (id);
create index if not exists placed_order_customer on placed_order (customer_id, placed_at desc, id desc)
    include (status, currency, total_cents, refunded_cents);
create unique index if not exists order_line_key on order_line (order_id, nr);
create index if not exists order_line_product on order_line (product_slug, order_id);
"""
NO_INDEXES = "drop index if exists placed_order_key, placed_order_customer, order_line_key, order_line_product"

MINE = """
from placed_order o where o.customer_id = %(customer)s
  and (%(from)s::timestamptz is null or (o.placed_at >= %(from)s and o.placed_at < %(before)s))
"""
WITH_PRODUCT = """
  and exists (select from order_line p where p.order_id = o.id and p.product_slug = %(product)s)
"""
WITH_STATUS = " and o.status = %(status)s"

PAGE = """
select o.id, o.number, o.placed_at, o.status, o.currency, o.shipping_cents, o.total_cents, o.refunded_cents,
       o.explanation, o.carrier, o.tracking_number,
       l.sku, l.name, l.label, l.quantity, l.unit_cents, l.image, l.product_slug
from (select o.* {chosen} order by o.placed_at desc, o.id desc limit %(size)s offset %(offset)s) o
join order_line l on l.order_id = o.id
order by o.placed_at desc, o.id desc, l.nr
"""
COUNTS = "select o.status, count(*) {counted} group by o.status"
YEARS = """
select extract(year from o.placed_at at time zone %(zone)s)::int, o.currency, count(*),
       sum(case when o.status = 'cancelled' then 0 else o.total_cents - o.refunded_cents end)::bigint
from placed_order o where o.customer_id = %(customer)s group by 1, 2
"""


class Joins:
    """Answers a purchase query from the tables; the three statements of a page travel in one round trip."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def fill(self, orders: Sequence[MadeOrder]) -> None:
        with self._connection.cursor() as cursor:
            with cursor.copy("copy placed_order from stdin") as rows:
                for order in orders:
                    rows.write_row(_row(order))
            with cursor.copy("copy order_line from stdin") as rows:
                for order in orders:
                    for nr, line in enumerate(order.receipt.lines):
                        rows.write_row(
                            (order.id, nr, line.sku, line.name, line.label, line.quantity, line.unit_price.amount,
                             line.image, line.product_slug)
                        )  # fmt: skip

    def settle(self) -> None:
        """Make indexes and statistics; without them the planner knows nothing."""
        self._connection.execute(INDEXES)
        self._connection.execute("vacuum analyze placed_order, order_line")

    def unsettle(self) -> None:
        self._connection.execute(NO_INDEXES)

    def size(self) -> int:
        """Return the bytes that tables and indexes take."""
        row = self._connection.execute(
            "select pg_total_relation_size('placed_order') + pg_total_relation_size('order_line')"
        ).fetchone()
        assert row
        return int(row[0])

    def page(self, query: PurchaseQuery) -> PurchasePage:
        zone = timezone.get_default_timezone()
        counted = MINE + (WITH_PRODUCT if query.product_slug else "")
        chosen = counted + (WITH_STATUS if query.status else "")
        given: dict[str, Any] = {
            "customer": query.customer_id, "product": query.product_slug, "status": query.status, "size": query.size,
            "offset": (query.page - 1) * query.size, "zone": str(zone),
            "from": datetime(query.year, 1, 1, tzinfo=zone) if query.year else None,
            "before": datetime(query.year + 1, 1, 1, tzinfo=zone) if query.year else None,
        }  # fmt: skip
        with self._connection.pipeline():
            cursors = [
                self._connection.execute(statement.encode(), given, prepare=True)
                for statement in (PAGE.format(chosen=chosen), COUNTS.format(counted=counted), YEARS)
            ]
            rows, counts, years = (cursor.fetchall() for cursor in cursors)
        by_status = dict.fromkeys(STATUSES, 0) | dict(counts)
        count = by_status[query.status] if query.status else sum(by_status.values())
        return PurchasePage(
            purchases=_purchases(rows), count=count, page=query.page, pages=max(1, -(-count // query.size)),
            years=_years(years), by_status=by_status, as_of=timezone.now(),
        )  # fmt: skip


@contextmanager
def tables() -> Iterator[Joins]:
    """Make a schema for the rival; it is dropped at the end.

    Raises:
        CommandError: another run is at work in it.
    """
    admin, place = settings.DATABASE_ADMIN, sql.Identifier(SCHEMA)
    with connections[settings.CONTEXTS[0]].wrap_database_errors, psycopg.connect(
        host=admin.get("HOST") or None, port=admin.get("PORT") or None, dbname=admin["NAME"],
        user=admin.get("USER") or None, password=admin.get("PASSWORD") or None, autocommit=True,
        application_name="tradepost bench", options=f"-c search_path={SCHEMA} -c synchronous_commit=off",
    ) as connection:  # fmt: skip
        row = connection.execute("select pg_try_advisory_lock(hashtext('tradepost bench history'))").fetchone()
        if not (row and row[0]):
            raise CommandError("Another run of this benchmark is on this server; wait for it to end.")
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(place))
        connection.execute(sql.SQL("create schema {}").format(place))
        connection.execute(TABLES)
        try:
            yield Joins(connection)
        finally:
            connection.execute(sql.SQL("drop schema {} cascade").format(place))


def _row(order: MadeOrder) -> tuple[object, ...]:
    receipt = order.receipt
    return (
        order.id, order.customer_id, receipt.number, receipt.placed_at, order.status, receipt.total.currency,
        receipt.shipping.amount, receipt.total.amount, order.refunded_cents, order.explanation, *order.parcel,
    )  # fmt: skip


def _purchases(rows: list[tuple[Any, ...]]) -> list[Purchase]:
    grouped: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row)
    return [_purchase(lines) for lines in grouped.values()]


def _purchase(lines: list[tuple[Any, ...]]) -> Purchase:
    order_id, number, placed_at, status, currency, shipping, total, refunded, explanation, carrier, tracking = lines[0][
        :11
    ]
    return Purchase(
        order_id=order_id, status=status, refunded=Money(refunded, currency), explanation=explanation, carrier=carrier,
        tracking_number=tracking,
        receipt=Receipt(
            number=number, placed_at=placed_at, shipping=Money(shipping, currency), total=Money(total, currency),
            lines=[
                BoughtLine(sku=row[11], name=row[12], label=row[13], quantity=row[14],
                           unit_price=Money(row[15], currency), image=row[16], product_slug=row[17])
                for row in lines
            ],
        ),
    )  # fmt: skip


def _years(rows: list[tuple[int, str, int, int]]) -> list[YearTotal]:
    orders: defaultdict[int, int] = defaultdict(int)
    spent: defaultdict[int, list[Money]] = defaultdict(list)
    for year, currency, count, cents in sorted(rows):
        orders[year] += count
        spent[year].append(Money(cents, currency))
    return [YearTotal(year=year, orders=orders[year], spent=spent[year]) for year in sorted(orders, reverse=True)]
