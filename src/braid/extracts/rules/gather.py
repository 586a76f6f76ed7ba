"""The cells of a return, gathered table by table into Parquet: memory is bounded by the batch.

What a date or a flag is, is said by the same checks that the connectors use, once for each distinct text of a batch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.extracts.checks import check_date, check_flag
from braid.extracts.rules.model import RuleTable
from braid.language.identifiers import upn_check_letter

_UPN_REST = re.compile(r"\d{11}[\dA-HJ-NP-RT-Z]")
BATCH = 50_000
"""Rows of one table that are held before they are written."""


class Gathered:
    """Writes the rows of one table to a Parquet file. Use it in a `with`, then read `path`."""

    def __init__(self, table: RuleTable, folder: Path) -> None:
        self.table = table
        self.path = folder / f"{table.name}.parquet"
        self.count = 0
        self._schema = schema_of(table)
        self._cells: dict[str, list[Any]] = {}
        self._writer: pq.ParquetWriter | None = None
        self._clear()

    def __enter__(self) -> Gathered:
        self._writer = pq.ParquetWriter(self.path, self._schema)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
        if self._writer is not None:
            self._writer.close()

    def add(self, file: int, position: str, cells: Mapping[str, str], **keys: int | None) -> int:
        """Add a row of the file of a number; return its own number in the table, from 0."""
        self._cells["file"].append(file)
        self._cells["position"].append(position)
        self._cells["id"].append(self.count)
        for name in self.table.keys:
            self._cells[name].append(keys.get(name))
        for name in self.table.cells:
            self._cells[name].append(cells.get(name) or None)
        self.count += 1
        if len(self._cells["id"]) >= BATCH:
            self.flush()
        return self.count - 1

    def flush(self) -> None:
        """Write the rows that are held."""
        if self._writer is None or not self._cells["id"]:
            return
        self._writer.write_table(pa.table(self._columns(), schema=self._schema))
        self._clear()

    def _clear(self) -> None:
        self._cells = {name: [] for name in ("file", "position", "id", *self.table.keys, *self.table.cells)}

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = dict(self._cells)
        for name in self.table.dates:
            columns[f"{name}_text"] = columns[name]
            columns[name] = _each(columns[name], lambda text: check_date(text)[0])
        for name in self.table.flags:
            columns[f"{name}_flag"] = _each(columns[name], lambda text: check_flag(text)[0])
        for name in self.table.numbers:
            columns[f"{name}_letter"] = _each(columns[name], find_upn_letter)
        return columns


def schema_of(table: RuleTable) -> pa.Schema:
    """Return the columns of a table with their types."""
    fields = [("file", pa.int32()), ("position", pa.string()), ("id", pa.int64())]
    fields += [(name, pa.int64()) for name in table.keys]
    fields += [(name, pa.string()) for name in (*table.texts, *table.flags)]
    fields += [(name, pa.date32()) for name in table.dates]
    fields += [(f"{name}_text", pa.string()) for name in table.dates]
    fields += [(f"{name}_flag", pa.bool_()) for name in table.flags]
    fields += [(f"{name}_letter", pa.string()) for name in table.numbers]
    return pa.schema(fields)


def find_upn_letter(number: str) -> str | None:
    """Return the letter that should lead a pupil number; `None` where the rest of it has not the form of one."""
    return upn_check_letter(number[1:]) if _UPN_REST.fullmatch(number[1:]) else None


def _each(texts: list[str | None], read: Callable[[str], Any]) -> list[Any]:
    known = {text: read(text) for text in set(texts) if text is not None}
    return [None if text is None else known[text] for text in texts]
