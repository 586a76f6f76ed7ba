"""Holds the two readers of a definition against each other: the same records, issues, rejects and counts, or fails."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from braid.extracts.blocks import BLOCK_BYTES
from braid.extracts.column_tables import ColumnReading, Drain
from braid.extracts.columns import read_by_columns
from braid.extracts.definition import Definition
from braid.extracts.definition_years import resolve
from braid.extracts.document_columns import describes_document, read_document_by_columns
from braid.extracts.documents import find_form
from braid.extracts.drained import DrainedReading, read_drained
from braid.extracts.drains import ParquetDrain, settle_files
from braid.extracts.feed_columns import find_document_definition
from braid.extracts.files import hash_file
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import check_counts, settle_repeats
from braid.extracts.standards.defined import read_by_rows
from braid.language.findings import TABLES
from braid.store.arrow_types import to_arrow
from braid.store.duckdb_engine import DuckDBEngine

Said = dict[str, Any] | str


def read_slowly(path: Path, source: Source, definition: Definition) -> Said:
    """Return what the row reader makes of a file, in a form that can be compared."""
    try:
        reading = Reading(source, hash_file(path), path.name)
        read_by_rows(path, reading, resolve(definition, source.collection_year))
    except UnreadableFile as refusal:
        return refusal.rule
    check_counts(reading)
    settle_repeats([reading])
    records = {
        name: _sorted(to_arrow(TABLES[name], rows).to_pylist()) for name, rows in reading.records.items() if rows
    }
    return {
        "parts": {part: (one.rows_in, one.rows_read, one.rows_rejected) for part, one in reading.parts.items()},
        "unmapped": +reading.unmapped,
        "records": records,
        "issues": Counter((i.severity, i.rule, i.field, i.position, i.message) for i in reading.issues),
        "rejects": Counter((r.part, r.position, r.rule, r.row) for r in reading.rejects),
    }


def read_fast(
    path: Path, source: Source, definition: Definition, engine: DuckDBEngine, block_bytes: int = BLOCK_BYTES
) -> Said:
    """Return what the column reader makes of a file, in the same form."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        drain = ParquetDrain(folder)
        try:
            reading = read_by_columns(path, source, resolve(definition, source.collection_year), drain, block_bytes)
        except UnreadableFile as refusal:
            return refusal.rule
        (folder / "whole").mkdir()
        written = settle_files([reading], [drain], engine, folder / "whole")
        rows = {
            name: [row for place in places for row in pq.read_table(place).to_pylist()]
            for name, places in written.items()
        }
    issues, rejects = rows.pop("issue", []), rows.pop("reject", [])
    return {
        "parts": {part: (one.rows_in, one.rows_read, one.rows_rejected) for part, one in reading.parts.items()},
        "unmapped": +reading.unmapped,
        "records": {name: _sorted(found) for name, found in rows.items()},
        "issues": Counter((i["severity"], i["rule"], i["field"], i["position"], i["message"]) for i in issues),
        "rejects": Counter((r["part"], r["position"], r["rule"], r["row"]) for r in rejects),
    }


def read_in_pieces(
    path: Path, source: Source, drain: Drain, mapping: Mapping[str, Any] | None, rows: int
) -> ColumnReading | DrainedReading:
    """Read a document as the chain reads a large one, few rows at once: by columns where a definition describes it."""
    documents = find_document_definition(source, mapping)
    if documents is not None and describes_document(documents, find_form(path)):
        return read_document_by_columns(path, source, documents, drain, rows)
    return read_drained(path, source, drain, held_rows=rows, mapping=mapping)


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["record_id"]))
