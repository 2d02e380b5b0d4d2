"""What a browser gets of styles and scripts from a shop that nobody collected static files for."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.test import Client

STYLES, FONT = "/static/kernel/shop.css", "/static/kernel/fonts/instrument.woff2"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("path", [STYLES, "/static/kernel/htmx.min.js", "/static/kernel/favicon.svg"])
def test_styles_scripts_and_drawings_go_out_packed_to_whoever_unpacks_them(path: str) -> None:
    plain, packed = Client().get(path), Client().get(path, headers={"Accept-Encoding": "gzip, br"})
    whole, short = body(plain), body(packed)

    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(short) == whole
    assert len(short) < 0.8 * len(whole)
    assert packed["Content-Length"] == str(len(short))
    assert all("Accept-Encoding" in answer["Vary"] for answer in (plain, packed))


def test_a_font_is_packed_by_itself_and_goes_out_as_it_is() -> None:
    answer = Client().get(FONT, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer
    assert answer.status_code == 200


def test_what_a_browser_has_is_not_sent_again() -> None:
    packed = {"Accept-Encoding": "gzip"}
    changed = Client().get(STYLES, headers=packed)["Last-Modified"]

    assert Client().get(STYLES, headers=packed | {"If-Modified-Since": changed}).status_code == 304
    assert "Content-Encoding" not in Client().head(STYLES, headers=packed)
