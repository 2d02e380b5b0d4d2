"""Docstrings as paragraphs."""

from __future__ import annotations

import inspect


def paragraphs(docstring: str | None) -> list[str]:
    """Return a docstring's paragraphs, each on one line; one empty paragraph where there is no docstring."""
    text = inspect.cleandoc(docstring or "")
    return [" ".join(part.split()) for part in text.split("\n\n")]
