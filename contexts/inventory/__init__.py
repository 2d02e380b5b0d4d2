"""What is in stock: the ledger of stock moves, and reservations that expire."""
