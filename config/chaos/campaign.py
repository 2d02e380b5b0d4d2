"""A campaign: people buy, faults strike, a probe order says how long the shop took to get well, judges have the last word."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from config.chaos import faults, judges, shelves, watch
from config.chaos.doors import Away, Door, ServiceDoor, WebDoor, Wish
from config.chaos.faults import Fault
from config.chaos.house import House
from config.chaos.notebook import Notebook
from config.chaos.shoppers import APPROVED, Person, Shopper, Staff, buy
from config.chaos.strikes import Stopped, Striker
from config.problems import Problem

ARTICLES, PIECES = 8, 100_000
SHOPPERS_AT_EACH_DOOR = 2
#: After so long without getting well, something is broken; on a busy machine the start of a process takes a minute.
WELL_WITHIN_S, READY_WITHIN_S = 300.0, 120.0
#: So long nothing may move before the end of the last order: longer than any lease, the e-mails' is 120 s.
STUCK_AFTER_S = 180.0
LOOK_EVERY_S, COUNT_EVERY_S = 0.02, 0.2


class Blow(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that struck, in seconds since the campaign began, and what came of it.

    `ordering_s` is how long after it an order placed through the web was confirmed; `recovery_s` how long until,
    besides, every event written before the fault had reached all its subscribers; `last` is who heard last, where
    that took longer than ordering. Both are None for a fault that another one followed at once.
    """

    number: int
    kind: str
    at_s: float
    what: str
    ordering_s: float | None = None
    recovery_s: float | None = None
    last: str = ""
    problem: str = ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What campaign somebody wants. `full` ones end after their last fault, others after `minutes`."""

    seed: int
    full: bool
    minutes: float
    orders_per_minute: float
    storm: bool = False
    only: list[str] = []


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a campaign. `broken` counts violations by the checker's names for the promises."""

    wanted: Wanted
    took_s: float
    load: float
    cores: int
    blows: list[Blow]
    counts: dict[str, int]
    ends: dict[str, int]
    web_errors: int
    web_silences: int
    restarts: int
    quiet_after_s: float | None
    unfinished: list[str]
    broken: dict[str, int]
    verdicts: list[judges.Verdict]
    problems: list[str]

    @property
    def kept(self) -> bool:
        """Whether every promise was kept and the shop always got well."""
        return not (self.problems or self.unfinished or any(verdict.problems for verdict in self.verdicts))


Tell = Callable[[Blow], None]


