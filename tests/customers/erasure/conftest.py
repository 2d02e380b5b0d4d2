"""A shop with one article, and a customer who has bought it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.catalog.events import ProductPublished, Variant
from contexts.customers import services as customers
from contexts.customers.models import Account
from contexts.inventory import services as inventory
from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.messaging import (
    publish,
)
from contexts.ordering import services as ordering
from contexts.ordering.events import Contact
from contexts.payments import services as payments
from contexts.payments.models import Payment, State
from contexts.shipping import services as shipping
from contexts.shipping.events import ShippingMethodChanged
from tests.customers.erased import EMAIL, HOME
from tests.payments.factories import APPROVED


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
