"""The examples of docs/testing.md, run: pytest collects the tests that the page's code blocks define here."""

from __future__ import annotations

import re

from django.conf import settings

PAGE = settings.BASE_DIR / "docs/testing.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

_text = PAGE.read_text()
_blocks = list(BLOCK.finditer(_text))
for _block in _blocks:
    # Blank lines before it, so that a failure shows the line of the page.
    _code = "\n" * _text[: _block.start(1)].count("\n") + _block[1]
    exec(compile(_code, str(PAGE), "exec"), globals())


def test_the_page_has_examples_of_every_fixture():
    examples = "".join(block[1] for block in _blocks)

    for fixture in ("published_events", "deliver", "deliver_all", "crash_point", "given"):
        assert re.search(rf"def test_\w+\([^)]*\b{fixture}\b", examples), fixture
