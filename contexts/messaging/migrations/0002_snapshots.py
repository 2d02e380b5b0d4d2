"""Snapshots of event-sourced streams, and the wishes for them; both may be emptied at any time."""

from django.db import migrations

CREATE = """
create table messaging_snapshot (
    subject text not null,
    kind text not null,
    fingerprint text not null,
    version integer not null,
    state bytea not null,
    taken_at timestamptz not null,
    primary key (subject, kind, fingerprint, version)
);
create table messaging_snapshot_wish (
    subject text not null,
    kind text not null,
    primary key (subject, kind)
);
"""

DROP = "drop table messaging_snapshot_wish, messaging_snapshot;"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
