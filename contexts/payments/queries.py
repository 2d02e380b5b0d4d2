"""What payments can be asked."""

from __future__ import annotations

from django.utils.translation import gettext as _

from contexts.kernel.board import Tile
from contexts.payments.models import Payment, Refund, RefundState


def tiles() -> list[Tile]:
    """Return the payments and refunds that do not get on by themselves."""
    trying = Payment.objects.exclude(problem="").count()
    refused = Refund.objects.filter(state=RefundState.FAILED).count()
    return [
        Tile(
            title=_("Payments in trouble"), figure=str(trying), text=_("the gateway did not do what was asked; we keep asking"),
            list="payments_payment", query="problem__isempty=0", tone="trouble" if trying else "calm",
        ),
        Tile(
            title=_("Refunds refused"), figure=str(refused), text=_("give the money back in another way"),
            list="payments_refund", query="state__exact=failed", tone="trouble" if refused else "calm",
        ),
    ]  # fmt: skip
