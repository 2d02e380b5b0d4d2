"""Replay: makes a read model anew from the log, beside the live one, shows what differs, and swaps. See docs/replay.md."""
