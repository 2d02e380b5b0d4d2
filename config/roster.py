"""Which contexts the shop has, and which of them this process runs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

#: Every context that keeps tables of its own, in the order in which people meet them. Each is an alias, a schema,
#: a role and a queue of the same name.
CONTEXTS = (
    "customers", "catalog", "inventory", "ordering", "payments", "shipping", "reviews", "wishlists", "promotions",
    "notifications", "history",
)  # fmt: skip

#: The queue of work outside of transactions: gateways, e-mails.
EFFECTS = "effects"

#: Apps of others whose tables belong to customers: everything about who somebody is.
CUSTOMERS_APPS = ("auth", "contenttypes", "sessions", "admin", "account", "mfa", "axes")


def enabled(wanted: list[str]) -> list[str]:
    """Return the contexts this process runs: those of `CONTEXTS`, or all where none is named.

    Raises:
        ImproperlyConfigured: a name that is no context.
    """
    unknown = [name for name in wanted if name not in CONTEXTS]
    if unknown:
        raise ImproperlyConfigured(f"CONTEXTS names {', '.join(unknown)}; the contexts are {', '.join(CONTEXTS)}.")
    return [name for name in CONTEXTS if not wanted or name in wanted]


def has_module(context: str, module: str) -> bool:
    """Whether a context has a module of this name; nothing is imported."""
    return find_spec(f"contexts.{context}") is not None and find_spec(f"contexts.{context}.{module}") is not None
