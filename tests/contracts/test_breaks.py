"""Every kind of break is found, said in plain words, and not accepted; what is harmless is accepted."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
import pytest

from contexts.catalog.events import PriceChanged
from contexts.kernel.money import Money
from contexts.messaging import upcasts
from contexts.messaging.contracts.checking import check_events
from contexts.messaging.contracts.golden import BrokenGolden, golden_of, read_goldens, write_golden
from contexts.messaging.errors import MisdeclaredEvent


class Coat(msgspec.Struct, frozen=True, kw_only=True):
    colour: str
    price: Money


class CoatWithoutPrice(msgspec.Struct, frozen=True, kw_only=True):
    colour: str


class CoatWithGloss(msgspec.Struct, frozen=True, kw_only=True):
    colour: str
    price: Money
    gloss: bool = False


FIELDS = {
    "toy_id": UUID, "colour": str, "coats": list[Coat], "dry_at": datetime,
    "wet_at": datetime | None, "rained_at": list[datetime], "by": str | None,
    "finish": Literal["matt", "glossy"], "thinner": (int, 3),
}  # fmt: skip


@pytest.fixture
def published(declare, tmp_path):
    """The toy event as it was published and accepted."""
    write_golden(tmp_path, golden_of(declare(FIELDS)))
    return tmp_path


def found(folder, event, **others):
    return check_events({event.event_name: event} | others, read_goldens(folder))


def test_what_has_not_changed_is_well(published, declare):
    assert found(published, declare(FIELDS)) == []


BREAKS = {
    "removed field": ({"colour": None}, "the field colour was removed"),
    "retyped field": ({"colour": int}, "the field colour was text and is now whole number"),
    "renamed field": ({"colour": None, "color": str}, "the field color is new and has no default"),
    "new required field": ({"brush": str}, "the field brush is new and has no default"),
    "lost default": ({"thinner": int}, "the field thinner had a default and has none any more"),
    "changed default": ({"thinner": (int, 4)}, "the field thinner had the default 3 and has 4 now"),
    "narrowed union": ({"by": str}, "the field by was text or nothing and is now text"),
    "widened type": ({"colour": str | None}, "the field colour was text and is now text or nothing"),
    "other format": ({"dry_at": str}, "the field dry_at was moment and is now text"),
    "other format in a union": (
        {"wet_at": str | None},
        "the field wet_at was moment or nothing and is now text or nothing",
    ),
    "other format in a list": ({"rained_at": list[str]}, "the field rained_at[] was moment and is now text"),
    "value taken away": ({"finish": Literal["matt"]}, "the field finish can no longer be 'glossy', which is stored"),
    "value added": ({"finish": Literal["matt", "glossy", "silk"]}, "the field finish can now be 'silk'"),
    "removed inside a list": ({"coats": list[CoatWithoutPrice]}, "the field coats[].price was removed"),
    "list made single": ({"coats": Coat}, "the field coats was list of object and is now object"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_breaking_change_is_found_and_says_what_to_do(published, declare, name):
    changes, words = BREAKS[name]
    event = declare({field: kind for field, kind in (FIELDS | changes).items() if kind is not None})

    findings = found(published, event)

    assert any(finding.kind == "breaking" and words in finding.problem for finding in findings), findings
    assert any("version=2 with @upcasts(ToyPainted, version=1)" in finding.remedy for finding in findings)


HARMLESS = {
    "new field with a default": ({"brush": (str, "round")}, "the field brush is new, with a default"),
    "new default": ({"colour": (str, "red")}, "the field colour has a default now"),
    "new field with a default inside a list": (
        {"coats": list[CoatWithGloss]},
        "the field coats[].gloss is new, with a default",
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_only_wants_to_be_accepted(published, declare, name):
    changes, words = HARMLESS[name]
    event = declare(FIELDS | changes)

    assert [(finding.kind, finding.problem) for finding in found(published, event)] == [("unaccepted", words)]

    goldens = read_goldens(published)
    write_golden(published, golden_of(event, goldens["catalog.toy_painted", 1]))
    assert found(published, event) == []


def test_the_examples_of_earlier_shapes_are_kept_and_read(published, declare):
    event = declare(FIELDS | {"brush": (str, "round")})
    write_golden(published, golden_of(event, read_goldens(published)["catalog.toy_painted", 1]))

    examples = read_goldens(published)["catalog.toy_painted", 1].examples

    assert ["brush" in example for example in examples] == [False, True]


def test_other_words_for_people_change_nothing(published, declare):
    event = declare(FIELDS)
    event.__doc__ = "Quite another description."

    assert found(published, event) == []


def test_another_subject_is_a_break(published, declare):
    event = declare(FIELDS, subject="colour/{colour}")

    (finding,) = found(published, event)

    assert finding.kind == "breaking"
    assert 'had the subject "toy/{toy_id}" and has "colour/{colour}"' in finding.problem


def test_an_event_that_is_gone_is_a_break(published, declare):
    event = declare({"toy_id": UUID}, name="catalog.toy_varnished")

    breaking = [finding for finding in found(published, event) if finding.kind == "breaking"]

    assert [finding.what for finding in breaking] == ["catalog.toy_painted"]
    assert 'aliases=("catalog.toy_painted",)' in breaking[0].remedy


def test_an_event_renamed_with_an_alias_still_reads_what_is_stored(published, declare):
    event = declare(FIELDS, name="catalog.toy_coloured", title="ToyColoured", aliases=("catalog.toy_painted",))

    assert [finding.kind for finding in found(published, event)] == ["unaccepted"]


def test_a_renamed_event_that_no_longer_reads_what_is_stored_is_a_break(published, declare):
    changed = FIELDS | {"colour": int}
    event = declare(changed, name="catalog.toy_coloured", title="ToyColoured", aliases=("catalog.toy_painted",))

    kinds = {finding.what: finding.kind for finding in found(published, event)}

    assert kinds == {"catalog.toy_coloured": "unaccepted", "catalog.toy_painted version 1": "breaking"}


@pytest.mark.parametrize(
    ("aliases", "words"),
    [
        (("ordering.toy_painted",), "was never called"),
        ("catalog.toy", "are a tuple"),
        (("catalog.price_changed",), "is another event"),
    ],
)
def test_an_alias_that_cannot_be_is_refused_at_once(declare, aliases, words):
    with pytest.raises(MisdeclaredEvent, match=words):
        declare(FIELDS, name="catalog.toy_coloured", aliases=aliases)


def test_upcasters_chain_from_every_version_ever_published(published, declare):
    second = {"toy_id": UUID, "shade": str}
    event = declare(second, version=2)
    upcasts(event, version=1)(lambda old: {"toy_id": old["toy_id"], "shade": old["colour"]})
    write_golden(published, golden_of(event))
    event = declare(second | {"depth": int}, version=3)
    upcasts(event, version=2)(lambda old: old | {"depth": 1})

    assert [(finding.kind, finding.problem) for finding in found(published, event)] == [
        ("unaccepted", "version 3 is new")
    ]


def test_a_new_version_without_an_upcaster_is_a_break(published, declare):
    event = declare({"toy_id": UUID, "shade": str}, version=2)

    (finding,) = [finding for finding in found(published, event) if finding.kind == "breaking"]

    assert finding.what == "catalog.toy_painted version 1"
    assert 'Nothing upcasts version 1 of "catalog.toy_painted"' in finding.problem


@pytest.mark.parametrize(
    ("upcast", "words"),
    [
        (lambda old: {"toy_id": old["toy_id"]}, "missing required field `shade`"),
        (lambda old: {"toy_id": old["toy_id"], "shade": old["color"]}, "KeyError: 'color'"),
        (lambda old: {"toy_id": old["toy_id"], "shade": 1}, "Expected `str`, got `int`"),
    ],
)
def test_an_upcaster_that_is_wrong_is_a_break(published, declare, upcast, words):
    event = declare({"toy_id": UUID, "shade": str}, version=2)
    upcasts(event, version=1)(upcast)

    breaking = [finding for finding in found(published, event) if finding.kind == "breaking"]

    assert len(breaking) == 1
    assert words in breaking[0].problem


def test_a_version_nobody_can_prove_is_a_break(declare, tmp_path):
    event = declare({"toy_id": UUID}, version=2)
    upcasts(event, version=1)(lambda old: old)

    (finding,) = found(tmp_path, event)

    assert finding.kind == "breaking"
    assert "no golden file shows what version 1 looked like" in finding.problem


def test_versions_never_go_back(published, declare):
    event = declare({"toy_id": UUID}, version=2)
    upcasts(event, version=1)(lambda old: {"toy_id": old["toy_id"]})
    write_golden(published, golden_of(event))

    (finding,) = found(published, declare(FIELDS))

    assert "version 2 was published, and the code is back at version 1" in finding.problem


def test_a_damaged_golden_file_is_said_so(published):
    file = published / "catalog.toy_painted.v1.json"
    file.write_text(file.read_text()[:100])

    with pytest.raises(BrokenGolden, match=r"toy_painted.v1.json is damaged"):
        read_goldens(published)


def test_a_golden_file_under_a_false_name_is_said_so(published):
    (published / "catalog.toy_painted.v1.json").rename(published / "catalog.toy_painted.v2.json")

    with pytest.raises(BrokenGolden, match=r"holds catalog.toy_painted version 1"):
        read_goldens(published)


def test_an_example_edited_into_nonsense_is_a_break(published, declare):
    file = published / "catalog.toy_painted.v1.json"
    document = json.loads(file.read_text())
    document["examples"][0]["colour"] = 7
    file.write_text(json.dumps(document))

    (finding,) = found(published, declare(FIELDS))

    assert "the stored example cannot be read: Expected `str`, got `int`" in finding.problem


def test_the_fields_of_events_are_given_by_keyword_only(declare):
    event = declare({"thinner": (int, 3), "toy_id": UUID})

    assert event(toy_id=UUID(int=1)).thinner == 3
    with pytest.raises(TypeError, match="Extra positional arguments"):
        PriceChanged(UUID(int=1), "RED-MUG", Money(1, "EUR"), Money(2, "EUR"))
