"""What pages ask of functions with the rights of the tables' owner: one statement, and what it answers; and turns.

The functions are those of `care.sql`, `plan.sql`, `links.sql` and `rights.sql`, listed in `row_security`. No module of
care writes SQL.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection


def ask(name: str, *values: object) -> Any:
    """Return the one value that a function answers."""
    row = ask_row(name, ("*",), *values)
    return row[0] if row else None


def ask_row(name: str, columns: Sequence[str], *values: object) -> tuple[Any, ...] | None:
    """Return the columns of the one row that a function answers, or `None` where it answers none."""
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(columns)} from {name}({places})", list(values))
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def ask_rows(name: str, columns: Sequence[str], *values: object) -> list[tuple[Any, ...]]:
    """Return these columns of every row that a function answers."""
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(columns)} from {name}({places})", list(values))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def wait_turn(thing: UUID) -> None:
    """Wait until nobody else acts on the thing, and keep others waiting until this transaction ends.

    For what one row cannot guard: a case is closed once nothing is to do in it, while another makes something to do.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [thing.int % 2**63])
