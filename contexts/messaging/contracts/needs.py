"""What a handler needs of its event: the fields it reads, followed through the functions it passes the event to.

A careful reading of the code, not a proof: where the event goes to a place that cannot be followed, `whole` says so.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from contexts.messaging.naming import did_you_mean
from contexts.messaging.subscriptions import Handler

DEPTH = 5


class Needs(msgspec.Struct):
    """The paths of the fields read ("contact.email"), sentences about those that do not exist, and whether the event
    goes on to where it could not be followed."""

    fields: set[str] = msgspec.field(default_factory=set)
    missing: list[str] = msgspec.field(default_factory=list)
    whole: bool = False


class Seen(msgspec.Struct, frozen=True):
    """What is known of an expression: its type, and the path of fields that led to it."""

    kind: Any
    path: str


def needs_of(handler: Handler) -> Needs:
    """Return what a handler reads of its event."""
    needs = Needs()
    kind: Any = list[tuple[handler.event, object]] if handler.batch else handler.event  # type: ignore[name-defined]
    _follow(handler.function, {0: Seen(kind, "")}, needs, DEPTH)
    return needs


def _follow(function: Callable[..., Any], arguments: dict[int | str, Seen], needs: Needs, depth: int) -> None:
    """Read a function whose parameters, by position or name, are these parts of the event."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        needs.whole = True
        return
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        needs.whole = True
        return
    parameters = [parameter.arg for parameter in definition.args.posonlyargs + definition.args.args]
    known = {parameters[key] if isinstance(key, int) else key: seen for key, seen in arguments.items()
             if isinstance(key, str) or key < len(parameters)}  # fmt: skip
    _Reader(function, known, needs, depth).read(definition.body)


class _Reader(ast.NodeVisitor):
    def __init__(self, function: Any, known: dict[str, Seen], needs: Needs, depth: int) -> None:
        self.function, self.known, self.needs, self.depth = function, known, needs, depth

    def read(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    # What is an expression?

    def seen(self, node: ast.AST) -> Seen | None:
        """Return what an expression is, if it is a part of the event."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Subscript):
            base = self.seen(node.value)
            return self._item(base) if base else None
        if isinstance(node, ast.NamedExpr):
            return self.seen(node.value)
        return None

    def _attribute(self, node: ast.Attribute) -> Seen | None:
        base = self.seen(node.value)
        if base is None or not _is_struct(base.kind):
            return None
        path = f"{base.path}.{node.attr}" if base.path else node.attr
        if node.attr in base.kind.__struct_fields__:
            return Seen(_without_none(_hints(base.kind)[node.attr]), path)
        if not hasattr(base.kind, node.attr):
            hint = did_you_mean(node.attr, base.kind.__struct_fields__)
            sentence = f"reads {path}, which {base.kind.__name__} does not have. {hint}"
            if sentence not in self.needs.missing:
                self.needs.missing.append(sentence)
        return None

    def _item(self, base: Seen) -> Seen | None:
        if typing.get_origin(base.kind) in {list, tuple, set, frozenset, typing.Sequence}:
            arguments = typing.get_args(base.kind)
            return Seen(_without_none(arguments[0]), base.path)
        return None

    # What is read, and where does it go?

    def visit_Attribute(self, node: ast.Attribute) -> None:
        seen = self.seen(node)
        if seen is not None:
            self.needs.fields.add(seen.path)
        self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._bind(target, self.seen(node.value))

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        base = self.seen(node.iter)
        self._bind(node.target, self._item(base) if base else None, pair=self._pair(base))
        self.read(node.body + node.orelse)

    def visit_ListComp(self, node: Any) -> None:
        kept = dict(self.known)
        for loop in node.generators:
            self.visit(loop.iter)
            base = self.seen(loop.iter)
            self._bind(loop.target, self._item(base) if base else None, pair=self._pair(base))
            for condition in loop.ifs:
                self.visit(condition)
        for part in ("key", "value", "elt"):
            if hasattr(node, part):
                self.visit(getattr(node, part))
        self.known = kept

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

    def visit_Match(self, node: ast.Match) -> None:
        seen = self.seen(node.subject)
        for case in node.cases:
            if seen is None or self._may_match(case.pattern, seen.kind):
                if case.guard:
                    self.visit(case.guard)
                self.read(case.body)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        applies = self._isinstance(node.test)
        self.read([*(node.body if applies is not False else []), *(node.orelse if applies is not True else [])])

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        passed: dict[int | str, Seen] = {}
        arguments: list[tuple[int | str, ast.expr]] = list(enumerate(node.args))
        arguments += [(word.arg or "**", word.value) for word in node.keywords]
        for key, argument in arguments:
            self.visit(argument)
            seen = self.seen(argument)
            if seen and (_is_struct(seen.kind) or typing.get_origin(seen.kind) in {list, tuple}):
                passed[key] = seen
        if not passed or (
            isinstance(node.func, ast.Name) and node.func.id in {"isinstance", "len", "type", "repr", "str"}
        ):
            return
        function = self._resolve(node.func)
        first = passed.get(0)
        if first is not None and hasattr(function, "dispatch") and isinstance(first.kind, type):
            function = function.dispatch(first.kind)
        if isinstance(function, types.FunctionType) and _root(function) == _root(self.function) and self.depth:
            _follow(function, passed, self.needs, self.depth - 1)
        elif any(not seen.path for seen in passed.values()):
            self.needs.whole = True

    # Helpers

    def _bind(self, target: ast.expr, seen: Seen | None, *, pair: Seen | None = None) -> None:
        names = [target] if isinstance(target, ast.Name) else getattr(target, "elts", [])
        for nr, name in enumerate(names):
            if not isinstance(name, ast.Name):
                continue
            value = pair if pair is not None and nr == 0 and name is not target else seen if name is target else None
            if value is None:
                self.known.pop(name.id, None)
            else:
                self.known[name.id] = value

    def _pair(self, base: Seen | None) -> Seen | None:
        """Return the event in `for event, envelope in events`."""
        item = self._item(base) if base else None
        if item is None or typing.get_origin(item.kind) is not tuple:
            return None
        return Seen(typing.get_args(item.kind)[0], item.path)

    def _resolve(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return self.function.__globals__.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self._resolve(node.value)
            return getattr(base, node.attr, None) if isinstance(base, types.ModuleType) else None
        return None

    def _may_match(self, pattern: ast.pattern, kind: Any) -> bool:
        if isinstance(pattern, ast.MatchOr):
            return any(self._may_match(one, kind) for one in pattern.patterns)
        if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
            return self._may_match(pattern.pattern, kind)
        if not isinstance(pattern, ast.MatchClass):
            return True
        wanted = self._resolve(pattern.cls)
        return not (isinstance(wanted, type) and isinstance(kind, type)) or issubclass(kind, wanted)

    def _isinstance(self, test: ast.expr) -> bool | None:
        """Return whether `isinstance(event, Something)` holds; None for any other test."""
        if not (isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "isinstance"):
            return None
        seen, wanted = self.seen(test.args[0]), self._resolve(test.args[1])
        if seen is None or not (isinstance(wanted, type) and isinstance(seen.kind, type)):
            return None
        return issubclass(seen.kind, wanted)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _root(function: Any) -> str:
    """The outermost package: libraries are not followed."""
    return str(function.__module__).partition(".")[0]


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _without_none(kind: Any) -> Any:
    members = [member for member in typing.get_args(kind) if member is not type(None)]
    if typing.get_origin(kind) in {typing.Union, types.UnionType} and len(members) == 1:
        return members[0]
    return kind
