"""The vault's schema in the database, its role, and what in the catalogue would open it to the pages."""

from pathlib import Path
from typing import Any

from django.db import ProgrammingError, connection, transaction
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from braid.store.engine import EngineNotAvailable
from braid.web.pages_password import PAGES_ROLE, VAULT_ROLE

TABLES = ("filled", "data_key", "field", "call")
FUNCTIONS_OF_VAULT = {"braid_vault_permits": "varchar, varchar", "braid_contact_to_confirm": "bigint"}
"""What the vault's role asks of the published tables: the functions, with the types of what they take."""
VAULT_FUNCTIONS_OF_PAGES = {"read_field": "varchar, varchar", "read_contact": "bigint"}
"""The functions of the vault that the pages may call, likewise. Each leaves a row of the call."""
_HERE = Path(__file__).parent


def make_vault() -> None:
    """Make the role, schema and tables where they are missing. Raises `EngineNotAvailable` where the owner may not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _make_role(cursor)
            cursor.execute("select current_user")
            owner = sql.Identifier(cursor.fetchone()[0])
            cursor.execute(sql.SQL((_HERE / "vault.sql").read_text(encoding="utf-8")).format(owner=owner))
            cursor.execute("reset role")
            cursor.execute((_HERE / "permits.sql").read_text(encoding="utf-8"))
            for name, takes in FUNCTIONS_OF_VAULT.items():
                cursor.execute(f"revoke all on function {name}({takes}) from public")
                cursor.execute(f"grant execute on function {name}({takes}) to {VAULT_ROLE}")
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        raise EngineNotAvailable(
            f"the database user may not make the role {VAULT_ROLE} and its schema. Next step: alter role … with"
            " createrole, and grant create on the database to it, or let the server's administrator do so"
        ) from None


def _make_role(cursor: Any) -> None:
    cursor.execute("select 1 from pg_roles where rolname = %s", [VAULT_ROLE])
    if cursor.fetchone() is None:
        cursor.execute(f"create role {VAULT_ROLE} nologin")
    cursor.execute("select rolsuper from pg_roles where rolname = current_user")
    if not cursor.fetchone()[0]:  # who makes a role may not yet act as it
        cursor.execute(f"grant {VAULT_ROLE} to current_user")


def open_to_pages() -> None:
    """Let the role of the pages call the functions that give one ciphertext, and nothing else. The role must exist."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"revoke all on all tables in schema vault from {PAGES_ROLE}")
        cursor.execute(f"grant usage on schema vault to {PAGES_ROLE}")
        for name, takes in VAULT_FUNCTIONS_OF_PAGES.items():
            cursor.execute(f"grant execute on function vault.{name}({takes}) to {PAGES_ROLE}")


def find_vault_faults(cursor: Any) -> list[str]:
    """Return what would let the pages, or everybody, read the vault past its function."""
    cursor.execute("select to_regclass('vault.field') is null")
    if cursor.fetchone()[0]:
        return ["the vault is missing; start Braid again as the owner of the tables"]
    cursor.execute(
        "select t.name, r.name from unnest(%s::text[]) as t (name), unnest(%s::text[]) as r (name)"
        " where has_table_privilege(r.name, 'vault.' || t.name,"
        " 'select, insert, update, delete, truncate, references, trigger')"
        " or has_any_column_privilege(r.name, 'vault.' || t.name, 'select, insert, update, references')",
        [list(TABLES), [PAGES_ROLE, "public"]],
    )
    faults = [f"vault.{table}: {role} has rights on it" for table, role in cursor.fetchall()]
    cursor.execute(
        "select distinct v.relname from pg_rewrite r join pg_class v on v.oid = r.ev_class and v.relkind in ('v', 'm')"
        " join pg_depend d on d.objid = r.oid join pg_class t on t.oid = d.refobjid and t.relkind = 'r'"
        " join pg_namespace n on n.oid = t.relnamespace where n.nspname = 'vault'"
    )
    faults += [f"{view}: a view over the vault" for (view,) in cursor.fetchall()]
    cursor.execute(
        "select p.proname, r.name from pg_proc p join pg_namespace n on n.oid = p.pronamespace,"
        " unnest(%s::text[]) as r (name) where has_function_privilege(r.name, p.oid, 'execute')"
        " and (n.nspname = 'vault' and (p.proname <> all(%s) or r.name = 'public') or p.proname = any(%s))",
        [[PAGES_ROLE, "public"], list(VAULT_FUNCTIONS_OF_PAGES), list(FUNCTIONS_OF_VAULT)],
    )
    faults += [f"{function}: {role} may call it" for function, role in cursor.fetchall()]
    cursor.execute(
        "select rolcanlogin or rolsuper or rolbypassrls or pg_has_role(%s, oid, 'member') from pg_roles"
        " where rolname = %s",
        [PAGES_ROLE, VAULT_ROLE],
    )
    if (row := cursor.fetchone()) is None or row[0]:
        faults.append(f"the role {VAULT_ROLE} can sign in, has rights of an administrator, or the pages have it")
    return faults
