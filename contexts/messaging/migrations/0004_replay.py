"""How far a read model that is made anew has come, and the events that wait beside as they do in the live one."""

from django.db import migrations

CREATE = """
create table messaging_replay (
    read_model text not null,
    publisher text not null,
    partition integer not null,
    position bigint not null,
    digest text not null,
    primary key (read_model, publisher, partition)
) with (fillfactor = 50);

create table messaging_replay_held (
    read_model text not null,
    publisher text not null,
    partition integer not null,
    position bigint not null,
    event_id uuid not null,
    subject text not null,
    event jsonb not null,
    state text not null check (state in ('parked', 'failed', 'behind')),
    fingerprint text not null default '',
    place text not null default '',
    problem text not null default '',
    traceback text not null default '',
    primary key (read_model, publisher, position)
);
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_tail")]
    operations = [migrations.RunSQL(CREATE, "drop table messaging_replay_held, messaging_replay")]
