"""From an empty folder to a verdict, and back to nothing: opens a house, runs a campaign in it, and cleans up."""

from __future__ import annotations

from pathlib import Path

from config.chaos import house
from config.chaos.campaign import Campaign, Outcome, Wanted
from config.chaos.report import Screen
from config.problems import Problem


def run(folder: Path, screen: Screen, wanted: Wanted, *, keep: bool) -> Outcome | None:
    """Run a campaign; None when somebody stopped it. Nothing is left running in any case.

    The folder is removed unless it is to be kept or says something about a promise that was broken.

    Raises:
        Problem: the shop does not start.
    """
    outcome = None
    try:
        with screen.working("Opening a shop to break"), house.opened(folder) as opened:
            screen.opened(wanted)
            outcome = Campaign(opened, wanted).run(screen.tell)
    except KeyboardInterrupt:
        screen.say("Stopped by you; nothing is left running.")
    except Problem:
        keep = True
        raise
    finally:
        if keep or (outcome is not None and not outcome.kept):
            (folder / "kept").touch()
            screen.say(f"Kept: the shop's data, its log (shop.log) and the history (history.jsonl) in {folder}")
        else:
            house.remove(folder)
    return outcome
