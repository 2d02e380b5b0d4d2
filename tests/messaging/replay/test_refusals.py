"""What cannot be replayed or swapped says why, and changes nothing."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from contexts.messaging.log import lock_key
from contexts.messaging.replay.alone import CannotReplay, one_at_a_time
from tests.messaging.conftest import do, sql
from tests.messaging.replay.conftest import (
    replay,
    replay_json,
    rows,
)
from tests.messaging.test_sequencer import connect

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def refused() -> None:
    """A replay of the offers ends with status 2 and changes nothing."""
    before = rows()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", "ordering:offers", "--yes")
    assert ended.value.code == 2
    assert rows() == before


def test_a_log_that_was_tampered_with_is_not_swapped_in(offers):
    sql("catalog", "update messaging_event set data = jsonb_set(data, '{price,amount}', '1') "
                   "where id = (select max(id) from messaging_event) returning 1")  # fmt: skip

    refused()


def test_a_row_that_a_cart_needs_is_not_removed(offers):
    sql("ordering", "insert into ordering_offer (sku, product_slug, name, label, image, tax_class, price_cents, currency, "
                    "on_sale) values ('GHOST', '', '', '', '', '', 0, 'EUR', false) returning 1")  # fmt: skip
    sql(
        "ordering",
        "insert into ordering_cart (id, created_at, touched_at) values (gen_random_uuid(), now(), now()) returning 1",
    )
    sql("ordering", "insert into ordering_cartitem (cart_id, offer_id, quantity, seen_price_cents, last_added, last_added_at) "
                    "select id, 'GHOST', 1, 1, 1, now() from ordering_cart returning 1")  # fmt: skip

    refused()


def test_a_copy_of_a_table_that_was_migrated_meanwhile_is_begun_anew(offers, crash_point):
    with crash_point("replay: page committed", time=2):
        replay("ordering:offers", "--yes")
    do("ordering", "alter table replay_ordering_offer drop column label")

    status, report = replay_json("ordering:offers", "--yes")

    assert (status, report["resumed"], report["events"]) == (0, False, 80)


def test_two_replays_of_one_read_model_do_not_meet(offers):
    with connect() as other:
        other.execute("select pg_advisory_lock(%s)", [lock_key("ordering", "replay ordering:offers")])

        with (
            pytest.raises(CannotReplay, match="replayed by another process"),
            one_at_a_time("ordering", "ordering:offers"),
        ):
            pass


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("payments", "payments is not replayed because money moves once"),
        ("notifications", "a letter that was sent cannot be unsent"),
        ("ordering:offer", 'Did you mean "ordering:offers"?'),
        ("orderin", 'Did you mean "ordering"?'),
        ("customers", "customers is not replayed because whoever was erased stays erased"),
        ("", "This process has no context"),
        (":", "This process has no context"),
    ],
)
def test_what_cannot_be_replayed_says_why(target, words, capfd):
    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", target)

    assert ended.value.code == 2
    assert words in " ".join(capfd.readouterr().err.split())


def test_every_subscriber_says_how_it_is_replayed():
    from contexts.messaging.replay.targets import undeclared

    assert undeclared() == [], (
        "In contexts/<name>/handlers.py, say which read model the handlers feed (@handles(..., feeds=...)), or why they "
        "are never replayed (never_replayed(because=...))."
    )
