"""How the history speaks of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, ngettext


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
