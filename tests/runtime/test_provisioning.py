"""Provisioning: a role per context that owns its schema and nothing else; asked again, there is nothing to do."""

from __future__ import annotations

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, transaction
from django.utils.connection import ConnectionDoesNotExist

from config import databases
from config.problems import Problem
from config.provision import migrations, roles
from config.provision.setup import set_up

ONLY_EMBEDDED = pytest.mark.skipif(bool(settings.DATABASE_URL), reason="another server may ask for no password")
EVERY_CONTEXT = pytest.mark.django_db(databases=settings.CONTEXTS)


def ask(context: str, question: str, *values: object) -> list[tuple[object, ...]]:
    with connections[context].cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall()


@EVERY_CONTEXT
def test_each_context_signs_in_as_its_own_role_and_works_in_its_own_schema():
    found = {context: ask(context, "SELECT current_user, current_schema()") for context in settings.CONTEXTS}

    assert found == {context: [(f"tradepost_{context}", context)] for context in settings.CONTEXTS}


@EVERY_CONTEXT
def test_no_role_may_use_another_schema_or_create_outside_its_own():
    rights = {
        (context, schema, right)
        for context in settings.CONTEXTS
        for schema, right, granted in ask(
            context,
            "SELECT nspname, r, has_schema_privilege(oid, r) FROM pg_namespace, unnest(array['USAGE', 'CREATE']) r "
            "WHERE nspname = ANY(%s)",
            [*settings.CONTEXTS, "public"],
        )
        if granted
    }

    assert rights == {(context, context, right) for context in settings.CONTEXTS for right in ("USAGE", "CREATE")}


@EVERY_CONTEXT
def test_no_role_is_more_than_an_ordinary_one():
    found = ask(
        "ordering",
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'tradepost\\_%%' AND (rolsuper OR rolcreaterole "
        "OR rolcreatedb OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid))",
    )

    assert found == []


@EVERY_CONTEXT
def test_reading_another_contexts_table_is_denied():
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(using="ordering"):
        ask("ordering", "SELECT 1 FROM payments.messaging_event")


@EVERY_CONTEXT
def test_set_up_again_does_nothing():
    assert not set_up()


@EVERY_CONTEXT
def test_each_alias_holds_the_tables_of_its_own_apps_only():
    tables = {context: {name for (name,) in ask(context, OWN_TABLES)} for context in settings.CONTEXTS}
    strangers = {
        context: [name for name in names if not name.startswith((f"{context}_", "messaging_", "django_m"))]
        for context, names in tables.items()
        if context != "customers"
    }

    assert strangers == {context: [] for context in strangers}
    assert {"auth_permission", "django_content_type", "django_session", "django_admin_log"} <= tables["customers"]


OWN_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


@EVERY_CONTEXT
def test_a_missing_migration_is_named():
    first = migrations._on_disk("ordering")[-1]
    with connections["ordering"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", first)

    assert migrations.unapplied("ordering") == [".".join(first)]
    assert migrations.unapplied("payments") == []


def test_a_query_that_names_no_alias_fails():
    model = next(apps.get_app_config("messaging").get_models())

    with pytest.raises((ImproperlyConfigured, ConnectionDoesNotExist)):
        model._default_manager.exists()


@ONLY_EMBEDDED
@pytest.mark.usefixtures("django_db_setup")
def test_a_lost_schema_and_a_changed_password_are_put_right(django_db_blocker):
    """What an operator may have done by hand, on a database of its own beside the tests'."""
    name, alias = "repair_me", dict(connections["ordering"].settings_dict)
    alias |= {"NAME": name, "USER": "tradepost_repair", "OPTIONS": {}}
    admin = settings.DATABASE_ADMIN | {"NAME": name}
    try:
        first = roles.prepare("ordering", alias, admin)
        second = roles.prepare("ordering", alias, admin)
        alias["PASSWORD"] = "another"
        third = roles.prepare("ordering", alias, admin)

        assert first == ["database repair_me", "role tradepost_repair", "schema ordering"]
        assert second == []
        assert third == ["role tradepost_repair"]
        with roles.connect(alias) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("tradepost_repair",)
    finally:
        with roles.connect(admin, database="postgres") as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute("DROP ROLE tradepost_repair")


def test_an_old_postgresql_is_refused_in_a_sentence():
    class Old:
        class info:  # as psycopg names it
            server_version = 130_014

    with pytest.raises(Problem, match="This PostgreSQL is version 13; the shop needs 14 or newer"):
        roles.check_version(Old())  # type: ignore[arg-type]


def test_a_server_that_is_not_there_is_told_in_a_sentence():
    nowhere = databases.from_url("postgres://owner:password@127.0.0.1:9/tradepost", setting="DATABASE_URL")

    with pytest.raises(Problem, match=r"PostgreSQL at 127.0.0.1:9 does not let us in: .*refused.* Check DATABASE_URL"):
        roles.prepare("ordering", nowhere, nowhere)


@ONLY_EMBEDDED
@pytest.mark.usefixtures("django_db_setup")
def test_nobody_gets_into_the_embedded_server_without_a_password():
    admin = settings.DATABASE_ADMIN

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=admin["HOST"], port=admin["PORT"], user="tradepost", dbname="postgres")
