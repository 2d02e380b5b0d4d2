"""Stripe's stand-in, one per test process, and both gateways by turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.payments.harness import STRIPE_KEY, STRIPE_WEBHOOK_SECRET, Harness, Sandbox, Stripe
from tests.payments.stripe_stand_in import StripeStandIn


@pytest.fixture(scope="session")
def stand_in_server() -> Iterator[StripeStandIn]:
    with StripeStandIn(key=STRIPE_KEY, webhook_secret=STRIPE_WEBHOOK_SECRET) as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(stand_in_server: StripeStandIn, settings: Any) -> StripeStandIn:
    """Stripe as the shop's settings know it: a stand-in with empty books."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = STRIPE_KEY, STRIPE_WEBHOOK_SECRET
    settings.STRIPE_API_BASE = stand_in_server.url
    stand_in_server.forget()
    return stand_in_server


@pytest.fixture(params=["sandbox", "stripe"])
def harness(request: pytest.FixtureRequest, settings: Any) -> Harness:
    """Each gateway in turn, chosen in the settings, with the people around it."""
    settings.PAYMENTS_GATEWAY = request.param
    return Sandbox() if request.param == "sandbox" else Stripe(request.getfixturevalue("stand_in"))
