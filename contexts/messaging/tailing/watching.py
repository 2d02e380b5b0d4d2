"""Watching the slots: a tailer that is gone says nothing, so the sweep says it, in the log and once for each trouble."""

from __future__ import annotations

import time

import structlog

from contexts.messaging.tailing import slots
from contexts.messaging.tailing.status import has_slot, verdict_on

logger = structlog.get_logger(__name__)

LOOK_EVERY_S = 60.0
#: A trouble that lasts is said again after so many looks.
SAY_AGAIN_AFTER = 30

_looked_at: dict[str, float] = {}
_troubles: dict[str, tuple[str, int]] = {}


def look_after(context: str) -> None:
    """Look at a context's slot; the sweep calls this often, it looks once a minute."""
    now = time.monotonic()
    if now - _looked_at.get(context, float("-inf")) < LOOK_EVERY_S:
        return
    _looked_at[context] = now
    if has_slot(context):
        look(context)


def look(context: str) -> None:
    """Say what is wrong with a slot, once it has been so for two looks: a tailer that restarts is no news."""
    verdict = verdict_on(slots.facts(context))
    state, looks = _troubles.get(context, ("", 0))
    if not verdict.wrong:
        _troubles.pop(context, None)
        if looks >= 2:
            logger.info("tailing is well again", context=context)
        return
    looks = looks + 1 if state == verdict.state else 1
    _troubles[context] = verdict.state, looks
    if looks % SAY_AGAIN_AFTER == 2:
        logger.warning("tailing needs somebody", context=context, state=verdict.state, problem=verdict.sentence)
