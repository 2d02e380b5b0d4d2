"""Ends the process groups of a supervisor that was killed. Run as a script; reads from the supervisor's pipe.

Lines are `+<group>` and `-<group>`. While the supervisor lives the pipe stays open; when it closes, whatever is still
listed is asked to end, and killed after a while. No program of a dead supervisor lives on.
"""

import os
import signal
import sys
import time

PATIENCE_S = 8.0


def main() -> None:
    """Remember groups until the pipe closes, then end them."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    end(groups)


def end(groups: set[int]) -> None:
    """Ask the groups to end, wait, then kill what is left."""
    signal_all(groups, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_S
    while groups and time.monotonic() < deadline:
        groups = {group for group in groups if there(group)}
        time.sleep(0.05)
    signal_all(groups, signal.SIGKILL)


def signal_all(groups: set[int], number: int) -> None:
    for group in groups:
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            continue


def there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main()
