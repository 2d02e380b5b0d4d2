"""The tests' databases: one embedded cluster per DATA_DIR, one template per set of migrations, one copy per process."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.cleaning import Cleaner

LIBRARIES_WITH_TABLES = ("django", "django-allauth", "django-axes")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Start the test servers unless they run, and give this process its own copy of the migrated database."""
    from django.conf import settings
    from django.db import connections
    from django.test import TestCase, TransactionTestCase

    from config.embedded import servers

    # Django walks through all aliases; the empty `default` has nothing to offer it.
    connections.settings.pop("default", None)
    TransactionTestCase.databases = TestCase.databases = "__all__"  # type: ignore[assignment]
    with _shared_servers(settings.DATA_DIR), django_db_blocker.unblock():
        with _locked(settings.DATA_DIR / "start.lock"):
            servers.start(servers.needed(durable=False))
            _drop_leftovers()
            template = _template()
            _run(f"CREATE DATABASE {settings.TEST_DATABASE} TEMPLATE {template}")
        cleaner = _cleaner()
        TransactionTestCase._fixture_teardown = lambda case: cleaner.clean(  # type: ignore[attr-defined]
            alias for alias in settings.CONTEXTS if alias in case.databases
        )
        yield
        cleaner.close()
        for connection in connections.all(initialized_only=True):
            connection.close()
        _run(f"DROP DATABASE {settings.TEST_DATABASE} WITH (FORCE)")


@pytest.fixture(autouse=True)
def _fresh_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty this process's Redis database after each test that has a database."""
    yield
    if "django_db_setup" in request.fixturenames or request.node.get_closest_marker("django_db"):
        _redis().flushdb()


def _redis() -> Any:
    import redis
    from django.conf import settings

    global _client
    if _client is None:
        _client = redis.Redis.from_url(settings.REDIS_URL)
    return _client


_client: Any = None


@contextmanager
def _shared_servers(folder: Path) -> Iterator[None]:
    """Stop the servers at the end unless another test process still uses them."""
    from config.embedded import servers

    folder.mkdir(parents=True, exist_ok=True)
    users = os.open(folder / "users.lock", os.O_CREAT | os.O_RDWR)
    with _locked(folder / "start.lock"):
        fcntl.flock(users, fcntl.LOCK_SH)
    try:
        yield
    finally:
        with _locked(folder / "start.lock"):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                pass
            else:
                servers.stop(servers.needed(durable=False))
            os.close(users)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = os.open(path, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _run(statement: str) -> None:
    from django.conf import settings

    from config.provision.roles import connect

    with connect(settings.DATABASE_ADMIN, database="postgres") as connection:
        connection.execute(statement)


def _databases() -> list[str]:
    from django.conf import settings

    from config.provision.roles import connect

    with connect(settings.DATABASE_ADMIN, database="postgres") as connection:
        return [name for (name,) in connection.execute("SELECT datname FROM pg_database")]


def _drop_leftovers() -> None:
    """Drop the databases of test processes that were killed."""
    for name in _databases():
        owner = re.fullmatch(r"test_(\d+)", name)
        if owner and not Path(f"/proc/{owner[1]}").exists():
            _run(f"DROP DATABASE {name} WITH (FORCE)")


def _template() -> str:
    """Return the database that holds today's migrations, made by the shop's own provisioning."""
    from django.conf import settings
    from django.db import connections

    from config.provision.setup import set_up

    name = f"template_{_fingerprint()}"
    known = _databases()
    if name not in known:
        for old in known:
            if old.startswith("template_"):
                _run(f"DROP DATABASE {old} WITH (FORCE)")
        unfinished = f"unfinished_{os.getpid()}"
        _name_databases(unfinished)
        set_up()
        for connection in connections.all(initialized_only=True):
            connection.close()
        _name_databases(settings.TEST_DATABASE)
        _run(f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return name


def _cleaner() -> Cleaner:
    """Return what empties the databases, as the administrator who may do so in all of them."""
    from django.conf import settings

    return Cleaner(settings.DATABASE_ADMIN, settings.CONTEXTS)


def _name_databases(name: str) -> None:
    from django.conf import settings
    from django.db import connections

    settings.DATABASE_ADMIN["NAME"] = name
    for alias in connections:
        connections[alias].settings_dict["NAME"] = name


def _fingerprint() -> str:
    """Return a digest of everything that decides what the tables look like."""
    root = Path(__file__).resolve().parents[2]
    files = sorted([*root.glob("contexts/*/migrations/*.py"), *root.glob("config/provision/*.py"),
                    *root.glob("contexts/messaging/tailing/*.py")])  # fmt: skip
    digest = hashlib.sha256(" ".join(version(library) for library in LIBRARIES_WITH_TABLES).encode())
    for file in files:
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    # Permissions follow the models.
    for file in sorted([*root.glob("contexts/*/models.py"), *root.glob("contexts/*/models/*.py")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
