"""A bank of our own for demos and tests: it knows only its test cards and moves no real money.

It behaves as a remote one would: payments reaches it through the port in `contexts.payments.gateway` alone, it keeps
its own ledger (`ledger`), writes it in transactions of its own, honours idempotency keys (`bank`), asks card holders
on a page of its own, and tells the shop by signed notices (`notices`).
"""
