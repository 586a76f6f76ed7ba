"""Brought tables: CSV and Parquet files with one row a record, read as texts and checked before anything is linked."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from braid.extracts.csv_files import Line, iterate_lines
from braid.extracts.files import check_not_blank, check_size, decode, read_bytes
from braid.extracts.model import UnreadableFile
from braid.people.files.mapping import FileMapping, MappingInvalid

MAX_FIELD_CHARACTERS = 131_072
_BINARIES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
_WORKBOOKS = (".xlsx", ".xls", ".ods")


@dataclass(frozen=True)
class Brought:
    """Tables read: `rows` as texts with `record_id` and `source` of ours and the columns of the mapping.

    `keys` gives, by record id, the file and the id in it as it stood there; `truth` the true person, where named.
    """

    rows: pa.Table
    keys: Mapping[str, tuple[str, object]]
    truth: Mapping[str, str]
    key_type: pa.DataType


def read_tables(paths: Sequence[Path], mapping: FileMapping, id_column: str, truth_column: str = "") -> Brought:
    """Return the tables of the files, one after the other.

    Raises `UnreadableFile` naming file and row where a file cannot be read, lacks a column, or an id is empty or stands
    twice in it, or nobody's true person is known; `MappingInvalid` where no row is of a source that the mapping names.
    """
    names = _file_names(paths)
    wanted = tuple(dict.fromkeys((id_column, *mapping.column_names, *((truth_column,) if truth_column else ()))))
    parts: list[pa.Table] = []
    keys: dict[str, tuple[str, object]] = {}
    truth: dict[str, str] = {}
    types: set[pa.DataType] = set()
    for path, name in zip(paths, names, strict=True):
        table = _read(path, wanted)
        ids = table.column(id_column)
        types.add(ids.type)
        texts = _texts(ids, path, id_column, is_key=True)
        _check_ids(texts, path, id_column)
        record_ids = [f"{name}\x1f{text}" if len(paths) > 1 else str(text) for text in texts]
        keys.update(zip(record_ids, ((name, value) for value in ids.to_pylist()), strict=True))
        if truth_column:
            people = _texts(table.column(truth_column), path, truth_column, is_key=True)
            known = zip(record_ids, people, strict=True)
            truth.update({record_id: person for record_id, person in known if person})
        parts.append(_own_columns(table, path, mapping, record_ids))
    rows = pa.concat_tables(parts)
    _check_sources(rows, mapping)
    if truth_column and rows.num_rows and not truth:
        raise UnreadableFile("truth_empty", f"no row has a {truth_column}: name a filled column, or leave --truth out")
    return Brought(rows, keys, truth, types.pop() if len(types) == 1 else pa.string())


def name_of_source(path: Path) -> str:
    """Return the source that all rows of a file are of where no column says it: its name without the ending."""
    return path.name.removesuffix(path.suffix)


def _own_columns(table: pa.Table, path: Path, mapping: FileMapping, record_ids: list[str]) -> pa.Table:
    """Return the columns of the mapping as `column name`, so that none can be taken for one of ours."""
    columns = {f"column {name}": _texts(table.column(name), path, name) for name in mapping.column_names}
    if mapping.source_column:
        sources = [text or "" for text in columns[f"column {mapping.source_column}"]]
    else:
        sources = [name_of_source(path)] * len(record_ids)
    own = {"record_id": record_ids, "source": sources, **columns}
    return pa.table({name: pa.array(values, pa.string()) for name, values in own.items()})


def _file_names(paths: Sequence[Path]) -> list[str]:
    """Return the name by which each file is known: its own, or as it was typed where two have the same."""
    held = Counter(path.name for path in paths)
    names = [path.name if held[path.name] == 1 else str(path) for path in paths]
    if len(set(names)) < len(names):
        raise UnreadableFile("file_twice", "one file is named twice: name each once")
    return names


def _read(path: Path, wanted: Sequence[str]) -> pa.Table:
    if path.suffix.lower() in _WORKBOOKS:
        raise UnreadableFile("file_binary", f"{path.name} is a workbook: save the sheet as CSV and name that")
    try:
        return _read_parquet(path, wanted) if path.suffix.lower() == ".parquet" else _read_csv(path, wanted)
    except UnreadableFile as error:
        raise UnreadableFile(error.rule, f"{path.name}: {error.message}") from None


def _read_parquet(path: Path, wanted: Sequence[str]) -> pa.Table:
    check_size(path)
    try:
        file = pq.ParquetFile(path)
        _check_columns(file.schema_arrow.names, wanted)
        return file.read(columns=list(wanted))
    except (pa.ArrowInvalid, OSError):
        raise UnreadableFile("no_parquet", "the file is no whole Parquet file: export it again") from None


def _read_csv(path: Path, wanted: Sequence[str]) -> pa.Table:
    data = read_bytes(path)
    check_not_blank(data)
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    lines = iterate_lines(decode(data)[0])
    first = next(lines, None)
    if first is None or first.fault:
        raise UnreadableFile("no_heading", "the file has no line of column names: export it with its heading")
    header = [cell.strip("\ufeff") for cell in first.cells]
    _check_columns(header, wanted)
    places = [header.index(name) for name in wanted]
    columns: list[list[str | None]] = [[] for _ in wanted]
    for cells in _cells(lines, len(header)):
        for values, place in zip(columns, places, strict=True):
            values.append(cells[place] or None)
    return pa.table({name: pa.array(values, pa.string()) for name, values in zip(wanted, columns, strict=True)})


def _cells(lines: Iterator[Line], width: int) -> Iterator[list[str]]:
    for line in lines:
        if line.fault:
            raise UnreadableFile(line.fault, f"line {line.number} has broken quotes: mend it and run again")
        if len(line.cells) != width:
            raise UnreadableFile(
                "row_width", f"line {line.number} has {len(line.cells)} cells and the heading {width}: mend it"
            )
        yield line.cells


def _check_columns(present: Sequence[str], wanted: Sequence[str]) -> None:
    absent = [name for name in wanted if name not in present]
    if absent:
        raise UnreadableFile(
            "column_absent", f"the heading lacks {', '.join(absent)}: check the mapping, --id and --truth"
        )
    doubled = [name for name in wanted if list(present).count(name) > 1]
    if doubled:
        raise UnreadableFile("duplicate_heading", f"column {', '.join(doubled)} stands twice: keep one")


def _texts(column: pa.ChunkedArray, path: Path, name: str, *, is_key: bool = False) -> list[str | None]:
    """Return a column as texts: whole numbers that are held as decimal ones whole, moments as days unless `is_key`."""
    kind = column.type
    if pa.types.is_floating(kind):
        return [_number_text(number) for number in column.to_pylist()]
    advice = f"{path.name}: column {name} holds no text, number or date: leave it out"
    if pa.types.is_nested(kind) or any(is_binary(kind) for is_binary in _BINARIES):
        raise UnreadableFile("column_type", advice)
    try:
        if pa.types.is_timestamp(kind) and not is_key:
            column = column.cast(pa.date32(), safe=False)
        texts: list[str | None] = column.cast(pa.string()).to_pylist()
    except pa.ArrowException:
        raise UnreadableFile("column_type", advice) from None
    return [text or None for text in texts]


def _number_text(number: float | None) -> str | None:
    if number is None or math.isnan(number):
        return None
    return str(int(number)) if math.isfinite(number) and number == int(number) else str(number)


def _check_ids(ids: Sequence[str | None], path: Path, column: str) -> None:
    """Raise where a row has no id or that of another row, naming rows counted from 1 below the heading."""
    seen: dict[str, int] = {}
    for number, text in enumerate(ids, 1):
        if text is None:
            raise UnreadableFile("id_empty", f"{path.name}: row {number} has no {column}: give every row its id")
        if text in seen:
            raise UnreadableFile(
                "id_twice", f"{path.name}: rows {seen[text]} and {number} have the same {column}: give each its own"
            )
        seen[text] = number


def _check_sources(rows: pa.Table, mapping: FileMapping) -> None:
    present = set(rows.column("source").to_pylist())
    named = [("[sources] one_row_a_person", mapping.one_row_a_person)]
    named += [
        (f"[[identifiers]] {number} trusted", identifier.trusted_in or frozenset())
        for number, identifier in enumerate(mapping.identifiers, 1)
    ]
    faults = [
        f"{where}: no row is of source {source}" for where, sources in named for source in sorted(sources - present)
    ]
    if faults:
        advice = "write sources as they stand in [sources] column, or as the files' names without their endings"
        raise MappingInvalid("\n".join([*faults, advice]))
