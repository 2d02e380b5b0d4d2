"""Where a customer is signed in: a row per session, so that each can be seen and ended."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from contexts.customers.models import Account, Device

#: In this order: most browsers also name those that they descend from.
BROWSERS = [
    ("Edge", r"Edg(e|A|iOS)?/"), ("Opera", r"OPR/"), ("Samsung Internet", r"SamsungBrowser/"), ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"), ("Safari", r"Safari/"),
]  # fmt: skip
SYSTEMS = [
    ("Android", r"Android"), ("iPhone", r"iPhone"), ("iPad", r"iPad"), ("Windows", r"Windows"), ("ChromeOS", r"CrOS"),
    ("macOS", r"Macintosh"), ("Linux", r"Linux"),
]  # fmt: skip


def note_sign_in(*, request: HttpRequest, account: Account) -> None:
    """Keep that a browser signed in, or that it was seen again."""
    if request.session.session_key is None:
        request.session.save()
    agent = request.headers.get("User-Agent", "")
    seen = {"browser": _first(BROWSERS, agent), "system": _first(SYSTEMS, agent), "seen_at": timezone.now()}
    Device.objects.update_or_create(session_key=request.session.session_key, defaults={"account": account, **seen})


def devices_of(customer_id: UUID) -> list[Device]:
    """Return where a customer is signed in, last seen first; sessions that ended by themselves are dropped."""
    found = list(Device.objects.filter(account_id=customer_id))
    keys = [device.session_key for device in found]
    alive = set(Session.objects.filter(pk__in=keys, expire_date__gt=timezone.now()).values_list("pk", flat=True))
    if len(alive) < len(found):
        Device.objects.filter(account_id=customer_id).exclude(session_key__in=alive).delete()
    return [device for device in found if device.session_key in alive]


def end(*, customer_id: UUID, device_id: UUID) -> bool:
    """Sign out one device; return whether there was such a one."""
    return _end(Device.objects.filter(account_id=customer_id, id=device_id)) > 0


def end_others(*, customer_id: UUID, keep: str | None) -> int:
    """Sign out every device but the one with this session; return how many there were."""
    return _end(Device.objects.filter(account_id=customer_id).exclude(session_key=keep or ""))


def forget(*, session_key: str | None) -> None:
    """Drop the row of a device that signed itself out."""
    Device.objects.filter(session_key=session_key or "").delete()


def _end(devices: Any) -> int:
    with transaction.atomic(using="customers"):
        keys = list(devices.values_list("session_key", flat=True))
        Session.objects.filter(pk__in=keys).delete()
        count: int = Device.objects.filter(pk__in=keys).delete()[0]
    return count


def _first(kinds: list[tuple[str, str]], agent: str) -> str:
    return next((name for name, pattern in kinds if re.search(pattern, agent)), "")
