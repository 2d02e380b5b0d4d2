"""Why a review was rejected: what staff mostly say is the shop's own text, and read in any language."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

from contexts.kernel.languages import as_written

#: What staff most often have to say; they may write something else. Kept in the shop's own language, as a code would be.
REASONS = [
    gettext_noop(
        "It is about the delivery and not about the article. Please write to us about it; we would like to put it right."
    ),
    gettext_noop("It names a person. Please leave names out."),
    gettext_noop("It holds a link, an address or advertising."),
    gettext_noop("It insults somebody."),
]


def usual_reasons() -> list[str]:
    """Return what staff most often have to say, in the language being read."""
    return [gettext(reason) for reason in REASONS]


def as_kept(reason: str) -> str:
    """Return a reason as it is kept, whichever language it was chosen in."""
    return next((one for one in REASONS if gettext(one) == reason.strip()), reason)


def shown_reason(reason: str) -> str:
    """Return a reason in the language being read; what staff wrote themselves as it is."""
    return gettext(reason) if reason in REASONS else as_written(reason, "")
