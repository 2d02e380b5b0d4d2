"""Where gateways tell us that something moved. A notice is only a reason to ask: nothing in it is used but what it is about.

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
from contexts.payments.stripe_gateway.notices import Moved, what_moved

logger = structlog.get_logger(__name__)

#: A notice of the sandbox bank is a few hundred bytes, one of Stripe's a few thousand.
NOTICE_MAX_BYTES = 262_144


@csrf_exempt
@require_POST
def sandbox(request: HttpRequest) -> HttpResponse:
    def read(body: bytes) -> Moved:
        return Moved(order_id=UUID(sandbox_notices.verified(request.headers, body)["order"]))

    return _take(request, "sandbox", read)


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    signature = request.headers.get("Stripe-Signature", "")
    return _take(request, "stripe", lambda body: what_moved(body, signature))


def _take(request: HttpRequest, gateway: str, read: Callable[[bytes], Moved]) -> HttpResponse:
    try:
        if int(request.headers.get("Content-Length") or 0) > NOTICE_MAX_BYTES:
            raise ForgedNotice("The notice is too long.")
        moved = read(request.body)
    except (ForgedNotice, ValueError) as problem:
        said = str(problem) if isinstance(problem, ForgedNotice) else "The notice is not of the agreed shape."
        services.count_refused(gateway=gateway, problem=said)
        logger.warning("notice refused", gateway=gateway, problem=said)
        return HttpResponse(f"Refused: {said}\n", status=400, content_type="text/plain; charset=utf-8")
    if moved.order_id is not None:
        services.gateway_says(order_id=moved.order_id)
    if moved.refund_id is not None:
        services.check_refund(refund_id=moved.refund_id)
    return HttpResponse(status=204)
