"""What lists and search read of products that are there already is filled in by 0013, where all its columns are there."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_languages")]

    operations = []
