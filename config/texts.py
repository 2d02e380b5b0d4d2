"""The texts that people read, collected from the code and the templates into a gettext catalogue for each context.

A context that is taken out takes its catalogue along. What the contexts share has its catalogue in config/locale.
Needs Babel, which is one of the workshop's tools; the shop itself reads the compiled catalogues.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import msgspec
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATES = (".html", ".txt", ".xml")

#: A catalogue's header asks for a date; the history of the repository knows it better.
MADE = datetime(2026, 1, 1, tzinfo=UTC)


class Place(msgspec.Struct, frozen=True):
    """A catalogue's folder and the folders whose texts are in it."""

    locale: Path
    sources: tuple[Path, ...]

    @property
    def name(self) -> str:
        return self.locale.parent.name

    def path(self, language: str) -> Path:
        return self.locale / language / "LC_MESSAGES" / "django.po"


class State(msgspec.Struct, frozen=True):
    """A catalogue as it should be on disk, and what is to be done by somebody who knows the language.

    `broken` translations have other placeholders than their text.
    """

    path: Path
    po: bytes
    mo: bytes
    untranslated: list[str]
    broken: list[str]

    @property
    def stale(self) -> bool:
        return _read(self.path) != self.po or _read(self.path.with_suffix(".mo")) != self.mo

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(self.po)
        self.path.with_suffix(".mo").write_bytes(self.mo)


def places() -> Iterator[Place]:
    """Return a catalogue for each context, and one for what the contexts share."""
    base = Path(settings.BASE_DIR)
    for folder in sorted((base / "contexts").iterdir()):
        if (folder / "__init__.py").exists():
            yield Place(folder / "locale", (folder, base / "templates" / folder.name))
    shared = [folder for folder in (base / "templates").iterdir() if not (base / "contexts" / folder.name).is_dir()]
    yield Place(base / "config" / "locale", (base / "config", *shared))


def state(place: Place, language: str) -> State | None:
    """Return a catalogue with today's texts and the translations that it had, or None where there are no texts."""
    found = _collected(place)
    if not len(found):
        return None
    path = place.path(language)
    known = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    catalog = Catalog(
        locale=language,
        project="Tradepost",
        fuzzy=False,
        creation_date=MADE,
        revision_date=MADE,
        header_comment=f"# Texts of {place.name} in {language}, kept up to date by `manage.py texts collect`.",
    )
    for message in found:
        if message.id:
            old = known.get(message.id, message.context)
            catalog[message.id] = message
            message.string = old.string if old else message.string
    po, mo = BytesIO(), BytesIO()
    write_po(po, catalog, width=120, omit_header=False, sort_output=True, include_lineno=False)
    write_mo(mo, catalog)
    return State(
        path, po.getvalue(), mo.getvalue(),
        untranslated=[_shown(message.id) for message in catalog if message.id and not _complete(message.string)],
        broken=[f"{_shown(message.id)}: {errors[0]}" for message, errors in catalog.check() if _complete(message.string)],
    )  # fmt: skip


def _collected(place: Place) -> Catalog:
    catalog = Catalog()
    for path in sorted(path for source in place.sources for path in _files(source)):
        if path.suffix == ".py":
            source = path.read_bytes()
        elif path.suffix in TEMPLATES and "templates" in path.parts:
            # What is not a text is blanked out there; what is left reads as Python once nothing is indented.
            blanked = templatize(path.read_text(), origin=str(path))
            source = "\n".join(line.strip() for line in blanked.splitlines()).encode()
        else:
            continue
        name = path.relative_to(settings.BASE_DIR).as_posix()
        for _, text, comments, context in extract("python", BytesIO(source), keywords=KEYWORDS):
            catalog.add(text, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalog


def _files(source: Path) -> Iterator[Path]:
    return source.rglob("*") if source.is_dir() else iter((source,))


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _complete(text: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(text or [""])


def _shown(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]
