"""Rows of products that are deleted by hand leave their number behind, so that `bitmaps.py` hears of it."""

from django.db import migrations

_NOTED = """
    CREATE TABLE catalog_product_gone (
        number integer PRIMARY KEY,
        gone_in xid8 NOT NULL DEFAULT pg_current_xact_id()
    );
    CREATE INDEX product_gone_in ON catalog_product_gone (gone_in);
    CREATE FUNCTION catalog_product_deleted() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO catalog_product_gone (number) VALUES (OLD.number); RETURN NULL; END $$;
    CREATE TRIGGER product_deleted AFTER DELETE ON catalog_product FOR EACH ROW
        EXECUTE FUNCTION catalog_product_deleted();
"""
_NOT_NOTED = """
    DROP TRIGGER product_deleted ON catalog_product;
    DROP FUNCTION catalog_product_deleted();
    DROP TABLE catalog_product_gone;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_bitmaps")]

    operations = [migrations.RunSQL(_NOTED, _NOT_NOTED)]
