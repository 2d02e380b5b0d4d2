"""B5: an operator lists, rehearses, tries again, corrects and gives up parked events; every act is recorded."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.messaging import publish, redrive
from contexts.messaging.cli.retry import canary
from contexts.messaging.drain import drain
from contexts.messaging.rehearsal import rehearse
from tests.messaging.conftest import price_changed, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class Shop:
    """A subscriber whose handler refuses prices in `refused`."""

    def __init__(self, ledger) -> None:
        self.ledger, self.refused = ledger, {13}

    def book(self, event, envelope) -> None:
        self.ledger.add(envelope.subject, event.price.amount)
        if event.price.amount in self.refused:
            raise ValueError(f"{event.price.amount} is refused")


@pytest.fixture
def shop(listen, ledger):
    made = Shop(ledger)
    listen(PriceChanged, made.book)
    return made


def publish_and_drain(*events) -> None:
    with transaction.atomic(using="catalog"):
        publish(*events)
    drain()


def events(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", *arguments, stdout=out, no_color=True)
    return ended.value.code, out.getvalue()


def parked() -> list[dict]:
    return json.loads(events("parked", "--json")[1])


def test_the_list_groups_what_failed_alike(shop):
    publish_and_drain(*(price_changed(cents=13) for _ in range(3)), price_changed(cents=1))

    assert len({row["fingerprint"] for row in parked()}) == 1
    assert len(parked()) == 3
    assert "13 is refused" in events("parked")[1]
    assert "Traceback" in events("parked", parked()[0]["fingerprint"])[1]


def test_nothing_parked_is_said(db):
    assert events("parked") == (0, "Nothing is parked.\n")
    assert events("retry", "nonsense")[0] == 2
    assert events("discard", "nonsense", "--reason", "x")[0] == 2
    assert events("edit", "nonsense")[0] == 2


def test_a_rehearsal_shows_the_rows_and_changes_nothing(shop):
    publish_and_drain(price_changed(sku="A", cents=13))
    shop.refused.clear()
    rows = shop.ledger.rows

    with capture_logs() as said:
        status, text = events("retry", parked()[0]["number"], "--dry-run")

    assert status == 0
    assert said == [], "nothing was handled"
    assert "probe_effect: 1 inserted" in text
    assert "'value': 13" in text
    assert (shop.ledger.rows, len(parked())) == (rows, 1)


def test_a_rehearsal_of_what_still_fails_says_so(shop):
    publish_and_drain(price_changed(cents=13))

    status, text = events("retry", parked()[0]["fingerprint"], "--dry-run")

    assert status == 1
    assert "It would fail again: ValueError: 13 is refused" in text
    assert parked()[0]["tries"] == 1


def test_the_canary_stops_at_the_first_failure_of_the_same_kind(shop):
    publish_and_drain(*(price_changed(cents=13) for _ in range(8)))

    status, text = events("retry", parked()[0]["fingerprint"])

    assert status == 1
    assert "Stopped: it fails as before" in text
    assert sorted(row["tries"] for row in parked()) == [1] * 7 + [2]


def test_a_mended_handler_handles_all_in_growing_rounds(shop):
    publish_and_drain(*(price_changed(cents=13) for _ in range(8)))
    shop.refused.clear()

    status, text = events("retry", parked()[0]["fingerprint"], "--as", "ada")

    assert (status, parked()) == (0, [])
    assert "8 events handled" in text
    assert len(shop.ledger.rows) == 8
    assert set(sql("inventory", "select actor, act from messaging_act")) == {("operator:ada", "retry")}


def test_rounds_of_the_canary():
    assert list(canary(40, all_at_once=False)) == [1, 5, 25, 9]
    assert list(canary(40, all_at_once=True)) == [40]


def test_giving_one_up_lets_the_rest_of_its_subject_flow(shop):
    product_id = uuid7()
    publish_and_drain(*(price_changed(cents=cents, product_id=product_id) for cents in (1, 13, 2, 3)))

    status, _ = events("discard", parked()[0]["number"], "--reason", "a test price", "--as", "ada")
    events("retry", f"product/{product_id}")

    assert status == 0
    assert [value for _, value in shop.ledger.rows] == [1, 2, 3]
    assert sql("inventory", "select sum(parked) from messaging_inbox") == [(0,)]
    assert "a test price" in events("parked", "--discarded")[1]
    ((details,),) = sql("inventory", "select details from messaging_act where act = 'discard'")
    assert json.loads(details if isinstance(details, str) else json.dumps(details))["reason"] == "a test price"


def test_several_are_not_given_up_without_a_word(shop):
    publish_and_drain(*(price_changed(cents=13) for _ in range(3)))

    status, text = events("discard", parked()[0]["fingerprint"], "--reason", "x")

    assert (status, len(parked())) == (2, 3)
    assert "names 3 events" in text


def test_a_corrected_copy_is_handled_and_the_original_kept(shop, tmp_path):
    publish_and_drain(price_changed(sku="A", cents=13))
    (row,) = parked()
    data = json.loads(events("edit", row["number"])[1])
    data["price"]["amount"] = 14
    (tmp_path / "fixed.json").write_text(json.dumps(data))

    assert events("edit", row["number"], "--data", str(tmp_path / "fixed.json"))[0] == 0
    assert events("retry", row["number"])[0] == 0

    assert [value for _, value in shop.ledger.rows] == [14]
    ((original,),) = sql("inventory", "select details->'before'->>'event' from messaging_act where act = 'edit'")
    assert json.loads(original)["data"]["price"]["amount"] == 13


def test_a_number_names_one_event_of_all_contexts(shop, listen):
    listen(PriceChanged, shop.book, to="ordering:probe")
    publish_and_drain(price_changed(cents=13))
    for context in ("inventory", "ordering"):
        sql(context, "update messaging_parked set id = 1 returning 1")

    assert sorted(row["number"] for row in parked()) == ["inventory:1", "ordering:1"]
    assert events("edit", str(parked()[0]["event_id"]))[0] == 2
    assert events("discard", "ordering:1", "--reason", "a test price")[0] == 0
    assert [row["number"] for row in parked()] == ["inventory:1"]


def test_who_comes_too_late_changes_nothing(shop):
    product_id = uuid7()
    publish_and_drain(*(price_changed(cents=13, product_id=product_id) for _ in range(3)))
    late = redrive.find("inventory")[0]
    redrive.discard(late, reason="a test price", actor="operator:ada")

    for act in (
        lambda: redrive.discard(late, reason="a test price", actor="operator:bob"),
        lambda: redrive.retry(late, actor="operator:bob"),
        lambda: redrive.edit(late, data=json.loads(late.event)["data"], actor="operator:bob"),
        lambda: rehearse(late),
    ):
        with pytest.raises(redrive.NotParked, match="not parked any more"):
            act()

    assert sql("inventory", "select sum(parked) from messaging_inbox") == [(2,)]
    assert sql("inventory", "select actor from messaging_act") == [("operator:ada",)]


def test_giving_up_one_that_waits_behind_does_not_try_the_first_again(shop):
    product_id = uuid7()
    publish_and_drain(*(price_changed(cents=cents, product_id=product_id) for cents in (13, 1, 2)))
    sql("inventory", "update messaging_parked set state = 'stuck', retry_at = null where state = 'waiting' returning 1")

    redrive.discard(redrive.find("inventory")[1], reason="a test price", actor="operator:ada")

    assert [row["state"] for row in parked()] == ["stuck", "behind"]


def test_what_fails_in_another_way_is_shown_with_the_new_traceback(shop, listen):
    publish_and_drain(price_changed(cents=13))
    (before,) = parked()
    shop.refused.clear()
    shop.ledger.add = lambda subject, value: {}[subject]

    assert events("retry", before["number"])[0] == 1

    (after,) = parked()
    assert after["fingerprint"] != before["fingerprint"]
    assert "KeyError" in after["traceback"]
    assert "ValueError" not in after["traceback"]


def test_a_copy_of_the_wrong_shape_changes_nothing(shop, tmp_path):
    publish_and_drain(price_changed(cents=13))
    (tmp_path / "wrong.json").write_text('{"price": 1}')

    status, text = events("edit", parked()[0]["number"], "--data", str(tmp_path / "wrong.json"))

    assert status == 2
    assert "does not accept that" in text
    assert sql("inventory", "select count(*) from messaging_act") == [(0,)]


def test_an_outage_during_a_retry_counts_as_no_try(shop):
    publish_and_drain(price_changed(cents=13))
    before = parked()

    def gone(subject: str, value: int) -> None:
        raise OperationalError("the database is gone")

    shop.ledger.add = gone

    assert events("retry", before[0]["number"])[0] == 3
    assert parked() == before
    assert sql("inventory", "select count(*) from messaging_act") == [(0,)]


def test_what_keeps_failing_is_left_for_a_person_after_five_tries_more(shop):
    from contexts.messaging.redrive import retry_due

    publish_and_drain(price_changed(cents=13))
    for _ in range(10):
        sql("inventory", "update messaging_parked set retry_at = now() where retry_at is not null returning 1")
        retry_due("inventory")

    (row,) = parked()
    assert (row["state"], row["retry_at"], row["tries"]) == ("stuck", None, 6)


def test_a_handler_says_how_patient_it_is(listen, shop):
    from contexts.messaging.redrive import retry_due

    listen(PriceChanged, lambda event, envelope: None, retry_after_s=(10_000.0,))
    listen(PriceChanged, shop.book, to="inventory:hasty", retry_after_s=())

    publish_and_drain(price_changed(cents=13))

    assert {(row["subscriber"], row["state"]) for row in parked()} == {
        ("inventory:probe", "waiting"), ("inventory:hasty", "stuck"),
    }  # fmt: skip
    due = "select retry_at > now() + interval '2 hours' from messaging_parked where subscriber = 'inventory:probe'"
    assert sql("inventory", due) == [(True,)], "the most patient handler of the subscriber decides"
    sql("inventory", "update messaging_parked set retry_at = now() where retry_at is not null returning 1")
    retry_due("inventory")
    assert {row["state"] for row in parked()} == {"stuck"}
