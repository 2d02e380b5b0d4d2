"""The shelf: which files a context's archived events are in, and what is read from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connections

from contexts.messaging.archive import files
from contexts.messaging.archive.files import ArchiveProblem, Index, Line


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """One file, as the context's own table remembers it. `kept` events of streams stayed in the log."""

    first_event: int
    end_event: int
    folder: str
    file: str
    sha256: str
    index_sha256: str
    bytes: int
    events: int
    kept: int
    first_position: int
    last_position: int
    first_time: datetime
    last_time: datetime
    archived_at: datetime

    @property
    def path(self) -> Path:
        """Where the file is: where it was written, or where the settings say that archives are."""
        written = Path(self.folder) / self.file
        moved = Path(settings.MESSAGING_ARCHIVE_DIR) / self.file
        return moved if moved.exists() and not written.exists() else written

    def index(self) -> Index:
        """Return the file's index.

        Raises:
            ArchiveProblem: missing, or not the one that was written.
        """
        index, digest = files.read_index(self.path)
        if digest != self.index_sha256 or index.sha256 != self.sha256:
            raise ArchiveProblem(
                f"The archive's index {files.index_path(self.path)} was altered: its checksum is {digest[:12]} and should "
                f"be {self.index_sha256[:12]}. Bring back a copy of the original."
            )
        return index


COLUMNS = ", ".join(Archive.__struct_fields__)


def archives(context: str) -> list[Archive]:
    """Return a context's archives, oldest first."""
    with connections[context].cursor() as cursor:
        cursor.execute(f"select {COLUMNS} from messaging_archive order by first_event")
        return [Archive(**dict(zip(Archive.__struct_fields__, row, strict=True))) for row in cursor.fetchall()]


def lines_at(context: str, positions: Sequence[int]) -> dict[int, Line]:
    """Return the archived events among these positions, which are in order; only the blocks that hold some are read.

    Raises:
        ArchiveProblem: a file is missing or altered.
    """
    wanted = set(positions)
    found: dict[int, Line] = {}
    for archive in archives(context):
        if archive.last_position >= positions[0] and archive.first_position <= positions[-1]:
            for line in files.lines_between(archive.path, archive.index(), positions[0] - 1, positions[-1]):
                if line.position in wanted:
                    found[line.position] = line
    return found


def with_id(context: str, event_id: UUID) -> Line | None:
    """Return an archived event: only files in whose time its id was made are searched."""
    for archive in archives(context):
        index = archive.index()
        if index.ids[0] <= event_id <= index.ids[1]:
            for line in files.matching(archive.path, index, [str(event_id)]):
                if line.event_id == event_id:
                    return line
    return None


def of_correlations(context: str, correlations: Sequence[UUID]) -> Iterator[Line]:
    """Yield the archived events of some correlations, from all files."""
    wanted = set(correlations)
    for line in _matching(context, [str(one) for one in wanted]):
        if line.correlation_id in wanted:
            yield line


def of_subjects(context: str, subjects: Sequence[str]) -> Iterator[Line]:
    """Yield the archived events of some subjects, from all files."""
    wanted = set(subjects)
    for line in _matching(context, [msgspec.json.encode(one).decode() for one in wanted]):
        if line.subject in wanted:
            yield line


def numbered(context: str, kinds: Sequence[str], number: str) -> Iterator[Line]:
    """Yield the archived events of these kinds that carry a number, such as an order's."""
    for line in _matching(context, [msgspec.json.encode(number).decode()]):
        if line.type in kinds and msgspec.json.decode(line.data, type=dict).get("number") == number:
            yield line


def _matching(context: str, texts: list[str]) -> Iterator[Line]:
    for archive in archives(context):
        yield from files.matching(archive.path, archive.index(), texts)


def problems(context: str) -> Iterator[str]:
    """Yield a sentence for each archive that is not what was written, or that does not account for its positions."""
    for archive in archives(context):
        try:
            files.check(archive.path, archive.index())
        except ArchiveProblem as problem:
            yield str(problem).rstrip(".")
        with connections[context].cursor() as cursor:
            cursor.execute(
                "select count(*) from messaging_position p where p.event >= %s and p.event < %s "
                "and not exists (select from messaging_event e where e.id = p.event)",
                [archive.first_event, archive.end_event],
            )
            gone: int = cursor.fetchone()[0]
        if gone != archive.events:
            yield (
                f"{gone} events from identity {archive.first_event} on are gone from the log, and {archive.file} has "
                f"{archive.events} of them"
            )
