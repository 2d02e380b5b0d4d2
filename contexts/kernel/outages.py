"""A store that does not answer, said in a sentence with the next step. Loads nothing before it is needed."""

from __future__ import annotations


def outage(error: BaseException) -> str | None:
    """Return a sentence for a store that does not answer and the next step, or None where it is something else."""
    import redis
    from django.db import OperationalError

    if isinstance(error, OperationalError):
        return f"The database does not answer: {one_line(error)}\n{next_step()}"
    if isinstance(error, redis.RedisError) and not isinstance(error, redis.ResponseError):
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
