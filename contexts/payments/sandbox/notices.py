"""The sandbox bank's webhooks: signed as standardwebhooks.com has it, sent until the shop takes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import timedelta
from urllib.error import URLError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from contexts.messaging import background, wake
from contexts.payments.gateway import ForgedNotice
from contexts.payments.sandbox.ledger import BankCharge, BankNotice

logger = structlog.get_logger(__name__)

#: A notice older or newer than this is refused: somebody may have kept it to send it again.
TOLERANCE_S = 300
TIMEOUT_S = 5
#: Seconds until a notice that was not taken is sent again; after the last, the bank gives up.
DELAYS_S = (5, 30, 300, 1800, 3600)
PATH = "/webhooks/payments/sandbox/"


def owe(charge: BankCharge, kind: str, *, after_s: float = 0) -> None:
    """Write down, in the bank's own transaction, that the shop is to be told, now or later."""
    BankNotice.objects.create(charge=charge, kind=kind, send_at=timezone.now() + timedelta(seconds=after_s))
    wake(send_bank_notices)


def signed(
    *, notice_id: str, charge: str, order: str, kind: str, timestamp: int | None = None
) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a notice."""
    body = json.dumps({"type": kind, "data": {"charge": charge, "order": order}}).encode()
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    return {
        "Content-Type": "application/json",
        "webhook-id": notice_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_signature(notice_id, stamp, body)}",
    }, body


def verified(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """Return the notice's data: `charge` and `order`.

    Raises:
        ForgedNotice: not signed by the bank, too old, or not the shape of a notice.
    """
    notice_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    expected = _signature(notice_id, stamp, body)
    offered = [
        part.removeprefix("v1,") for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")
    ]
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in offered):
        raise ForgedNotice("The signature does not hold.")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE_S:
        raise ForgedNotice("The notice is too old.")
    try:
        data = json.loads(body)["data"]
        return {"charge": str(data["charge"]), "order": str(data["order"])}
    except (ValueError, KeyError, TypeError) as problem:
        raise ForgedNotice("The notice is not of the agreed shape.") from problem


@background(every_s=10, queue="effects")
def send_bank_notices() -> int:
    """Post the notices that are due to the shop's webhook address."""
    sent = 0
    while (notice := _claim()) is not None:
        charge = notice.charge
        headers, body = signed(
            notice_id=f"notice_{notice.pk}",
            charge=charge.reference,
            order=charge.order,
            kind=notice.kind,
        )
        try:
            with urlopen(Request(_address(), data=body, headers=headers, method="POST"), timeout=TIMEOUT_S):  # noqa: S310
                pass
        except (URLError, OSError) as problem:
            logger.warning("bank notice not taken", notice=notice.pk, tries=notice.tries, problem=str(problem))
            continue
        BankNotice.objects.filter(pk=notice.pk).update(taken_at=timezone.now(), send_at=None)
        sent += 1
    return sent


def _claim() -> BankNotice | None:
    """Take one due notice; the next try is set at once, so that a crash costs a delay and nothing else."""
    with transaction.atomic(using="payments"):
        notice = (
            BankNotice.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("charge")
            .filter(send_at__lte=timezone.now())
            .first()
        )
        if notice is None:
            return None
        more = notice.tries < len(DELAYS_S)
        BankNotice.objects.filter(pk=notice.pk).update(
            tries=F("tries") + 1,
            send_at=timezone.now() + timedelta(seconds=DELAYS_S[notice.tries]) if more else None,
        )
        return notice


def _address() -> str:
    return urljoin(str(settings.SITE_URL), settings.CONTEXT_BASE_URLS.get("payments", "") + PATH)


def _signature(notice_id: str, stamp: str, body: bytes) -> str:
    secret = salted_hmac("tradepost.sandbox-bank", "webhook", algorithm="sha256").digest()
    signature = hmac.new(secret, f"{notice_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(signature).decode()
