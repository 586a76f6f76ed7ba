"""The database role that the pages run as: it reads what is published, signs people in and adds looks; nothing more.

Whoever takes over a page then can neither change the record of looks nor switch off the trigger that guards it, nor
make a table, nor give themselves a role of Braid's. The owner of the tables migrates and publishes, and answers no
request.
"""

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql
from psycopg.conninfo import make_conninfo

from braid.web.models import Look, User

PAGES_ROLE = "braid_pages"
CHANGED_BY_PAGES = ("sessions", "axes")
"""Apps whose rows pages add, change and delete: sessions and wrong sign-ins."""


def open_pages_role(database_url: str) -> str:
    """Create the role or renew what it may do, and return the conninfo by which it connects.

    Called by the owner of the tables, with Django set up and migrated. The embedded server lets local users in by name,
    since its socket lies in a folder of its own user.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select 1 from pg_roles where rolname = %s", [PAGES_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("create role {} login").format(sql.Identifier(PAGES_ROLE)))
        for statement in _statements():
            cursor.execute(statement)
    return make_conninfo(database_url, user=PAGES_ROLE)


def _statements() -> list[sql.Composed]:
    role = sql.Identifier(PAGES_ROLE)
    plain = (
        "alter role {} nosuperuser nocreatedb nocreaterole noreplication nobypassrls",
        "revoke all on all tables in schema public from {}",
        "revoke create, temporary on database {database} from public",
        "grant usage on schema public to {}",
        "grant usage on all sequences in schema public to {}",
    )
    database = sql.Identifier(str(connection.settings_dict["NAME"]))
    statements = [sql.SQL(text).format(role, database=database) for text in plain]
    for model in apps.get_models(include_auto_created=True):
        grant = sql.SQL("grant {} on {} to {}")
        statements.append(grant.format(sql.SQL(_rights(model)), sql.Identifier(model._meta.db_table), role))
    return statements


def _rights(model: type) -> str:
    if model._meta.app_label in CHANGED_BY_PAGES:
        return "select, insert, update, delete"
    if model is Look:
        return "select, insert"
    if model is User:
        return "select, update (last_login, password)"
    return "select"
