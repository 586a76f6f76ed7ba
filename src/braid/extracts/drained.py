"""A reading of a large document that hands over what it gave piece by piece, so that memory does not grow with it.

A connector fills it like any other reading. Whenever it says that a piece is done, and enough has come together, the
records, issues and refused rows go to a drain; nothing is left out and nothing is only counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from braid.extracts.catalogue import find_connector
from braid.extracts.columns import SEQUENCE, Drain
from braid.extracts.files import hash_file
from braid.extracts.model import Reading, Source
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.language.schema import Table
from braid.store.arrow_types import file_schema, to_arrow

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

    def piece_done(self) -> None:
        """Hand over what came together, if it is enough."""
        if len(self.issues) + len(self.rejects) + sum(map(len, self.records.values())) >= self.held_rows:
            self.hand_over()

    def hand_over(self) -> None:
        """Hand over everything that came together since the last time."""
        for table in SOURCE_TABLES:
            rows = self.records.pop(table.name, None)
            if rows:
                first = self.taken[table.name]
                self.taken[table.name] += len(rows)
                sequence = pa.array(range(first, first + len(rows)), pa.int64())
                self.drain.take(table, _table(table, rows).append_column(SEQUENCE, sequence))
        lineage = {"feed": self.source.feed, "file_sha256": self.file_sha256, "file_name": self.file_name}
        for table, findings in ((ISSUE, self.issues), (REJECT, self.rejects)):
            if findings:
                self.drain.take(table, _table(table, ({**lineage, **vars(one)} for one in findings)))
        self.issues.clear()
        self.rejects.clear()


def read_drained(path: Path, source: Source, drain: Drain, held_rows: int = HELD_ROWS) -> DrainedReading:
    """Read a document piece by piece with the connector of its standard and hand everything over to `drain`.

    Raises `UnreadableFile`; what was handed over until then is to be thrown away.
    """
    reading = DrainedReading(source, hash_file(path), path.name, drain=drain, held_rows=held_rows)
    find_connector(source.standard, source.collection_year).read(path, reading)
    reading.hand_over()
    return reading


def _table(table: Table, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return to_arrow(table, rows).cast(file_schema(table))
