"""Feeding: applies to a copy what the logs say, exactly as far as the live read model has received it.

The copy keeps a position and a digest for each partition of each publisher, as an inbox does. At the swap both must be
those of the live inbox: equal digests prove that the copy was made of what the live one was made of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.db import transaction

from contexts.messaging import books, delivery, reading, subscriptions
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.errors import Discard
from contexts.messaging.inbox import Place, inbox_of
from contexts.messaging.page import WireEvent, extend_digest
from contexts.messaging.parking import DISCARDED
from contexts.messaging.readmodels import Comparison, Moved, ReadModel
from contexts.messaging.replay import held
from contexts.messaging.replay.alone import CannotReplay, one_at_a_time
from contexts.messaging.replay.beside import beside_of
from contexts.messaging.replay.tables import StrayWrite
from contexts.messaging.silence import silence

logger = structlog.get_logger(__name__)

#: Events read and applied in one step.
PAGE_EVENTS = 2000

#: Positions searched in one step: the server plans a short range well, whatever lies behind it.
SPAN = 20_000

#: Tries to swap a store whose deliveries cannot be kept waiting.
SWAPS = 200

Key = tuple[str, int]
Stand = tuple[int, str]


class Feed:
    """One read model being made anew."""

    def __init__(self, model: ReadModel) -> None:
        self.model, self.context = model, model.context
        self.beside = beside_of(model)
        self.events = 0
        self._stands: dict[Key, Stand] = {}
        self._corrections: dict[Any, dict[str, Any]] = {}
        self._publishers = [p for p in subscriptions.publishers() if model.subscriber in subscriptions.wishes(p)]
        away = [publisher for publisher in self._publishers if publisher not in settings.CONTEXTS]
        if away:
            raise CannotReplay(
                f"{model.name} is made of what {', '.join(away)} published, whose log this process cannot read. Run it "
                f"with CONTEXTS={','.join([*settings.CONTEXTS, *away])}."
            )

    @property
    def name(self) -> str:
        return self.model.name

    # --- making it

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other replays of this read model away."""
        with one_at_a_time(self.context, self.model.name):
            yield

    def begin(self, *, restart: bool = False) -> bool:
        """Begin a copy, or go on with one; return whether there was one."""
        if restart:
            self.drop()
        resumed = self.beside.begin()
        if not resumed:
            held.forget(self.model)
        self._look()
        return resumed

    def progress(self) -> tuple[int, int]:
        """Return how many positions of the logs the copy has seen, and how many there are now."""
        heads, seen = 0, 0
        for publisher, bounds in self._live().items():
            heads += max(bounds.values())
            seen += max(self._stands[publisher, partition][0] for partition in bounds)
        return seen, heads

    def run(self) -> Iterator[int]:
        """Bring the copy to where the live one is now; yields after each step how many positions it was."""
        yield from self._advance(self._live())

    def compare(self) -> list[Comparison]:
        """Bring the copy up to date and say what a swap would change.

        Raises:
            CannotReplay: the copy was not made of what the live one was made of.
        """
        with self._caught_up(), silence():
            return self.beside.compare()

    def failures(self) -> list[held.Held]:
        """Return the events that a handler refused in the replay, without those that wait behind them."""
        return [one for one in held.of_model(self.model) if one.state == "failed"]

    def swap(self, *, park: bool = False) -> list[Comparison]:
        """Let the copy take the live one's place.

        Raises:
            CannotReplay: events failed, and they are not to be parked; or the two have not seen the same events.
        """
        for _ in range(SWAPS):
            try:
                with self._caught_up() as live, silence():
                    self._settle_failures(live, park=park)
                    crash_point("replay: caught up, not swapped")
                    changed = self.beside.swap()
                    crash_point("replay: swapped, not committed")
            except Moved:
                continue
            crash_point("replay: swapped, not dropped")
            self.drop()
            return changed
        raise CannotReplay(f"{self.name} moved on each of {SWAPS} tries to swap. Try again when less is going on.")

    def drop(self) -> None:
        self.beside.drop()
        held.forget(self.model)

    # --- how far

    def _keys(self) -> list[Key]:
        return [(p, partition) for p in self._publishers for partition in range(settings.MESSAGING_PARTITIONS)]

    def _look(self) -> None:
        for publisher, partition in self._keys():
            with self.beside.open(publisher, self.model.subscriber, partition) as place:
                self._stands[publisher, partition] = (place.position, place.digest)
        self._corrections = held.corrections(self.model)

    def _live(self) -> dict[str, dict[int, int]]:
        """Return by publisher and partition how far the live read model is."""
        bounds: dict[str, dict[int, int]] = defaultdict(dict)
        for publisher, partition in self._keys():
            with inbox_of(self.model.subscriber).open(publisher, self.model.subscriber, partition) as place:
                bounds[publisher][partition] = place.position
        return bounds

    @contextmanager
    def _caught_up(self) -> Iterator[dict[Key, Place]]:
        """Hold the live places where they are, as far as their store can, and the copy at the same ones."""
        for _ in self._advance(self._live()):
            pass
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic(using=self.context))
            inbox = inbox_of(self.model.subscriber)
            live = {
                (publisher, partition): stack.enter_context(inbox.open(publisher, self.model.subscriber, partition))
                for publisher, partition in self._keys()
            }
            bounds: dict[str, dict[int, int]] = defaultdict(dict)
            for (publisher, partition), place in live.items():
                bounds[publisher][partition] = place.position
            for _ in self._advance(bounds):
                pass
            for publisher in self._publishers:
                self._release_parked(publisher)
            self._prove(live)
            yield live

    def _prove(self, live: dict[Key, Place]) -> None:
        for (publisher, partition), place in live.items():
            position, digest = self._stands[publisher, partition]
            if position > place.position:
                raise CannotReplay(
                    f"The copy of {self.name} is at {position} of {publisher}, partition {partition}, the live one only "
                    f"at {place.position}: it was restored or emptied meanwhile. Begin anew with --restart."
                )
            if digest != place.digest:
                raise CannotReplay(
                    f"{self.name} did not receive what {publisher}'s log says, up to position {place.position} of "
                    f"partition {partition}: the digests differ. manage.py events verify {publisher} finds the place."
                )

    # --- applying

    def _advance(self, live: dict[str, dict[int, int]]) -> Iterator[int]:
        for publisher, bounds in live.items():
            wishes = {s.partition: s for s in books.load(publisher) if s.subscriber == self.model.subscriber}
            while behind := [p for p, bound in bounds.items() if self._stands[publisher, p][0] < bound]:
                after = min(self._stands[publisher, partition][0] for partition in behind)
                kinds = {kind for partition in behind if partition in wishes for kind in wishes[partition].types}
                upto = min(max(bounds[partition] for partition in behind), after + SPAN)
                rows, end = reading.read(publisher, after, upto, types=kinds, partitions=set(behind), limit=PAGE_EVENTS)
                events: dict[int, list[WireEvent]] = {partition: [] for partition in behind}
                for row in rows:
                    partition, event = row[1] % settings.MESSAGING_PARTITIONS, reading.wire(publisher, row)
                    stand = self._stands[publisher, partition][0]
                    if partition in wishes and stand < event.position <= bounds[partition]:
                        events[partition] += [event] if wishes[partition].wants(event) else []
                self._apply(publisher, {p: (min(end, bounds[p]), page) for p, page in events.items()})
                yield end - after

    def _apply(self, publisher: str, pages: dict[int, tuple[int, list[WireEvent]]]) -> None:
        """Apply a page for each partition; one that fails is applied again event by event, and what fails is held."""
        try:
            stands = self._step(publisher, pages, one_by_one=False)
        except (StrayWrite, *delivery.TRANSIENT):
            raise
        except Exception as problem:
            logger.info("replayed page failed, one by one", read_model=self.name, problem=str(problem))
            stands = self._step(publisher, pages, one_by_one=True)
        self._stands |= stands
        self.events += sum(len(events) for _, events in pages.values())

    def _step(
        self, publisher: str, pages: dict[int, tuple[int, list[WireEvent]]], *, one_by_one: bool
    ) -> dict[Key, Stand]:
        stands: dict[Key, Stand] = {}
        with silence(), self.beside.step():
            for partition, (upto, events) in pages.items():
                if upto <= self._stands[publisher, partition][0]:
                    continue
                with self.beside.open(publisher, self.model.subscriber, partition) as place:
                    if upto <= place.position:
                        # The step before this one failed at another partition, in a store that keeps half a step.
                        stands[publisher, partition] = (place.position, place.digest)
                        continue
                    if (place.position, place.digest) != self._stands[publisher, partition]:
                        raise CannotReplay(f"The copy of {self.name} was changed or lost meanwhile. Begin it anew.")
                    self._run(publisher, partition, events, one_by_one=one_by_one)
                    place.move(upto, extend_digest(place.digest, events))
                    stands[publisher, partition] = (place.position, place.digest)
            crash_point("replay: page applied, not committed")
        crash_point("replay: page committed")
        return stands

    def _run(self, publisher: str, partition: int, events: list[WireEvent], *, one_by_one: bool) -> None:
        states = held.live_states(self.model, publisher, [event.position for event in events])
        blocked = {one.subject for one in held.of_model(self.model, publisher=publisher)}
        if blocked:
            waiting = sorted(blocked & {event.subject for event in events})
            blocked -= self._release(publisher, waiting)
        free = []
        for event in events:
            if states.get(event.position) == DISCARDED:
                continue
            if event.position in states or event.subject in blocked:
                held.hold(self.model, partition, event, "parked" if event.position in states else "behind")
                blocked.add(event.subject)
            elif one_by_one:
                if not self._try(partition, event):
                    blocked.add(event.subject)
            else:
                free.append(self._corrected(event))
        delivery.run(self.model.subscriber, free, feeding=self.model)

    def _try(self, partition: int, event: WireEvent) -> bool:
        """Apply one event; False, and it is held, where it fails."""
        try:
            with transaction.atomic(using=self.context):
                delivery.run(self.model.subscriber, [self._corrected(event)], feeding=self.model)
        except (StrayWrite, *delivery.TRANSIENT):
            raise
        except Discard:
            return True
        except Exception as problem:
            held.hold(self.model, partition, event, "failed", problem)
            return False
        return True

    def _corrected(self, event: WireEvent) -> WireEvent:
        data = self._corrections.get(event.id)
        return event if data is None else msgspec.structs.replace(event, data=msgspec.Raw(msgspec.json.encode(data)))

    # --- what is held

    def _release_parked(self, publisher: str) -> None:
        """Apply what was parked live when it was met, and was handled since."""
        subjects = {one.subject for one in held.of_model(self.model, publisher=publisher) if one.state == "parked"}
        if not subjects:
            return
        partition = {one.subject: one.partition for one in held.of_model(self.model, publisher=publisher)}
        with silence(), self.beside.step():
            for subject in sorted(subjects):
                with self.beside.open(publisher, self.model.subscriber, partition[subject]) as place:
                    self._release(publisher, [subject])
                    place.move(place.position, place.digest)

    def _release(self, publisher: str, subjects: list[str]) -> set[str]:
        """Apply the held events of subjects, each in its order, as far as the live one has; return those now free."""
        free = set(subjects)
        found = held.of_model(self.model, publisher=publisher, subjects=subjects)
        states = held.live_states(self.model, publisher, [one.position for one in found])
        for one in found:
            if one.subject not in free:
                continue
            if one.state == "failed" or states.get(one.position, DISCARDED) != DISCARDED:
                free.discard(one.subject)
                continue
            held.release(self.model, one)
            if states.get(one.position) != DISCARDED and not self._try(one.partition, one.wire()):
                free.discard(one.subject)
        return free

    def _settle_failures(self, live: dict[Key, Place], *, park: bool) -> None:
        failed = self.failures()
        if not failed:
            return
        if not park:
            raise CannotReplay(
                f"{len(failed)} events could not be handled, the first is {failed[0].event_id}: {failed[0].problem}. "
                "Mend the handler and begin anew with --restart, or swap with --park and retry them later."
            )
        blocked = {(one.publisher, one.subject) for one in failed}
        for one in held.of_model(self.model):
            if (one.publisher, one.subject) not in blocked or one.state == "parked":
                continue
            others = [
                handler.name
                for handler in subscriptions.handlers_of(self.model.subscriber, one.wire().type)
                if handler.feeds is not self.model
            ]
            if others:
                raise CannotReplay(
                    f"{one.event_id} cannot be parked: {others[0]} has handled it, and would again. Mend the handler of "
                    f"{self.name} instead."
                )
            held.park_live(self.model, one)
            place = live[one.publisher, one.partition]
            place.move(place.position, place.digest, parked=1)
