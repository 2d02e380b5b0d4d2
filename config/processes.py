"""The processes of a running shop, as commands. `make up` starts them all; the Procfile names the same ones."""

from __future__ import annotations

import sys

from django.conf import settings

from config.roster import EFFECTS, has_module
from config.supervisor.program import Program

#: On a machine that they share, pages stand back for the workers: in a rush more are asked for than orders are confirmed.
WEB_NICE = 5
QUIET_WORKER = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]


def web() -> list[str]:
    """Granian, over WSGI; a thread keeps its database connections."""
    return [
        sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi",
        "--host", settings.HOST, "--port", str(settings.PORT),
        "--workers", str(settings.WEB_WORKERS), "--blocking-threads", str(settings.WEB_THREADS),
        "--blocking-threads-idle-timeout", "600", "--http", "1", "--no-ws", "--log-level", "warning",
        "--workers-kill-timeout", "8",
        # Without it, one worker that dies takes the others and the listening socket with it.
        "--respawn-failed-workers",
    ]  # fmt: skip


def worker() -> list[str]:
    """A worker for the contexts' own queues: relay, deliver, acknowledge, sweep."""
    queues, processes = ",".join(settings.CONTEXTS), str(settings.WORKER_PROCESSES)
    return _celery("worker", "-Q", queues, "-c", processes, "-n", "contexts@%h", *QUIET_WORKER)


def effects() -> list[str]:
    """A worker for what waits on others: gateways, e-mails."""
    threads = str(settings.EFFECTS_THREADS)
    return _celery("worker", "-Q", EFFECTS, "-P", "threads", "-c", threads, "-n", "effects@%h", *QUIET_WORKER)


def beat() -> list[str]:
    """The clock: asks every context every 0.8 s to look for what got lost."""
    return _celery("beat", "--loglevel", "WARNING", "--pidfile", "")


def tail() -> list[str]:
    """The log tailer: takes row changes, and messages in the write-ahead log, over into the contexts' logs."""
    return [sys.executable, "manage.py", "tail", "run"]


def web_program() -> Program:
    """The web, ready to be supervised. It may start before the databases are ready: it asks them only when asked."""
    return Program("web", web(), folder=str(settings.BASE_DIR), patience_s=10, nice=WEB_NICE)


def other_programs() -> list[Program]:
    """Everything beside the web, ready to be supervised."""
    folder = str(settings.BASE_DIR)
    found = [
        Program("worker", worker(), folder=folder),
        Program("effects", effects(), folder=folder),
        Program("beat", beat(), folder=folder, patience_s=5),
    ]
    if any(has_module(name, "captures") for name in settings.CONTEXTS) or "wal" in settings.MESSAGING_OUTBOX.values():
        found.append(Program("tail", tail(), folder=folder))
    return found


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", "config", *arguments]
