"""Every text that people read has a translation, with the placeholders of the text, in a catalogue that is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils.translation import gettext, ngettext, override

from config.texts import Place, places, state

HERE = {place.name: place for place in places()}
TRANSLATED = [name for name, place in HERE.items() if place.path("de").exists()]


def test_whatever_has_no_catalogue_has_no_texts():
    assert [name for name, place in HERE.items() if name not in TRANSLATED and state(place, "de")] == []


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_text_is_translated(name: str):
    found = state(HERE[name], "de")

    assert found is not None, "nothing to read in it: take its catalogue away"
    assert not found.stale, "run `manage.py texts collect`"
    assert (found.untranslated, found.broken) == ([], [])


@pytest.mark.parametrize("name", TRANSLATED)
def test_pages_say_what_the_catalogue_says(name: str):
    """Django merges all catalogues: a text of two contexts, or of a package, has one translation in all of them."""
    with HERE[name].path("de").open("rb") as file, override("de"):
        for message in read_po(file, locale="de"):
            if isinstance(message.id, tuple):
                assert tuple(ngettext(*message.id, number) for number in (1, 2)) == message.string
            elif message.id:
                assert gettext(message.id) == message.string


def test_texts_are_collected_from_code_and_templates(tmp_path: Path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "views.py").write_text(
        'from django.utils.translation import gettext_lazy as _\nTITLE = _("Your cart")\n'
    )
    (tmp_path / "templates" / "cart.html").write_text(
        "{% load i18n %}\n  <p>{% translate 'Empty' %}\n"
        "      {% blocktranslate count n=n %}{{ n }} piece's {{ a.b }}{% plural %}{{ n }} pieces{% endblocktranslate %}"
    )
    place = Place(tmp_path / "locale", (tmp_path,))
    first = state(place, "de")
    assert first is not None
    assert sorted(first.untranslated)[1:] == ["Empty", "Your cart"]
    first.write()
    first.path.write_text(first.path.read_text().replace('msgid "Empty"\nmsgstr ""', 'msgid "Empty"\nmsgstr "Leer"'))

    second = state(place, "de")

    assert second is not None
    assert second.stale, "compiled without the new translation"
    assert "Empty" not in second.untranslated
    assert len(second.untranslated) == 2


def test_a_translation_with_another_placeholder_is_broken(tmp_path: Path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "words.py").write_text('_("%(count)s pieces")\n')
    place = Place(tmp_path / "locale", (tmp_path,))
    first = state(place, "de")
    assert first is not None
    first.write()
    text = 'msgid "%(count)s pieces"\nmsgstr "'
    first.path.write_text(first.path.read_text().replace(text, text + "%(number)s Stück"))

    second = state(place, "de")

    assert second is not None
    assert len(second.broken) == 1
