"""Every text that people read has a translation, with the placeholders of the text, in a catalogue that is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.texts import Place, places, state

HERE = {place.name: place for place in places()}


@pytest.mark.parametrize("name", HERE)
@pytest.mark.xfail(strict=False, reason="being translated")
def test_every_text_is_translated(name: str):
    found = state(HERE[name], "de")

    if found is None:
        pytest.skip("nothing to read in it")
    assert not found.stale, "run `manage.py texts collect`"
    assert (found.untranslated, found.broken) == ([], [])


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
