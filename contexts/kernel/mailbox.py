"""Mail in a folder, for a shop without a mail server: one folder for each recipient, one file for each message."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from uuid_utils.compat import uuid7

BACKEND = "contexts.kernel.mailbox.FolderBackend"


class FolderBackend(BaseEmailBackend):
    """Writes messages below EMAIL_FILE_PATH: `ada@example.org/20260131-120000-....eml`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for recipient in message.recipients():
                folder = _folder(recipient)
                folder.mkdir(parents=True, exist_ok=True)
                name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid7().hex[-12:]}"
                (folder / f"{name}.eml").write_bytes(message.message().as_bytes())
        return len(email_messages)


def forget_mail(addresses: Iterable[str]) -> int:
    """Delete what the folder holds for these recipients and return how many messages; a mail server keeps its own."""
    if settings.EMAIL_BACKEND != BACKEND:
        return 0
    count = 0
    for folder in {_folder(address) for address in addresses if address}:
        if folder.is_dir():
            count += sum(1 for _ in folder.glob("*.eml"))
            shutil.rmtree(folder, ignore_errors=True)
    return count


def _folder(recipient: str) -> Path:
    """Return a recipient's folder: the address, without what a file system might take for more than a name."""
    name = "".join(letter if letter.isalnum() or letter in "@.+-_" else "_" for letter in recipient.strip().lower())
    return Path(settings.EMAIL_FILE_PATH) / name.lstrip(".")[:200]
