-- The vault: a schema of its own, owned by a role that nobody signs in as. The role of the pages has no right on its
-- tables and may call two functions, which give one ciphertext a statement and leave a row for each call. Applied by the
-- owner of the published tables at every start; each statement may be repeated.

create schema if not exists vault authorization braid_vault;
set local role braid_vault;

-- The run that the vault was filled from: no row, and nothing is known of anybody.
create table if not exists vault.filled (run_id varchar(100) primary key);

-- Every protected person of the run, also one of whom no source says where; an empty key is one that was erased.
create table if not exists vault.data_key (
    person_id varchar(64) primary key,
    key_id varchar(40) not null,
    wrapped bytea not null);

-- One row an item: how many values a person has of it, and how long they are, is sealed too.
create table if not exists vault.field (
    person_id varchar(64) not null,
    item varchar(80) not null,
    sealed bytea not null,
    primary key (person_id, item));

-- Every call of the function, permitted or not. One statement gets one field: its time stamp is the same for all calls
-- that it makes, so a query smuggled into a page fails at the second.
create table if not exists vault.call (
    id bigserial primary key,
    called_at timestamptz not null default clock_timestamp(),
    statement_at timestamptz not null,
    backend integer not null,
    username varchar(150) not null,
    purpose varchar(40) not null,
    person_id varchar(64) not null,
    item varchar(80) not null,
    permitted boolean not null,
    unique (backend, statement_at));

create or replace function vault.read_field(wanted_person varchar, wanted_item varchar)
    returns table (permitted boolean, key_id varchar, wrapped bytea, sealed bytea)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare is_permitted boolean := public.braid_vault_permits(wanted_person, wanted_item);
    begin
        insert into vault.call (statement_at, backend, username, purpose, person_id, item, permitted)
            values (statement_timestamp(), pg_backend_pid(), coalesce(public.braid_username(), ''),
                coalesce(public.braid_purpose(), ''), left(wanted_person, 64), left(wanted_item, 80), is_permitted);
        return query select is_permitted, d.key_id, d.wrapped, f.sealed from (select 1) as one
            left join vault.field f on is_permitted and f.person_id = wanted_person and f.item = wanted_item
            left join vault.data_key d on is_permitted and d.person_id = wanted_person;
    end $$;

-- The contact points of a safe contact that waits for a second human: one a statement, and a row for each call.
create or replace function vault.read_contact(wanted bigint)
    returns table (person_id varchar, key_id varchar, wrapped bytea, sealed bytea)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare kept record;
    begin
        select c.person_id, c.key_id, c.wrapped, c.sealed into kept from public.braid_contact_to_confirm(wanted) c;
        insert into vault.call (statement_at, backend, username, purpose, person_id, item, permitted)
            values (statement_timestamp(), pg_backend_pid(), coalesce(public.braid_username(), ''),
                coalesce(public.braid_purpose(), ''), coalesce(kept.person_id, ''), 'safe_contact',
                kept.person_id is not null);
        return query select kept.person_id, kept.key_id, kept.wrapped, kept.sealed where kept.person_id is not null;
    end $$;

revoke all on all tables in schema vault from public;
revoke all on function vault.read_field(varchar, varchar) from public;
revoke all on function vault.read_contact(bigint) from public;
grant select, insert, update, delete on vault.filled, vault.data_key, vault.field to {owner};
grant select on vault.call to {owner};
grant usage on schema vault to {owner};
