"""Promotion codes and gift cards: what they are worth, who used them, and that no limit is ever passed."""
