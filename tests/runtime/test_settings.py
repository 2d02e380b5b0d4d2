"""Settings: the example lists them all, and nobody opens a shop with a key that can be guessed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import roster
from config.checks import guessable, secret_key_is_secret

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "kV3f9-QmZ7sXw1_LbTn4RyHcE8uJpA2dGo6iWqM5xBvYtKzNrSgDhUeFlCaP0jIO",
    "SITE_URL": "https://shop.example",
    "DATABASE_URL": "postgres://owner:password@db.internal/tradepost",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.internal:587",
}


def manage(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a person with nothing but these settings would."""
    return _python("manage.py", *arguments, data=data, **environment)


def _python(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env=bare | {"ENV_FILE": os.devnull, "DATA_DIR": str(data)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def setting(expression: str, *, data: Path, **environment: str) -> str:
    """What a process with nothing but these settings finds in them."""
    code = f"from django.conf import settings; print({expression})"
    return _python("-c", code, data=data, DJANGO_SETTINGS_MODULE="config.settings", **environment).stdout.strip()


def settings_read() -> set[str]:
    """The names that config/settings.py asks the environment for."""
    source = (REPOSITORY / "config" / "settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    for suffix in re.findall(r'env\.\w+\(\s*f"\{name\.upper\(\)\}([A-Z_]+)"', source):
        names |= {f"{context.upper()}{suffix}" for context in roster.CONTEXTS}
    return names


def settings_listed() -> set[str]:
    return set(re.findall(r"^#([A-Z_]+)=", (REPOSITORY / ".env.example").read_text(), re.MULTILINE))


def test_the_example_lists_every_setting_and_no_other():
    assert settings_listed() == settings_read()


def test_every_setting_of_the_example_has_a_comment_above_it_or_above_its_group():
    for paragraph in (REPOSITORY / ".env.example").read_text().split("\n\n"):
        settings = [line for line in paragraph.splitlines() if re.match(r"#[A-Z_]+=", line)]
        comments = [line for line in paragraph.splitlines() if line.startswith("# ")]

        assert not settings or comments or "WEB_WORKERS" in paragraph, paragraph


def test_the_deployment_check_is_clean_with_the_documented_production_settings(tmp_path):
    checked = manage("check", "--deploy", "--fail-level", "WARNING", data=tmp_path, **PRODUCTION)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no issues" in checked.stdout


def test_the_deployment_check_refuses_a_short_key_in_a_demo(tmp_path):
    checked = manage("check", "--deploy", data=tmp_path, **PRODUCTION | {"SECRET_KEY": "short", "DEMO": "true"})

    assert checked.returncode == 1
    assert "SECRET_KEY can be guessed" in checked.stderr
    assert "DEMO is on" in checked.stderr
    assert "Traceback" not in checked.stderr


def test_a_key_that_this_machine_made_for_itself_is_refused(settings):
    settings.SECRET_KEY_IS_LOCAL = True

    assert [error.id for error in secret_key_is_secret(None)] == ["tradepost.E001"]


def test_a_guessable_former_key_is_refused_too(settings):
    settings.SECRET_KEY_IS_LOCAL, settings.SECRET_KEY = False, PRODUCTION["SECRET_KEY"]

    good = secret_key_is_secret(None)
    settings.SECRET_KEY_FALLBACKS = ["django-insecure-" + PRODUCTION["SECRET_KEY"]]

    assert good == []
    assert [error.id for error in secret_key_is_secret(None)] == ["tradepost.E002"]


def test_a_key_is_guessable_when_short_repetitive_or_from_an_example():
    assert guessable("a" * 80)
    assert guessable("x9" * 20)
    assert guessable("change-me-" + PRODUCTION["SECRET_KEY"])
    assert not guessable(PRODUCTION["SECRET_KEY"])


def test_debug_is_off_unless_asked_for(tmp_path):
    assert setting("settings.DEBUG", data=tmp_path) == "False"


def test_a_local_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = setting("settings.SECRET_KEY", data=tmp_path / "data")

    assert first == setting("settings.SECRET_KEY", data=tmp_path / "data") != ""
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"CONTEXTS": "ordring"}, "CONTEXTS names ordring; the contexts are customers, catalog"),
        ({"DATABASE_URL": "mysql://u:p@h/name"}, "DATABASE_URL must start with postgres://"),
        ({"DATABASE_URL": "postgres://u:p@h"}, "DATABASE_URL names no database"),
        ({"ORDERING_DATABASE_URL": "nonsense"}, "ORDERING_DATABASE_URL"),
        ({"WEB_THREADS": "many"}, "WEB_THREADS is 'many'; it should be a whole number."),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is 'LOUD'; it should be one of DEBUG, INFO"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is 'xml'; it should be one of console, json."),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_in_a_sentence(tmp_path, wrong, said):
    refused = manage("check", data=tmp_path, **wrong)

    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_process_may_have_one_context_alone(tmp_path):
    shown = setting("settings.CONTEXTS, sorted(settings.DATABASES)", data=tmp_path, CONTEXTS="ordering")

    assert shown == "['ordering'] ['default', 'ordering']"


def test_cookies_are_secure_and_http_is_redirected_where_the_site_has_https(tmp_path):
    shown = "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT"

    assert setting(shown, data=tmp_path, **PRODUCTION) == "True True True"
    assert setting(shown, data=tmp_path) == "False False False"


def test_a_context_with_a_server_of_its_own_signs_in_there(tmp_path):
    shown = "[settings.DATABASES[c][k] for c in ('ordering', 'payments') for k in ('HOST', 'USER')]"

    found = setting(
        shown, data=tmp_path, **PRODUCTION, ORDERING_DATABASE_URL="postgres://me:secret@own.internal/orders"
    )

    assert found == "['own.internal', 'me', 'db.internal', 'tradepost_payments']"


def test_the_procfile_names_the_queues_and_programs_that_up_starts():
    procfile = (REPOSITORY / "Procfile").read_text()

    assert re.search(r"worker: .* -Q (\S+)", procfile)[1] == ",".join(roster.CONTEXTS)
    names = [line.partition(":")[0] for line in procfile.splitlines()]
    assert names == ["release", "web", "worker", "effects", "beat", "tail"]
