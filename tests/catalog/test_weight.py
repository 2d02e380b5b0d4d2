"""What a first visit costs before the pictures: the page, its styles, scripts and fonts, packed as they are served."""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, override_settings

from contexts.catalog import services
from contexts.catalog.models import Product
from tests.catalog.factories import aisle, draft, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])

MOST = 100_000
#: What no page of the shop asks for.
OTHERS = ["admin*", "unfold*", "mfa*", "account*", "django_extensions*", "import_export*"]
BROWSER = {"accept-encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
def production(tmp_path: Path) -> Any:
    """The static files collected, named by their contents and packed, as a shop in production serves them."""
    storage = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    with override_settings(
        STATIC_ROOT=tmp_path, WHITENOISE_USE_FINDERS=False, STORAGES={"staticfiles": storage, "default": storage}
    ):
        call_command("collectstatic", interactive=False, verbosity=0, ignore=OTHERS)
        yield


def a_full_shop() -> None:
    """Put as much on the front and in an aisle as they ever show."""
    for number in range(8):
        aisle(f"aisle-{number}")
    words = {"summary": "A mug that keeps tea warm and sits well in the hand, glazed inside.", "material": "Stoneware"}
    shades = ("#c2452d", "#3a4a78", "#2f5d62", "#f3efe4")
    on_sale(
        *(
            draft(
                f"Mug of the valley {number}", *(variant(f"M-{number}-{shade[1:]}", colour=shade) for shade in shades),
                category=f"aisle-{number % 8}", **words,
            )
            for number in range(40)
        )
    )  # fmt: skip
    Product.objects.update(featured=True)
    services.note_ratings({product.id: (433, 12) for product in Product.objects.all()})


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("address", ["/", "/search/", "/p/mug-of-the-valley-1/"])
def test_a_first_page_is_under_a_hundred_kilobytes_before_its_pictures(
    production: None, address: str, capsys: Any
) -> None:
    a_full_shop()
    browser = Client()

    page = browser.get(address, headers=BROWSER)
    html = gzip.decompress(page.content).decode()
    parts = set(re.findall(r'<(?:link rel="(?:stylesheet|preload)" href|script src)="([^"]+)"', html))
    weights = {address: len(page.content)}
    for part in sorted(parts):
        answer = browser.get(part, headers=BROWSER)
        assert answer.status_code == 200, part
        weights[part] = len(body(answer))

    with capsys.disabled():
        sys.stdout.write(f"\n{sum(weights.values())} bytes: {weights}\n")
    assert {"css", "js", "woff2"} <= {part.rpartition(".")[2] for part in parts}
    assert sum(weights.values()) < MOST


def test_a_page_is_the_same_packed_and_plain_and_says_which(client: Client) -> None:
    a_full_shop()

    plain, packed = client.get("/"), client.get("/", headers=BROWSER)

    assert gzip.decompress(packed.content) == plain.content
    assert (packed["Content-Encoding"], plain.get("Content-Encoding")) == ("gzip", None)
    assert "Accept-Encoding" in packed["Vary"]
    assert packed["ETag"] != plain["ETag"]
    assert client.get("/", headers={**BROWSER, "if-none-match": packed["ETag"]}).status_code == 304


def test_a_packed_form_still_has_the_visitors_own_token() -> None:
    a_full_shop()
    one, other = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)

    pages = [gzip.decompress(c.get("/p/mug-of-the-valley-1/", headers=BROWSER).content) for c in (one, other)]
    tokens = [re.findall(rb'csrfmiddlewaretoken" value="(\w+)"', page)[0] for page in pages]

    assert tokens[0] != tokens[1]
