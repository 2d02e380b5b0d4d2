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

    Hashed of an event are the bytes of its id, of its correlation's and of its cause's if it has one; then, separated by
    zeros, position, type, version, subject, time (UTC, ISO 8601), actor, traceparent and the stream's version or "None";
    a zero, and the stored bytes of the data. Of one that is not `whole` it is position, id, type, version and subject, each
    with a space behind it, and the data.
    """
    for event in events:
        step = hashlib.blake2b(bytes.fromhex(digest), digest_size=16)
        if event.whole:
            step.update(event.id.bytes + event.correlationid.bytes)
            if event.causationid is not None:
                step.update(event.causationid.bytes)
            step.update(
                f"\0{event.position}\0{event.type}\0{event.dataversion}\0{event.subject}\0{event.time.isoformat()}"
                f"\0{event.actor}\0{event.traceparent}\0{event.streamversion}\0".encode()
            )
        else:
            step.update(f"{event.position} {event.id} {event.type} {event.dataversion} {event.subject} ".encode())
        step.update(event.data)
        digest = step.hexdigest()
    return digest


_encoder = msgspec.json.Encoder()
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
