"""Promotion codes: made and changed by staff, announced to whoever prices carts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec
from django.db import transaction

from contexts.kernel.money import Money
from contexts.kernel.vouchers import code_as_stored
from contexts.messaging import publish
from contexts.promotions.errors import CodeTaken, LimitBelowUse, NoSuchCode
from contexts.promotions.events import CodeChanged
from contexts.promotions.models import PromotionCode


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a code is worth and who may use it when. `amounts` and `minimums` map a currency to minor units."""

    kind: str
    percent: Decimal | None = None
    amounts: dict[str, int] = {}
    minimums: dict[str, int] = {}
    product_slugs: list[str] = []
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    limit: int | None = None
    per_customer: int | None = None
    active: bool = True


def create_code(code: str, terms: Terms) -> PromotionCode:
    """Make a code that shoppers can type from now on.

    Raises:
        CodeTaken: there is one of that name.
    """
    code = code_as_stored(code)
    with transaction.atomic(using="promotions"):
        made, is_new = PromotionCode.objects.get_or_create(code=code, defaults=_columns(terms))
        if not is_new:
            raise CodeTaken(code)
        announce(made)
    return made


def change_code(code: str, terms: Terms) -> PromotionCode:
    """Give a code other terms; orders already placed keep those they were placed under.

    Raises:
        NoSuchCode: it was never made.
        LimitBelowUse: more orders use it already.
    """
    with transaction.atomic(using="promotions"):
        kept = PromotionCode.objects.select_for_update().filter(code=code).first()
        if kept is None:
            raise NoSuchCode(code)
        if terms.limit is not None and terms.limit < kept.redeemed:
            raise LimitBelowUse(code, limit=terms.limit, redeemed=kept.redeemed)
        for field, value in _columns(terms).items():
            setattr(kept, field, value)
        # Never `redeemed`: only the conditional updates of `redeeming` write it.
        kept.save(update_fields=list(_columns(terms)))
        announce(kept)
    return kept


def announce(code: PromotionCode) -> None:
    """Tell the others what the code is worth now; its row is locked by the caller."""
    publish(
        CodeChanged(
            code=code.code,
            kind=code.kind,
            percent_hundredths=int((code.percent or 0) * 100),
            amounts=_as_money(code.amounts),
            minimums=_as_money(code.minimums),
            product_slugs=list(code.product_slugs),
            valid_from=code.valid_from,
            valid_until=code.valid_until,
            per_customer=code.per_customer,
            usable=code.active and not code.used_up,
        )
    )


def _columns(terms: Terms) -> dict[str, object]:
    return {field: getattr(terms, field) for field in terms.__struct_fields__}


def _as_money(amounts: dict[str, int]) -> list[Money]:
    return [Money(cents, currency) for currency, cents in sorted(amounts.items())]
