"""The connection to Stripe: one pinned API version, short timeouts, and Stripe's errors as the port's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import stripe
import structlog
from django.conf import settings
from django.db import transaction

from contexts.payments.gateway import GatewayRefused, GatewayUnreachable

logger = structlog.get_logger(__name__)

#: What Stripe answers by, whatever the account's own setting. Change it together with the library.
API_VERSION = "2026-10-28.endive"
TIMEOUT_S = 20


def stripe_client() -> stripe.StripeClient:
    """Return the client for the present settings."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@cache
def _client(key: str, address: str) -> stripe.StripeClient:
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": address},
        # Payments repeats a call itself, after it has asked what became of it.
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
    )


@contextmanager
def asking_stripe() -> Iterator[None]:
    """Turn Stripe's errors into the port's.

    A key that does not open is nobody's card's fault: nothing was done, and the call is repeated until somebody has
    put the key right. So is a key of ours that another worker is still asking with (409).

    Raises:
        RuntimeError: the caller is inside a transaction of the shop's.
    """
    with transaction.atomic(using="payments", durable=True):
        pass
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as problem:
        logger.error("stripe does not let us in", problem=_sentence(problem))
        raise GatewayUnreachable("Stripe refuses the key in STRIPE_SECRET_KEY.") from problem
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as problem:
        raise GatewayRefused(f"Stripe: {_sentence(problem)}") from problem
    except stripe.StripeError as problem:
        raise GatewayUnreachable(f"Stripe did not answer: {_sentence(problem)}") from problem


def _sentence(problem: stripe.StripeError) -> str:
    said = problem.user_message or type(problem).__name__
    return f"{said} ({problem.code})" if problem.code else said
