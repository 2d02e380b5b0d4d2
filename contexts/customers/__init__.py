"""Customers: accounts, sign-in, the address book, and the identity that the other contexts trust."""
