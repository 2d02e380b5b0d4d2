"""What browsers refused to do because of the Content-Security-Policy: counted by kind, for staff and the log.

Anybody can post here, so everything is bounded: how large a report is, how many are taken in a minute, how many kinds
a day has, how long they are kept. Of an address only what names a page stays, no key and no id. See docs/design.md.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
import redis
import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from contexts.messaging.measuring import store

logger = structlog.get_logger(__name__)

PATH = "/policy-reports"
LARGEST_BYTES = 8 * 1024
MOST_PER_MINUTE = 120
MOST_KINDS_PER_DAY = 100
KEPT = timedelta(days=7)
KEY = "policy-reports"
#: Where reports of further kinds are counted once a day has enough of them.
OTHERS = "others"

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class Kind(msgspec.Struct, frozen=True, order=True):
    """What was refused: by which rule, from where, on which page."""

    directive: str
    blocked: str
    page: str


class _Body(msgspec.Struct, rename="kebab"):
    effective_directive: str = ""
    violated_directive: str = ""
    blocked_uri: str = ""
    document_uri: str = ""


class _Report(msgspec.Struct, rename="kebab"):
    csp_report: _Body


@csrf_exempt
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take a browser's report; it never learns what became of it."""
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        size = LARGEST_BYTES + 1
    if size > LARGEST_BYTES:
        return HttpResponse(status=413)
    try:
        kind = kind_of(request.body)
    except (msgspec.MsgspecError, ValueError):
        return HttpResponse(status=400)
    try:
        note(kind)
    except redis.RedisError:
        logger.info("policy report not counted, Redis does not answer")
    return HttpResponse(status=204)


def kind_of(body: bytes) -> Kind:
    """Return what a report (`application/csp-report`) is about.

    Raises:
        ValueError, msgspec.MsgspecError: it is no such report.
    """
    said = msgspec.json.decode(body, type=_Report).csp_report
    directive = (said.effective_directive or said.violated_directive.partition(" ")[0])[:40]
    page = urlsplit(said.document_uri)
    if not directive or not re.fullmatch(r"[a-z-]+", directive):
        raise ValueError("names no directive")
    return Kind(directive=directive, blocked=_source(said.blocked_uri), page=_ID.sub("…", page.path)[:120])


def _source(blocked: str) -> str:
    """Return where something came from: "inline", "eval", or an origin."""
    parts = urlsplit(blocked)
    return f"{parts.scheme}://{parts.netloc}"[:120] if parts.netloc else (parts.scheme or parts.path)[:40]


def note(kind: Kind) -> None:
    """Count a report; the first of its kind in a day is logged.

    Raises:
        RedisError: Redis does not answer.
    """
    now = timezone.now()
    minute, day = f"{KEY}:minute:{now:%H%M}", f"{KEY}:{now:%Y-%m-%d}"
    with store() as client:
        taken = client.incr(minute)
        client.expire(minute, 120)
        if taken > MOST_PER_MINUTE:
            return
        field = msgspec.json.encode(kind).decode()
        if not client.hexists(day, field) and client.hlen(day) >= MOST_KINDS_PER_DAY:
            field = OTHERS
        first = client.hincrby(day, field, 1) == 1
        client.expire(day, KEPT)
    if first:
        logger.warning("browser refused by policy", **msgspec.structs.asdict(kind))


def counted() -> list[tuple[Kind | None, int]]:
    """Return how often each kind was reported in the last days, most often first; None stands for all further kinds.

    Nothing where Redis does not answer: the staff's board is shown without.
    """
    today = timezone.now()
    sums: dict[str, int] = {}
    try:
        with store() as client, client.pipeline(transaction=False) as pipeline:
            for before in range(KEPT.days):
                pipeline.hgetall(f"{KEY}:{today - timedelta(days=before):%Y-%m-%d}")
            for day in pipeline.execute():
                for field, count in day.items():
                    sums[field.decode()] = sums.get(field.decode(), 0) + int(count)
    except redis.RedisError:
        return []
    found = [
        (None if field == OTHERS else msgspec.json.decode(field, type=Kind), count) for field, count in sums.items()
    ]
    return sorted(found, key=lambda one: (-one[1], one[0] is None, str(one[0])))
