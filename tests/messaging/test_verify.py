"""B7: equal digests prove that nothing was lost, doubled, reordered or altered; any tampering is found and named."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from contexts.catalog.events import PriceChanged
from contexts.messaging.drain import drain
from tests.messaging.conftest import sql
from tests.messaging.test_delivery import publish_prices

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def delivered(listen, ledger):
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    for seed in range(3):
        publish_prices(seed, count=30)
        drain()
    return ledger


def verify(*arguments: str) -> tuple[int, dict]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", "catalog", "--json", *arguments, stdout=out)
    return ended.value.code, json.loads(out.getvalue())


def problems(document: dict) -> list[str]:
    return [problem for part in ("logs", "subscriptions") for row in document[part] for problem in row["problems"]]


def test_an_honest_shop_is_proven(delivered):
    status, document = verify()

    assert (status, problems(document)) == (0, [])
    assert sum(row["events"] for row in document["subscriptions"]) == len(delivered.rows)


@pytest.mark.parametrize(
    ("context", "tampering", "found"),
    [
        ("catalog", "update messaging_event set data = jsonb_set(data, '{price,amount}', '999999') where id = "
                    "(select event from messaging_position where position = 40) returning 1", "the first difference lies"),
        ("catalog", "update messaging_event set subject = 'product/x' where id = "
                    "(select event from messaging_position where position = 40) returning 1", "the first difference lies"),
        ("catalog", "update messaging_position set event = event + 100000 where position = 40 returning 1",
         "the event at position 40 is gone"),
        ("catalog", "delete from messaging_position where position = 40 returning 1", "position 40 is missing"),
        ("inventory", "update messaging_inbox set digest = md5('x') where position > 0 and partition = "
                      "(select min(partition) from messaging_inbox where position > 0) returning 1", "the inbox says"),
        ("inventory", "update messaging_inbox set position = position + 1 where position > 0 returning 1",
         "the inbox says"),
        ("inventory", "delete from messaging_delivery where id = (select min(id) + 1 from messaging_delivery) "
                      "returning 1", ""),
        ("inventory", "update messaging_delivery set digest = md5('x') where id = "
                      "(select min(id) from messaging_delivery) returning 1", "the first difference lies"),
        ("catalog", "update messaging_subscription set acknowledged_digest = md5('x') where acknowledged > 0 returning 1",
         "the publisher's own digest"),
    ],
)  # fmt: skip
def test_tampering_with_one_row_is_found(delivered, context, tampering, found):
    assert sql(context, tampering)

    status, document = verify()

    assert status == 1
    assert any(found in problem for problem in problems(document))


def test_the_first_difference_is_named(delivered):
    (event_id,) = sql("catalog", "select event from messaging_position where position = 40")[0]
    sql(
        "catalog",
        "update messaging_event set actor = actor, data = data || '{\"x\":1}' where id = %s returning 1",
        event_id,
    )

    _, document = verify()

    (row,) = [row for row in document["subscriptions"] if row["problems"]]
    assert row["agreed"] < 40
    assert "catalog.price_changed of product/" in row["problems"][0]


def test_nonsense_is_answered_with_what_there_is(db):
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", "catalogue", stdout=out)

    assert ended.value.code == 2
    assert "there are" in out.getvalue()
