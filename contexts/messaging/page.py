"""Pages: what goes over from a publisher to one subscriber, and the digest that both sides keep of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from contexts.messaging import signing
from contexts.messaging.envelope import Envelope
from contexts.messaging.errors import Refused

NO_DIGEST = ""

_encoder = msgspec.json.Encoder()


class WireEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event on the wire: CloudEvents 1.0 attributes, its extensions in lower case, and the data as it was stored.

    `personalkey` (base64) opens the personal data in it; empty where the person was erased. `whole` says that all of it goes
    into the digest, as of every event since there is such a thing.
    """

    position: int
    id: UUID
    source: str
    type: str
    dataversion: int
    subject: str
    time: datetime
    correlationid: UUID
    actor: str
    traceparent: str
    data: msgspec.Raw
    causationid: UUID | None = None
    streamversion: int | None = None
    personalkey: str | None = None
    whole: bool = False

    def envelope(self, *, erased: bool = False) -> Envelope:
        return Envelope(
            id=self.id, source=self.source, type=self.type, data_version=self.dataversion, subject=self.subject,
            time=self.time, correlation_id=self.correlationid, causation_id=self.causationid, actor=self.actor,
            traceparent=self.traceparent, position=self.position, stream_version=self.streamversion,
            erased=erased,
        )  # fmt: skip


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one partition for one subscriber, who is at position `after` before it and at `upto` after it."""

    publisher: str
    subscriber: str
    partition: int
    after: int
    upto: int
    events: list[WireEvent]

    @property
    def context(self) -> str:
        """The subscriber's context, whose queue and database the page is for."""
        return self.subscriber.partition(":")[0]


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a subscriber stands: its `position` and the digest of all it has received up to there.

    `missing` asks for everything after that position once more.
    """

    publisher: str
    subscriber: str
    partition: int
    position: int
    digest: str
    missing: bool = False


def extend_digest(digest: str, events: list[WireEvent]) -> str:
    """Return the running digest after more events: each step hashes the last digest and one event (BLAKE2b, 16 bytes, hex).

    Hashed of an event are a JSON array without spaces (position, id, type, version, subject, time in UTC as of RFC 3339,
    correlation, cause or null, actor, traceparent, the stream's version or null) and the stored bytes of the data. Of one
    that is not `whole` it is position, id, type, version and subject, each with a space behind it, and the data.
    """
    last = bytes.fromhex(digest)
    for event in events:
        if event.whole:
            attributes = _encoder.encode(
                (
                    event.position, event.id, event.type, event.dataversion, event.subject, event.time,
                    event.correlationid, event.causationid, event.actor, event.traceparent, event.streamversion,
                )
            )  # fmt: skip
        else:
            attributes = f"{event.position} {event.id} {event.type} {event.dataversion} {event.subject} ".encode()
        step = hashlib.blake2b(last, digest_size=16)
        step.update(attributes)
        step.update(event.data)
        last = step.digest()
    return last.hex()


_pages = msgspec.json.Decoder(Page)
_acknowledgements = msgspec.json.Decoder(Acknowledgement)


def seal_page(page: Page) -> tuple[str, str]:
    """Return a page as text and its publisher's signature."""
    text = _encoder.encode(page).decode()
    return text, signing.sign(page.publisher, text)


def open_page(text: str, signature: str) -> Page:
    """Return a page whose publisher signed it.

    Raises:
        Refused: not a page, forged or altered.
    """
    try:
        page = _pages.decode(text)
    except (msgspec.MsgspecError, TypeError) as problem:
        raise Refused(f"Not a page of events: {problem}") from problem
    signing.verify(page.publisher, text, signature)
    return page


def seal_acknowledgement(acknowledgement: Acknowledgement) -> tuple[str, str]:
    text = _encoder.encode(acknowledgement).decode()
    return text, signing.sign(acknowledgement.subscriber.partition(":")[0], text)


def open_acknowledgement(text: str, signature: str) -> Acknowledgement:
    """Return an acknowledgement that its subscriber signed.

    Raises:
        Refused: not an acknowledgement, forged or altered.
    """
    try:
        acknowledgement = _acknowledgements.decode(text)
    except (msgspec.MsgspecError, TypeError) as problem:
        raise Refused(f"Not an acknowledgement: {problem}") from problem
    signing.verify(acknowledgement.subscriber.partition(":")[0], text, signature)
    return acknowledgement
