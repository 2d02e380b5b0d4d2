"""Where gateways tell us that something moved. A notice is only a reason to ask: nothing in it but the order is used.

A forged one is answered 400 and counted, a true one 204, however often and however late it comes.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from contexts.payments import services
from contexts.payments.gateway import ForgedNotice
from contexts.payments.sandbox import notices as sandbox_notices
from contexts.payments.stripe_gateway import notices as stripe_notices

logger = structlog.get_logger(__name__)

#: A notice of the sandbox bank is a few hundred bytes, one of Stripe's a few thousand.
NOTICE_MAX_BYTES = 262_144


@csrf_exempt
@require_POST
def sandbox(request: HttpRequest) -> HttpResponse:
    return _take(request, "sandbox", lambda body: UUID(sandbox_notices.verified(request.headers, body)["order"]))


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    signature = request.headers.get("Stripe-Signature", "")
    return _take(request, "stripe", lambda body: stripe_notices.order_in(body, signature))


def _take(request: HttpRequest, gateway: str, order_in: Callable[[bytes], UUID | None]) -> HttpResponse:
    try:
        if int(request.headers.get("Content-Length") or 0) > NOTICE_MAX_BYTES:
            raise ForgedNotice("The notice is too long.")
        order_id = order_in(request.body)
    except (ForgedNotice, ValueError) as problem:
        said = str(problem) if isinstance(problem, ForgedNotice) else "The notice is not of the agreed shape."
        services.count_refused(gateway=gateway, problem=said)
        logger.warning("notice refused", gateway=gateway, problem=said)
        return HttpResponse(f"Refused: {said}\n", status=400, content_type="text/plain; charset=utf-8")
    if order_id is not None:
        services.gateway_says(order_id=order_id)
    return HttpResponse(status=204)
