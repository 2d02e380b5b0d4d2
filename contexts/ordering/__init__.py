"""Ordering: the cart, the checkout and the order. An order is its stream of events."""
