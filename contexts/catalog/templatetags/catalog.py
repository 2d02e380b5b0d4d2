"""Catalog's own template tags."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.conf import settings
from django.core.signals import setting_changed
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from contexts.catalog.cards import Card
from contexts.catalog.tree import Aisle, Tree

register = template.Library()
#: About a kilobyte each, per process.
MOST_CARDS = 8_192


@register.simple_tag
def card(product: Card, fresh: bool = False, loading: str = "lazy", level: int = 3) -> SafeString:
    """Show a product in a list. `fresh` says that it is new; `level` is the level of its heading."""
    here = (get_language(), get_script_prefix())
    if settings.DEBUG:
        return _card.__wrapped__(product, fresh, loading, level, here)
    return _card(product, fresh, loading, level, here)


@register.filter
def below(category: Aisle, tree: Tree) -> list[Aisle]:
    """Return the categories within one."""
    return tree.below(category)


# Remembered by all that it shows: a product that changes makes another card, so there is nothing to invalidate.
@lru_cache(maxsize=MOST_CARDS)
def _card(product: Card, fresh: bool, loading: str, level: int, here: tuple[str | None, str]) -> SafeString:
    return render_to_string(
        "catalog/card.html", {"product": product, "fresh": fresh, "loading": loading, "level": level}
    )


setting_changed.connect(lambda **_: _card.cache_clear(), weak=False)
