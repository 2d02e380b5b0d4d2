"""Prepared look-ups: what Django would have read, without writing the statement anew."""

from __future__ import annotations

import pytest
from uuid_utils.compat import uuid7

from contexts.kernel.prepared import Lookup
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


def test_several_rows_are_found_by_a_list_of_values():
    for code in ("express", "slow", "by-boat"):
        shipping_method(code)

    found = Lookup(ShippingMethod, "code__in", "active").all(["express", "slow", "nothing"], True)

    assert sorted(method.code for method in found) == ["express", "slow"]
    assert fields_of(found[0]) in [fields_of(method) for method in ShippingMethod.objects.all()]
