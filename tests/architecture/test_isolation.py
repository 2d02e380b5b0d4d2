"""The walls between contexts: the database's own, the models', and the imports'. Each test was seen to fail."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connections, models, transaction

ROOT = Path(__file__).resolve().parent.parent.parent
PAIRS = [(one, other) for one in settings.CONTEXTS for other in settings.CONTEXTS if one != other]


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(("context", "other"), PAIRS)
def test_a_context_cannot_read_anothers_tables(context, other):
    with (
        pytest.raises(ProgrammingError, match="permission denied for schema"),
        transaction.atomic(using=context),
        connections[context].cursor() as cursor,
    ):
        cursor.execute(f"select * from {other}.messaging_event")


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("context", settings.CONTEXTS)
def test_a_context_cannot_make_a_schema_or_use_public(context):
    for statement in ("create schema mine", "create table public.mine (id int)"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(using=context),
            connections[context].cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("context", settings.CONTEXTS)
def test_a_context_signs_in_as_its_own_role_without_power(context):
    with connections[context].cursor() as cursor:
        cursor.execute(
            "select current_user, rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
        )
        role, *powers = cursor.fetchone()

    assert role.endswith(f"_{context}")
    assert powers == [False, False, False]


def test_no_relation_leaves_a_context():
    leaving = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model.__module__.startswith("contexts.")
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignObject) and _home(field.related_model) != _home(model)
    ]

    assert leaving == []


def _home(model: type[models.Model]) -> str:
    """The alias a model lives in; who somebody is lives with customers."""
    label = model._meta.app_label
    return label if label in settings.CONTEXTS else "customers"


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("context", settings.CONTEXTS)
def test_no_foreign_key_leaves_a_schema(context):
    with connections[context].cursor() as cursor:
        cursor.execute(
            "select conname from pg_constraint where contype = 'f' and connamespace = %s::regnamespace "
            "and confrelid in (select oid from pg_class where relnamespace <> %s::regnamespace)",
            [context, context],
        )
        assert cursor.fetchall() == []


def _imports(path: Path) -> list[tuple[str, str]]:
    """Return (module, name) for every import of a file; name is "" for `import module`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [(node.module, alias.name) for alias in node.names]
    return found


def forbidden_imports(path: Path, context: str) -> list[str]:
    """Return what a file of a context imports that it must not."""
    import contexts.messaging

    wrong = []
    for module, name in _imports(path):
        parts = module.split(".")
        if parts[0] in ("config", "tests"):
            wrong.append(f"{module}: a context knows nothing of the house around it")
        if parts[0] != "contexts" or len(parts) < 2 or parts[1] in (context, "kernel"):
            continue
        if context == "kernel":
            wrong.append(f"{module}: the kernel imports no context")
        elif parts[1] == "messaging":
            if module != "contexts.messaging" or name not in contexts.messaging.__all__:
                wrong.append(f"{module}.{name}: only what contexts.messaging exports")
        elif parts[2:] != ["events"] and not (len(parts) == 2 and name == "events"):
            wrong.append(f"{module}.{name}: of another context only its events")
    return wrong


@pytest.mark.parametrize("context", [*settings.CONTEXTS, "kernel"])
def test_a_context_imports_only_what_it_may(context):
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / "contexts" / context).rglob("*.py"))
        if (found := forbidden_imports(path, context))
    }

    assert wrong == {}


def test_the_backbone_knows_no_context():
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sorted((ROOT / "contexts" / "messaging").rglob("*.py"))
        for module, _ in _imports(path)
        if module.startswith("contexts.") and module.split(".")[1] not in ("messaging", "kernel")
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "line",
    [
        "from contexts.catalog.models import Product",
        "from contexts.messaging.relay import relay",
        "from contexts.messaging import relay",
        "import contexts.payments.services",
        "from config.settings import DEBUG",
    ],
)
def test_the_check_of_imports_sees_a_violation(tmp_path, line):
    path = tmp_path / "services.py"
    path.write_text(line)

    assert forbidden_imports(path, "ordering") != []
