from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ordering', '0009_guests_become_customers'),
    ]

    operations = [
        migrations.AddField(
            model_name='ordersummary',
            name='language',
            field=models.CharField(db_default='', default='', max_length=12),
        ),
        migrations.AddField(
            model_name='ordersummary',
            name='said',
            field=models.JSONField(db_default=[], default=list),
        ),
        # As the streams say it: of somebody who was erased nothing but the shop's own language is left.
        migrations.RunSQL(
            """
            update ordering_ordersummary placed
            set language = case when placed.address is null then 'en' else checkout.language end
            from ordering_checkout checkout
            where checkout.order_id = placed.order_id and placed.placed_at is not null
            """,
            migrations.RunSQL.noop,
        ),
    ]
