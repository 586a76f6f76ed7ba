"""Fills the tables of any database with a few rows each, whatever its constraints ask: nobody in them is real.

What a table may hold is read from its own catalogue, so that tables of an earlier version are filled without its code.
A row is drawn column by column; where a constraint refuses it, the columns which that constraint is about are drawn
again. Drawn from a seed, so the rows come out again.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors, sql

SCHEMAS = ("public", "vault")
MOST_TRIES = 4000
OBJECTS = frozenset("details fields facts document figures question answer network".split())
"""Columns of JSON that hold an object; every other holds a list. No constraint says so, and the code relies on it."""
BEGIN = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
_COLUMNS = """
select a.attname, format_type(a.atttypid, null), a.atttypmod, a.attnotnull, a.attidentity <> '', d.adbin is not null,
  a.attnum
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum
"""
_CONSTRAINTS = """
select conname, contype, conkey, confrelid::regclass::text, confkey, pg_get_constraintdef(oid)
from pg_constraint where conrelid = %s::regclass and contype in ('c', 'f', 'u', 'p', 'x')
"""
_TABLES = "select schemaname, tablename from pg_tables where schemaname = any(%s) order by 1, 2"


@dataclass
class Column:
    """A column that a row gives a value to, and texts that constraints compare it with."""

    name: str
    type: str
    length: int | None
    required: bool
    has_default: bool
    told: list[str] = field(default_factory=list)


@dataclass
class Table:
    """A table: its columns, its keys to others as (columns, other table, its columns), what each constraint names."""

    name: str
    columns: dict[str, Column]
    keys: list[tuple[list[str], str, list[str]]]
    names: dict[str, list[str]]


def fill_empty(
    connection: psycopg.Connection,
    rows: int,
    seed: int = 1,
    more: dict[str, int] | None = None,
    leave: frozenset[str] = frozenset(),
) -> int:
    """Put rows into each empty table, those that others point at first; return how many tables were filled.

    `more` says of single tables how many rows, be they empty or not; `leave` names those that are not
    filled. Triggers do not fire, so that tables that only grow by a
    procedure are filled too. Raises `RuntimeError` naming the tables that no drawn row fits.
    """
    tables = [_read(connection, f"{schema}.{name}") for schema, name in connection.execute(_TABLES, [list(SCHEMAS)])]
    more = more or {}
    empty = [
        table
        for table in tables
        if table.name not in leave and (table.name in more or not _count(connection, table.name))
    ]
    connection.execute("set session_replication_role = replica")
    left = {table.name: table for table in empty}
    unfit = []
    while left:
        ready = [table for table in left.values() if not _waits(table, left)]
        if not ready:
            raise RuntimeError(f"tables point at each other in a ring: {', '.join(left)}")
        for table in ready:
            unfit += _fill(connection, table, more.get(table.name, rows), seed)
            del left[table.name]
    connection.execute("set session_replication_role = origin")
    if unfit:
        raise RuntimeError(f"no drawn row fits {'; '.join(unfit)}")
    return len(empty)


def _waits(table: Table, left: dict[str, Table]) -> bool:
    """Whether a required key points at a table that is still to be filled."""
    return any(
        other in left and other != table.name and any(table.columns[name].required for name in names)
        for names, other, _ in table.keys
    )


def _count(connection: psycopg.Connection, table: str) -> int:
    found = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(*table.split(".")))).fetchone()
    assert found is not None
    return int(found[0])


def _read(connection: psycopg.Connection, name: str) -> Table:
    columns, numbers = {}, {}
    for column, kind, length, required, identity, default, number in connection.execute(_COLUMNS, [name]):
        numbers[number] = column
        if not identity:
            of = length - 4 if kind == "character varying" and length > 0 else None
            columns[column] = Column(column, kind, of, required, default)
    keys, names = [], {}
    for constraint, kind, ours, other, theirs, text in connection.execute(_CONSTRAINTS, [name]).fetchall():
        about = [numbers[number] for number in ours]
        names[constraint] = [each for each in about if each in columns]
        if kind == "f":
            keys.append((about, other if "." in other else f"public.{other}", _names_of(connection, other, theirs)))
        if kind == "c":
            for each in names[constraint]:
                columns[each].told += re.findall(r"'([^']*)'::", text)
    return Table(name, columns, keys, names)


def _names_of(connection: psycopg.Connection, table: str, numbers: list[int]) -> list[str]:
    found = connection.execute(
        "select attnum, attname from pg_attribute where attrelid = %s::regclass and attnum = any(%s)", [table, numbers]
    ).fetchall()
    by_number = dict(found)
    return [by_number[number] for number in numbers]


def _fill(connection: psycopg.Connection, table: Table, rows: int, seed: int) -> list[str]:
    """Draw rows until they fit; return what refuses the first where none does."""
    draw = random.Random(f"{seed} {table.name}")
    for index in range(rows):
        row = {name: _draw(table, column, index, draw, first=True) for name, column in table.columns.items()}
        _point(connection, table, row, draw)
        for _ in range(MOST_TRIES):
            again = _try(connection, table, row)
            if again is None:
                break
            for name in again or list(table.columns):
                row[name] = _draw(table, table.columns[name], index, draw, first=False)
            _point(connection, table, row, draw)
        else:
            return [f"{table.name}: {again}"] if index == 0 else []
    return []


def _point(connection: psycopg.Connection, table: Table, row: dict[str, Any], draw: random.Random) -> None:
    """Let each key of a row point at a row that is there, or at none where it may."""
    for names, other, theirs in table.keys:
        if any(row.get(name) is None and not table.columns[name].required for name in names):
            continue
        text = sql.SQL("select {} from {} order by 1 limit 20").format(
            sql.SQL(", ").join(map(sql.Identifier, theirs)), sql.Identifier(*other.split("."))
        )
        found = connection.execute(text).fetchall()
        values = draw.choice(found) if found else [None] * len(names)
        row.update(zip(names, values, strict=True))


def _try(connection: psycopg.Connection, table: Table, row: dict[str, Any]) -> list[str] | None:
    """Insert a row; return `None` where it is in, else the columns to draw again."""
    given = {name: value for name, value in row.items() if value is not DEFAULT}
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(*table.name.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, given)),
        sql.SQL(", ").join(sql.Placeholder() * len(given)),
    )
    try:
        with connection.transaction():
            connection.execute(statement, list(given.values()))
    except errors.NotNullViolation as fault:
        return [fault.diag.column_name or ""]
    except errors.IntegrityError as fault:
        return [name for name in table.names.get(fault.diag.constraint_name or "", []) if name in table.columns]
    except errors.DataError:
        return []
    return None


DEFAULT = object()
"""The column's own default is taken."""


