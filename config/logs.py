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


def calm(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop the line that only says a request came in; the one with its outcome follows."""
    if event.get("event") == "request_started":
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
            _short_time,
            structlog.dev.ConsoleRenderer(
                colors=colours and "NO_COLOR" not in os.environ,
                pad_event_to=0,
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
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
        "loggers": {name: {"level": floor} for name, floor in LEVELS.items()},
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


def _short_time(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """On a terminal the time of day is enough, and the logger's last name."""
    if isinstance(event.get("timestamp"), str):
        event["timestamp"] = event["timestamp"][11:19]
    return event
