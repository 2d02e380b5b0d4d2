"""What stops the shop from running and a person can put right: told as a sentence, without a traceback."""

from __future__ import annotations

from contexts.kernel.outages import one_line, outage

__all__ = ["Problem", "in_plain_words", "one_line"]


class Problem(Exception):
    """A cause and the next step, in words for the person at the terminal. The command ends with status 1."""


def in_plain_words(error: BaseException) -> tuple[str, int] | None:
    """Return a sentence and an exit status (1 settings, 3 a store), or None where the error is a defect of ours."""
    from django.core.exceptions import ImproperlyConfigured

    if isinstance(error, ImproperlyConfigured):
        return f"The settings do not hold together: {error}", 1
    sentence = outage(error)
    return (sentence, 3) if sentence else None