def _draw(table: Table, column: Column, index: int, draw: random.Random, first: bool) -> Any:
    """Return a value: a full one at first, then any of the type, what constraints tell, nothing, the default."""
    if first and not column.told:
        return _value(table, column, index, draw)
    choices: list[Any] = [_value(table, column, index, draw)]
    choices += [_of_type(column, text) for text in column.told] * 2
    if column.has_default:
        choices.append(DEFAULT)
    if not column.required:
        choices += [None, None]
    if "char" in column.type or column.type == "text":
        choices.append("")
    if first:
        return draw.choice([each for each in choices[1:] if each not in (None, DEFAULT, "")] or choices)
    return draw.choice(choices)


def _of_type(column: Column, text: str) -> Any:
    if "char" in column.type or column.type == "text":
        return text[: column.length]
    return text if column.type in ("date", "jsonb") else DEFAULT if column.has_default else None


def _value(table: Table, column: Column, index: int, draw: random.Random) -> Any:
    kind, number = column.type, draw.randrange(1000)
    words = f"{column.name} {index + 1} {number}"
    if "char" in kind or kind == "text":
        if column.length in (64, 128) or column.name.endswith(("digest", "_hash")):
            return uuid.uuid5(uuid.NAMESPACE_URL, words).hex * 2
        return words[: column.length]
    moment = BEGIN + dt.timedelta(days=index, hours=draw.randrange(72))
    simple: dict[str, Any] = defaultdict(lambda: None)
    simple |= {
        "uuid": uuid.uuid5(uuid.NAMESPACE_URL, f"{table.name} {words}"),
        "boolean": draw.random() < 0.5,
        "timestamp with time zone": moment,
        "date": moment.date().replace(day=1) if number % 3 == 0 else moment.date(),
        "time without time zone": dt.time(9 + number % 8, 30),
        "jsonb": json.dumps({} if column.name in OBJECTS else draw.choice([[], [column.name], ["a", "b"]])),
        "bytea": uuid.uuid5(uuid.NAMESPACE_URL, words).bytes * 2,
        "double precision": number / 1000,
        "real": number / 1000,
        "numeric": number,
    }
    if kind in ("integer", "bigint", "smallint"):
        return draw.choice([index + 1, number, 0, 1])
    if kind.endswith("[]"):
        return [] if number % 2 else None
    return simple[kind]
