"""One Django alias, one PostgreSQL schema and one role per context."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.roster import CONTEXTS, CUSTOMERS_APPS

#: A Django DATABASES entry; its values are of many types.
Alias = dict[str, Any]

ENGINE = "django.db.backends.postgresql"
SHARED = {
    "ENGINE": ENGINE,
    # A connection per thread, kept: measured faster than a pool here, and safe across fork.
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": False,
}


def from_url(url: str, *, setting: str) -> Alias:
    """Return the DATABASES entry that a URL describes.

    Raises:
        ImproperlyConfigured: not a PostgreSQL URL, or without a database's name.
    """
    try:
        alias: Alias = environ.Env.db_url_config(url)
        named = bool(alias["NAME"])
    except Exception as problem:
        raise ImproperlyConfigured(f"{setting} is not a URL like postgres://user:password@host:5432/name.") from problem
    if alias.get("ENGINE") != ENGINE:
        raise ImproperlyConfigured(f"{setting} must start with postgres://; PostgreSQL is the one dialect spoken here.")
    if not named:
        raise ImproperlyConfigured(f"{setting} names no database; write postgres://user:password@host:5432/name.")
    return alias


def role_of(context: str, *, prefix: str) -> str:
    return f"{prefix}_{context}"


def password_of(role: str, *, secret: str) -> str:
    """Return the password of a role, derived from the secret key so that nobody has to keep it."""
    return hmac.new(secret.encode(), f"database role {role}".encode(), hashlib.sha256).hexdigest()


def aliases(
    contexts: list[str],
    *,
    admin: Alias,
    own_urls: Mapping[str, str],
    role_prefix: str,
    secret: str,
    options: Mapping[str, Any],
) -> dict[str, Alias]:
    """Return DATABASES for these contexts, with an empty `default` so that an unrouted query fails.

    `admin` is the connection that may create roles and schemas; each context signs in as its own role.
    `own_urls` are the contexts with a server of their own; such a URL's user, if it has one, is used as is.
    """
    databases: dict[str, Alias] = {"default": {}}
    for context in contexts:
        url = own_urls.get(context)
        place = from_url(url, setting=f"{context.upper()}_DATABASE_URL") if url else dict(admin)
        given_user = bool(url and place.get("USER"))
        role = role_of(context, prefix=role_prefix)
        if not given_user:
            place |= {"USER": role, "PASSWORD": password_of(role, secret=secret)}
        databases[context] = (
            place
            | SHARED
            | {
                "OPTIONS": {
                    **place.get("OPTIONS", {}),
                    "application_name": f"tradepost {context}",
                    **options,
                    "options": f"-c search_path={context}",
                },
            }
        )
    return databases


class ContextRouter:
    """Sends every model to the alias of its context; who somebody is lives in customers.

    The backbone's own tables exist in every alias, so queries on them name one with `using`; without it they end
    at the empty `default` and fail.
    """

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return self._home(model._meta.app_label)

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return self._home(model._meta.app_label)

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        home = self._home(one._meta.app_label)
        return None if home is None else home == self._home(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        if app_label == "messaging":
            return db in CONTEXTS
        return self._home(app_label) == db

    def _home(self, app_label: str) -> str | None:
        if app_label in CONTEXTS:
            return app_label
        return "customers" if app_label in CUSTOMERS_APPS else None
