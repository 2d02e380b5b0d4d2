"""Which events have left the log for files, and what those files must be."""

from django.db import migrations

CREATE = """
create table messaging_archive (
    first_event bigint primary key,
    end_event bigint not null check (end_event > first_event),
    folder text not null,
    file text not null,
    sha256 text not null,
    index_sha256 text not null,
    bytes bigint not null,
    events bigint not null,
    kept bigint not null,
    first_position bigint not null,
    last_position bigint not null,
    first_time timestamptz not null,
    last_time timestamptz not null,
    archived_at timestamptz not null
);
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_replay")]
    operations = [migrations.RunSQL(CREATE, "drop table messaging_archive")]
