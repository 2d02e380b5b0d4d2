"""Erasing a person: nothing anywhere in the shop names them afterwards, and everything still adds up."""

from __future__ import annotations

import email
import email.policy
import gzip
import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import redis
from django.conf import settings as live_settings
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone
from psycopg import sql
from uuid_utils.compat import uuid7

from contexts.catalog.events import ProductPublished, Variant
from contexts.customers import services as customers
from contexts.customers.models import Account
from contexts.inventory import services as inventory
from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.messaging import (
    keys,
    load,
    partitions,
    projections,
    proofs,
    publish,
    reading,
    receipts,
    receipts_awaited,
    redrive,
    snapshotting,
    verify,
)
from contexts.messaging.archive import shelf
from contexts.ordering import services as ordering
from contexts.ordering.errors import NotAGuest
from contexts.ordering.events import Contact
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order
from contexts.payments import services as payments
from contexts.payments.models import Payment, State
from contexts.shipping import services as shipping
from contexts.shipping.events import ShippingMethodChanged
from contexts.shipping.models import Parcel
from tests.messaging.conftest import cut
from tests.payments.factories import APPROVED

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOME = Address(name="Zyanya Quetzal", street="Obsidiana 77", postcode="90210", city="Xochimilco", country="DE")
EMAIL = "zyanya@example.org"
TRACES = ("zyanya", "quetzal", "obsidiana", "xochimilco")


@pytest.fixture(autouse=True)
def open_shop(settings: Any, tmp_path: Path) -> None:
    """One article in stock, one way to send it, and mail into a folder."""
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "contexts.kernel.mailbox.FolderBackend", str(tmp_path / "mail")
    settings.MESSAGING_ARCHIVE_DIR = tmp_path / "archive"
    mug = Variant(sku="RED-MUG", label="", price=eur(9_99), weight_grams=300, image="")
    with transaction.atomic(using="catalog"):
        publish(
            ProductPublished(
                product_id=uuid7(), slug="mug", name="Mug", category="kitchen", tax_class="standard", image="",
                variants=[mug],
            )
        )  # fmt: skip
    inventory.receive_many({"RED-MUG": 10}, reason="delivery", open_missing=True)
    with transaction.atomic(using="shipping"):
        publish(
            ShippingMethodChanged(
                code="post", name="Post", price=eur(4_90), countries=["DE"], days_min=1, days_max=3, active=True
            )
        )


@pytest.fixture
def buy(deliver_all: Callable[..., int]) -> Callable[..., UUID]:
    def purchase(customer_id: UUID | None = None, *, address: Address = HOME, to: str = EMAIL) -> UUID:
        deliver_all()
        cart = ordering.add_to_cart(cart_id=None, sku="RED-MUG")
        order_id = ordering.start_checkout(cart_id=cart.cart_id, customer_id=customer_id, email=to, name=address.name)
        ordering.save_details(
            order_id=order_id, contact=Contact(email=to, name=address.name), address=address, shipping_method="post"
        )
        card = payments.add_card(order_id=order_id, number=APPROVED)
        ordering.save_payment_method(order_id=order_id, payment=card)
        ordering.place_order(order_id=order_id)
        deliver_all()
        Payment.objects.filter(state=State.DUE).update(work_at=timezone.now())
        deliver_all()
        return order_id

    return purchase


@pytest.fixture
def zyanya(deliver_all: Callable[..., int]) -> Account:
    account = customers.register(email=EMAIL, name=HOME.name, password="secret", confirmed=True)
    customers.save_address(customer_id=account.id, address=HOME)
    deliver_all()
    return account


