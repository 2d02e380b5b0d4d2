"""The Celery app. Its messages are hints that may be lost, doubled or late: the truth is in PostgreSQL at both ends."""

from __future__ import annotations

import gc
import os
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]  # its stubs lack it
from celery.signals import task_prerun, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from config.connections import trust_quiet_connections
from config.embedded.process import die_with_parent
from config.heartbeat import Heartbeat
from config.roster import EFFECTS

# Celery warns root of pickled messages; ours are JSON and nothing else is accepted.
warnings.filterwarnings("ignore", category=SecurityWarning)

SWEEP_EVERY_S = 0.8

app = Celery("tradepost")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 120,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "global_keyprefix": "celery:",
    },
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue=EFFECTS,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    timezone="UTC",
    # Every start begins its intervals anew: nothing to remember, no file for two shops to fight about.
    beat_scheduler="contexts.messaging.beat:CoalescingScheduler",
    beat_max_loop_interval=1,
    beat_schedule={
        "sweep": {"task": "messaging.sweep", "schedule": SWEEP_EVERY_S, "args": list(settings.CONTEXTS)},
    },
)
# Connections are kept between tasks, as between requests; `refresh_connections` drops the broken ones.
app.conf.CELERY_DB_REUSE_MAX = 1_000_000
app.autodiscover_tasks()
app.steps["consumer"].add(Heartbeat)


def queues() -> list[str]:
    """The queues that workers of this process's contexts serve."""
    return [*settings.CONTEXTS, EFFECTS]


@task_prerun.connect
def refresh_connections(**kwargs: Any) -> None:
    """Let go of connections that are old or broken before a task uses them."""
    from django.db import close_old_connections

    close_old_connections()
    trust_quiet_connections()


@worker_process_init.connect
def end_with_the_worker(**kwargs: Any) -> None:
    """A pool's child whose worker was killed must not live on."""
    import signal

    die_with_parent(signal.SIGKILL)


@worker_process_init.connect
def look_for_garbage_in_what_is_new(**kwargs: Any) -> None:
    """Spare the collector the modules: it would go through all of them for every few pages, and find nothing."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
