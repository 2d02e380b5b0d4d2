"""Where processor time goes: what each program of a running shop has used of it, from /proc."""

from __future__ import annotations

import os
import time
from pathlib import Path

from config.chaos.house import PROGRAMS, House
from config.embedded.process import children_of

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
#: What does the buying, beside the shop's programs.
GUESTS = "guests"


def used_s(house: House) -> dict[str, float]:
    """Return the processor time that each program has used so far, in seconds, with all that it started."""
    used = {GUESTS: time.process_time()}
    for name in PROGRAMS:
        pid = house.pid(name)
        if pid is None:
            continue
        used[name] = _used_s(pid)
        below = sum(_tree_s(child) for child in children_of(pid))
        if name == "worker":
            used["worker's children"] = below
        else:
            used[name] += below
    return used


def _tree_s(pid: int) -> float:
    return _used_s(pid) + sum(_tree_s(child) for child in children_of(pid))


def _used_s(pid: int) -> float:
    """Return what a process used, with its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICKS_PER_S
