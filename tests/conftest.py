"""Fixtures for every test: an embedded PostgreSQL and Redis of the tests' own, a fresh copy of the migrated database
per process, quick cleaning, and a browser."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

pytest_plugins = ["tests.plugins.databases", "tests.plugins.browser"]
if find_spec("contexts.messaging.testing"):
    pytest_plugins.append("contexts.messaging.testing")


@pytest.fixture
def process_environment(django_db_setup: None) -> dict[str, str]:
    """The environment for processes that a test starts: they see the test's own database and Redis."""
    from django.conf import settings

    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE": settings.TEST_DATABASE,
        "TEST_REDIS_DB": str(settings.TEST_REDIS_DB),
    }
