"""The shop's settings with catalog in a database of the benchmark's own, named by BENCH_DATABASE."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES

DATABASES["catalog"]["NAME"] = os.environ["BENCH_DATABASE"]
ROOT_URLCONF = "config.bench._urls"
