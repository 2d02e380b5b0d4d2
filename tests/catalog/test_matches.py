"""What a process remembers of words is never older than the page that shows it."""

from __future__ import annotations

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from contexts.catalog import popularity, queries, services
from contexts.catalog.facets import Wanted
from contexts.catalog.models import Product
from tests.catalog.factories import draft, on_sale, variant
from tests.catalog.test_bitmaps import another_session

pytestmark = pytest.mark.django_db(databases=["catalog"], transaction=True)


def names(text: str, **more: object) -> list[str]:
    return [card.name for card in queries.found(text, Wanted(**more)).cards]


def asked(text: str) -> int:
    with CaptureQueriesContext(connections["catalog"]) as made:
        names(text)
    return len(made)


def test_a_word_that_was_looked_for_before_is_not_looked_up_again():
    on_sale(draft("Alder Mug", variant("MUG")), draft("Fenn Bowl", variant("BOWL")))

    names("bowl")  # All goods were read for the first time.

    assert asked("alder mug") == 4, "news; the words; their goods; the cards"
    assert asked("alder mug") == 2, "news; the cards"
    assert asked("alder") == 2, "known from another search"


def test_whatever_others_write_is_found_at_once():
    mug, bowl = on_sale(draft("Alder Mug", variant("MUG")), draft("Fenn Bowl", variant("BOWL")))
    assert (names("alder"), names("fenn"), names("pot")) == (["Alder Mug"], ["Fenn Bowl"], [])

    with another_session() as there, there():
        services.change_product(mug.id, draft("Fenn Mug", variant("MUG")))
        on_sale(draft("Alder Pot", variant("POT")))
        services.withdraw_product(bowl.id)

    assert (names("alder"), names("fenn"), names("pot")) == (["Alder Pot"], ["Fenn Mug"], ["Alder Pot"])


def test_a_word_that_is_new_to_the_shop_is_corrected_no_more():
    on_sale(draft("Alder Lamp", variant("LAMP")))
    assert names("lamb") == ["Alder Lamp"]

    with another_session() as there, there():
        on_sale(draft("Toy Lamb", variant("LAMB")))

    assert names("lamb") == ["Toy Lamb"]


def test_what_sells_comes_first_as_soon_as_it_does():
    on_sale(draft("Plain Mug", variant("A")), draft("Round Mug", variant("B")))
    assert names("mug") == ["Plain Mug", "Round Mug"]

    with another_session() as there, there():
        popularity.note_sales([(Product.objects.get(name="Round Mug").published_at, [("B", 1)])])

    assert names("mug") == ["Round Mug", "Plain Mug"]


def test_every_page_of_a_search_continues_the_one_before():
    on_sale(*(draft(f"Mug {number:02}", variant(f"M-{number}"), summary="mug " * (number % 5)) for number in range(60)))

    for sort in ("new", "price", "name"):
        pages = [queries.found("mug", Wanted(sort=sort), page=number) for number in (1, 2, 3, 4)]

        assert [len(page.cards) for page in pages] == [24, 24, 12, 12]
        assert [page.number for page in pages] == [1, 2, 3, 3], "the last page instead of one beyond it"
        assert len({card.id for page in pages for card in page.cards}) == 60
        assert {page.total for page in pages} == {60}


def test_a_german_word_finds_what_ends_with_it_after_what_is_called_so():
    on_sale(
        *(
            draft(english, variant(english[:2].upper()), texts={"de:name": german, "de:summary": german})
            for english, german in (
                ("Shelf speaker", "Regallautsprecher Elm"), ("Bookcase", "Bücherregal Fenn"), ("Rack", "Regal Hale"),
            )
        )
    )  # fmt: skip
    with translation.override("de"):
        assert names("regal") == ["Regal Hale", "Bücherregal Fenn", "Regallautsprecher Elm"]
        assert names("regale")[0] == "Regal Hale"


def test_a_word_of_the_shop_is_not_taken_for_another():
    on_sale(
        draft("Becher Alder", variant("MUG")), draft("Stool", variant("STOOL"), description="Oiled buche."),
        draft("Lamp", variant("LAMP"), description="It gibt light."),
    )  # fmt: skip

    assert names("becher") == ["Becher Alder"]
    assert names("bechr") == ["Becher Alder"]


def test_a_colour_is_found_by_its_family_in_the_language_that_is_read():
    on_sale(draft("Mug", variant("MUG", label="Ember", colour="#c2452d")), draft("Bowl", variant("BOWL")))

    assert names("red") == ["Mug"]
    with translation.override("de"):
        assert names("rot") == ["Mug"]


def test_where_no_name_has_a_word_the_better_place_counts_before_what_sells():
    on_sale(
        draft("Pot", variant("POT"), description="Steel is light."),
        draft("Harrow Lamp", variant("L"), category="light"),
    )
    Product.objects.filter(name="Pot").update(popularity=9)

    assert names("light") == ["Harrow Lamp", "Pot"]
