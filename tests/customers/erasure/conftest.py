"""A shop with one article, and a customer who has bought it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contexts.customers import services as customers
from contexts.customers.models import Account
from contexts.kernel.addresses import Address
from contexts.ordering import services as ordering
from contexts.payments import services as payments
from contexts.shipping import services as shipping
from tests.customers.erased import EMAIL, HOME
from tests.payments.factories import APPROVED
from tests.whole_shop import begin_checkout, let_it_be_paid, open_with_a_mug


@pytest.fixture(autouse=True)
def open_shop(settings: Any, tmp_path: Path) -> None:
    """One article in stock, one way to send it, and mail into a folder."""
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "contexts.kernel.mailbox.FolderBackend", str(tmp_path / "mail")
    settings.MESSAGING_ARCHIVE_DIR = tmp_path / "archive"
    open_with_a_mug(cents=9_99)


@pytest.fixture
def buy(deliver_all: Callable[..., int]) -> Callable[..., UUID]:
    def purchase(customer_id: UUID | None = None, *, address: Address = HOME, to: str = EMAIL) -> UUID:
        deliver_all()
        order_id = begin_checkout(email=to, to=address, customer_id=customer_id)
        card = payments.add_card(order_id=order_id, number=APPROVED)
        ordering.save_payment_method(order_id=order_id, payment=card)
        ordering.place_order(order_id=order_id)
        let_it_be_paid(deliver_all)
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
