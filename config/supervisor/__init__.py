"""Runs the shop's processes in one terminal: starts, watches, restarts and stops them. Knows nothing of Django."""
