"""Keys of persons, what their events are about, and the receipts of their erasure."""

from django.db import migrations

CREATE = """
create table messaging_person (
    publisher text not null,
    person text not null,
    key bytea not null,
    primary key (publisher, person)
);
create index messaging_person_person on messaging_person (person);
create table messaging_person_subject (
    person text not null,
    publisher text not null,
    subject text not null,
    primary key (person, publisher, subject)
);
create index messaging_person_subject_subject on messaging_person_subject (publisher, subject);
create table messaging_erasure (
    person text primary key,
    at timestamptz not null,
    event_id uuid not null,
    actor text not null,
    what jsonb not null
);
"""

DROP = "drop table messaging_erasure, messaging_person_subject, messaging_person;"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0005_archive")]
    operations = [migrations.RunSQL(CREATE, DROP)]
