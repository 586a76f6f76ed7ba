"""The rows of the whole database as they stand, to be put back in a later test: faster than publishing anew."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg import sql

TABLES = (
    "select n.nspname, c.relname, array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0"
    " and not a.attisdropped and a.attgenerated = '' order by a.attnum) from pg_class c"
    " join pg_namespace n on n.oid = c.relnamespace"
    " where c.relkind = 'r' and n.nspname in ('public', 'vault') and c.relname <> 'django_migrations' order by 1, 2"
)
SEQUENCES = "select schemaname, sequencename, last_value from pg_sequences where schemaname in ('public', 'vault')"


@dataclass
class KeptRows:
    """What `keep` read, by schema, table and columns; and where each sequence stood."""

    rows: list[tuple[str, str, list[str], bytes]] = field(default_factory=list)
    sequences: list[tuple[str, str, int | None]] = field(default_factory=list)

    def keep(self) -> None:
        """Read every table, as the owner, in the transaction of a test that has made what is to be kept."""
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            for schema, table, columns in cursor.fetchall():
                with cursor.copy(_copy("to stdout", schema, table, columns)) as copy:
                    data = b"".join(bytes(part) for part in copy)
                if data:
                    self.rows.append((schema, table, columns, data))
            cursor.execute(SEQUENCES)
            self.sequences = cursor.fetchall()

    def put_back(self) -> None:
        """Replace the rows of every table that is kept, inside the transaction of a test. Triggers do not run."""
        with connection.cursor() as cursor:
            cursor.execute(self._emptied())
            for schema, table, columns, data in self.rows:
                with cursor.copy(_copy("from stdin", schema, table, columns)) as copy:
                    copy.write(data)
            cursor.execute("set local session_replication_role = origin")

    def _emptied(self) -> sql.Composed:
        """The statements before the rows, as one text: each journey to the server takes longer than what it does."""
        deletes = [
            sql.SQL("delete from {};").format(sql.Identifier(schema, table)) for schema, table, _, _ in self.rows
        ]
        stood = [
            sql.SQL("select setval({}::regclass, {});").format(sql.Literal(f'{schema}."{name}"'), sql.Literal(last))
            for schema, name, last in self.sequences
            if last is not None
        ]
        return sql.Composed([sql.SQL("set local session_replication_role = replica;"), *deletes, *stood])


def _copy(way: str, schema: str, table: str, columns: list[str]) -> Any:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("copy {} ({}) " + way).format(sql.Identifier(schema, table), names)
