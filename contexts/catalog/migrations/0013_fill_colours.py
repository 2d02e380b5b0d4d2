"""Writes anew all that lists and search read of products that are there already: their texts, languages, colours.

It runs code of today, so it has to be the last to add what that code reads: a later migration that adds a column takes this
over, and leaves nothing here.
"""

from django.db import migrations


def fill(apps, schema_editor):
    from contexts.catalog.reindexing import reindex

    for _count in reindex():
        pass


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_remembered_words")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        # What the planner knows is from before; until it is told, each page would read all goods.
        migrations.RunSQL("ANALYZE catalog_product, catalog_word", migrations.RunSQL.noop),
    ]
