"""The registry's types as Arrow types, and rows into Arrow tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.language.schema import Table, Type

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
    known = set(table.names)
    columns: dict[str, list[Any]] = {name: [] for name in table.names}
    for row in rows:
        unknown = row.keys() - known
        if unknown:
            raise KeyError(f"table {table.name!r} has no column {sorted(unknown)[0]!r}")
        for name, values in columns.items():
            values.append(row.get(name))
    arrays = []
    for column in table.columns:
        values = columns[column.name]
        if column.type in (Type.DATE, Type.TIMESTAMP):
            values = [_moment(column.type, value) for value in values]
        if column.required and any(value is None for value in values):
            raise ValueError(_no_value(table, column.name))
        arrays.append(pa.array(values, type=ARROW[column.type]))
    return pa.Table.from_arrays(arrays, schema=schema_of(table))


def write_tables(table: Table, parts: Iterable[pa.Table], path: Path) -> int:
    """Write parts of a registry table, of its columns in its order, as one Parquet file; return the number of rows.

    Raises `ValueError` naming the first required column in which a row has no value, and leaves no file then.
    """
    written, schema = 0, file_schema(table)
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for part in parts:
                for column in table.columns:
                    if column.required and part.column(column.name).null_count:
                        raise ValueError(_no_value(table, column.name))
                writer.write_table(part.cast(schema))
                written += part.num_rows
    except ValueError:
        path.unlink(missing_ok=True)
        raise
    return written


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
