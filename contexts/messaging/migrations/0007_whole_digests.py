"""Everything of an event goes into the digests: also who published it, when, and what caused it.

What is in a log already has been hashed without, on both sides, and stays so. Stop the workers while this is applied, or what
they send meanwhile is hashed as before.
"""

from django.db import migrations, models

ADD = """
alter table messaging_sequencer add column whole_after bigint not null default 0;
update messaging_sequencer set whole_after = head;
"""

DROP = "alter table messaging_sequencer drop column whole_after;"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_personal_data")]
    operations = [
        migrations.RunSQL(
            ADD, DROP,
            state_operations=[migrations.AddField("Sequencer", "whole_after", models.BigIntegerField())],
        )
    ]
