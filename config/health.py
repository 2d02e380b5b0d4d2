"""The truth for supervisors and load balancers: is the process alive, and can the shop serve?"""

from __future__ import annotations

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from config.celery import queues
from config.heartbeat import unattended
from config.problems import one_line
from config.provision.migrations import unapplied

#: Migrations once found complete stay so for the life of the process.
_migrated: set[str] = set()


@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"alive": True})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 only when migrations are complete, the stores answer and workers serve every queue; else 503 and why."""
    checks: dict[str, Callable[[], str | None]] = {"redis": _redis, "workers": _workers}
    checks |= {f"database {context}": _database_check(context) for context in settings.CONTEXTS}
    found = {part: check() for part, check in checks.items()}
    wrong = {part: reason for part, reason in found.items() if reason}
    body = {"ready": not wrong, "parts": {part: reason or "ok" for part, reason in found.items()}}
    response = JsonResponse(body, status=503 if wrong else 200)
    response._has_been_logged = True  # type: ignore[attr-defined]  # whoever asks reads the answer; no error of ours
    return response


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def _redis() -> str | None:
    try:
        with _client() as client:
            client.ping()
    except redis.exceptions.RedisError as problem:
        return f"does not answer: {one_line(problem)}"
    return None


def _workers() -> str | None:
    try:
        with _client() as client:
            missing = unattended(queues(), client)
    except redis.exceptions.RedisError:
        return "unknown: Redis does not answer"
    return f"no fresh heartbeat on the queues {', '.join(missing)}" if missing else None


def _database_check(context: str) -> Callable[[], str | None]:
    def check() -> str | None:
        try:
            with connections[context].cursor() as cursor:
                cursor.execute("SELECT 1")
            if context not in _migrated:
                missing = unapplied(context)
                if missing:
                    return f"{len(missing)} migrations are missing, the first is {missing[0]}; run manage.py setup"
                _migrated.add(context)
        except DatabaseError as problem:
            return f"does not answer: {one_line(problem)}"
        return None

    return check
