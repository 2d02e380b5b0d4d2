"""Log tailing: events read from PostgreSQL's write-ahead log, as messages (an outbox without a table) or as row changes.

`outbox` writes the messages, `capture` declares what row changes mean, `tailer` reads both in the order of their commits
and appends them to the context's log, exactly once. See docs/publishing.md and docs/adr/0020-log-tailing.md.
"""
