"""The staff's board: what each context says about today, each from its own tables."""

from __future__ import annotations

from typing import Literal

import msgspec


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One figure on the board and where it leads.

    `figure` is shown as it is. `list` names an admin list ("shipping_parcel") and `query` narrows it. `tone` says
    whether somebody should act.
    """

    title: str
    figure: str
    text: str
    list: str
    query: str = ""
    tone: Literal["calm", "act", "trouble"] = "calm"
