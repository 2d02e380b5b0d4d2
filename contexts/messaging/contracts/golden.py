"""Golden files: one for each version of each event that was ever published, with its schema and examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from contexts.messaging.contracts.examples import example_of
from contexts.messaging.contracts.schemas import Schema, schema_of
from contexts.messaging.errors import MessagingError
from contexts.messaging.events import Event


class BrokenGolden(MessagingError):
    """A golden file that is not what this module writes."""


class Golden(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one version of an event looks like. `examples` are JSON objects as they were stored, oldest shape first."""

    name: str
    version: int
    subject: str
    schema: Schema
    examples: list[dict[str, Any]]

    @property
    def file_name(self) -> str:
        return f"{self.name}.v{self.version}.json"

    @property
    def context(self) -> str:
        return self.name.partition(".")[0]


def golden_of(event: type[Event], earlier: Golden | None = None) -> Golden:
    """Return the golden of an event as the code has it now; examples of its earlier shapes are kept."""
    examples = list(earlier.examples) if earlier else []
    example = example_of(event)
    if example not in examples:
        examples.append(example)
    return Golden(
        name=event.event_name, version=event.event_version, subject=event.subject_template, schema=schema_of(event),
        examples=examples,
    )  # fmt: skip


def read_goldens(folder: Path) -> dict[tuple[str, int], Golden]:
    """Return all goldens by name and version.

    Raises:
        BrokenGolden: a file is damaged or lies about what it holds.
    """
    goldens = {}
    for file in sorted(folder.glob("*.json")):
        try:
            golden = msgspec.json.decode(file.read_bytes(), type=Golden)
        except msgspec.MsgspecError as problem:
            raise BrokenGolden(f"{file.name} is damaged: {problem}. Restore it: git checkout -- {file}") from problem
        if golden.file_name != file.name:
            raise BrokenGolden(f"{file.name} holds {golden.name} version {golden.version}; call it {golden.file_name}.")
        goldens[golden.name, golden.version] = golden
    return goldens


def write_golden(folder: Path, golden: Golden) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / golden.file_name
    file.write_text(json.dumps(msgspec.to_builtins(golden), indent=2, ensure_ascii=False) + "\n")
    return file
