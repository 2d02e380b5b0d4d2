"""Contracts between contexts: golden files that pin what was published, checks, and documents from the code."""
