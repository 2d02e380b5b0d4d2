"""One file of archived events: JSON lines in the order of their positions, compressed in blocks that are read alone.

A block is a gzip member, so that `zcat` reads the whole. The index beside it says where each block begins, what it
must hash to, and what its events are.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from uuid import UUID

import msgspec

from contexts.messaging.crashpoints import crash_point
from contexts.messaging.errors import MessagingError

BLOCK_EVENTS = 1000
COMPRESSION = 6


class ArchiveProblem(MessagingError):
    """An archive that is missing, altered, or cannot be read."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An archived event: what its row in the log was, and its position."""

    position: int
    id: int
    slot: int
    event_id: UUID
    type: str
    version: int
    subject: str
    stream_version: int | None
    time: datetime
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    traceparent: str
    data: msgspec.Raw


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Where a block lies in its file, and what it must be."""

    first_position: int
    last_position: int
    offset: int
    size: int
    sha256: str


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a file. `ids` are the smallest and largest event ids, which carry the time they were made at."""

    context: str
    first_event: int
    end_event: int
    events: int
    first_time: datetime
    last_time: datetime
    ids: tuple[UUID, UUID]
    sha256: str
    size: int
    blocks: list[Block]

    @property
    def first_position(self) -> int:
        return self.blocks[0].first_position

    @property
    def last_position(self) -> int:
        return self.blocks[-1].last_position


_encoder = msgspec.json.Encoder()
_lines = msgspec.json.Decoder(Line)


def write(path: Path, lines: Iterable[Line], *, context: str, first_event: int, end_event: int) -> Index:
    """Write lines, which come in the order of their positions, and the index; a file that is there is replaced.

    Nothing bears the final names before it is whole and on the disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    whole, blocks, offset, count = hashlib.sha256(), list[Block](), 0, 0
    times: list[datetime] = []
    ids: list[UUID] = []
    left = iter(lines)
    with partial.open("wb") as file:
        while batch := list(islice(left, BLOCK_EVENTS)):
            # Without a time in it, the same events make the same file.
            packed = gzip.compress(b"".join(_encoder.encode(line) + b"\n" for line in batch), COMPRESSION, mtime=0)
            file.write(packed)
            whole.update(packed)
            blocks.append(
                Block(
                    first_position=batch[0].position, last_position=batch[-1].position, offset=offset, size=len(packed),
                    sha256=hashlib.sha256(packed).hexdigest(),
                )
            )  # fmt: skip
            offset += len(packed)
            count += len(batch)
            times = [
                min([*times[:1], *(line.time for line in batch)]),
                max([*times[1:], *(line.time for line in batch)]),
            ]
            ids = [
                min([*ids[:1], *(line.event_id for line in batch)]),
                max([*ids[1:], *(line.event_id for line in batch)]),
            ]
        file.flush()
        os.fsync(file.fileno())
    index = Index(
        context=context, first_event=first_event, end_event=end_event, events=count, first_time=times[0],
        last_time=times[1], ids=(ids[0], ids[1]), sha256=whole.hexdigest(), size=offset, blocks=blocks,
    )  # fmt: skip
    crash_point("archive: file written, without its name")
    partial.replace(path)
    crash_point("archive: file named, not indexed")
    _write_whole(index_path(path), msgspec.json.format(_encoder.encode(index), indent=1))
    return index


def index_path(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".jsonl.gz") + ".index.json")


def _write_whole(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_index(path: Path) -> tuple[Index, str]:
    """Return a file's index and what the index hashes to.

    Raises:
        ArchiveProblem: it is not there, or is no index.
    """
    place = index_path(path)
    try:
        content = place.read_bytes()
        return msgspec.json.decode(content, type=Index), hashlib.sha256(content).hexdigest()
    except OSError as problem:
        raise ArchiveProblem(f"The archive's index {place} cannot be read: {problem.strerror}. {MOVED}") from problem
    except msgspec.MsgspecError as problem:
        raise ArchiveProblem(f"The archive's index {place} was altered: {problem}.") from problem


MOVED = "If the files were moved, set MESSAGING_ARCHIVE_DIR to where they are."


def lines_between(path: Path, index: Index, after: int, upto: int) -> Iterator[Line]:
    """Yield the events with `after` < position <= `upto`; only the blocks that hold some are read, one at a time."""
    firsts = [block.first_position for block in index.blocks]
    start = max(bisect_right(firsts, after + 1) - 1, 0)
    for block in index.blocks[start:]:
        if block.first_position > upto:
            return
        for line in lines_of(path, block):
            if after < line.position <= upto:
                yield line


def matching(path: Path, index: Index, wanted: Iterable[str]) -> Iterator[Line]:
    """Yield the events in whose lines one of these texts stands, from all blocks."""
    texts = [text.encode() for text in wanted]
    for block in index.blocks:
        content = _content(path, block)
        if any(text in content for text in texts):
            for raw in content.splitlines():
                if any(text in raw for text in texts):
                    yield _lines.decode(raw)


def check(path: Path, index: Index) -> None:
    """Read a file from end to end, without keeping it.

    Raises:
        ArchiveProblem: it is not what its index says.
    """
    whole, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                whole.update(chunk)
                size += len(chunk)
    except OSError as problem:
        raise ArchiveProblem(f"The archive {path} cannot be read: {problem.strerror}. {MOVED}") from problem
    if (size, whole.hexdigest()) != (index.size, index.sha256):
        raise ArchiveProblem(
            f"The archive {path} was altered: it has {size} bytes and checksum {whole.hexdigest()[:12]}, and should have "
            f"{index.size} bytes and {index.sha256[:12]}. Bring back a copy of the original."
        )


@lru_cache(maxsize=8)
def lines_of(path: Path, block: Block) -> list[Line]:
    """Return the events of one block.

    Raises:
        ArchiveProblem: the file is missing or altered.
    """
    return [_lines.decode(raw) for raw in _content(path, block).splitlines()]


def _content(path: Path, block: Block) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(block.offset)
            packed = file.read(block.size)
    except OSError as problem:
        raise ArchiveProblem(f"The archive {path} cannot be read: {problem.strerror}. {MOVED}") from problem
    if hashlib.sha256(packed).hexdigest() != block.sha256:
        raise ArchiveProblem(
            f"The archive {path} was altered between positions {block.first_position} and {block.last_position}. Bring "
            "back a copy of the original."
        )
    return gzip.decompress(packed)
