"""The registry's types as Arrow types, and rows into Arrow tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
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
    present = _names_in(table, held)
    arrays = [_column(table, column, held, column.name in present) for column in table.columns]
    return pa.Table.from_arrays(arrays, schema=schema_of(table))


def columns_of(table: Table, rows: Sequence[dict[str, Any]]) -> dict[str, pa.Array]:
    """Return the columns that rows hold, as `to_arrow` does and with what it raises; those that none holds are absent.

    No required column is missed where it is absent altogether. For a batch, not for more than fits into one array.
    """
    present = _names_in(table, rows)
    columns = [column for column in table.columns if column.name in present]
    moments = [column for column in columns if column.type in (Type.DATE, Type.TIMESTAMP)]
    plain = [column for column in columns if column not in moments]
    found = {column.name: _column(table, column, rows, True) for column in moments}
    together = pa.array(rows, pa.struct([pa.field(column.name, ARROW[column.type]) for column in plain]))
    for column in plain:
        found[column.name] = together.field(column.name)
        if column.required and found[column.name].null_count:
            raise ValueError(_no_value(table, column.name))
    return found


def repeat_once(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    """Return a column of one value for every row, which is held once."""
    if value is None:
        return pa.nulls(count, kind)
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), pa.array([value], kind))


def _names_in(table: Table, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the columns that rows hold; raise `KeyError` for one that the table has not."""
    present: set[str] = set().union(*{tuple(row) for row in rows})
    unknown = present - set(table.names)
    if unknown:
        raise KeyError(f"table {table.name!r} has no column {sorted(unknown)[0]!r}")
    return present


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
