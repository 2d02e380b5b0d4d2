"""B7: equal digests prove that nothing was lost, doubled, reordered or altered; any tampering is found and named."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connections, transaction

from contexts.catalog.events import PriceChanged
from contexts.messaging.drain import drain
from contexts.messaging.relay import relay
from contexts.messaging.verify import verify_log, verify_subscriptions
from tests.messaging.conftest import publish_prices, sql

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
        *(
            ("catalog", f"update messaging_event set {change} where id = "
                        "(select event from messaging_position where position = 40) returning 1", "the first difference lies")
            for change in (
                "actor = 'somebody else'", "time = time + interval '1 microsecond'", "correlation_id = gen_random_uuid()",
                "causation_id = gen_random_uuid()", "traceparent = ''",
            )
        ),
        ("catalog", "update messaging_position set event = event + 100000 where position = 40 returning 1",
         "the event at position 40 is gone"),
        ("catalog", "delete from messaging_position where position = 40 returning 1", "position 40 is missing"),
        ("inventory", "update messaging_inbox set digest = md5('x') where position > 0 and partition = "
                      "(select min(partition) from messaging_inbox where position > 0) returning 1", "the inbox says"),
        ("inventory", "update messaging_inbox set position = position + 1 where position > 0 returning 1",
         "the inbox says"),
        ("inventory", "delete from messaging_delivery where id = (select min(id) from messaging_delivery one where exists "
                      "(select from messaging_delivery later where later.partition = one.partition and later.upto > "
                      "one.upto)) returning 1", "pages do not join"),
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


def hash_whole_after(position: int) -> None:
    sql(
        "catalog",
        "insert into messaging_sequencer (id, head, snapshot, whole_after) values (1, 0, '3:3:', %s) "
        "on conflict (id) do update set whole_after = excluded.whole_after returning 1",
        position,
    )


def test_what_was_hashed_in_another_way_once_stays_proven(listen, ledger):
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    hash_whole_after(9999)
    publish_prices(1, count=30)
    drain()
    [(head,)] = sql("catalog", "select head from messaging_sequencer")
    hash_whole_after(head)
    publish_prices(2, count=30)
    drain()

    assert verify()[0] == 0

    hash_whole_after(0)
    assert verify()[0] == 1


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


class Meanwhile:
    """Does something once, from another connection, as soon as a context's connection has run a certain statement."""

    def __init__(self, context: str, words: str, act: Callable[[], None]) -> None:
        self._context, self._words, self._act, self.done = context, words, act, False

    def __enter__(self) -> Meanwhile:
        self._hook = connections[self._context].execute_wrapper(self._after)
        self._hook.__enter__()
        return self

    def __exit__(self, *problem: Any) -> None:
        self._hook.__exit__(*problem)

    def _after(self, execute: Any, statement: str, parameters: Any, many: bool, context: Any) -> Any:
        answer = execute(statement, parameters, many, context)
        if self._words in statement and not self.done:
            self.done = True
            thread = threading.Thread(target=self._run)
            thread.start()
            thread.join()
        return answer

    def _run(self) -> None:
        try:
            self._act()
        finally:
            connections.close_all()


def test_events_that_get_their_positions_meanwhile_are_no_difference(delivered):
    with Meanwhile("catalog", "messaging_sequencer", lambda: (publish_prices(9, count=5), relay("catalog"))) as act:
        log = verify_log("catalog")

    assert act.done
    assert log.problems == []


def test_a_page_that_arrives_meanwhile_is_no_difference(delivered):
    def deliver_if_it_is_let() -> None:
        """As deliver does it, but without waiting for whoever holds the place."""
        publish_prices(9, count=20)
        with suppress(OperationalError), transaction.atomic(using="inventory"):
            sql(
                "inventory",
                "select position from messaging_inbox where subscriber = 'inventory:probe' for update nowait",
            )
            let.append(True)
        if let:
            drain()

    let: list[bool] = []
    with Meanwhile("inventory", "messaging_delivery", deliver_if_it_is_let) as act:
        verdicts = list(verify_subscriptions("catalog"))

    assert act.done
    assert [problem for verdict in verdicts for problem in verdict.problems] == []


def test_subscribers_of_other_processes_are_named_and_not_proven(delivered, settings):
    settings.CONTEXTS = ["catalog"]

    status, document = verify()

    assert (status, document["subscriptions"], document["not_compared"]) == (0, [], ["inventory:probe"])


def test_nonsense_is_answered_with_what_there_is(db):
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", "catalogue", stdout=out)

    assert ended.value.code == 2
    assert "there are" in out.getvalue()
