"""Says which goods' words, and which words of the shop, a transaction wrote, so that `matches.py` may remember them.

Popularity counts in whole steps: each is twice as much as the one before. German words are looked up by their ends. After a
transaction that wrote everything, as reindexing does, the planner would take each transaction's goods for all goods and
read them for every page; so it is told that each has few.
"""

from django.db import migrations

_NOTED = """
    DROP TRIGGER product_arranged ON catalog_product;
    CREATE TRIGGER product_arranged BEFORE UPDATE ON catalog_product FOR EACH ROW
        WHEN (OLD.facets IS DISTINCT FROM NEW.facets OR OLD.shelf IS DISTINCT FROM NEW.shelf
            OR floor(OLD.popularity) <> floor(NEW.popularity))
        EXECUTE FUNCTION catalog_product_arranged();
    CREATE TRIGGER product_indexed BEFORE UPDATE OF search, name, texts ON catalog_product FOR EACH ROW
        EXECUTE FUNCTION catalog_product_arranged();
    ALTER TABLE catalog_product ALTER COLUMN arranged_in SET (n_distinct = -1);
    ALTER TABLE catalog_product_gone ALTER COLUMN gone_in SET (n_distinct = -1);
    ALTER TABLE catalog_word ADD COLUMN learnt_in xid8 NOT NULL DEFAULT pg_current_xact_id();
    ALTER TABLE catalog_word ALTER COLUMN learnt_in SET (n_distinct = -1);
    CREATE INDEX word_learnt_in ON catalog_word (learnt_in);
    CREATE INDEX word_backwards ON catalog_word (reverse(word));
    CREATE FUNCTION catalog_word_learnt() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.learnt_in := pg_current_xact_id(); RETURN NEW; END $$;
    CREATE TRIGGER word_learnt BEFORE UPDATE ON catalog_word FOR EACH ROW EXECUTE FUNCTION catalog_word_learnt();
"""
_NOT_NOTED = """
    ALTER TABLE catalog_product ALTER COLUMN arranged_in RESET (n_distinct);
    ALTER TABLE catalog_product_gone ALTER COLUMN gone_in RESET (n_distinct);
    DROP TRIGGER word_learnt ON catalog_word;
    DROP FUNCTION catalog_word_learnt();
    DROP INDEX word_backwards;
    ALTER TABLE catalog_word DROP COLUMN learnt_in;
    DROP TRIGGER product_indexed ON catalog_product;
    DROP TRIGGER product_arranged ON catalog_product;
    CREATE TRIGGER product_arranged BEFORE UPDATE ON catalog_product FOR EACH ROW
        WHEN (OLD.facets IS DISTINCT FROM NEW.facets OR OLD.shelf IS DISTINCT FROM NEW.shelf)
        EXECUTE FUNCTION catalog_product_arranged();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_products_gone")]

    operations = [migrations.RunSQL(_NOTED, _NOT_NOTED)]
