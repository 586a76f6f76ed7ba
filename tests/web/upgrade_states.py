"""Brings the filled database of an earlier version to this one, as a start does, and says what became of it.

    python upgrade_states.py PLACE FIXTURE.json

`DATABASE_URL` names the database that holds the fixture. Printed is one JSON object. Run in a process of its own: a
start sets Django up for one database.
"""

from __future__ import annotations

import json
import lzma
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from braid.store.database_copy import SETTLED
from braid.store.postgres_programs import find_programs

HERE = Path(__file__).parent / "upgrades"
STATES = sorted(path.stem for path in HERE.glob("*.json"))
_COLUMNS = """
select table_schema || '.' || table_name, array_agg(column_name::text order by ordinal_position)
from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where table_schema in ('public', 'vault') and table_type = 'BASE TABLE' group by 1 order by 1
"""
_CASTS = re.compile(r"::(character varying|text)(\[\])?|[() ]")
CATALOGUE = {
    "columns": """
select table_schema, table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,
  is_identity, is_generated from information_schema.columns where table_schema in ('public', 'vault')""",
    "constraints": """
select conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(c.oid) from pg_constraint c
join pg_namespace n on n.oid = connamespace where nspname in ('public', 'vault') and contype <> 'n'""",
    "indexes": "select schemaname, indexname, indexdef from pg_indexes where schemaname in ('public', 'vault')",
    "policies": """
select schemaname, tablename, policyname, permissive, roles::text, cmd, qual, with_check from pg_policies""",
    "row security": """
select oid::regclass::text, relrowsecurity, relforcerowsecurity from pg_class where relkind in ('r', 'v')
  and relnamespace::regnamespace::text in ('public', 'vault')""",
    "rights": """
select c.oid::regclass::text, pg_get_userbyid(relowner), a.grantee::regrole::text, a.privilege_type from pg_class c,
  aclexplode(relacl) a where relnamespace::regnamespace::text in ('public', 'vault') and a.grantee <> relowner""",
    "rights on columns": """
select t.attrelid::regclass::text, attname, a.grantee::regrole::text, a.privilege_type from pg_attribute t
join pg_class c on c.oid = attrelid, aclexplode(attacl) a where relnamespace::regnamespace::text in ('public', 'vault')
""",
    "functions": """
select p.oid::regprocedure::text, pg_get_userbyid(proowner), prosecdef, proconfig::text, md5(prosrc),
  (select array_agg(grantee::regrole::text || privilege_type order by 1)::text from aclexplode(proacl))
from pg_proc p where pronamespace::regnamespace::text in ('public', 'vault')
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')""",
    "triggers": """
select tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal""",
    "views": "select schemaname, viewname, md5(definition) from pg_views where schemaname in ('public', 'vault')",
}
"""What is compared of two databases: their catalogue, by what it says and never by its numbers."""


def load_state(state: str, url: str) -> dict[str, Any]:
    """Fill an empty database with the fixture of a state; return what the fixture says of itself."""
    document: dict[str, Any] = json.loads((HERE / f"{state}.json").read_text(encoding="utf-8"))
    with psycopg.connect(url, autocommit=True) as connection:
        for role in ("braid_pages", "braid_vault"):
            connection.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
    text = lzma.decompress((HERE / f"{state}.sql.xz").read_bytes())
    command = [find_programs() / "psql", "--single-transaction", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
    subprocess.run(command, input=text, check=True, capture_output=True)
    return document


def columns_of(url: str) -> dict[str, list[str]]:
    """Return the columns of each table."""
    with psycopg.connect(url) as connection:
        return dict(connection.execute(_COLUMNS).fetchall())


def rows_of(url: str, columns: dict[str, list[str]]) -> dict[str, dict[str, tuple[int, str]]]:
    """Return for each table and column how many values it holds, and a hash of them whatever their order.

    Columns one by one, so that what a migration changed is named. Tables and columns that are gone are left out.
    """
    now = columns_of(url)
    found: dict[str, dict[str, tuple[int, str]]] = {}
    with psycopg.connect(url) as connection:
        for setting in SETTLED.split("; "):
            connection.execute(setting)
        for table in columns.keys() & now.keys():
            names = [name for name in columns[table] if name in now[table]]
            hashes = sql.SQL(", ").join(
                sql.SQL("coalesce(sum(hashtextextended({}::text, 0)::numeric), 0)::text").format(sql.Identifier(name))
                for name in names
            )
            row = connection.execute(
                sql.SQL("select count(*), {} from {}").format(hashes, sql.Identifier(*table.split(".")))
            ).fetchone()
            assert row is not None
            found[table] = {name: (row[0], value) for name, value in zip(names, row[1:], strict=True)}
    return found


def describe(url: str) -> dict[str, list[str]]:
    """Return the catalogue of a database as sorted lines, by part.

    What was dumped and restored casts each text of a list where it was cast as a whole before, so casts of texts and
    brackets are left out of constraints and indexes.
    """
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = public, pg_catalog")
        found = {part: list(map(repr, connection.execute(text).fetchall())) for part, text in CATALOGUE.items()}
    for part in ("constraints", "indexes"):
        found[part] = [_CASTS.sub("", line) for line in found[part]]
    return {part: sorted(lines) for part, lines in found.items()}


def main(folder: Path, fixture: Path) -> dict[str, Any]:
    """Migrate, publish, make role and policies, verify the record, and ask for pages; return what was found."""
    from importlib import import_module

    from braid.trust.checkpoint import read_verifier_key
    from braid.web.audit_check import verify
    from braid.web.serve import place_database, secure_database, web_app

    document = json.loads(fixture.read_text(encoding="utf-8"))
    url, before = os.environ["DATABASE_URL"], columns_of(os.environ["DATABASE_URL"])
    found: dict[str, Any] = {"before": rows_of(url, before)}
    with place_database(folder):
        found["after"] = rows_of(url, before)
    with psycopg.connect(url, autocommit=True) as connection:
        log = verify(connection, read_verifier_key(document["log_key"]))
        found["log"] = {"entries": log.entries, "misfits": [misfit.rule for misfit in log.misfits]}
    with web_app(folder):
        secure_database(url)
        found["pages"] = import_module("upgrade_pages").ask_pages()
    return found


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
