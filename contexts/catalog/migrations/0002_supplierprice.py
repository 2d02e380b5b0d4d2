from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SupplierPrice",
            fields=[
                ("sku", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="SKU")),
                ("supplier", models.CharField(max_length=80, verbose_name="supplier")),
                ("price_cents", models.BigIntegerField(verbose_name="price in cents")),
                ("currency", models.CharField(db_default="EUR", max_length=3, verbose_name="currency")),
            ],
            options={"verbose_name": "supplier's price", "verbose_name_plural": "suppliers' prices"},
        ),
        migrations.AddConstraint(
            model_name="supplierprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_cents__gt", 0)), name="supplier_price_above_zero"
            ),
        ),
        # Without it the write-ahead log has only the key of a row as it was.
        migrations.RunSQL(
            "alter table catalog_supplierprice replica identity full",
            "alter table catalog_supplierprice replica identity default",
        ),
    ]
