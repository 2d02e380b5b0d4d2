"""A database, and in it a schema and a sign-in role per context; no role may look into another's schema."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql

from config.databases import Alias
from config.problems import Problem, one_line

OLDEST_VERSION = 14
Connection = psycopg.Connection[tuple[Any, ...]]


def connect(alias: Alias, *, database: str | None = None) -> Connection:
    """Connect as a DATABASES entry says, without Django."""
    arguments = {
        "host": alias.get("HOST"),
        "port": alias.get("PORT"),
        "user": alias.get("USER"),
        "password": alias.get("PASSWORD"),
        "dbname": database or alias["NAME"],
        **alias.get("OPTIONS", {}),
    }
    arguments.setdefault("connect_timeout", 5)
    given = {name: value for name, value in arguments.items() if value not in (None, "")}
    return psycopg.connect(autocommit=True, **given)


def prepare(context: str, alias: Alias, admin: Alias) -> list[str]:
    """Make sure that a context's role can sign in and owns its schema; return what had to be done.

    `admin` needs the rights to create roles and schemas only where something is missing.

    Raises:
        Problem: the server cannot be reached, is too old, or does not let us.
    """
    if _in_order(context, alias):
        return []
    admin = admin | {key: alias[key] for key in ("HOST", "PORT", "NAME") if alias.get(key)}
    done: list[str] = []
    with _administrator(admin, done, where=place(alias)) as connection:
        own = admin.get("USER") == alias.get("USER")
        try:
            if not own:
                done += _role(connection, alias)
            done += _schema(connection, context, alias)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Problem(
                f"{place(alias)}: {admin.get('USER')} may not create the role or the schema of {context} "
                f"({one_line(error)}). Give it CREATEROLE and CREATE on the database, or create both by hand and name "
                f"them in {context.upper()}_DATABASE_URL."
            ) from error
    return done


def place(alias: Alias) -> str:
    host = alias.get("HOST") or alias.get("OPTIONS", {}).get("host") or "the local socket"
    return f"PostgreSQL at {host}" + (f":{alias['PORT']}" if alias.get("PORT") else "")


def check_version(connection: Connection) -> None:
    """Refuse a server that is too old.

    Raises:
        Problem: it is.
    """
    major = connection.info.server_version // 10_000
    if major < OLDEST_VERSION:
        raise Problem(
            f"This PostgreSQL is version {major}; the shop needs {OLDEST_VERSION} or newer. "
            "Upgrade it, or unset DATABASE_URL to use the embedded one."
        )


def _in_order(context: str, alias: Alias) -> bool:
    """Whether the role signs in and owns its schema, which is all that is ever needed."""
    try:
        with connect(alias) as connection:
            check_version(connection)
            row = connection.execute(
                "SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = %s", [context]
            ).fetchone()
            return row is not None and bool(row[0])
    except psycopg.OperationalError:
        return False


def _administrator(admin: Alias, done: list[str], *, where: str) -> Connection:
    """Connect as administrator, creating the database where it is missing."""
    try:
        try:
            connection = connect(admin)
        except psycopg.OperationalError as error:
            if f'database "{admin["NAME"]}" does not exist' not in str(error):
                raise
            with connect(admin, database="postgres") as server:
                check_version(server)
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(admin["NAME"])))
            done.append(f"database {admin['NAME']}")
            connection = connect(admin)
    except psycopg.Error as error:
        raise Problem(
            f"{where} does not let us in: {one_line(error)}. Check DATABASE_URL, and that the server is running."
        ) from error
    check_version(connection)
    connection.execute(sql.SQL("REVOKE CREATE ON DATABASE {} FROM PUBLIC").format(sql.Identifier(admin["NAME"])))
    # Not always ours to close; the contexts' own schemas are closed in any case.
    with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName):
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    return connection


def _role(connection: Connection, alias: Alias) -> list[str]:
    """Create the sign-in role, or give it the password that the settings derive."""
    role, password = str(alias["USER"]), str(alias.get("PASSWORD") or "")
    # Hashed here, so that the password appears in no server log.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
    connection.execute(
        sql.SQL("{} {} LOGIN NOINHERIT PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(hashed))
    )
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            sql.Identifier(str(alias["NAME"])), sql.Identifier(role)
        )
    )
    return [f"role {role}"]


def _schema(connection: Connection, context: str, alias: Alias) -> list[str]:
    """Create the schema, owned by the role and closed to everybody else."""
    role = sql.Identifier(str(alias["USER"]))
    superuser = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if connection.info.user != alias["USER"] and not (superuser and superuser[0]):
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    schema = sql.Identifier(context)
    known = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [context]).fetchone()
    if known:
        connection.execute(sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(schema, role))
    else:
        connection.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(schema, role))
    connection.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(schema))
    return [] if known else [f"schema {context}"]
