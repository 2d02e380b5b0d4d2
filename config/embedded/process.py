"""Starting a server so that it ends with whoever started it, and finding out whether one runs already."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signal_number: int = signal.SIGTERM) -> None:
    """Ask Linux to send this process a signal when its parent ends, however it ends. Elsewhere does nothing."""
    prctl = getattr(_libc, "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


def dying_with(parent: int, signal_number: int) -> Callable[[], None]:
    """Return what a child runs before its program: end with `parent`, also if that ended just now."""

    def before_program() -> None:
        die_with_parent(signal_number)
        if os.getppid() != parent:
            os._exit(1)

    return before_program


def alive(pid: int | None, *, program: str) -> bool:
    """Whether `pid` runs a program whose file name contains `program`. A recycled pid is not alive."""
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return not Path("/proc").exists()
    return program in Path(command.split(" ")[0]).name and state != "Z"


def stop(pid: int, *, program: str, with_signal: int, patience_s: float = 20.0) -> None:
    """Stop a server and wait until it is gone; after `patience_s` it is killed."""
    for number, seconds in ((with_signal, patience_s), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not alive(pid, program=program):
                return
            time.sleep(0.02)


def detach(command: list[str], *, log: Path, **popen: object) -> subprocess.Popen[bytes]:
    """Start a server that outlives us, its words in `log`."""
    with log.open("ab") as words:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]  # popen: what Owner.popen gives
            command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True, cwd="/", **popen
        )


def last_words(log: Path, lines: int = 3) -> str:
    """Return the end of a log, for an error message."""
    try:
        return " / ".join(log.read_text(errors="replace").strip().splitlines()[-lines:])
    except OSError:
        return "it left no log"


def children_of(parent: int) -> list[int]:
    """Return the processes that a process started and that are still there, oldest first."""
    try:
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(pid) for pid in listed.split()]
