"""`manage.py test` points to the tests' real runner."""

from typing import Any

from config.problems import Problem


class UsePytest:
    def __init__(self, **options: Any) -> None:  # Django passes its own options.
        raise Problem("The tests run with pytest: `make test`, or .venv/bin/pytest tests/<context>.")
