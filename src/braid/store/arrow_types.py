"""The registry's types as Arrow types, and rows into Arrow tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.language.schema import Column, Table, Type

ARROW = {
    Type.TEXT: pa.string(),
    Type.DATE: pa.date32(),
    Type.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    Type.INTEGER: pa.int64(),
    Type.DECIMAL: pa.float64(),
    Type.BOOLEAN: pa.bool_(),
}


def schema_of(table: Table) -> pa.Schema:
    """Return the Arrow schema of a registry table; required columns are not nullable."""
    return pa.schema(
        [pa.field(column.name, ARROW[column.type], nullable=not column.required) for column in table.columns]
    )


def file_schema(table: Table) -> pa.Schema:
    """Return the schema of a registry table's Parquet file: whatever the rows, any column may be empty in it."""
    return pa.schema([field.with_nullable(True) for field in schema_of(table)])


def to_arrow(table: Table, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows as an Arrow table of the registry's shape.

    ISO text becomes dates and timestamps. Raises `KeyError` naming table and column when a row has a column that the
    registry does not know, and `ValueError` when a required value is missing.
    """
    held = list(rows)
    present: set[str] = set().union(*{frozenset(row) for row in held})
    unknown = present - set(table.names)
    if unknown:
        raise KeyError(f"table {table.name!r} has no column {sorted(unknown)[0]!r}")
    arrays = [_column(table, column, held, column.name in present) for column in table.columns]
    return pa.Table.from_arrays(arrays, schema=schema_of(table))


def _column(table: Table, column: Column, rows: Sequence[Mapping[str, Any]], is_present: bool) -> pa.Array:
    values = [row.get(column.name) for row in rows] if is_present else [None] * len(rows)
    if column.type in (Type.DATE, Type.TIMESTAMP):
        meant = {value: _moment(column.type, value) for value in set(values)}
        values = [meant[value] for value in values]
    if column.required and None in values:
        raise ValueError(_no_value(table, column.name))
    return pa.array(values, type=ARROW[column.type]) if is_present else pa.nulls(len(rows), ARROW[column.type])


def check_required(table: Table, path: Path) -> None:
    """Raise `ValueError` naming the first required column in which a row of a Parquet file has no value.

    The file is removed then. Its own statistics tell, so that no row is read again where it has them.
    """
    with pq.ParquetFile(path) as file:
        empty = [column.name for column in table.columns if column.required and _has_empty(file, column.name)]
    if empty:
        path.unlink()
        raise ValueError(_no_value(table, empty[0]))


def _has_empty(file: pq.ParquetFile, column: str) -> bool:
    if not file.schema_arrow.field(column).nullable:
        return False
    place = file.schema_arrow.get_field_index(column)
    groups = [file.metadata.row_group(number).column(place) for number in range(file.metadata.num_row_groups)]
    if all(group.statistics is not None and group.statistics.has_null_count for group in groups):
        return any(group.statistics.null_count for group in groups)
    return bool(file.read(columns=[column]).column(0).null_count)


def _no_value(table: Table, column: str) -> str:
    return f"table {table.name!r} column {column!r} is required but a row has no value"


def _moment(kind: Type, value: Any) -> dt.date | dt.datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return dt.date.fromisoformat(value) if kind is Type.DATE else dt.datetime.fromisoformat(value)
    if kind is Type.DATE and isinstance(value, dt.datetime):
        return value.date()
    moment: dt.date | dt.datetime = value
    return moment
