"""Who tells whom what: events, their publishers and their subscribers, read from the code of this process."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path

import msgspec
from django.conf import settings

from contexts.messaging import subscriptions
from contexts.messaging.contracts.needs import Needs, needs_of
from contexts.messaging.events import Event, all_events
from contexts.messaging.subscriptions import Handler


class Hearer(msgspec.Struct, frozen=True):
    """A subscriber of one event: its handlers, and what they read of it."""

    subscriber: str
    handlers: tuple[Handler, ...]
    needs: Needs

    @property
    def context(self) -> str:
        return self.subscriber.partition(":")[0]


class Told(msgspec.Struct, frozen=True):
    """One event and everybody who hears it."""

    event: type[Event]
    hearers: tuple[Hearer, ...]

    @property
    def only_itself(self) -> bool:
        """Whether only its publisher hears it, as with a timer."""
        return {hearer.context for hearer in self.hearers} == {self.event.event_context}


def landscape() -> list[Told]:
    """Return every event of this process's contexts with those who hear it, by name."""
    return [
        Told(event, tuple(_hearers(event)))
        for name, event in sorted(all_events().items())
        if event.event_context in settings.CONTEXTS and event.__module__.startswith("contexts.")
    ]


def _hearers(event: type[Event]) -> list[Hearer]:
    found = []
    for subscriber in subscriptions.subscribers():
        handlers = subscriptions.handlers_of(subscriber, event.event_name)
        if handlers:
            needs = Needs()
            for one in map(needs_of, handlers):
                needs = Needs(needs.fields | one.fields, needs.missing + one.missing, needs.whole or one.whole)
            found.append(Hearer(subscriber, tuple(handlers), needs))
    return found


def missing_contexts() -> list[str]:
    """Return the contexts that publish something and are not in this process: what they say is not known here."""
    home = Path(__file__).resolve().parents[2]
    return sorted(
        folder.name
        for folder in home.iterdir()
        if (folder / "events.py").exists() and folder.name != "messaging" and folder.name not in settings.CONTEXTS
    )


@cache
def names_made_in(context: str) -> frozenset[str]:
    """Return the names that a context's code uses to make something: everything but imports, annotations, patterns."""
    module = importlib.import_module(f"contexts.{context}")
    names: set[str] = set()
    for file in Path(module.__path__[0]).rglob("*.py"):
        if file.name != "events.py" and "migrations" not in file.parts:
            reader = _Makes()
            reader.visit(ast.parse(file.read_text()))
            names |= reader.names
    return frozenset(names)


class _Makes(ast.NodeVisitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.names.add(node.attr)
        self.visit(node.value)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        """A pattern recognises an event; it makes none."""

    def visit_arg(self, node: ast.arg) -> None:
        """An annotation makes nothing."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if not (isinstance(node.func, ast.Name) and node.func.id in {"isinstance", "handles", "cancel_timers"}):
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for statement in node.body:
            self.visit(statement)


def is_made(event: type[Event]) -> bool:
    """Whether the publisher's code makes the event anywhere."""
    return event.__name__ in names_made_in(event.event_context)
