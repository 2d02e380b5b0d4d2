"""Migrations that run a context's own code run the code of today, on the tables of then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

#: Statements of ours that give tables something new.
NEW_COLUMNS = re.compile(r"\b(add column|create table|rename)\b", re.IGNORECASE)
WORDS = ("AddField", "RemoveField", "RenameField", "AlterField", "CreateModel", "RenameModel")


def _sources(context: str) -> list[tuple[str, str]]:
    """Return the names and texts of a context's migrations, in their order."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    names = [name for leaf in graph.leaf_nodes(context) for app, name in graph.forwards_plan(leaf) if app == context]
    folder = Path(settings.BASE_DIR, "contexts", context, "migrations")
    return [(name, (folder / f"{name}.py").read_text()) for name in names]


@pytest.mark.parametrize("owner", settings.CONTEXTS)
def test_nothing_is_added_after_a_migration_that_runs_code_of_today(owner):
    sources = _sources(owner)
    running = [at for at, (_, text) in enumerate(sources) if f"from contexts.{owner}" in text]

    assert len(running) <= 1, "the later one does what the earlier one did"
    for at in running:
        added = [name for name, text in sources[at + 1 :] if NEW_COLUMNS.search(text) or any(w in text for w in WORDS)]
        assert added == [], f"an old shop would run {sources[at][0]} before its code finds what these add"
