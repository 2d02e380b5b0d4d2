"""The ledger cannot be changed or deleted, not even by a mistake in SQL."""

from typing import ClassVar

from django.db import migrations

FORBID = """
CREATE FUNCTION inventory_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The stock ledger is append-only: enter a correcting move instead.';
END
$$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON inventory_stockmove
    FOR EACH ROW EXECUTE FUNCTION inventory_ledger_is_append_only();
"""
ALLOW = """
DROP TRIGGER ledger_is_append_only ON inventory_stockmove;
DROP FUNCTION inventory_ledger_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("inventory", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORBID, ALLOW)]
