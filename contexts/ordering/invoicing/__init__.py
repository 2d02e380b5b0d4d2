"""Invoices and credit notes: numbered, kept as they were issued, drawn as PDF. Reasons: docs/adr/0034-invoices.md."""
