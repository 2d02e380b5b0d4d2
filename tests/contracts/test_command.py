"""`manage.py contracts` on the shop itself, and on copies that were tampered with."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from contexts.messaging.contracts.landscape import landscape
from contexts.messaging.management.commands.contracts import ended

GOLDEN = settings.BASE_DIR / "tests/contracts/golden"
DOCS = settings.BASE_DIR / "docs/events"


def contracts(subcommand: str, *, golden: Path = GOLDEN, docs: Path = DOCS) -> tuple[int, Any]:
    """Run a subcommand with --json; return its status and what it printed."""
    out = StringIO()
    try:
        call_command("contracts", subcommand, "--json", f"--golden={golden}", f"--docs={docs}", stdout=out)
    except SystemExit as end:
        return int(end.code or 0), json.loads(out.getvalue() or "null")
    return 0, json.loads(out.getvalue())


@pytest.fixture
def copy(tmp_path) -> Path:
    shutil.copytree(GOLDEN, tmp_path / "golden")
    shutil.copytree(DOCS, tmp_path / "docs")
    return tmp_path


def edit(copy: Path, name: str, change: Any) -> None:
    file = copy / "golden" / name
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def test_every_published_event_is_pinned_readable_and_documented():
    status, answer = contracts("check")

    assert answer["findings"] == []
    assert status == 0


def test_a_break_ends_with_status_1_and_is_not_accepted(copy):
    def once_had_a_colour(document):
        schema = document["schema"]["$defs"]["PriceChanged"]
        schema["properties"]["colour"] = {"type": "string"}
        document["examples"][0]["colour"] = "red"

    edit(copy, "catalog.price_changed.v1.json", once_had_a_colour)
    before = (copy / "golden/catalog.price_changed.v1.json").read_text()

    status, answer = contracts("check", golden=copy / "golden", docs=copy / "docs")
    assert (status, [finding["kind"] for finding in answer["findings"]]) == (1, ["breaking"])

    status, answer = contracts("accept", golden=copy / "golden", docs=copy / "docs")
    assert (status, answer["written"]) == (1, [])
    assert (copy / "golden/catalog.price_changed.v1.json").read_text() == before


def test_a_new_event_wants_to_be_accepted_and_then_is(copy):
    (copy / "golden/catalog.price_changed.v1.json").unlink()

    status, answer = contracts("check", golden=copy / "golden", docs=copy / "docs")
    assert (status, [finding["kind"] for finding in answer["findings"]]) == (1, ["unaccepted"])

    status, answer = contracts("accept", golden=copy / "golden", docs=copy / "docs")
    assert (status, answer["written"]) == (0, ["catalog.price_changed.v1.json"])
    assert contracts("check", golden=copy / "golden", docs=copy / "docs")[0] == 0


@pytest.mark.parametrize("name", ["README.md", "asyncapi.json", "who-tells-whom.svg"])
def test_a_stale_document_is_found_and_export_renews_it(copy, name):
    file = copy / "docs" / name
    file.write_text(file.read_text().replace("PriceChanged", "PriceAltered"))

    status, answer = contracts("check", golden=copy / "golden", docs=copy / "docs")
    assert (status, [(finding["kind"], finding["what"]) for finding in answer["findings"]]) == (1, [("stale", name)])

    assert contracts("export", docs=copy / "docs") == (0, {"written": [name]})
    assert contracts("check", golden=copy / "golden", docs=copy / "docs")[0] == 0


def test_a_document_that_is_not_there_is_found(copy):
    (copy / "docs/asyncapi.json").unlink()

    assert contracts("check", golden=copy / "golden", docs=copy / "docs")[0] == 1


def test_a_damaged_golden_is_nonsense_not_a_break(copy, capsys):
    (copy / "golden/catalog.price_changed.v1.json").write_text("{")

    assert contracts("check", golden=copy / "golden", docs=copy / "docs")[0] == 2
    assert "catalog.price_changed.v1.json is damaged" in " ".join(capsys.readouterr().err.split())


def test_every_reference_in_the_asyncapi_document_leads_somewhere():
    document = json.loads((DOCS / "asyncapi.json").read_text())

    def look_up(reference: str) -> Any:
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        return node

    references = set()

    def walk(node: Any) -> None:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if key == "$ref":
                references.add(value)
            elif isinstance(value, dict | list):
                walk(value)

    walk(document)

    assert document["asyncapi"] == "3.0.0"
    assert all(look_up(reference) for reference in references)
    assert len(document["components"]["messages"]) == len(landscape())


def test_a_process_without_all_contexts_does_not_write_half_a_catalogue(settings, tmp_path, capsys):
    settings.CONTEXTS = ["catalog", "ordering"]

    assert contracts("export", docs=tmp_path)[0] == 2
    assert list(tmp_path.iterdir()) == []
    assert contracts("check")[0] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("the field sku was removed", "the field sku was removed."),
        ("reads colour. There are: price, sku.", "reads colour. There are: price, sku."),
        ('reads nunber. Did you mean "number"?', 'reads nunber. Did you mean "number"?'),
    ],
)
def test_a_finding_ends_once(words, sentence):
    assert ended(words) == sentence
