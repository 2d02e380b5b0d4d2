"""Settings for tests: the shop's own, on a PostgreSQL and a Redis of their own, whatever the environment says."""

import fcntl
import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
KEPT = {"DATA_DIR", "TEST_DATABASE_URL", "TEST_DATABASE", "TEST_REDIS_DB", "LOG_LEVEL", "LOG_FORMAT"}
LISTED = [line.partition("=")[0].lstrip("# ") for line in (REPOSITORY / ".env.example").read_text().splitlines()]

for name in LISTED:
    if name not in KEPT:
        os.environ.pop(name, None)
os.environ["ENV_FILE"] = os.devnull
# Processes that a test run starts inherit the folder it has chosen.
if "TEST_DATA_DIR" not in os.environ:
    os.environ["TEST_DATA_DIR"] = str(Path(os.environ.get("DATA_DIR", REPOSITORY / ".data")).absolute() / "test")
os.environ["DATA_DIR"] = os.environ["TEST_DATA_DIR"]
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
os.environ |= {
    "DEMO": "false",
    "STATIC_COLLECTED": "false",
    "SITE_URL": "http://testserver",
    "CURRENCIES": "EUR,GBP,USD,CHF,JPY",
    "REQUIRE_STAFF_SECOND_FACTOR": "false",  # Its own tests switch it on.
}
os.environ.setdefault("LOG_LEVEL", "WARNING")

from config.settings import *  # noqa: E402, F403
from config.settings import CACHES, DATA_DIR, DATABASE_ADMIN, DATABASES, REDIS_URL  # noqa: E402


def _free_redis_number() -> int:
    """Take a Redis database that no other test process uses; the lock is held until this process ends."""
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    for number in range(1, 64):
        lock = os.open(DATA_DIR / f"redis-{number}.lock", os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
        else:
            return number
    raise RuntimeError("63 test processes run already; wait for some to end.")


# A database and a Redis number per test process. Processes that a test starts are given the test's own.
TEST_DATABASE = os.environ.get("TEST_DATABASE") or f"test_{os.getpid()}"
TEST_REDIS_DB = int(os.environ.get("TEST_REDIS_DB") or _free_redis_number())

DATABASE_ADMIN["NAME"] = TEST_DATABASE
for alias in DATABASES.values():
    if alias:
        alias["NAME"] = TEST_DATABASE

CELERY_BROKER_URL = f"{REDIS_URL.replace('unix://', 'redis+socket://', 1)}?virtual_host={TEST_REDIS_DB}"
REDIS_URL = f"{REDIS_URL}?db={TEST_REDIS_DB}"
CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
