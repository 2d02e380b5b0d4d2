"""Payments and refunds, through a gateway."""
