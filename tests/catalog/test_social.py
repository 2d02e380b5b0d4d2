"""What networks show of a page: tags with absolute addresses, and a picture that they accept."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from contexts.catalog import services, social
from tests.catalog.factories import draft, on_sale

pytestmark = pytest.mark.django_db(databases=["catalog"])


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> Any:
    settings.DATA_DIR = tmp_path
    return tmp_path / "cards"


def tags(page: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="((?:og|twitter|product):[^"]+)" content="([^"]*)">', page))


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("address", ["/", "/c/kitchen/", "/search/", "/p/alder-mug/"])
def test_every_page_names_a_picture_that_is_there(client: Client, address: str) -> None:
    on_sale(draft())

    found = tags(client.get(address).content.decode())

    assert found["twitter:card"] == "summary_large_image"
    assert found["og:image"].startswith("http://testserver/")
    assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
    answer = client.get(found["og:image"].removeprefix("http://testserver"))
    assert answer["Content-Type"] == "image/png"
    picture = Image.open(BytesIO(body(answer)))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))


def test_a_product_says_what_it_is_and_costs(client: Client) -> None:
    on_sale(draft())

    found = tags(client.get("/p/alder-mug/").content.decode())

    assert (found["og:title"], found["og:type"]) == ("Alder Mug", "product")
    assert found["og:url"] == "http://testserver/p/alder-mug/"
    assert (found["product:price:amount"], found["product:price:currency"]) == ("19.98", "EUR")


def test_a_card_is_drawn_once_and_anew_when_its_words_change(client: Client, folder: Any) -> None:
    [mug] = on_sale(draft())
    first = client.get("/p/alder-mug/card.png")
    drawn = body(first)
    [file] = folder.iterdir()
    before = file.stat().st_mtime_ns

    assert body(client.get("/p/alder-mug/card.png")) == drawn
    assert file.stat().st_mtime_ns == before
    assert client.get("/p/alder-mug/card.png", headers={"if-none-match": first["ETag"]}).status_code == 304

    services.change_product(mug.id, draft("Birch Mug", slug="alder-mug"))
    changed = client.get("/p/alder-mug/card.png")

    assert changed["ETag"] != first["ETag"]
    assert body(changed) != drawn
    assert len(list(folder.iterdir())) == 2


def test_what_is_not_sold_has_no_card(client: Client, folder: Any) -> None:
    [mug] = on_sale(draft())
    services.withdraw_product(mug.id)

    assert client.get("/p/alder-mug/card.png").status_code == 404
    assert client.get("/p/nothing/card.png").status_code == 404
    assert not folder.exists()


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", ""),
        ("Donaudampfschifffahrtsgesellschaft" * 3, "x " * 400),
        ("Tee & <Kaffee> \u00df \u2014 \u4e2d", "\U0001f600"),
    ],
)
def test_whatever_stands_on_a_card_it_has_its_size(title: str, words: str) -> None:
    drawn = social.draw(drawing="mug-1-c2452d-oak", title=title, words=words)

    assert Image.open(BytesIO(drawn)).size == (1200, 630)


def test_a_card_is_small_enough_for_every_network() -> None:
    drawn = social.draw(drawing="mug-1-c2452d-oak", title="Alder Mug", words="A mug.")

    assert len(drawn) < 100_000


def test_the_colour_of_the_variant_is_on_the_card() -> None:
    assert social.tag(drawing="mug-1-c2452d-oak", title="", words="") != social.tag(
        drawing="mug-1-3a4a6b-oak", title="", words=""
    )
