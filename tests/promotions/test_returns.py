"""Goods that came back give a gift card its part back: once, told once, and never more than it paid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from contexts.kernel.money import eur
from contexts.ordering.events import GiftCardPart, ReceivedPieces, ReturnReceived
from contexts.promotions import services
from contexts.promotions.events import GiftCardRefunded
from contexts.promotions.models import GiftCard
from tests.promotions.factories import balance, cancelled, gift_card, placed, recounted

pytestmark = pytest.mark.django_db(databases=["promotions"])


def received(order_id: UUID, card: GiftCard | None, cents: int, *, return_id: UUID | None = None) -> ReturnReceived:
    return ReturnReceived(
        order_id=order_id, return_id=return_id or uuid7(), number="TP-7F3K-92QX", refund=eur(cents + 5_00),
        pieces=[ReceivedPieces(sku="RED-MUG", quantity=1, resaleable=1)],
        gift_card=GiftCardPart(card_id=card.id, last4=card.last4, amount=eur(cents)) if card else None,
    )  # fmt: skip


def test_a_return_gives_the_gift_card_its_part_once_however_often_it_is_delivered(
    deliver: Any, published_events: Any
) -> None:
    card, order_id = gift_card(50_00), uuid7()
    deliver(placed(order_id, card=card, cents=20_00))
    news = received(order_id, card, 7_50)

    deliver(news, times=3)
    services.refund_return(order_id=order_id, return_id=news.return_id, amount=eur(7_50))

    assert (balance(card), recounted(card)) == (eur(37_50), eur(37_50))
    assert [event for event in published_events if isinstance(event, GiftCardRefunded)] == [
        GiftCardRefunded(order_id=order_id, amount=eur(7_50), refunded=eur(7_50), return_id=news.return_id)
    ]


def test_two_returns_and_a_cancellation_give_back_what_was_taken_and_not_a_cent_more(deliver: Any) -> None:
    card, order_id = gift_card(50_00), uuid7()
    deliver(placed(order_id, card=card, cents=20_00))

    deliver(received(order_id, card, 15_00))
    deliver(received(order_id, card, 15_00))
    deliver(received(order_id, card, 15_00))
    deliver(cancelled(order_id), times=2)

    assert (balance(card), recounted(card)) == (eur(50_00), eur(50_00))


def test_a_return_that_was_paid_by_another_card_alone_is_none_of_ours(deliver: Any, published_events: Any) -> None:
    card, order_id = gift_card(50_00), uuid7()
    deliver(placed(order_id, card=card, cents=20_00))

    deliver(received(order_id, None, 7_50))

    assert balance(card) == eur(30_00)
    assert not [event for event in published_events if isinstance(event, GiftCardRefunded)]
