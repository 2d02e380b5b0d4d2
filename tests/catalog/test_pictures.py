"""Every kind of thing can be drawn, in every view, small and valid."""

from xml.etree import ElementTree

import pytest

from contexts.catalog import drawings
from contexts.catalog.drawings import FINISHES, KINDS, VIEWS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_is_a_small_valid_picture_in_every_view(kind):
    for seed in range(1, 13):
        finish = sorted(FINISHES)[seed % len(FINISHES)]
        for view in VIEWS:
            svg = drawings.render(f"{kind}-{seed}-c2452d-{finish}", view)
            root = ElementTree.fromstring(svg)
            assert root.tag == f"{SVG}svg"
            assert len(svg.encode()) < 6000
            assert len(list(root.iter())) > 8
            assert "nan" not in svg
            assert "style=" not in svg


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_paints_that_are_used_are_defined(kind):
    svg = drawings.render(f"{kind}-3-2f5d62-oak", "front")
    root = ElementTree.fromstring(svg)

    defined = {element.get("id") for element in root.iter() if element.get("id")}
    used = {value[5:-1] for element in root.iter() for value in element.attrib.values() if value.startswith("url(#")}
    assert used <= defined


def test_there_are_enough_kinds_for_a_shop():
    assert len(KINDS) >= 24


def test_a_picture_has_the_articles_own_colour():
    red, blue = (drawings.render(f"mug-5-{colour}-oak", "cut") for colour in ("c2452d", "34435f"))

    body = '<stop offset="0.6" stop-color="{}"/>'
    assert body.format("#c2452d") in red
    assert body.format("#34435f") in blue
    assert "#c2452d" not in blue


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_another_colour_or_another_number_is_another_picture(kind):
    pictures = {
        drawings.render(f"{kind}-{seed}-{colour}-walnut", "cut") for seed in (5, 6) for colour in ("c2452d", "34435f")
    }

    assert len(pictures) == 4


def test_the_same_specification_is_the_same_picture():
    drawings.render.cache_clear()
    first = drawings.render("lamp-9-dfa32a-oak", "front")
    drawings.render.cache_clear()

    assert drawings.render("lamp-9-dfa32a-oak", "front") == first
    assert drawings.render("lamp-10-dfa32a-oak", "front") != first


def test_the_measured_drawing_says_the_size():
    wide, tall = drawings.measure("chair-4-22606b-oak")

    assert f"{tall} cm" in drawings.render("chair-4-22606b-oak", "plan")
    assert f"{wide} cm" in drawings.render("chair-4-22606b-oak", "plan")


def test_pictures_are_kept_by_browsers(client):
    answer = client.get("/pictures/mug-5-c2452d-oak/front.svg")

    assert answer["Content-Type"] == "image/svg+xml"
    assert "max-age=2592000" in answer["Cache-Control"]
    again = client.get("/pictures/mug-5-c2452d-oak/front.svg", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "address",
    [
        "/pictures/zeppelin-5-c2452d-oak/front.svg",
        "/pictures/mug-5-c2452d-oak/back.svg",
        "/pictures/mug-5-red-oak/front.svg",
        "/pictures/mug-5-c2452d-plastic/front.svg",
        "/pictures/mug-99999999-c2452d-oak/front.svg",
        "/pictures/%3Csvg/front.svg",
    ],
)
def test_what_cannot_be_drawn_is_not_found(client, address):
    assert client.get(address).status_code == 404
