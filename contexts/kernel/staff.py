"""What the admins of the contexts share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Rows that only the services write: staff read them. Goes before the admin class."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
