"""What is checked, by whose books it is."""
