"""The read model of orders: one row per stream, folded from its events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contexts.messaging import Event, projection
from contexts.ordering import returns, states
from contexts.ordering.events import (
    CancelledOrderShipped,
    CheckoutExpired,
    CheckoutHeld,
    CheckoutRenewed,
    CheckoutStarted,
    OrderActionRequired,
    OrderAuthorised,
    OrderCancelled,
    OrderCharged,
    OrderClaimed,
    OrderCompleted,
    OrderConfirmed,
    OrderLine,
    OrderPaymentDeclined,
    OrderPaymentRetried,
    OrderPlaced,
    OrderRedeemed,
    OrderRefunded,
    OrderRefundFailed,
    OrderRefundRequested,
    OrderReserved,
    OrderShipped,
    ReturnApproved,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
)
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order


def begin(order_id: UUID) -> OrderSummary:
    """Return the row of a stream to which nothing has happened yet."""
    return OrderSummary(order_id=order_id, status=states.NEW)


def project(row: OrderSummary, event: Event, *, at: datetime, version: int) -> None:
    """Fold one event of an order's stream into its row; the caller keeps the row. `at` is when it happened.

    It reads nothing but its arguments, so a replay of the stream gives the same row.
    """
    row.version = version
    row.status = states.TRANSITIONS[type(event)][1] or row.status
    match event:
        case CheckoutStarted():
            row.order_id, row.customer_id = event.order_id, event.customer_id
            row.lines = _kept(event.lines)
            row.started_at, row.held_until, row.explanation, row.said = at, None, "", []
            row.renewed = False
        case CheckoutHeld():
            row.held_until, row.explanation, row.said = event.held_until, "", []
        case CheckoutRenewed():
            row.held_until, row.renewed = None, True
        case CheckoutExpired():
            row.held_until, row.explanation = None, event.explanation
            row.said = msgspec.to_builtins(event.said)
        case OrderPlaced():
            _project_placed(row, event)
            row.placed_at = at
        case OrderClaimed():
            row.customer_id, row.claimed_at = event.customer_id, at
        case OrderReserved():
            row.reserved_at = at
        case OrderRedeemed():
            row.redeemed_at = at
        case OrderActionRequired():
            row.action_path, row.action_expires_at, row.action_required_at = event.path, event.expires_at, at
        case OrderPaymentDeclined():
            row.held_until, row.explanation = event.retry_until, event.explanation
            row.said = msgspec.to_builtins(event.said)
            row.action_path, row.action_expires_at = "", None
        case OrderPaymentRetried():
            row.method_label, row.held_until, row.explanation, row.said = event.method_label, None, "", []
        case OrderAuthorised():
            row.method_label, row.authorised_at = event.method_label, at
            row.action_path, row.action_expires_at = "", None
        case OrderConfirmed():
            row.confirmed_at = at
        case OrderCancelled():
            row.reason, row.explanation, row.cancelled_at = event.reason, event.explanation, at
            row.said = msgspec.to_builtins(event.said)
            row.action_path, row.action_expires_at, row.held_until = "", None, None
        case OrderShipped() | CancelledOrderShipped():
            row.carrier, row.tracking_number, row.shipped_at = event.carrier, event.tracking_number, at
        case OrderCompleted():
            row.completed_at = at
        case OrderCharged():
            row.charged_cents, row.charged_at = event.amount.amount, at
        case OrderRefundRequested() | OrderRefunded() | OrderRefundFailed():
            _project_refund(row, event, at)
        case ReturnRequested():
            asked = {
                "id": str(event.return_id), "state": returns.REQUESTED, "reason": event.reason,
                "remark": event.remark, "photos": event.photos, "pieces": msgspec.to_builtins(event.pieces),
                "requested_at": at.isoformat(),
            }  # fmt: skip
            row.returns, row.return_state = [*row.returns, asked], returns.REQUESTED
        case ReturnApproved():
            _project_return(row, event.return_id, state=returns.APPROVED, explanation=event.explanation, approved_at=at)
        case ReturnRefused():
            _project_return(row, event.return_id, state=returns.REFUSED, explanation=event.explanation, refused_at=at)
        case ReturnReceived():
            state = returns.RECEIVED if event.refund else returns.REFUNDED
            received = msgspec.to_builtins(event.pieces)
            gift_cents = event.gift_card.amount.amount if event.gift_card else 0
            _project_return(
                row, event.return_id, state=state, received=received, refund_cents=event.refund.amount,
                gift_cents=gift_cents, due=_parts(event), received_at=at,
            )  # fmt: skip


def _parts(event: ReturnReceived) -> list[str]:
    return [*(["card"] if event.to_card else []), *(["gift_card"] if event.gift_card else [])]


def _project_refund(
    row: OrderSummary, event: OrderRefundRequested | OrderRefunded | OrderRefundFailed, at: datetime
) -> None:
    match event:
        case OrderRefundRequested():
            row.refund_pending_cents += event.amount.amount
            row.refund_state = "under_way"
        case OrderRefunded():
            row.refunded_cents, row.refunded_at = event.refunded.amount, at
            if event.gift_card_last4:
                row.gift_refunded_cents += event.amount.amount
            # That the gift card has its part says nothing of a refund to the other card that failed.
            if not event.gift_card_last4 or not row.refund_state:
                row.refund_state = "done"
            if event.return_id is not None:
                _project_return_refunded(row, event.return_id, to_gift_card=bool(event.gift_card_last4), at=at)
        case OrderRefundFailed():
            row.refunded_cents = event.refunded.amount
            row.refund_state = "came_back" if event.came_back else "refused"
    if not isinstance(event, OrderRefundRequested) and event.refund_id is not None and not _came_back(event):
        row.refund_pending_cents = max(0, row.refund_pending_cents - event.amount.amount)


def _came_back(event: OrderRefunded | OrderRefundFailed) -> bool:
    """What came back had been paid out before, so it was not under way any more."""
    return isinstance(event, OrderRefundFailed) and event.came_back


def _project_return_refunded(row: OrderSummary, return_id: UUID, *, to_gift_card: bool, at: datetime) -> None:
    """One of the two parts went back; with the last the return is over."""
    one = next(one for one in row.returns if one["id"] == str(return_id))
    due = [part for part in one.get("due", []) if part != ("gift_card" if to_gift_card else "card")]
    if due:
        _project_return(row, return_id, state=one["state"], due=due)
    else:
        _project_return(row, return_id, state=returns.REFUNDED, due=due, refunded_at=at)


def _project_return(row: OrderSummary, return_id: UUID, **news: object) -> None:
    """Note the news of one of the order's returns; moments are kept as text."""
    plain = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in news.items()}
    row.returns = [one | plain if one["id"] == str(return_id) else one for one in row.returns]
    still_open = [one["state"] for one in row.returns if one["state"] in returns.OPEN]
    row.return_state = still_open[-1] if still_open else str(news["state"])


