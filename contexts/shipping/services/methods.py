"""Shipping methods change here and nowhere else, because ordering's checkout lives on what is announced."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.db import transaction

from contexts.kernel.money import Money, eur
from contexts.messaging import publish
from contexts.shipping.events import ShippingMethodChanged
from contexts.shipping.models import ShippingMethod

EUROPEAN_UNION = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
]  # fmt: skip
NEIGHBOURS = ["AT", "BE", "DE", "FR", "LU", "NL"]
ABROAD = ["CA", "CH", "GB", "JP", "US"]
PICK_UP_COUNTRIES = ["BE", "DE", "LU", "NL"]

LONGEST_DAYS = 90
LONGEST_NAME = 100
LONGEST_CODE = 40


class InvalidMethod(ValueError):
    """A shipping method that cannot be offered; `field` says what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def save_method(
    *,
    code: str,
    name: str,
    carrier: str,
    price: Money,
    countries: Sequence[str],
    days_min: int,
    days_max: int,
    active: bool = True,
    names: Mapping[str, str] | None = None,
    prices: Mapping[str, int] | None = None,
) -> ShippingMethod:
    """Offer a shipping method, or change the one of that code, and announce it. Saving it unchanged says nothing.

    `names` are its name in other languages, `prices` those that are fixed in other currencies, in minor units; without
    them those that it has stay.

    Raises:
        InvalidMethod: it cannot be offered like that; nothing was changed.
    """
    wanted = {
        "name": name,
        "carrier": carrier,
        "price_cents": price.amount,
        "currency": price.currency,
        "countries": sorted(set(countries)),
        "days_min": days_min,
        "days_max": days_max,
        "active": active,
    }
    if names is not None:
        wanted["names"] = {language: said for language, said in names.items() if said}
    if prices is not None:
        wanted["prices"] = dict(prices)
    check_method(
        code=code, name=name, carrier=carrier, price=price, countries=countries, days_min=days_min, days_max=days_max
    )
    with transaction.atomic(using="shipping"):
        method, is_new = ShippingMethod.objects.select_for_update().get_or_create(code=code, defaults=wanted)
        if not is_new:
            changed = [field for field, value in wanted.items() if getattr(method, field) != value]
            if not changed:
                return method
            for field in changed:
                setattr(method, field, wanted[field])
            method.save(update_fields=changed)
        publish(
            ShippingMethodChanged(
                code=method.code,
                name=method.name,
                price=method.price,
                countries=method.countries,
                days_min=method.days_min,
                days_max=method.days_max,
                active=method.active,
                names=method.names,
                prices=[Money(cents, currency) for currency, cents in sorted(method.prices.items())],
            )
        )
    return method


def install_default_methods() -> list[ShippingMethod]:
    """Offer the four methods a new shop starts with; methods of the same codes are set back to these."""
    return [
        save_method(
            code="standard", name="Standard delivery", names={"de": "Standardversand"}, carrier="Heron Post", price=eur(4_95),
            countries=EUROPEAN_UNION, days_min=2, days_max=4,
        ),
        save_method(
            code="express", name="Express delivery", names={"de": "Expressversand"}, carrier="Kestrel Express", price=eur(12_95),
            countries=NEIGHBOURS, days_min=1, days_max=1,
        ),
        save_method(
            code="pick-up", name="Pick-up point", names={"de": "Abholstation"}, carrier="Heron Post", price=eur(2_95),
            countries=PICK_UP_COUNTRIES, days_min=2, days_max=5,
        ),
        save_method(
            code="abroad", name="Delivery abroad", names={"de": "Versand ins Ausland"}, carrier="Heron Post", price=eur(14_95),
            countries=ABROAD, days_min=5, days_max=10,
        ),
    ]  # fmt: skip


def check_method(
    *, code: str, name: str, carrier: str, price: Money, countries: Sequence[str], days_min: int, days_max: int
) -> None:
    """Raise `InvalidMethod` for the first thing that keeps a method like this from being offered."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) or len(code) > LONGEST_CODE:
        raise InvalidMethod(
            "code", f'"{code}" is no code: use up to {LONGEST_CODE} small letters, digits and single hyphens.'
        )
    for field, text in (("name", name), ("carrier", carrier)):
        if not text.strip() or len(text) > LONGEST_NAME:
            raise InvalidMethod(field, f"Give a {field} of up to {LONGEST_NAME} letters.")
    if price.amount < 0:
        raise InvalidMethod("price", f"{price} is negative; 0 is free delivery.")
    if not re.fullmatch(r"[A-Z]{3}", price.currency):
        raise InvalidMethod("currency", f'"{price.currency}" is no currency code, such as EUR.')
    if not countries:
        raise InvalidMethod("countries", "Name at least one country, such as NL.")
    if strange := [country for country in countries if not re.fullmatch(r"[A-Z]{2}", country)]:
        raise InvalidMethod("countries", f"{', '.join(strange)}: use codes of two capital letters, such as NL.")
    if not 0 <= days_min <= days_max <= LONGEST_DAYS:
        raise InvalidMethod(
            "days_max", f"{days_min} to {days_max} working days: use 0 to {LONGEST_DAYS}, the smaller number first."
        )
