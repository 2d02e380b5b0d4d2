"""How the history speaks of time, and how a purchase is read in another language than it was made in."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, ngettext

from contexts.history.purchases import BoughtLine, Purchase
from contexts.kernel import said
from contexts.kernel.languages import as_written, said_in_language


def freshness(as_of: datetime, *, now: datetime) -> str:
    """Say when something was, so that "As of ..." can stand before it: "a moment ago", "today at 14:03"."""
    minutes = int((now - as_of).total_seconds() // 60)
    if minutes < 1:
        return _("a moment ago")
    if minutes < 60:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    local, today = timezone.localtime(as_of), timezone.localtime(now).date()
    clock = date_format(local, "H:i")
    if local.date() == today:
        return _("today at %(time)s") % {"time": clock}
    if local.date() == today - timedelta(days=1):
        return _("yesterday at %(time)s") % {"time": clock}
    return _("%(date)s, %(time)s") % {"date": date_format(local, "DATE_FORMAT"), "time": clock}


def shown_lines(purchase: Purchase) -> list[BoughtLine]:
    """Return what was bought in the language being read; what is not known in it is marked with the one it is in."""
    written_in = purchase.receipt.language
    return [
        msgspec.structs.replace(
            line,
            name=said_in_language(line.name, line.names, written_in=written_in),
            label=said_in_language(line.label, line.labels, written_in=written_in),
        )
        for line in purchase.receipt.lines
    ]


def explanation_of(purchase: Purchase, lines: list[BoughtLine]) -> str:
    """Return why a purchase was cancelled; `lines` are its own as they are shown."""
    names = {line.sku: said.article(line.name, line.label) for line in lines}
    worded = said.in_words(purchase.said, names) if purchase.said else ""
    return worded or as_written(purchase.explanation, purchase.receipt.language)