def _project_placed(row: OrderSummary, event: OrderPlaced) -> None:
    row.number, row.customer_id = event.number, event.customer_id
    row.email, row.name = event.contact.email, event.contact.name
    # Of somebody who was erased there is no address any more, rather than an empty one.
    row.address = msgspec.to_builtins(event.shipping_address) if event.shipping_address.country else None
    row.shipping_method, row.lines = event.shipping_method, _kept(event.lines)
    row.currency = event.total.currency
    row.subtotal_cents, row.shipping_cents = event.subtotal.amount, event.shipping.amount
    row.tax_cents, row.total_cents, row.tax_added = event.tax.amount, event.total.amount, event.tax_added
    row.code, row.discount_cents = event.code, event.reduction.amount
    row.gift_cents = event.from_gift_card.amount
    row.gift_last4 = event.gift_card.last4 if event.gift_card else ""
    row.held_until, row.explanation, row.said = None, "", []
    row.language = event.contact.language


def _kept(lines: list[OrderLine]) -> list[dict[str, Any]]:
    """Return lines as they are kept. Those from before translations were noted are kept as they always were."""
    kept: list[dict[str, Any]] = msgspec.to_builtins(lines)
    return [{name: value for name, value in line.items() if value or name not in ("names", "labels")} for line in kept]


def lines_of(row: OrderSummary) -> list[OrderLine]:
    """Return the row's lines as what they are."""
    return msgspec.convert(row.lines, list[OrderLine])


#: What `streams rebuild` replays and `streams verify` compares, and what erasing a person folds anew.
SUMMARIES = projection(OrderSummary, of=Order, start=begin, fold=project)
