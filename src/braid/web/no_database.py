"""Whether what went wrong is that the database cannot serve anybody just now, so that asking again later is right.

Nothing of a statement or a row is looked at: the kind of the fault alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

NO_ROOM = frozenset({"53100", "53200"})
"""PostgreSQL's codes for a full disk and for memory that ran out."""


def cannot_serve(error: BaseException | None) -> bool:
    """Whether a database let nobody connect, or had no room for what was to be written."""
    return any(_is_such(each) for each in _causes(error))


def _is_such(error: BaseException) -> bool:
    """psycopg keeps the connection with an error of connecting alone."""
    return isinstance(error, psycopg.Error) and (error.sqlstate in NO_ROOM or error.pgconn is not None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
