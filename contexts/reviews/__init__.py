"""What customers say about the goods, and how good they find them."""
