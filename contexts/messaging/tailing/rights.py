"""What a context's role may do to the write-ahead log: six functions, on its own slot and its own tables.

The REPLICATION attribute would let a role read every context's data and copy the whole server. So the administrator
owns functions in the context's schema that have the slot, the publication and the prefix of messages written into them;
the role may execute them and nothing else. `manage.py setup` installs them.
"""

from __future__ import annotations

import hashlib

from psycopg import sql

from contexts.messaging.tailing.outbox import prefix_of

# Slots belong to the server, so the name tells the databases apart. It stands in every function: the role owns the
# schema, so a function of its own could take the place of one that they share.
SLOT = """(select case when length(name) > 30 then left(name, 24) || left(md5(current_database()), 6) else name end
        || '_{context}_tail'
    from (select regexp_replace(lower(current_database()), '[^a-z0-9_]', '_', 'g') as name) database)"""

# Temporary objects come last on the search path: without its mention they would come first.
FUNCTIONS = """\
create or replace function {schema}.tail_slot() returns text
language sql stable parallel safe set search_path = pg_catalog, pg_temp as $$
    select {slot}
$$;

create or replace function {schema}.tail_publish(tables text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    wanted text;
begin
    if not exists (select from pg_publication where pubname = '{publication}') then
        create publication {publication};
    end if;
    for wanted in
        select unnest(tables) except
        select tablename from pg_publication_tables where pubname = '{publication}' and schemaname = '{schema_name}'
    loop
        execute format('alter publication {publication} add table {schema}.%I', wanted);
    end loop;
    for wanted in
        select tablename from pg_publication_tables where pubname = '{publication}' and tablename <> all(tables)
    loop
        execute format('alter publication {publication} drop table {schema}.%I', wanted);
    end loop;
end $$;

create or replace function {schema}.tail_create() returns pg_lsn
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    made pg_lsn;
begin
    -- The block with its exception is a subtransaction. Without one PostgreSQL (seen in 18.4) forgets whose snapshot
    -- it holds where another transaction changes the catalogue meanwhile: "snapshot reference ... is not owned".
    begin
        select lsn into made from pg_create_logical_replication_slot({slot}, 'pgoutput');
    exception when no_data_found then
        null;
    end;
    return made;
end $$;

create or replace function {schema}.tail_drop() returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = {slot}
$$;

create or replace function {schema}.tail_peek(most integer) returns table (data bytea)
language sql security definer set search_path = pg_catalog, pg_temp as $$
    -- Messages (77 is "M") of all contexts come; only those with this context's prefix go out.
    select data from pg_logical_slot_peek_binary_changes({slot}, null, most,
        'proto_version', '1', 'publication_names', '{publication}', 'messages', 'true')
    where get_byte(data, 0) <> 77 or substring(data from 11 for {prefix_length}) = '\\x{prefix_hex}00'::bytea
$$;

create or replace function {schema}.tail_advance(upto pg_lsn) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    slot pg_replication_slots;
begin
    select * into slot from pg_replication_slots where slot_name = {slot};
    if upto > slot.confirmed_flush_lsn then
        perform pg_replication_slot_advance(slot.slot_name, least(upto, pg_current_wal_flush_lsn()));
    end if;
    -- Reading begins at the last note of the running transactions. The server makes one every 15 seconds; under load
    -- it pays to have more of them.
    if pg_current_wal_lsn() - slot.restart_lsn > 262144
        and current_setting('server_version_num')::int >= 160000
    then
        begin
            execute 'select pg_log_standby_snapshot()';
        exception when insufficient_privilege then
            null;
        end;
    end if;
end $$;
"""

NAMES = ("tail_slot()", "tail_publish(text[])", "tail_create()", "tail_drop()", "tail_peek(integer)",
         "tail_advance(pg_lsn)")  # fmt: skip


def publication_of(context: str) -> str:
    return f"{context}_tail"


def digest(context: str, schema: str | None = None) -> str:
    """Return what tells these functions from older ones; it is kept as their comment."""
    return hashlib.blake2b(_functions(context, schema or context).encode(), digest_size=8).hexdigest()


def statements(context: str, *, role: str, schema: str | None = None) -> list[str]:
    """Return what the administrator executes to let a context's role tail."""
    schema = schema or context
    place, grantee = sql.Identifier(schema).as_string(None), sql.Identifier(role).as_string(None)
    found = [_functions(context, schema)]
    for name in NAMES:
        found.append(f"revoke all on function {place}.{name} from public")
        found.append(f"grant execute on function {place}.{name} to {grantee}")
        found.append(f"comment on function {place}.{name} is 'tradepost {digest(context, schema)}'")
    return found


#: As the context's role: the digest of the functions that are installed, "" if none are.
INSTALLED = "select coalesce(obj_description(to_regprocedure('tail_advance(pg_lsn)'), 'pg_proc'), '')"


def _functions(context: str, schema: str) -> str:
    prefix = prefix_of(context).encode()
    return FUNCTIONS.format(
        schema=sql.Identifier(schema).as_string(None), schema_name=schema, publication=publication_of(context),
        slot=SLOT.format(context=context), prefix_hex=prefix.hex(), prefix_length=len(prefix) + 1,
    )  # fmt: skip
