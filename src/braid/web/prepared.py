"""Prepared statements, where the server that answers is the one that was connected to.

The database plans a statement that is prepared once for a connection and not at every asking; with policies on every
table, planning is a third of what a page costs it. A plan belongs to a role and is made anew when a policy or table
changes. Behind a pooler that hands one server connection to many clients, a statement could be another client's; it
gives its clients process numbers of its own: where the number that a connection was given is not that of the process
that answers, nothing is prepared, and pages cost more.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

MOST_PREPARED = 400
"""Statements a connection keeps: more than are written once in all."""


def prepare_where_direct(connection: Any, **_: object) -> None:
    """Called for every new connection: say whether what is written once is prepared on it."""
    raw = connection.connection
    raw.prepare_threshold = 0 if settings.PREPARE_STATEMENTS and answers_itself(raw) else None
    raw.prepared_max = MOST_PREPARED


def answers_itself(raw: Any) -> bool:
    """Whether the process that answers is the one that the connection was given: no pooler stands between."""
    with raw.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return bool(cursor.fetchone()[0] == raw.info.backend_pid)


def cursor_for_prepared(connection: Any) -> CursorWrapper:
    """Return a cursor whose statements are prepared, where that may be; watched as every other cursor is.

    Values go apart from the text, so that the text is the same at every asking.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    if connection.connection.prepare_threshold is None or connection.queries_logged:  # a log shows text with values
        return connection.cursor()
    with connection.wrap_database_errors:
        return connection._prepare_cursor(ServerBindingCursor(connection.connection))