class Campaign:
    """One campaign against a house that is open."""

    def __init__(self, house: House, wanted: Wanted) -> None:
        self._house, self._wanted = house, wanted
        self._going = threading.Event()
        self._web = WebDoor(house.port)
        self._doors: list[Door] = [WebDoor(house.port), ServiceDoor()]
        self._striker = Striker(house, stopped=self._going.is_set)
        self._began = 0.0

    def run(self, tell: Tell) -> Outcome:
        """Run it to its end; `tell` hears of each blow as soon as the shop is well again.

        Raises:
            Problem: it could not even begin.
        """
        skus = shelves.fill(articles=ARTICLES, pieces=PIECES)
        self._wait_until_ready(skus)
        notebook = Notebook(self._house.folder / "history.jsonl")
        notebook.given(shelves.given())
        people = self._people(skus, notebook)
        self._began = time.monotonic()
        blows: list[Blow] = []
        with self._at_work(people):
            for group in self._groups():
                for blow in self._strike(group, skus[-1], notebook):
                    blows.append(blow)
                    tell(blow)
        problems = [blow.problem for blow in blows if blow.problem]
        problems += [f"{person.name} ended: {person.problem!r}" for person in people if person.problem]
        quiet_after_s, unfinished = self._wait_until_quiet(notebook)
        ends = watch.state_of(notebook.orders)
        for order_id, state in ends.items():
            notebook.saw(order_id, state)
        notebook.end(quiet=not unfinished)
        broken, verdicts = judges.judge(notebook.path)
        webs = [self._web, *[door for door in self._doors if isinstance(door, WebDoor)]]
        return Outcome(
            wanted=self._wanted, took_s=round(time.monotonic() - self._began, 1), load=round(os.getloadavg()[1], 1),
            cores=os.cpu_count() or 1, blows=blows, counts=dict(notebook.counts),
            ends={state: list(ends.values()).count(state) for state in sorted(set(ends.values()))},
            web_errors=sum(web.errors for web in webs), web_silences=sum(web.silences for web in webs),
            restarts=self._house.restarts(), quiet_after_s=quiet_after_s, unfinished=unfinished, broken=broken,
            verdicts=verdicts, problems=problems,
        )  # fmt: skip

    def _wait_until_ready(self, skus: list[str]) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not shelves.known_to_ordering(skus):
            if time.monotonic() > deadline or not self._house.alive:
                raise Problem(f"The shop to break does not get ready. Its words: {self._house.log}")
            time.sleep(0.1)

    def _people(self, skus: list[str], notebook: Notebook) -> list[Person]:
        every_s = 60.0 * SHOPPERS_AT_EACH_DOOR * len(self._doors) / self._wanted.orders_per_minute
        # The last article is the probe's own.
        shoppers: list[Person] = [
            Shopper(
                door, skus[:-1], notebook, seed=self._wanted.seed, number=number * len(self._doors) + at, every_s=every_s,
                going=self._going,
            )
            for number in range(SHOPPERS_AT_EACH_DOOR)
            for at, door in enumerate(self._doors)
        ]  # fmt: skip
        return [*shoppers, Staff("staff", self._going)]

    @contextmanager
    def _at_work(self, people: list[Person]) -> Iterator[None]:
        """Let people in; afterwards they have finished what they were doing, unless somebody stops us."""
        for person in people:
            person.start()
        try:
            yield
            self._going.set()
            for person in people:
                person.join()
        finally:
            self._going.set()

    def _groups(self) -> Iterator[list[Fault]]:
        """Yield faults that come on top of each other together, until the time is over."""
        wanted = self._wanted
        plan = faults.campaign(seed=wanted.seed, full=wanted.full, storm=wanted.storm, only=wanted.only)
        group: list[Fault] = []
        for fault in plan:
            if group and not fault.on_top:
                yield group
                group = []
                over = time.monotonic() - self._began > self._wanted.minutes * 60
                if over and not self._wanted.full:
                    return
            group.append(fault)
        yield group

    def _strike(self, group: list[Fault], sku: str, notebook: Notebook) -> Iterator[Blow]:
        """Strike with faults that belong together; what came of it is known after the last one."""
        for fault in group:
            time.sleep(fault.pause_s)
            try:
                what = self._striker.strike(fault.kind)
            except (Problem, Stopped) as gone:
                yield Blow(number=fault.number, kind=fault.kind, at_s=self._since(), what="", problem=str(gone))
                return
            # Lying in wait takes a while: what counts is when it struck.
            blow = Blow(number=fault.number, kind=fault.kind, at_s=self._since(), what=what)
            if fault is not group[-1]:
                yield blow
        struck, struck_at = time.monotonic(), time.time()
        ordering_s = self._order(sku, notebook, struck)
        recovery_s, last = (None, "") if ordering_s is None else _everybody_told(struck, struck_at)
        problem = "" if recovery_s is not None else f"not well {WELL_WITHIN_S:.0f} s after fault {blow.number}"
        yield msgspec.structs.replace(blow, ordering_s=ordering_s, recovery_s=recovery_s, last=last, problem=problem)

    def _since(self) -> float:
        return round(time.monotonic() - self._began, 2)

    def _order(self, sku: str, notebook: Notebook, struck: float) -> float | None:
        """Order something through the web; return how long after the strike it was confirmed."""
        order_id = buy(self._web, Wish(sku, 1, APPROVED, "probe@example.org"), notebook)
        if order_id is None or not _happens(lambda: watch.confirmed(order_id), struck, LOOK_EVERY_S):
            return None
        return round(time.monotonic() - struck, 2)

    def _wait_until_quiet(self, notebook: Notebook) -> tuple[float | None, list[str]]:
        """Send the last parcels and wait until nothing is left to do; return how long it took, or what is stuck."""
        began = moved = time.monotonic()
        staff = Staff("staff", threading.Event())
        left = ["it does not answer"]
        while time.monotonic() - moved < STUCK_AFTER_S:
            before = left
            try:
                staff.round()
                left = watch.unfinished(notebook)
            except Away:
                continue
            if not left:
                return round(time.monotonic() - began, 1), []
            moved = moved if left == before else time.monotonic()
            time.sleep(COUNT_EVERY_S)
        return None, left


def _everybody_told(struck: float, struck_at: float) -> tuple[float | None, str]:
    """Wait until everything written before the strike was heard; return how long that took, and who heard last."""
    waiting: list[str] = []

    def told() -> bool:
        oldest = watch.oldest_untold()
        if oldest is None or oldest.written_at > struck_at:
            return True
        waiting.append(oldest.who)
        return False

    happened = _happens(told, struck, COUNT_EVERY_S)
    return round(time.monotonic() - struck, 2) if happened else None, waiting[-1] if waiting else ""


def _happens(holds: Callable[[], bool], since: float, every_s: float) -> bool:
    """Wait until something holds; False when it does not within the time that a shop has to get well."""
    while time.monotonic() - since < WELL_WITHIN_S:
        try:
            if holds():
                return True
        except Away:
            pass
        time.sleep(every_s)
    return False
