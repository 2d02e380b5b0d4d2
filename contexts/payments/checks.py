"""What `manage.py check` refuses: a gateway that is not known, or has no keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from contexts.payments.gateway import GATEWAYS


@register(Tags.security)
def gateway_is_known_and_has_its_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a shop that could take no money."""
    chosen = settings.PAYMENTS_GATEWAY
    if chosen not in GATEWAYS:
        found = f'No payment gateway is called "{chosen}" (PAYMENTS_GATEWAY).'
        return [Error(found, hint=f"Known: {', '.join(sorted(GATEWAYS))}.", id="payments.E001")]
    needed = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET") if chosen == "stripe" else ()
    return [
        Error(
            f"PAYMENTS_GATEWAY is stripe, but {name} is not set.",
            hint="Both are in Stripe's dashboard: the API keys, and the signing secret of the webhook endpoint.",
            id="payments.E002",
        )
        for name in needed
        if not getattr(settings, name)
    ]
