"""What PostgreSQL's output plugin `pgoutput` says (protocol version 1), as structs.

The format is described in PostgreSQL's manual under "Logical Replication Message Formats".
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

import msgspec

from contexts.messaging.errors import MessagingError

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

_begin = struct.Struct(">QqI")
_commit = struct.Struct(">BQQq")
_message = struct.Struct(">BQ")
_u32 = struct.Struct(">I")
_u16 = struct.Struct(">H")
_column = struct.Struct(">Ii")

#: A column whose large value did not change is not in the log.
UNCHANGED = object()

Values = list[bytes | object | None]


class NotUnderstood(MessagingError):
    """The log says something that this decoder does not know."""


class Begin(msgspec.Struct, frozen=True):
    """A transaction whose commit stands at `lsn` in the log."""

    lsn: int
    at: datetime
    xid: int


class Commit(msgspec.Struct, frozen=True):
    """The end of a transaction; `end` is where the next one may begin."""

    lsn: int
    end: int


class Relation(msgspec.Struct, frozen=True):
    """What a table looked like when the changes that follow were made."""

    id: int
    schema: str
    name: str
    columns: tuple[tuple[str, int], ...]


class Row(msgspec.Struct, frozen=True):
    """A change of a row: "insert", "update" or "delete"; or "truncate", once for each table."""

    relation: int
    kind: str
    before: Values | None
    after: Values | None


class Emitted(msgspec.Struct, frozen=True):
    """What `pg_logical_emit_message` wrote in a transaction."""

    prefix: str
    content: bytes


Item = Begin | Commit | Relation | Row | Emitted


def decode(data: bytes) -> list[Item]:
    """Return what one message of the plugin says: one item, several for a truncation, none for what is of no interest.

    Raises:
        NotUnderstood: a kind of message that version 1 of the protocol does not have.
    """
    kind = data[0]
    if kind == 77:  # M
        _, _ = _message.unpack_from(data, 1)
        end = data.index(0, 10)
        (length,) = _u32.unpack_from(data, end + 1)
        return [Emitted(data[10:end].decode(), data[end + 5 : end + 5 + length])]
    if kind == 66:  # B
        lsn, at_us, xid = _begin.unpack_from(data, 1)
        return [Begin(lsn, EPOCH + timedelta(microseconds=at_us), xid)]
    if kind == 67:  # C
        _, lsn, end, _ = _commit.unpack_from(data, 1)
        return [Commit(lsn, end)]
    if kind in b"IUD":
        return [_row(data)]
    if kind == 82:  # R
        return [_relation(data)]
    if kind == 84:  # T
        (count,) = _u32.unpack_from(data, 1)
        return [Row(_u32.unpack_from(data, 6 + 4 * nr)[0], "truncate", None, None) for nr in range(count)]
    if kind in b"OY":
        return []
    raise NotUnderstood(f"The log holds a message of the unknown kind {chr(kind)!r}; is the slot's plugin pgoutput?")


def _row(data: bytes) -> Row:
    (relation,) = _u32.unpack_from(data, 1)
    offset = 5
    before: Values | None = None
    after: Values | None = None
    while offset < len(data):
        part = data[offset]
        values, offset = _values(data, offset + 1)
        if part == 78:  # N
            after = values
        else:  # O, the whole old row; K, its key alone
            before = values
    return Row(relation, {73: "insert", 85: "update", 68: "delete"}[data[0]], before, after)


def _values(data: bytes, offset: int) -> tuple[Values, int]:
    (count,) = _u16.unpack_from(data, offset)
    offset += 2
    values: Values = []
    for _ in range(count):
        kind = data[offset]
        offset += 1
        if kind == 116:  # t
            (length,) = _u32.unpack_from(data, offset)
            offset += 4
            values.append(data[offset : offset + length])
            offset += length
        elif kind == 110:  # n
            values.append(None)
        elif kind == 117:  # u
            values.append(UNCHANGED)
        else:
            raise NotUnderstood(f"The log holds a value of the unknown kind {chr(kind)!r}.")
    return values, offset


def _relation(data: bytes) -> Relation:
    (number,) = _u32.unpack_from(data, 1)
    schema, offset = _text(data, 5)
    name, offset = _text(data, offset)
    (count,) = _u16.unpack_from(data, offset + 1)
    offset += 3
    columns = []
    for _ in range(count):
        column, offset = _text(data, offset + 1)
        kind, _ = _column.unpack_from(data, offset)
        offset += 8
        columns.append((column, kind))
    return Relation(number, schema, name, tuple(columns))


def _text(data: bytes, offset: int) -> tuple[str, int]:
    end = data.index(0, offset)
    return data[offset:end].decode(), end + 1
