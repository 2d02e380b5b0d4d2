"""The shared kernel: value types, signed tokens and page furniture that every context uses.

It has no tables and no state, and imports no context. Its modules: `money`, `addresses`, `tokens`, `identity`,
`links`.
"""
