"""A reading of a large document that hands over what it gave piece by piece, so that memory does not grow with it.

A connector fills it like any other reading. Whenever it says that a piece is done, and enough has come together, the
records, issues and refused rows go to a drain; nothing is left out and nothing is only counted.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from braid.extracts.catalogue import find_connector
from braid.extracts.column_tables import Drain
from braid.extracts.files import hash_file
from braid.extracts.mapping import find_shipped_mapping, load_mapping
from braid.extracts.model import Reading, Source
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES, record_id
from braid.language.schema import Table
from braid.store.arrow_types import columns_of, file_schema, repeat_once, to_arrow

HELD_ROWS = 50_000
"""Rows of all kinds that may come together before they are handed over."""


class _Nowhere:
    """Takes what nobody wants."""

    def take(self, table: Table, data: pa.Table) -> None:
        """See `Drain.take`."""


@dataclass
class DrainedReading(Reading):
    """A reading whose records, issues and rejects go to `drain`; `taken` counts the records that went there by type."""

    drain: Drain = field(default_factory=_Nowhere)
    held_rows: int = HELD_ROWS
    taken: Counter[str] = field(default_factory=Counter)
    emitted: int = 0
    """Records that were emitted since the last were handed over, those besides that only repeated one."""
    is_in_order = True
    """Its rows are handed over in the order in which they stand in the file."""

    def emit(
        self,
        record_type: str,
        natural_key: tuple[str, ...],
        row_ref: str,
        sensitivity: str = "normal",
        quality: str | None = None,
        **values: Any,
    ) -> str:
        """See `Reading.emit`. What all records of a file have alike is added when they are handed over."""
        identity = record_id(self.source.feed, record_type, *natural_key)
        self.emitted += 1
        self.records[record_type].append(
            {"record_id": identity, "row_ref": row_ref, "sensitivity": sensitivity, "quality": quality, **values}
        )
        return identity

    def piece_done(self) -> None:
        """Hand over what came together, if it is enough."""
        if self.emitted + len(self.issues) + len(self.rejects) >= self.held_rows:
            self.hand_over()

    def hand_over(self) -> None:
        """Hand over everything that came together since the last time."""
        for table in SOURCE_TABLES:
            rows = self.records.pop(table.name, None)
            if rows:
                self.taken[table.name] += len(rows)
                self.drain.take(table, self._records_table(table, rows))
        lineage = {"feed": self.source.feed, "file_sha256": self.file_sha256, "file_name": self.file_name}
        for table, findings in ((ISSUE, self.issues), (REJECT, self.rejects)):
            if findings:
                self.drain.take(table, _table(table, ({**lineage, **vars(one)} for one in findings)))
        self.issues.clear()
        self.rejects.clear()
        self.emitted = 0

    def _records_table(self, table: Table, rows: list[dict[str, Any]]) -> pa.Table:
        """Return records as `to_arrow` does, with what is the same in all of them held once."""
        source = self.source
        alike = {
            "feed": source.feed,
            "organisation_id": source.organisation_id,
            "standard": source.standard,
            "collection_year": source.collection_year,
            "file_sha256": self.file_sha256,
            "as_of_date": dt.date.fromisoformat(source.as_of_date) if source.as_of_date else None,
        }
        own = columns_of(table, rows)
        schema = file_schema(table)
        arrays = [
            repeat_once(alike[one.name], one.type, len(rows))
            if one.name in alike
            else own.get(one.name) or pa.nulls(len(rows), one.type)
            for one in schema
        ]
        return pa.table(dict(zip(schema.names, arrays, strict=True)))


def read_drained(
    path: Path,
    source: Source,
    drain: Drain,
    held_rows: int = HELD_ROWS,
    mapping: Mapping[str, Any] | None = None,
) -> DrainedReading:
    """Read a document piece by piece with the connector of its standard and hand everything over to `drain`.

    `mapping` as `braid.extracts.read.read_file` takes it.
    Raises `UnreadableFile`; what was handed over until then is to be thrown away.
    """
    connector = find_connector(source.standard, source.collection_year)
    if connector.needs_mapping and mapping is None:
        shipped = find_shipped_mapping(source.standard)
        mapping = load_mapping(shipped) if shipped else None
    reading = DrainedReading(source, hash_file(path), path.name, mapping, drain=drain, held_rows=held_rows)
    with _collecting_seldom():
        connector.read(path, reading)
    reading.hand_over()
    return reading


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Have Python look for cycles seldom meanwhile: a batch of records makes none, and is gone through at each look."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _table(table: Table, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return to_arrow(table, rows).cast(file_schema(table))
