"""The names of tables and fields in the language of whoever reads them, also where nobody wrote one down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _


def in_the_readers_language(models: Iterable[type[Model]]) -> None:
    """Translate the names that Django made of the code's own, such as "order id" of `order_id`.

    Here, because a name written into a model is a migration for each. The words are listed in the contexts'
    `labels.py`, from where `manage.py texts` collects them.
    """
    for model in models:
        options = model._meta
        for name in ("verbose_name", "verbose_name_plural"):
            # Where nothing is written Django appends an "s" to the singular, at the moment at which it is read.
            written = options.original_attrs.get(name, str(getattr(options, name)))
            setattr(options, name, _lazy(written))
        for field in (*options.local_fields, *options.local_many_to_many):
            field.verbose_name = _lazy(field.verbose_name)


def _lazy(name: Any) -> Any:  # A text, or one that is translated when it is read: the stubs' type for both is private.
    # The text of code is looked up; what is marked as a text already stays as it is.
    return _(name) if isinstance(name, str) else name
