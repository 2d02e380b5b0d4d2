"""Makes the databases ready for the contexts: roles, schemas, rights and migrations. Idempotent."""
