"""Migrations, per context: each alias gets the tables of its own context and the backbone's, and nothing else."""

from __future__ import annotations

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

#: Any number: whoever holds it in a database migrates there.
LOCK = 7_203_001


def migrate(context: str) -> list[str]:
    """Apply what is missing to a context's alias and return the names of the migrations applied.

    Django's own `migrate` would walk through every app's migrations in every alias; this applies only those whose
    tables the router places there.
    """
    connection = connections[context]
    if not unapplied(context):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        connection.prepare_database()
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] in labels(context)]
        plan = executor.migration_plan(targets)
        if not plan:
            return []
        before = executor._create_project_state(with_applied_migrations=True)  # type: ignore[attr-defined]  # not public
        emit_pre_migrate_signal(0, False, context, apps=before.apps, plan=plan)
        after = executor.migrate(targets, plan=plan, state=before.clone())
        after.clear_delayed_apps_cache()
        emit_post_migrate_signal(0, False, context, apps=after.apps, plan=plan)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def unapplied(context: str) -> list[str]:
    """Return the names of the migrations that a context's alias still lacks."""
    applied = set(MigrationRecorder(connections[context]).applied_migrations())
    return [f"{label}.{name}" for label, name in _on_disk(context) if (label, name) not in applied]


def labels(context: str) -> set[str]:
    """Return the apps whose tables live in a context's alias."""
    return {config.label for config in apps.get_app_configs() if router.allow_migrate(context, config.label)}


def _on_disk(context: str) -> list[tuple[str, str]]:
    """Return the migrations of a context's apps; of a squashed one, only the squash."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    wanted = labels(context)
    replaced = {node for migration in loader.disk_migrations.values() for node in migration.replaces}
    return sorted(node for node in loader.disk_migrations if node[0] in wanted and node not in replaced)
