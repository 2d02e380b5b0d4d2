"""The bounded contexts: each owns its schema, its models and its pages, and tells the others by events."""
