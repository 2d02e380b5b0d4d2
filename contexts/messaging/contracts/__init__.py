"""Contracts between contexts: golden files that pin what was ever published, checks, and documents drawn from the code."""
