"""What stops the shop from running and a person can put right: told as a sentence, without a traceback."""

from __future__ import annotations


class Problem(Exception):
    """A cause and the next step, in words for the person at the terminal. The command ends with status 1."""


def in_plain_words(error: BaseException) -> str | None:
    """Return a sentence for a store that does not answer, or None where the error is a defect of ours."""
    import redis
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    if isinstance(error, ImproperlyConfigured):
        return f"The settings do not hold together: {error}"
    if isinstance(error, OperationalError):
        return f"The database does not answer: {one_line(error)}\n{next_step()}"
    if isinstance(error, redis.exceptions.ConnectionError):
        return f"Redis does not answer: {one_line(error)}\n{next_step()}"
    return None


def one_line(error: BaseException) -> str:
    """Return an error's text without its line breaks and repeats."""
    lines = dict.fromkeys(line.strip() for line in str(error).splitlines() if line.strip())
    return " ".join(lines) or type(error).__name__


def next_step() -> str:
    """Say how the stores of this configuration are started."""
    from django.conf import settings

    if settings.EMBEDDED_POSTGRES or settings.EMBEDDED_REDIS:
        return "Start the shop with `make up`, or only its servers with `manage.py servers start`."
    return "Check DATABASE_URL and REDIS_URL, and that the servers they name are running."