@pytest.fixture
def no_parcel(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let shipping fail with a sentence that repeats the address."""

    def fail(*, address: Address, **_: Any) -> None:
        raise ValueError(f"nobody drives to {address.street}")

    with monkeypatch.context() as patch:
        patch.setattr(shipping, "create_parcel", fail)
        yield


# --- what is stored anywhere


def traces() -> set[str]:
    """Return where in the whole shop something names the person: "schema.table", "redis", "mail", "archive"."""
    return {place for place, text in _everything() if any(word in text.lower() for word in TRACES)}


def _everything() -> Iterator[tuple[str, str]]:
    for alias in live_settings.CONTEXTS:
        for table in _tables(alias):
            with connections[alias].cursor() as cursor:
                cursor.execute(sql.SQL("select * from {}").format(sql.Identifier(alias, table)))
                for row in cursor.fetchall():
                    yield f"{alias}.{table}", " ".join(_text(value) for value in row)
    yield from (("redis", text) for text in _redis())
    folder = Path(live_settings.EMAIL_FILE_PATH)
    for file in folder.rglob("*"):
        yield "mail", str(file.relative_to(folder))
        if file.is_file():
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            yield (
                "mail",
                f"{message.items()} "
                + " ".join(str(part.get_content()) for part in message.walk() if not part.is_multipart()),
            )

    for file in live_settings.MESSAGING_ARCHIVE_DIR.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            yield "archive", (gzip.decompress(content) if file.suffix == ".gz" else content).decode()


def _tables(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = %s::regnamespace and relkind in ('r', 'p') "
            "and not relispartition",
            [alias],
        )
        return [name for (name,) in cursor.fetchall()]


def _text(value: Any) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("latin-1")
    return msgspec.json.encode(value, enc_hook=str).decode() if isinstance(value, (dict, list)) else str(value)


def _redis() -> Iterator[str]:
    client = redis.Redis.from_url(live_settings.REDIS_URL, decode_responses=True)
    readers: dict[str, Callable[[str], object]] = {
        "string": client.get, "hash": client.hgetall, "set": client.smembers,
        "list": lambda key: client.lrange(key, 0, -1), "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }  # fmt: skip
    for key in client.scan_iter():
        yield f"{key} {readers[str(client.type(key))](key)}"


def test_the_search_finds_what_is_there_and_the_log_has_it_sealed(zyanya, buy):
    buy(zyanya.id)

    found = traces()

    assert found == {
        "customers.customers_account", "customers.customers_savedaddress", "customers.account_emailaddress",
        "ordering.ordering_customer", "ordering.ordering_checkout", "ordering.ordering_ordersummary",
        "shipping.shipping_parcel", "notifications.notifications_email", "notifications.notifications_ordercontact",
        "mail",
    }  # fmt: skip


def test_nothing_in_the_shop_names_a_customer_who_was_erased(zyanya, buy, no_parcel, deliver_all, published_events):
    order_id = buy(zyanya.id)
    snapshotting.take(Order, order_id)
    (parked,) = redrive.find("shipping")
    assert "Obsidiana" in parked.traceback
    data = msgspec.json.decode(parked.event)["data"]
    data.pop("$sealed")
    redrive.edit(parked, data={**data, "shipping_address": msgspec.to_builtins(HOME)}, actor="operator:bea")
    assert {"ordering.messaging_snapshot", "shipping.messaging_parked", "shipping.messaging_act"} <= traces()
    number, total = OrderSummary.objects.values_list("number", "total_cents").get(order_id=order_id)

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    assert traces() == set()
    order = OrderSummary.objects.get(order_id=order_id)
    assert (order.number, order.total_cents, order.status) == (number, total, "confirmed")
    assert load(Order, order_id).placed.number == number


def test_everything_still_adds_up_and_can_be_replayed(zyanya, buy, deliver_all):
    bob = Address(name="Bob Miller", street="Elm 1", postcode="10115", city="Berlin", country="DE")
    hers, his = buy(zyanya.id), buy(address=bob, to="bob@example.org")
    unsigned = buy()
    assert OrderSummary.objects.get(order_id=unsigned).customer_id == zyanya.id

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    assert proofs.verify("ordering").differences == []
    assert [rebuilt.changed for rebuilt in map(projections.rebuild, projections.projections("ordering"))] == [0]
    verdicts = [verdict for context in live_settings.CONTEXTS for verdict in verify.verify_subscriptions(context)]
    assert [verdict.problems for verdict in verdicts if verdict.problems] == []
    assert traces() == set()
    assert OrderSummary.objects.get(order_id=hers).name == OrderSummary.objects.get(order_id=unsigned).name == ""
    assert receipts_awaited(f"guest/{unsigned}") == []
    assert (OrderSummary.objects.get(order_id=his).name, load(Order, his).placed.contact.name) == (bob.name, bob.name)


@pytest.fixture
def small_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cut customers' empty log into partitions of two events, and make it whole again afterwards."""
    monkeypatch.setattr(partitions, "SIZE", 2)
    cut("customers", [(first, first + 2) for first in range(0, 40, 2)])
    yield
    with connections["customers"].cursor() as cursor:
        cursor.execute("truncate messaging_event, messaging_position, messaging_archive")
    cut("customers", [(0, 1_000_000), (1_000_000, 2_000_000)])


def said_by_customers() -> str:
    """Return all that customers ever said, in the log and in files, with what its keys still open."""
    ring = keys.KeyRing("customers")
    return " ".join(str(ring.open(row[-1])) for row in reading.read_all("customers", 0, 1000, limit=1000)[0])


def keys_to(account: Account) -> int:
    """Return how many contexts have a key to somebody's personal data."""
    found = 0
    for alias in live_settings.CONTEXTS:
        with connections[alias].cursor() as cursor:
            cursor.execute("select count(*) from messaging_person where person = %s", [f"customer/{account.id}"])
            found += cursor.fetchone()[0]
    return found


def test_archives_hold_what_nobody_can_read_any_more(small_log, zyanya, buy, deliver_all):
    buy(zyanya.id)
    customers.register(email="bob@example.org", name="Bob Miller", password="secret", confirmed=True)
    deliver_all()
    with pytest.raises(SystemExit):
        manage("events", "archive", "customers", "--before", "1000")
    assert shelf.archives("customers") != []
    assert ("Zyanya Quetzal" in said_by_customers(), keys_to(zyanya) > 0) == (True, True)

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    assert traces() == set()
    said = said_by_customers()
    assert keys_to(zyanya) == 0
    assert ("Zyanya" in said, "Bob Miller" in said, str(zyanya.id) in said) == (False, True, True)
    assert [verdict.problems for verdict in verify.verify_subscriptions("customers") if verdict.problems] == []


def test_a_parked_event_of_somebody_erased_is_handled_with_blanks(zyanya, buy, deliver_all, monkeypatch):
    make = shipping.create_parcel
    monkeypatch.setattr(shipping, "create_parcel", lambda **_: 1 / 0)
    order_id = buy(zyanya.id)
    monkeypatch.setattr(shipping, "create_parcel", make)
    customers.erase(customer_id=zyanya.id)
    deliver_all()

    (parked,) = redrive.find("shipping")
    redrive.retry(parked, actor="operator:bea")

    parcel = Parcel.objects.get(order_id=order_id)
    assert (parcel.name, parcel.street, parcel.order_number != "") == ("", "", True)
    assert redrive.find("shipping") == []


def test_a_parked_event_of_somebody_who_is_there_keeps_what_it_needs(zyanya, buy, monkeypatch):
    make = shipping.create_parcel
    monkeypatch.setattr(shipping, "create_parcel", lambda **_: 1 / 0)
    order_id = buy(zyanya.id)
    monkeypatch.setattr(shipping, "create_parcel", make)
    (parked,) = redrive.find("shipping")
    assert "personalkey" not in parked.event

    redrive.retry(parked, actor="operator:bea")

    assert Parcel.objects.get(order_id=order_id).street == HOME.street


def test_news_that_arrives_after_the_erasure_is_not_kept(zyanya, buy, deliver_all):
    """Ordering's pages and customers' travel apart: the order may reach shipping after the erasure did."""
    from contexts.messaging import relay, transport, work
    from contexts.messaging.memory import MemoryTransport

    order_id = buy(zyanya.id)
    Parcel.objects.all().delete()
    with connections["shipping"].cursor() as cursor:
        cursor.execute("delete from messaging_inbox where publisher = 'ordering'")
        cursor.execute("delete from messaging_delivery where publisher = 'ordering'")
    with connections["ordering"].cursor() as cursor:
        cursor.execute(
            "update messaging_subscription set sent = 0, acknowledged = 0, scanned = 0, sent_digest = '', "
            "acknowledged_digest = '' where subscriber = 'shipping'"
        )
    late = MemoryTransport()
    with transport.use(late):
        relay.relay("ordering")
    assert len(late) > 0
    customers.erase(customer_id=zyanya.id)
    with transport.use(MemoryTransport()):
        relay.relay("customers")
        while (message := transport.current().next()) is not None:
            if message.args[0] == "shipping":
                work.perform(message)

    with transport.use(MemoryTransport()):
        while (message := late.next()) is not None:
            work.perform(message)

    assert Parcel.objects.get(order_id=order_id).street == ""
    assert not any(place.startswith("shipping.") for place in traces())


def test_each_context_gives_a_receipt(zyanya, buy, deliver_all):
    buy(zyanya.id)

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    found = {receipt.context: receipt.erased for receipt in receipts(f"customer/{zyanya.id}")}
    assert found == {
        "customers": {"keys": 1, "accounts": 1, "addresses": 1, "sessions": 0, "mails": 3},
        "inventory": {"keys": 1},
        "payments": {"keys": 1},
        "ordering": {
            "keys": 2,
            "rows folded anew": 1,
            "copies": 1,
            "checkouts": 1,
            "invoices": 0,
            "photos": 0,
            "claimed_orders": 0,
        },
        "shipping": {"keys": 1, "parcels": 1},
        "notifications": {"keys": 2, "emails": 3, "contacts": 1, "requests": 0, "mails": 0},
        "history": {"keys": 1},
        "catalog": {"keys": 1},
        "reviews": {"keys": 1, "purchases": 1, "reviews": 0},
        "wishlists": {"rows": 0},
        "promotions": {"keys": 1, "redemptions": 0},
    }


def test_a_guest_is_erased_by_order(buy, deliver_all):
    hers = buy()

    ordering.erase_guest(order_id=hers)
    ordering.erase_guest(order_id=hers)
    deliver_all()

    assert traces() == set()
    assert proofs.verify("ordering").differences == []
    assert {receipt.context for receipt in receipts(f"guest/{hers}")} >= {"ordering", "shipping", "notifications"}


def test_a_customers_order_is_not_erased_as_a_guests(zyanya, buy):
    order_id = buy(zyanya.id)

    with pytest.raises(NotAGuest, match=str(zyanya.id)):
        ordering.erase_guest(order_id=order_id)

    assert OrderSummary.objects.get(order_id=order_id).name == HOME.name


# --- commands and the admin


def manage(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_an_operator_erases_a_customer_and_sees_the_receipts(zyanya, buy, deliver_all, client, capsys):
    buy(zyanya.id)
    who = str(zyanya.id)

    with pytest.raises(SystemExit):
        manage("customers", "erase", EMAIL)
    asked = capsys.readouterr().err
    assert "cannot be undone" in asked
    assert "Say --yes" in asked
    assert Account.objects.get(id=zyanya.id).email == EMAIL
    manage("customers", "erase", EMAIL.upper(), "--yes")
    with pytest.raises(SystemExit) as on_its_way:
        manage("customers", "erasure", who)
    deliver_all()

    assert on_its_way.value.code == 1
    words = manage("customers", "erasure", who)
    assert "shipping" in words
    assert "1 parcels" in words
    assert json.loads(manage("customers", "erasure", who, "--json"))["awaited"] == []
    boss = customers.open_staff_account(email="boss@example.org", name="B", password="secret", superuser=True)
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/admin/customers/account/{who}/change/").content.decode()
    assert "Shipping: 1 keys, 1 parcels" in page


def test_an_operator_erases_a_guest_by_address(buy, deliver_all, capsys):
    orders = [buy(), buy()]

    with pytest.raises(SystemExit):
        manage("order", "erase", "--email", EMAIL)
    assert "Say --yes" in capsys.readouterr().err
    manage("order", "erase", "--email", EMAIL.upper(), "--yes")
    deliver_all()

    assert traces() == set()
    assert "1 parcels" in manage("customers", "erasure", str(orders[1]))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("customers", "erase", "zyania@example.org", "--yes"), f'Did you mean "{EMAIL}"'),
        (("customers", "erase", "", "--yes"), "No customer"),
        (("customers", "erase", str(UUID(int=7)), "--yes"), "No customer"),
        (("customers", "erasure", EMAIL), "is no id"),
        (("customers", "erasure", str(UUID(int=7))), "Nobody with the id"),
        (("order", "erase"), "Say which order"),
        (("order", "erase", "--email", "nobody@example.org", "--yes"), "No order was placed without an account"),
        (("order", "erase", "TP-0000-0000", "--yes"), "No order"),
    ],
)
def test_nonsense_is_answered_with_a_sentence(zyanya, arguments, sentence, capsys):
    with pytest.raises(SystemExit) as refused:
        manage(*arguments)

    assert refused.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_read_model_that_is_being_made_anew_forgets_too(zyanya, buy, deliver_all):
    from contexts.messaging.projections import Refold
    from contexts.ordering.summaries import SUMMARIES

    buy(zyanya.id)
    refold = Refold(SUMMARIES)
    refold.begin(restart=True)
    list(refold.run())
    assert any("replay_" in place for place in traces()), "the copy has her data while she is there"

    customers.erase(customer_id=zyanya.id)
    deliver_all()

    assert traces() == set()
    refold.swap()
    assert traces() == set()
    assert proofs.verify("ordering").differences == []
