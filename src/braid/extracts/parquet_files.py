"""Parquet files as tables of texts, batch by batch: what the file holds is never in memory as a whole.

A number, a date or a moment becomes the text that a cell of a partner's table would hold, so that a definition reads it
as it reads any other table. Fields of a structure are columns of their own, named with a point; a list is joined.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid.extracts.batches import Batch, without_blank_rows
from braid.extracts.csv_files import MAX_COLUMNS, Line, clean_cell
from braid.extracts.document_trees import text_of_scalar
from braid.extracts.documents import SEVERAL
from braid.extracts.files import check_size
from braid.extracts.model import UnreadableFile
from braid.extracts.tables import RawTable

SIGNATURE = b"PAR1"
BATCH_ROWS = 16_384
UNIT = "row"


def is_parquet(path: Path) -> bool:
    """Return whether a file begins like Parquet; its name says nothing."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def read_names(path: Path) -> list[str]:
    """Return the names of the columns, those of structures included; raise `UnreadableFile` for a broken file."""
    check_size(path)
    with _opened(path) as file:
        return list(_flatten(file.schema_arrow.empty_table()).column_names)


def iterate_texts(path: Path, rows: int = BATCH_ROWS) -> Iterator[list[pa.Array]]:
    """Yield the rows as columns of cleaned texts, a batch after the other."""
    with _opened(path) as file:
        batches = file.iter_batches(batch_size=rows)
        while True:
            try:
                batch = next(batches)
            except StopIteration:
                return
            except (pa.ArrowException, OSError):
                raise _broken() from None
            table = _flatten(pa.Table.from_batches([batch]))
            yield [_texts(column.combine_chunks()) for column in table.columns]


def iterate_batches(path: Path, rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """Yield the rows in batches for the column reader, numbered from 1; rows without anything are left out."""
    before = 0
    for columns in iterate_texts(path, rows):
        count = len(columns[0]) if columns else 0
        numbers = pa.array(range(before + 1, before + count + 1), pa.int64())
        yield without_blank_rows(numbers, columns, [], _Raws(columns, before).find)
        before += count


class _Raws:
    """The rows of a batch as text, made only where one is refused."""

    def __init__(self, columns: list[pa.Array], before: int) -> None:
        self._columns = columns
        self._before = before

    def find(self, number: int) -> str:
        """Return a row as it is kept."""
        return raw_of([column[number - self._before - 1].as_py() for column in self._columns])


def open_parquet_table(path: Path) -> RawTable:
    """Return the table of a Parquet file, its names as heading and its rows from 1."""
    return RawTable(_lines(path), unit=UNIT)


def _lines(path: Path) -> Iterator[Line]:
    names = read_names(path)
    yield Line(0, names, ",".join(names))
    number = 0
    for columns in iterate_texts(path):
        for cells in zip(*(column.to_pylist() for column in columns), strict=True):
            number += 1
            if any(cells):
                yield Line(number, list(cells), raw_of(cells))


def raw_of(cells: Any) -> str:
    """Return a row as delimited text, for a reject."""
    quoted = ('"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\r\n') else cell for cell in cells)
    return ",".join(quoted)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path, memory_map=False)
    except (pa.ArrowException, OSError):
        raise _broken() from None
    if len(file.schema_arrow.names) > MAX_COLUMNS:
        raise UnreadableFile("too_many_columns", f"the file has more than {MAX_COLUMNS} columns: send those asked for")
    return file


def _broken() -> UnreadableFile:
    return UnreadableFile("parquet_broken", "the Parquet file cannot be opened: cut short? Write it again and send it")


def _flatten(table: pa.Table) -> pa.Table:
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _texts(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = pc.fill_null(column.cast(pa.string()), "")
        return pa.array([clean_cell(text) for text in texts.to_pylist()], pa.string())
    if pa.types.is_integer(kind):
        return pc.fill_null(column.cast(pa.string()), "")
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    return pa.array([clean_cell(_text(value)) for value in column.to_pylist()], pa.string())


def _text(value: Any) -> str:
    if isinstance(value, list):
        return SEVERAL.join(text for text in map(_text, value) if text)
    if isinstance(value, bytes | dict):
        return ""
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time()
        return value.date().isoformat() if is_day else value.isoformat(" ")
    return text_of_scalar(value.isoformat() if isinstance(value, dt.date | dt.time) else value)
