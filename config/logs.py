"""Logs: structlog for everybody, readable lines on a terminal or one JSON object per line.

Every line carries what is bound to it (request id, event id...), ours and the libraries' alike.
"""

from __future__ import annotations

import logging.config
import os
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

#: Libraries say no more than this, whatever is wanted of our own code; less where less is wanted.
LEVELS = {
    "django.server": "WARNING",
    "django_structlog.middlewares.request": "INFO",
    "granian": "WARNING",
    "celery": "WARNING",
    "kombu": "WARNING",
    "amqp": "WARNING",
    "axes": "WARNING",
    "asyncio": "WARNING",
}


#: Asked all the time by supervisors, which read the answers themselves.
UNREMARKABLE = ("GET /livez", "GET /readyz", "GET /metrics", "GET /static/")
UNMOVED = (286, 304)


def calm(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop what only says that a request came in (its outcome follows), that a probe asked, or that nothing moved."""
    name = event.get("event")
    asked = str(event.get("request", ""))
    nothing_moved = name == "request_finished" and event.get("code") in UNMOVED
    if name == "request_started" or nothing_moved or (name == "request_finished" and asked.startswith(UNREMARKABLE)):
        raise structlog.DropEvent
    return event


SHARED: list[Any] = [  # structlog's processors differ in their exact types.
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_configuration(*, form: str, level: str) -> dict[str, Any]:
    """Return the dictionary for `logging.config`; `form` is "console" or "json"."""
    if form == "json":
        rendering: list[Any] = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(default=str)]
    else:
        colours = os.environ.get("FORCE_COLOR") == "1" or sys.stderr.isatty()
        rendering = [
            _for_people,
            structlog.dev.ConsoleRenderer(
                colors=colours and "NO_COLOR" not in os.environ,
                pad_event_to=0,
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
    ranks = logging.getLevelNamesMapping()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["terminal"], "level": level},
        "loggers": {name: {"level": max(floor, level, key=ranks.__getitem__)} for name, floor in LEVELS.items()},
    }


def configure(configuration: dict[str, Any]) -> None:
    """Set up logging and structlog for this process."""
    logging.config.dictConfig(configuration)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            calm,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _for_people(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """On a terminal the time of day is enough, and the beginning of an id."""
    if isinstance(event.get("timestamp"), str):
        event["timestamp"] = event["timestamp"][11:19]
    if isinstance(event.get("request_id"), str):
        event["request_id"] = event["request_id"][:8]
    if event.get("event") in {"request_finished", "request_failed"}:
        event["event"] = f"{event.pop('request', '')} {event.pop('code', '')}".strip()
        event.pop("logger", None)
        event.pop("ip", None)
    return event
