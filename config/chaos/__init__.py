"""Breaks a shop on purpose and measures how it gets well: a house of its own, shoppers, faults from a seed, judges.

`manage.py chaos` runs a campaign; tests/faults uses the same parts. See docs/chaos.md.
"""
