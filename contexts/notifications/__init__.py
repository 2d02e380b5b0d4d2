"""E-mails to shoppers, once per event."""
