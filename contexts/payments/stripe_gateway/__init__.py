"""Stripe behind the port: Payment Intents with manual capture, cards on Stripe's own page, signed webhooks.

No card number, and no script of Stripe's, reaches this server or its pages; see docs/paying.md.
"""
