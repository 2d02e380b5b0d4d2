"""History: what a customer bought, as documents in Redis. It can be rebuilt from the log at any time."""
