"""The dark theme is the light one in other colours: nothing appears, moves or changes its size with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

SHEETS = sorted(Path(settings.BASE_DIR).glob("contexts/*/static/**/*.css"))
#: A rule for dark screens, with one level of rules in it, or one for who chose dark.
DARK = re.compile(
    r"@media \(prefers-color-scheme: dark\) \{((?:[^{}]|\{[^{}]*\})*)\}|\[data-theme=\"dark\"\][^{}]*\{([^{}]*)\}"
)
COLOURS = re.compile(r"--[\w-]+|color-scheme|color|background(-color)?|border-color|filter")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_the_dark_theme_sets_colours_alone(sheet: Path):
    blocks = ["".join(found) for found in DARK.findall(sheet.read_text())]

    properties = {name for block in blocks for name in re.findall(r"([\w-]+)\s*:[^:;{}]+[;}]", block + "}")}

    assert {name for name in properties if not COLOURS.fullmatch(name)} == set()


def test_there_is_a_dark_theme():
    assert sum(len(DARK.findall(sheet.read_text())) for sheet in SHEETS) >= 5
