"""The right to tail: functions of the administrator's that let a context's role read its own part of the log."""

from __future__ import annotations

from typing import Any

import psycopg

from config.databases import Alias
from config.provision.roles import connect
from contexts.messaging.tailing import rights


def prepare(context: str, alias: Alias, admin: Alias) -> list[str]:
    """Install the functions unless they are there; return what was done.

    An administrator without the right changes nothing and breaks nothing: the context's tailer and
    `manage.py tail status` say that it cannot work, and events go through the table.
    """
    with connect(alias) as own:
        row = own.execute(rights.INSTALLED).fetchone()
        if row and row[0] == f"tradepost {rights.digest(context)}":
            return []
        role = own.info.user
    admin = admin | {key: alias[key] for key in ("HOST", "PORT", "NAME") if alias.get(key)}
    try:
        with connect(admin) as connection:
            if not _may_replicate(connection):
                return []
            for statement in rights.statements(context, role=role):
                connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege:
        return []
    except psycopg.OperationalError:
        return []
    return [f"log tailing of {context}"]


def _may_replicate(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])
