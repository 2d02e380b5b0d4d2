"""What notifications can be asked."""

from __future__ import annotations

from django.utils.translation import gettext as _

from contexts.kernel.board import Tile
from contexts.notifications.models import Email, EmailState


def tiles() -> list[Tile]:
    """Return the e-mails that could not be sent."""
    failed = Email.objects.filter(state=EmailState.FAILED).count()
    return [
        Tile(
            title=_("E-mails not sent"), figure=str(failed),
            text=_("given up after several tries; they can be sent again"),
            list="notifications_email", query="state__exact=failed", tone="trouble" if failed else "calm",
        ),
    ]  # fmt: skip
