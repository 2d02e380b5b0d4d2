"""The archive: old events in compressed files, which everything that reads the log still reads. See docs/retention.md."""
