"""Which context a module belongs to, and sentences that help with a name that is almost right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def context_of(module: str) -> str | None:
    """Return the context a dotted module path lies in: "contexts.ordering.events" -> "ordering"."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "contexts" else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint to append to an error about `name`, or the list of what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"There are: {', '.join(names) or 'none'}."
