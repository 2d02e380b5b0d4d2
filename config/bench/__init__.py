"""Benchmarks of the shop as a whole: modules as in `contexts.messaging.bench`, run by `manage.py bench`."""
