#!/usr/bin/env python
"""The shop's command line. `manage.py help` lists the commands; `make up` is the usual way in."""

import os
import sys


def main() -> None:
    """Run a command; say in one sentence what is wrong where a person can put it right."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.problems import Problem, in_plain_words

    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed in this Python. Run `make up`, or use .venv/bin/python after `make install`.")
    try:
        if sys.argv[1:] == ["up"]:  # Its servers start while Django loads.
            from config.up import up

            sys.exit(up())
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
    except Problem as problem:
        sys.exit(str(problem))
    except Exception as error:
        told = in_plain_words(error)
        if told is None or "--traceback" in sys.argv:
            raise
        sentence, status = told
        print(sentence, file=sys.stderr)  # noqa: T201
        sys.exit(status)


if __name__ == "__main__":
    main()
