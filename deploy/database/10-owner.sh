#!/bin/sh
# The owner of Braid's tables: no superuser, past no policy. It may make one role, that of the pages, and fetch the
# server's journal, which whoever keeps backups needs.
set -eu
password=$(cat /run/secrets/owner_password)
psql --set=ON_ERROR_STOP=1 --set=password="$password" --username=postgres --dbname=postgres <<'SQL'
create role braid_owner login createrole replication nosuperuser nobypassrls password :'password';
create database braid owner braid_owner;
revoke all on database braid from public;
grant connect on database braid to braid_owner with grant option;
SQL
printf 'hostssl replication braid_owner all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
