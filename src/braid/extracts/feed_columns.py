"""The large files of a feed read batch by batch: the tables of the run written without holding them in memory.

Tables of a standard by definition are read by columns, documents and other tables piece by piece. Small feeds are read
by rows: an engine takes longer to begin than they take to read. Both ways give the same.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.extracts.catalogue import find_connector
from braid.extracts.column_tables import ColumnReading
from braid.extracts.columns import read_by_columns
from braid.extracts.definition import Definition
from braid.extracts.definition_files import definition_of, load_definitions
from braid.extracts.definition_years import resolve
from braid.extracts.document_columns import describes_document, read_document_by_columns
from braid.extracts.documents import find_form
from braid.extracts.drained import DrainedReading, read_drained
from braid.extracts.drains import ParquetDrain, settle_files
from braid.extracts.joined import join_files
from braid.extracts.mapping import find_shipped_mapping, load_mapping
from braid.extracts.model import Source, named
from braid.extracts.parquet_files import is_parquet
from braid.extracts.read import check_counts
from braid.extracts.workbooks import is_workbook
from braid.language.records import ISSUE, REJECT
from braid.store.engine import Engine

LARGE_BYTES = 8 << 20
"""From this size of a feed's files on it is read by columns."""
LARGE_PARQUET_BYTES = 1 << 20
"""The same for Parquet, which holds about as many rows in an eighth of the bytes."""


@dataclass
class FeedColumns:
    """What reading the files of a feed batch by batch gave; its tables are Parquet files of a folder."""

    readings: list[ColumnReading | DrainedReading] = field(default_factory=list)
    records: int = 0
    issues: Counter[str] = field(default_factory=Counter)
    """Rules that found something worth more than a note, and how often."""


def find_definition(source: Source, mapping: Mapping[str, Any] | None) -> Definition | None:
    """Return the definition that tables are read by, resolved for their year.

    `None` for a connector of its own and for a definition of documents, which are read by rows.

    Raises `UnknownStandard` for a standard or year that nobody reads.
    """
    if find_connector(source.standard, source.collection_year).needs_mapping:
        found = _find_mapping(source, mapping)
        return None if found is None or found.is_of_documents else found
    for definition in load_definitions():
        if definition.standard == source.standard and not (definition.is_of_documents or definition.is_walked):
            return resolve(definition, source.collection_year)
    return None


def _find_mapping(source: Source, mapping: Mapping[str, Any] | None) -> Definition | None:
    """Return a mapping as a definition resolved for its year: the one that is given, or else the standard's own."""
    shipped = find_shipped_mapping(source.standard) if mapping is None else None
    document = load_mapping(shipped) if shipped else mapping
    return None if document is None else resolve(definition_of(document), source.collection_year)


def reads_large(source: Source, definition: Definition | None, files: Sequence[Path]) -> bool:
    """Whether large files of a standard are read batch by batch: tables of a definition, or a connector's pieces.

    So is what a definition or a mapping of documents describes.
    """
    if definition is None and find_connector(source.standard, source.collection_year).is_piecewise:
        return True
    forms = {find_form(path) for path in files}
    return definition is not None or ("" not in forms and _is_of_documents(source))


def _is_of_documents(source: Source) -> bool:
    """Whether a standard without a definition of tables has one of documents, its own or a mapping's."""
    if find_connector(source.standard, source.collection_year).needs_mapping:
        return True
    return any(one.standard == source.standard and one.is_of_documents for one in load_definitions())


def are_large(files: Sequence[Path]) -> bool:
    """Whether the files are text or Parquet, and together so large that reading them batch by batch pays."""
    try:
        size = sum(path.stat().st_size for path in files)
    except OSError:
        return False
    least = LARGE_PARQUET_BYTES if any(is_parquet(path) for path in files) else LARGE_BYTES
    return size >= least and not any(is_workbook(path) for path in files)


def read_feed_by_columns(
    files: Sequence[Path],
    source: Source,
    definition: Definition | None,
    engine: Engine,
    target: Path,
    ending: str,
    are_whole: bool = True,
    mapping: Mapping[str, Any] | None = None,
) -> FeedColumns:
    """Read the files of a feed, by their definition or as documents; write their tables into `target`.

    `are_whole` says that they are all there are, so that what they say only together is said too. Each table that they
    make is written as `<table>.<ending>-<n>.parquet`. `mapping` is the one that the definition is of, if any.
    Raises `UnreadableFile` as `braid.extracts.read.read_feed` does; then nothing was written.
    """
    found = FeedColumns()
    with tempfile.TemporaryDirectory(prefix=".columns-", dir=target) as name:
        folder = Path(name)
        drains = []
        for number, path in enumerate(files):
            place = folder / str(number)
            place.mkdir()
            drains.append(ParquetDrain(place))
            with named(path.name):
                found.readings.append(_read_large(path, source, definition, drains[-1], mapping))
            check_counts(found.readings[-1])
        written = settle_files(found.readings, drains, engine, folder)
        if are_whole:
            join_files(found.readings, written, engine, folder)
        for table, paths in written.items():
            if table == ISSUE.name:
                found.issues = _count_rules(paths)
            elif table != REJECT.name:
                found.records += sum(pq.read_metadata(path).num_rows for path in paths)
            for number, path in enumerate(paths):
                shutil.move(path, target / f"{table}.{ending}-{number}.parquet")
    return found


def _read_large(
    path: Path,
    source: Source,
    definition: Definition | None,
    drain: ParquetDrain,
    mapping: Mapping[str, Any] | None,
) -> ColumnReading | DrainedReading:
    form = find_form(path)
    documents = find_document_definition(source, mapping) if form else None
    if documents is not None and describes_document(documents, form):
        return read_document_by_columns(path, source, documents, drain)
    if definition is None or form:
        return read_drained(path, source, drain, mapping=mapping)
    return read_by_columns(path, source, definition, drain)


def find_document_definition(source: Source, mapping: Mapping[str, Any] | None) -> Definition | None:
    """Return the definition or mapping that documents of a standard may be read by, resolved for their year."""
    if find_connector(source.standard, source.collection_year).needs_mapping:
        return _find_mapping(source, mapping)
    for definition in load_definitions():
        if definition.standard == source.standard and definition.is_of_documents and not definition.is_walked:
            return resolve(definition, source.collection_year)
    return None


def _count_rules(paths: Sequence[Path]) -> Counter[str]:
    rows = pa.concat_tables(pq.read_table(path, columns=["rule", "severity"]) for path in paths)
    counted = rows.group_by(["rule", "severity"]).aggregate([([], "count_all")]).to_pylist()
    rules: Counter[str] = Counter()
    for one in counted:
        if one["severity"] != "note":
            rules[one["rule"]] += one["count_all"]
    return rules


def find_record_counts(folder: Path) -> dict[str, int]:
    """Return how many records of each type stand in the files that were written to a folder."""
    found: Counter[str] = Counter()
    for path in sorted(folder.glob("*.parquet")):
        name = path.name.split(".")[0]
        if name not in (ISSUE.name, REJECT.name):
            found[name] += pq.read_metadata(path).num_rows
    return dict(found)


def find_first_issues(folder: Path, most: int) -> list[dict[str, Any]]:
    """Return the first issues of the files that were written to a folder, no more than `most`."""
    columns = ["severity", "rule", "field", "position", "message"]
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob(f"{ISSUE.name}.*.parquet")):
        found += pq.read_table(path, columns=columns).slice(0, most - len(found)).to_pylist()
        if len(found) >= most:
            break
    return found
