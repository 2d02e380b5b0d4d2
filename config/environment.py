"""The environment that settings are read from: what makes no sense in it is told in a sentence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

#: What is asked of a value that Python cannot read as the wanted type.
WANTED = {int: "a whole number", float: "a number"}


class Environment(environ.Env):  # type: ignore[misc]  # django-environ has no types
    """django-environ's, whose errors name the setting."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **more: Any) -> Any:
        try:
            return super().get_value(var, cast, *args, **more)
        except ValueError as problem:
            raise ImproperlyConfigured(
                f"{var} is {self.ENVIRON.get(var)!r}; it should be {WANTED.get(cast, 'something else')}."
            ) from problem

    def one_of(self, var: str, known: Collection[str], *, default: str) -> str:
        """Return a setting that has only these values, in whatever case it is written.

        Raises:
            ImproperlyConfigured: it has another one.
        """
        value: str = self.str(var, default=default)
        for one in known:
            if one.lower() == value.lower():
                return one
        raise ImproperlyConfigured(f"{var} is {value!r}; it should be one of {', '.join(known)}.")
