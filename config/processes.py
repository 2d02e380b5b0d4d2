"""The processes of a running shop, as commands. `make up` starts them all; the Procfile names the same ones."""

from __future__ import annotations

import signal
import sys

from django.conf import settings

from config.celery import EFFECTS, queues
from config.supervisor.program import Program

QUIET_WORKER = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]


def web() -> list[str]:
    """Granian, over WSGI; a thread keeps its database connections."""
    return [
        sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi",
        "--host", settings.HOST, "--port", str(settings.PORT),
        "--workers", str(settings.WEB_WORKERS), "--blocking-threads", str(settings.WEB_THREADS),
        "--blocking-threads-idle-timeout", "600", "--http", "1", "--no-ws", "--log-level", "warning",
        "--workers-kill-timeout", "8",
    ]  # fmt: skip


def worker() -> list[str]:
    """A worker for the contexts' own queues: relay, deliver, acknowledge, sweep."""
    contexts = ",".join(queue for queue in queues() if queue != EFFECTS)
    return _celery("worker", "-Q", contexts, "-c", str(settings.WORKER_PROCESSES), "-n", "contexts@%h", *QUIET_WORKER)


def effects() -> list[str]:
    """A worker for what waits on others: gateways, e-mails."""
    return _celery(
        "worker", "-Q", EFFECTS, "-P", "threads", "-c", str(settings.EFFECTS_THREADS), "-n", "effects@%h", *QUIET_WORKER
    )


def beat() -> list[str]:
    """The clock: asks every context once a second to look for what got lost."""
    return _celery("beat", "--loglevel", "WARNING", "--pidfile", "")


def programs() -> list[Program]:
    """All of them, ready to be supervised; the web first, so that the first page comes early."""
    folder = str(settings.BASE_DIR)
    return [
        Program("web", web(), folder=folder, patience_s=10),
        Program("worker", worker(), folder=folder, patience_s=15),
        Program("effects", effects(), folder=folder, patience_s=15),
        Program("beat", beat(), folder=folder, patience_s=5, stop_signal=signal.SIGTERM),
    ]


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", "config", *arguments]
