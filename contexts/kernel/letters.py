"""The e-mails that staff can look at before anybody gets them, whichever context writes them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as it is read."""

    subject: str
    text: str
    html: str


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of letter with invented data; `write` renders it in a language."""

    kind: str
    when: str
    context: str
    write: Callable[[str], Rendered]


_samples: dict[str, Sample] = {}


def show_sample(sample: Sample) -> None:
    """Let staff see this kind of letter; call it when the context's app is ready."""
    _samples[sample.kind] = sample


def samples() -> list[Sample]:
    """Return every kind of letter that this process knows, by context in the order they were shown."""
    return list(_samples.values())


def sample_of(kind: str) -> Sample | None:
    return _samples.get(kind)
