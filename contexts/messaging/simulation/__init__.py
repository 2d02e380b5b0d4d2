"""A deterministic simulation of the backbone: production code over a model of PostgreSQL, a faulty network and a
scheduler that decides from a seed who runs next, who dies and what gets lost. Nothing in production imports it.

`run.simulate(seed)` runs one; the same seed gives the same trace, letter for letter.
"""
