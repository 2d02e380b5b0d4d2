"""Products whose prices changed are read again by `bitmaps.py`, as those whose facets changed."""

from django.db import migrations

_ARRANGED = """
    DROP TRIGGER product_arranged ON catalog_product;
    CREATE TRIGGER product_arranged BEFORE UPDATE ON catalog_product FOR EACH ROW
        WHEN ({condition})
        EXECUTE FUNCTION catalog_product_arranged();
"""
_BEFORE = """OLD.facets IS DISTINCT FROM NEW.facets OR OLD.shelf IS DISTINCT FROM NEW.shelf
            OR floor(OLD.popularity) <> floor(NEW.popularity)"""
_PRICES = "OLD.price_from_cents IS DISTINCT FROM NEW.price_from_cents OR OLD.fixed IS DISTINCT FROM NEW.fixed"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_fill_colours")]

    operations = [
        migrations.RunSQL(
            _ARRANGED.format(condition=f"{_BEFORE} OR {_PRICES}"), _ARRANGED.format(condition=_BEFORE)
        )
    ]
