"""What lists and search read of products that are there already, in every language."""

from django.db import migrations


def fill(apps, schema_editor):
    from contexts.catalog.reindexing import reindex

    for _count in reindex():
        pass


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_languages")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
