"""The supervisor: what dies is started again and said so, and nothing of it is ever left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.embedded.process import alive
from config.supervisor.program import LONGEST_DELAY_S, STEADY_S, Child, Program

REPOSITORY = Path(__file__).resolve().parents[2]

#: Supervises a shell script until somebody stops it, and one that has a single task if there is one.
HARNESS = """
import sys
from config.supervisor.console import Console
from config.supervisor.program import Program
from config.supervisor.supervisor import Stopped, Supervisor
try:
    with Supervisor(Console()) as supervisor:
        supervisor.start(Program("store", ["sh", "-c", "echo store $$; exec sleep 1000"], last=True))
        supervisor.start(Program("web", ["sh", "-c", sys.argv[1]], patience_s=float(sys.argv[2])))
        if sys.argv[3]:
            supervisor.start(Program("task", ["sh", "-c", sys.argv[3]], once=True))
        supervisor.run(until=lambda: False)
except Stopped:
    print("stopped", flush=True)
"""


class Run:
    """A supervisor in a process of its own, and what it printed so far."""

    def __init__(self, script: str, *, patience_s: float = 5.0, task: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", HARNESS, script, str(patience_s), task],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            text=True,
        )
        self.lines: list[str] = []

    def line_with(self, text: str) -> str:
        """Read on until a line holds `text`, and return it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return line.rstrip()
        raise AssertionError(f"{text!r} was never said; instead: {self.lines}")

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.lines += self.process.stdout.read().splitlines()
        self.process.wait(timeout=20)


@pytest.fixture
def run() -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(script: str, **options: Any) -> Run:
        runs.append(Run(script, **options))
        return runs[-1]

    yield start
    for each in runs:
        if each.process.poll() is None:
            each.end()


def gone(pid: int, *, within_s: float = 15.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not any(alive(pid, program=name) for name in ("sleep", "sh", "dash", "python")):
            return True
        time.sleep(0.05)
    return False


def test_what_a_program_says_is_printed_with_its_name(run):
    shop = run("echo hello; echo trouble >&2; exec sleep 1000")

    assert shop.line_with("hello") == "web      | hello"
    assert shop.line_with("trouble") == "web      | trouble"


def test_a_dead_program_is_started_again_with_growing_delay_and_it_is_said(run):
    shop = run("exit 3")

    said = [shop.line_with("web ended") for _ in range(3)]

    assert said == [
        f"shop     | web ended with status 3; starting it again in {delay} s." for delay in ("0.5", "1", "2")
    ]


def test_a_task_that_fails_is_tried_again_until_it_is_done(run, tmp_path):
    shop = run("exec sleep 1000", task=f"cd {tmp_path}; test -e tried && echo done && exit 0; touch tried; exit 4")

    assert shop.line_with("task ended") == "shop     | task ended with status 4; starting it again in 0.5 s."
    assert shop.line_with("done") == "task     | done"
    shop.end()
    assert not [line for line in shop.lines if "status 0" in line]


def test_a_killed_program_comes_back(run):
    shop = run("echo pid $$; exec sleep 1000")
    first = int(shop.line_with("pid").split()[-1])

    os.kill(first, signal.SIGKILL)

    assert "web was killed by SIGKILL" in shop.line_with("killed by")
    assert int(shop.line_with("pid").split()[-1]) != first


def test_what_a_dead_program_had_started_goes_with_it(run):
    shop = run("sleep 1000 & echo orphan $!; exit 1")
    orphan = int(shop.line_with("orphan").split()[-1])

    shop.line_with("starting it again")

    assert gone(orphan)


def test_stopping_ends_everything_and_says_nothing_alarming(run):
    shop = run("trap 'echo bye; exit 0' TERM; echo pid $$; while :; do sleep 0.05; done")
    store = int(shop.line_with("store").split()[-1])
    web = int(shop.line_with("pid").split()[-1])

    shop.end(signal.SIGINT)

    assert shop.lines[-2:] == ["web      | bye", "stopped"]
    assert gone(store)
    assert gone(web)


def test_one_ctrl_c_that_arrives_twice_is_one(run):
    shop = run("trap 'sleep 0.3; echo bye; exit 0' TERM; echo pid $$; while :; do sleep 0.05; done")
    shop.line_with("pid")

    shop.process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    shop.end(signal.SIGINT)

    assert shop.lines[-2:] == ["web      | bye", "stopped"]


def test_asked_again_later_it_kills_at_once(run):
    shop = run("trap '' TERM; echo pid $$; while :; do sleep 0.05; done", patience_s=60)
    web = int(shop.line_with("pid").split()[-1])

    shop.process.send_signal(signal.SIGINT)
    time.sleep(1.2)
    shop.end(signal.SIGINT)

    assert "shop     | Asked again: killing what is left." in shop.lines
    assert gone(web)


def test_a_program_that_does_not_stop_is_killed(run):
    shop = run("trap '' TERM; echo pid $$; while :; do sleep 0.05; done", patience_s=0.3)
    web = int(shop.line_with("pid").split()[-1])

    shop.end()

    assert "shop     | web does not stop; killing it." in shop.lines
    assert gone(web)


def test_nothing_survives_a_supervisor_that_is_killed(run):
    shop = run("sleep 1000 & echo grandchild $!; echo pid $$; exec sleep 1000")
    store = int(shop.line_with("store").split()[-1])
    grandchild = int(shop.line_with("grandchild").split()[-1])
    web = int(shop.line_with("pid").split()[-1])

    shop.end(signal.SIGKILL)

    assert gone(store)
    assert gone(web)
    assert gone(grandchild)


def test_the_delay_has_a_limit_and_is_forgotten_after_a_steady_run():
    child = Child(Program("web", ["true"]))
    child.started_at = time.monotonic()

    delays = [child.plan_restart() for _ in range(9)]
    child.started_at = time.monotonic() - STEADY_S

    assert delays == [0.5, 1, 2, 4, 8, 16, LONGEST_DELAY_S, LONGEST_DELAY_S, LONGEST_DELAY_S]
    assert child.plan_restart() == 0.5


def test_a_program_that_stands_back_runs_with_a_lower_priority():
    child = Child(Program("web", ["nice"], nice=3))

    child.start()
    assert child.process is not None
    child.process.wait(10)

    assert child.lines() == [str(min(os.nice(0) + 3, 19))]
