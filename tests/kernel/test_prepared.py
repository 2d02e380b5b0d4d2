"""Prepared look-ups: what Django would have read, without writing the statement anew."""

from __future__ import annotations

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.kernel.prepared import Lookup, Rewrite
from contexts.messaging.pipelining import pipelined
from contexts.ordering.models import OrderSummary, ShippingMethod
from tests.ordering.shop import placed, shipping_method

pytestmark = pytest.mark.django_db(databases=["ordering"])


def fields_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("prepared", [True, False])
def test_a_row_is_found_as_django_reads_it(settings, prepared):
    settings.PREPARED_STATEMENTS = prepared
    order_id = placed(("RED-MUG", 2))
    find = Lookup(OrderSummary, "order_id", "status")

    found = [find(order_id, "placed") for _ in range(4)]  # Prepared on the way.

    row = OrderSummary.objects.get(order_id=order_id)
    assert [fields_of(one) for one in found] == [fields_of(row)] * 4
    assert (found[0]._state.db, found[0]._state.adding) == ("ordering", False)
    assert [find(order_id, "shipped"), find(uuid7(), "placed")] == [None, None]


def test_a_row_that_is_to_be_held_is_locked(django_assert_num_queries):
    shipping_method("express")

    with django_assert_num_queries(1, using="ordering") as queries:
        method = Lookup(ShippingMethod, "code", lock=True)("express")

    assert method == ShippingMethod.objects.get(code="express")
    assert queries.captured_queries[0]["sql"].endswith(" for update")


def test_rows_that_have_one_of_some_values_come_in_their_order():
    for code in ("express", "economy", "standard"):
        shipping_method(code)

    found = Lookup(ShippingMethod, "code__in", "active", order_by="code").rows(["standard", "express", "none"], True)

    assert [method.code for method in found] == ["express", "standard"]


@pytest.mark.parametrize("prepared", [True, False])
def test_a_row_is_written_back_as_it_is_and_no_other(settings, prepared):
    settings.PREPARED_STATEMENTS = prepared
    order_id, other_id = placed(("RED-MUG", 2)), placed(("RED-MUG", 1))
    rewrite = Rewrite(OrderSummary)
    row, other = (OrderSummary.objects.get(order_id=one) for one in (order_id, other_id))

    for name in ("Ada", "Grace", "Joan"):  # Prepared on the way.
        row.name, row.address, row.held_until, row.lines = name, None, row.placed_at, [*row.lines, {"sku": name}]
        assert rewrite(row)

    assert fields_of(OrderSummary.objects.get(order_id=order_id)) == fields_of(row)
    assert fields_of(OrderSummary.objects.get(order_id=other_id)) == fields_of(other)
    assert not rewrite(OrderSummary(order_id=uuid7()))


def test_whether_a_row_was_there_is_known_in_a_pipeline_too():
    row = OrderSummary.objects.get(order_id=placed(("RED-MUG", 2)))
    rewrite = Rewrite(OrderSummary)

    with transaction.atomic(using="ordering"), pipelined("ordering"):
        found = [rewrite(row), rewrite(OrderSummary(order_id=uuid7()))]

    assert found == [True, False]
