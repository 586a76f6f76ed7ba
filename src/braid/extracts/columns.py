"""Tables read batch by batch as a definition says: the fast twin of `braid.extracts.rows`.

Each distinct text of a column is read once, by the cell's own function; what concerns whole rows is portable SQL on the
engine (`braid.extracts.column_queries`). Records, issues and rejects go to a drain after each batch, so that memory is
bounded by the batch and not by the file.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from braid.extracts import checks
from braid.extracts.batches import Batch, BatchReader
from braid.extracts.blocks import BLOCK_BYTES, TextFile, iterate_blocks, look_over, note_encoding
from braid.extracts.column_queries import RULES_A_ROW, PartQueries, RecordQuery, compile_part
from braid.extracts.csv_files import Line, check_doubled, find_delimiter, iterate_lines
from braid.extracts.definition import UNIT, Cell, CodeList, Condition, Definition, Part, RecordRule
from braid.extracts.fields import describe
from braid.extracts.files import hash_file
from braid.extracts.model import PartCount, Reading, Source, UnreadableFile
from braid.extracts.month_first import LOOKED_AT_ROWS, check_month_first
from braid.extracts.noughts import Noughts
from braid.extracts.parquet_files import UNIT as PARQUET_UNIT
from braid.extracts.parquet_files import is_parquet, iterate_batches, open_parquet_table, read_names
from braid.extracts.rows import count_strange_columns, count_unknown, is_under
from braid.extracts.tables import HEADING_ROWS, Heading, describe_parts, find_headings, note_preamble
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.language.schema import Table, Type
from braid.store.arrow_types import ARROW, file_schema, to_arrow
from braid.store.engine import Engine

SEQUENCE = "sequence"
"""A column beside those of the registry: where a record stands in its file, by line and rule. It is there where two
rules of a part may make the same record of one row; elsewhere the line says it."""
_TABLES = {table.name: table for table in SOURCE_TABLES}
_OUTPUT_TYPES = {
    "source": pa.string(),
    "precision": pa.string(),
    "broken": pa.bool_(),
    "unknown": pa.int64(),
    "items": pa.list_(pa.string()),
}
_VALUE_TYPES = {
    "date": pa.date32(),
    "moment": pa.timestamp("us", tz="UTC"),
    "number": pa.int64(),
    "decimal": pa.float64(),
    "flag": pa.bool_(),
}


class Drain(Protocol):
    """Where what was read goes, batch by batch."""

    def take(self, table: Table, data: pa.Table) -> None:
        """Take rows of a registry table; records may carry `SEQUENCE` besides."""


@dataclass
class ColumnReading:
    """What reading one file by columns gave, but for its records, issues and rejects, which went to the drain."""

    source: Source
    file_sha256: str
    file_name: str
    parts: dict[str, PartCount] = field(default_factory=lambda: defaultdict(PartCount))
    unmapped: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    is_in_order = False
    """Its rows come rule by rule; a line, or `SEQUENCE`, says where each stands."""


def read_by_columns(
    path: Path,
    source: Source,
    definition: Definition,
    engine: Engine,
    drain: Drain,
    block_bytes: int = BLOCK_BYTES,
) -> ColumnReading:
    """Read a table, text or Parquet, as a resolved definition says and hand everything that it gives to `drain`.

    Raises `UnreadableFile` as the row reader does; what was handed over until then is to be thrown away.
    """
    if is_parquet(path):
        return _read_parquet(path, source, definition, engine, drain)
    text_file = look_over(path)
    reading = ColumnReading(source, text_file.sha256, path.name)
    said = Reading(source, text_file.sha256, path.name)
    note_encoding(text_file, said)
    delimiter, heading, first_line = _find_heading(text_file, definition, said)
    reader = _TableReader(definition, heading, engine, drain, reading)
    return _read(reader, said, lambda: _batches(text_file, delimiter, heading, first_line, block_bytes))


def _read_parquet(path: Path, source: Source, definition: Definition, engine: Engine, drain: Drain) -> ColumnReading:
    digest = hash_file(path)
    reading = ColumnReading(source, digest, path.name)
    names = read_names(path)
    heading = _choose_heading(definition, [Line(0, names, ",".join(names))])
    rows = list(itertools.islice(open_parquet_table(path).lines, 1, LOOKED_AT_ROWS + 1))
    check_month_first(definition, heading.part, heading.header, rows)
    reader = _TableReader(definition, heading, engine, drain, reading, PARQUET_UNIT)
    return _read(reader, Reading(source, digest, path.name), lambda: iterate_batches(path))


def _read(reader: _TableReader, said: Reading, batches: Callable[[], Iterator[Batch]]) -> ColumnReading:
    """Read every batch of a table, twice where rows say something only together, and hand over what is said of it."""
    reading = reader.reading
    count_strange_columns(reader.header, said, reader.part)
    if reader.part.has_groups:
        for batch in batches():
            reader.learn_groups(batch)
    for batch in batches():
        reader.read(batch)
    reading.unmapped.update(said.unmapped)
    reader.noughts.say(said)
    reader.drain_issues(said)
    return reading


def _batches(
    text_file: TextFile, delimiter: str, heading: Heading, first_line: int, block_bytes: int
) -> Iterator[Batch]:
    blocks = _below(iterate_blocks(text_file, block_bytes), first_line - 1)
    return BatchReader(delimiter, len(heading.header), first_line, text_file.has_last_line_end).read(blocks)


def _below(blocks: Iterator[bytes], lines: int) -> Iterator[bytes]:
    """Yield the blocks without their first lines."""
    for block in blocks:
        while lines and block:
            end = _line_end(block)
            block, lines = block[end:], lines - 1
        if block:
            yield block


def _line_end(block: bytes) -> int:
    ends = [end for end in (block.find(b"\n"), block.find(b"\r")) if end >= 0]
    if not ends:
        return len(block)
    end = min(ends)
    return end + (2 if block[end : end + 2] == b"\r\n" else 1)


def _find_heading(text_file: TextFile, definition: Definition, said: Reading) -> tuple[str, Heading, int]:
    """Return the delimiter, the heading of the table, and the line below it."""
    text = _first_text(text_file)
    delimiter = find_delimiter(text)
    lines = iterate_lines(text, delimiter)
    rows = list(itertools.islice(lines, HEADING_ROWS))
    heading = _choose_heading(definition, rows)
    line = rows[heading.place]
    below = [*rows[heading.place + 1 :], *_while_whole(lines, LOOKED_AT_ROWS)][:LOOKED_AT_ROWS]
    check_month_first(definition, heading.part, heading.header, below)
    note_preamble(said, f"line {line.number}", heading.place)
    return delimiter, heading, line.number + _count_lines(line.raw)


def _while_whole(lines: Iterator[Line], most: int) -> Iterator[Line]:
    """Yield rows up to the place at which the beginning of a file, read alone, ends in the middle of one."""
    with contextlib.suppress(UnreadableFile):
        yield from itertools.islice(lines, most)


def _choose_heading(definition: Definition, rows: Sequence[Line]) -> Heading:
    """Return the one heading among the first rows; raise `UnreadableFile` where there is none, or several fit."""
    headings = find_headings(definition, rows)
    if not headings:
        raise UnreadableFile(
            "wrong_standard",
            f"no heading among the first rows has what the standard needs in this year ({describe_parts(definition)}):"
            " check the standard, the year and the heading line",
        )
    if len(headings) > 1:
        names = ", ".join(heading.part.name for heading in headings)
        raise UnreadableFile("part_ambiguous", f"the heading may be of {names}: keep the columns that only one has")
    (heading,) = headings
    check_doubled(heading.header, heading.part.columns)
    return heading


def _count_lines(raw: str) -> int:
    return raw.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def _first_text(text_file: TextFile) -> str:
    """Return the beginning of the file: whole lines, more of them the longer they are."""
    found = b""
    for block in iterate_blocks(text_file, BLOCK_BYTES // 16):
        found += block
        if found.count(b"\n") + found.count(b"\r") > 4 * LOOKED_AT_ROWS:
            break
    return found.decode()


class _TableReader:
    """Reads the batches of one table."""

    def __init__(
        self,
        definition: Definition,
        heading: Heading,
        engine: Engine,
        drain: Drain,
        reading: ColumnReading,
        unit: str = "line",
    ) -> None:
        self.unit = unit
        self.part: Part = heading.part
        self.definition = definition
        self.header = heading.header
        self.engine = engine
        self.drain = drain
        self.reading = reading
        self.queries: PartQueries = compile_part(heading.part)
        self.met: dict[int, set[str]] = defaultdict(set)
        self.leads: dict[int, dict[str, str]] = defaultdict(dict)
        self.count = reading.parts[heading.part.name]
        self.noughts = Noughts(heading.part)

    def learn_groups(self, batch: Batch) -> None:
        """Look at a batch for what the rows of one group say together."""
        columns = _Columns(self.definition, self.part, self.header, batch)
        for rule in self.part.rules:
            if rule.group:
                self._learn(rule, columns)

    def _learn(self, rule: RecordRule, columns: _Columns) -> None:
        names = columns.texts(rule.group or "").to_pylist()
        for condition in rule.group_any:
            met = columns.condition(condition).to_pylist()
            self.met[id(rule)].update(name or "" for name, is_met in zip(names, met, strict=True) if is_met)
        if rule.lead:
            met = columns.condition(rule.lead).to_pylist()
            people = columns.texts(self.part.person or "").to_pylist()
            for name, is_met, person in zip(names, met, people, strict=True):
                if is_met and person:
                    self.leads[id(rule)].setdefault(name or "", self.part.person_prefix + person)

    def read(self, batch: Batch) -> None:
        """Read a batch: count its rows, and hand over the records, issues and rejects that they make."""
        rows = len(batch.numbers)
        self.count.rows_in += rows + len(batch.faults)
        self._reject_faults(batch.faults)
        if not rows:
            return
        self.engine.load_arrow("batch_row", self._batch_table(batch))
        self.engine.view("checked_row", self.queries.checked)
        refused = self._reject(batch)
        self.count.rows_read += rows - refused
        self._count_unknown()
        self._issues()
        for query in self.queries.records:
            self._records(query)

    def _batch_table(self, batch: Batch) -> pa.Table:
        columns = _Columns(self.definition, self.part, self.header, batch)
        for column in self.noughts.columns:
            if column in self.header:
                self.noughts.look_at(column, columns.texts(column))
        names = self.queries.names
        found: dict[str, pa.Array] = {"line": batch.numbers}
        found["person_id"] = self._person_ids(columns)
        found |= {name: columns.texts(column) for column, name in names.texts.items()}
        found |= {
            name: columns.cell(cell, output.split()[0], kind) for (_, output), (name, cell, kind) in names.cells.items()
        }
        found |= {name: columns.condition(condition) for condition, name in names.conditions.items()}
        for rule, met, lead in names.groups.values():
            found |= self._group(rule, met, lead, columns)
        return pa.table(found)

    def _group(self, rule: RecordRule, met: str, lead: str, columns: _Columns) -> dict[str, pa.Array]:
        members, leads = self.met[id(rule)], self.leads[id(rule)]
        return {
            met: columns.spread(rule.group or "", lambda name: name in members, pa.bool_()),
            lead: columns.spread(rule.group or "", leads.get, pa.string()),
        }

    def _person_ids(self, columns: _Columns) -> pa.Array:
        if self.part.person is None:
            return pa.nulls(columns.rows, pa.string())
        encoded = columns.encoded(self.part.person)
        begin = f"{self.reading.source.feed}{UNIT}person_record{UNIT}{self.part.person_prefix}"
        return identify(begin, pc.fill_null(encoded.dictionary, "")).take(encoded.indices)

    def _reject_faults(self, faults: Sequence[Line]) -> None:
        rows = [(line.number, line.fault or "", None, line.raw) for line in faults]
        self._refuse(rows, lambda rule, column: describe(rule, column))

    def _reject(self, batch: Batch) -> int:
        found = self.engine.rows(self.queries.refused)
        rows = [(one["line"], one["refused_rule"], one["refused_field"], batch.find_raw(one["line"])) for one in found]
        self._refuse(rows, lambda rule, column: self.queries.messages[rule, column or ""])
        return len(found)

    def _refuse(
        self, rows: Sequence[tuple[int, str, str | None, str]], message: Callable[[str, str | None], str]
    ) -> None:
        self.count.rows_rejected += len(rows)
        lineage = self._file()
        rejects = [
            {**lineage, "part": self.part.name, "position": f"{self.unit} {line}", "rule": rule, "row": raw}
            for line, rule, _, raw in rows
        ]
        issues = [
            {
                **lineage,
                "severity": "reject",
                "rule": rule,
                "field": column,
                "position": f"{self.unit} {line}",
                "message": message(rule, column),
            }
            for line, rule, column, _ in rows
        ]
        if rows:
            self.drain.take(REJECT, _findings(REJECT, rejects))
            self.drain.take(ISSUE, _findings(ISSUE, issues))

    def _file(self) -> Mapping[str, str]:
        reading = self.reading
        return {"feed": reading.source.feed, "file_sha256": reading.file_sha256, "file_name": reading.file_name}

    def _count_unknown(self) -> None:
        if self.queries.unknown is None:
            return
        (sums,) = self.engine.rows(self.queries.unknown)
        for number, name in enumerate(self.queries.unknown_columns):
            if sums[f"unknown_{number}"]:
                self.reading.unmapped[name] += int(sums[f"unknown_{number}"])

    def _issues(self) -> None:
        if self.queries.issues is None:
            return
        found = self.engine.arrow(self.queries.issues)
        if found.num_rows == 0:
            return
        columns = {
            **{name: _constant(value, found.num_rows) for name, value in self._file().items()},
            "severity": _constant("warning", found.num_rows),
            "rule": found["rule"],
            "field": found["field"],
            "position": _position(self.unit, found["line"]),
            "message": found["message"],
        }
        self.drain.take(ISSUE, pa.table({name: columns[name] for name in ISSUE.names}))

    def _records(self, query: RecordQuery) -> None:
        found = self.engine.arrow(query.sql)
        if found.num_rows == 0:
            return
        table = _TABLES[query.rule.type]
        columns = {name: found[f"field_{name}"] for name in query.fields}
        columns |= {name: _constant(value, found.num_rows) for name, value in query.constants.items()}
        columns |= self._lineage(query.rule, found)
        person_ids = found["person_id"]
        if query.rule.person:
            person_ids = self._identities("person_record", person_ids)
        if query.rule.type == "person_record":
            columns |= {"record_id": person_ids, "partner_record_id": found["key_text"]}
        else:
            columns["record_id"] = self._identities(query.rule.type, found["key_text"])
            columns["person_record_id"] = person_ids
        if query.rule.lead or query.rule.other:
            columns["other_person_record_id"] = self._identities("person_record", found["lead"])
        schema = file_schema(table)
        data = pa.table({one.name: _as_type(columns.get(one.name), one.type, found.num_rows) for one in schema})
        if self.part.has_twin_rules:
            data = data.append_column(SEQUENCE, pc.add(pc.multiply(found["line"], RULES_A_ROW), query.number))
        self.reading.records[table.name] += found.num_rows
        self.drain.take(table, data)

    def _lineage(self, rule: RecordRule, found: pa.Table) -> dict[str, Any]:
        source = self.reading.source
        stated = {
            "feed": source.feed,
            "organisation_id": source.organisation_id,
            "standard": source.standard,
            "file_sha256": self.reading.file_sha256,
            "sensitivity": rule.sensitivity,
        }
        rows = found.num_rows
        return {
            **{name: _constant(value, rows) for name, value in stated.items()},
            "collection_year": _constant(source.collection_year, rows),
            "as_of_date": _constant(source.as_of_date, rows) if source.as_of_date else None,
            "row_ref": _position(self.unit, found["line"]),
            "quality": found["quality"],
        }

    def _identities(self, record_type: str, keys: pa.ChunkedArray) -> pa.Array:
        """Return the ids of records, as `record_id` makes them of feed, type and the parts of the key."""
        return identify(f"{self.reading.source.feed}{UNIT}{record_type}{UNIT}", keys)

    def drain_issues(self, said: Reading) -> None:
        """Hand over what was said of the file as a whole."""
        rows = [{**self._file(), **issue.__dict__} for issue in said.issues]
        if rows:
            self.drain.take(ISSUE, _findings(ISSUE, rows))


class _Columns:
    """The columns of one batch, each distinct text of them read once."""

    def __init__(self, definition: Definition, part: Part, header: Sequence[str], batch: Batch) -> None:
        self.rows = len(batch.numbers)
        self._definition = definition
        self._part = part
        self._raw = dict(zip(header, batch.columns, strict=True))
        self._encoded: dict[str, pa.DictionaryArray] = {}
        self._read: dict[tuple[str, ...], list[tuple[Any, bool]]] = {}

    def texts(self, column: str) -> pa.Array:
        """Return the cleaned texts of a column; an empty cell is null."""
        raw = self._raw.get(column)
        known = self._part.columns.get(column)
        if raw is not None and self._definition.leaves_alone(known):
            raw = _keys_alone(raw) if known and known.is_key else raw
            return pc.if_else(pc.equal(raw, ""), pa.scalar(None, pa.string()), raw)
        encoded = self.encoded(column)
        return encoded.dictionary.take(encoded.indices)

    def encoded(self, column: str) -> pa.DictionaryArray:
        """Return the cleaned texts of a column as distinct texts and where each stands."""
        if column not in self._encoded:
            self._encoded[column] = self._encode(column)
        return self._encoded[column]

    def _encode(self, column: str) -> pa.DictionaryArray:
        raw = self._raw.get(column)
        if raw is None:
            return pa.DictionaryArray.from_arrays(pa.nulls(self.rows, pa.int32()), pa.array([], pa.string()))
        encoded = pc.dictionary_encode(raw)
        known = self._part.columns.get(column)
        if self._definition.leaves_alone(known):
            if known is None or not known.is_key:
                return encoded
            return pa.DictionaryArray.from_arrays(encoded.indices, _keys_alone(encoded.dictionary))
        cleaned = [self._definition.clean(known, text) or None for text in encoded.dictionary.to_pylist()]
        return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(cleaned, pa.string()))

    def spread(self, column: str, function: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
        """Return what a function says of the text of each row; an empty cell is the empty text."""
        encoded = self.encoded(column)
        texts = encoded.dictionary.to_pylist()
        return _at(
            encoded, [function(text or "") for text in texts], function("") if column not in self._raw else None, kind
        )

    def cell(self, cell: Cell, output: str, kind: Type | None) -> pa.Array:
        """Return one thing that a cell holds, of every row."""
        if cell.kind == "text" and output == "value":
            return self.texts(cell.column)
        encoded = self.encoded(cell.column)
        read = self._cell(cell, encoded)
        values = [_output(cell, output, value, is_broken) for value, is_broken in read]
        absent = {"broken": False, "unknown": 0}.get(output)
        return _at(encoded, values, absent, _type_of(cell, output, kind))

    def _cell(self, cell: Cell, encoded: pa.DictionaryArray) -> list[tuple[Any, bool]]:
        if cell.identity not in self._read:
            self._read[cell.identity] = _read_texts(cell, encoded.dictionary)
        return self._read[cell.identity]

    def condition(self, condition: Condition) -> pa.Array:
        """Return whether each row meets a condition."""
        if condition.under_years is None:
            return self.spread(condition.column, condition.fits, pa.bool_())
        texts = zip(self.texts(condition.column).to_pylist(), self.texts(condition.at or "").to_pylist(), strict=True)
        years = condition.under_years
        return pa.array(
            [condition.fits(text or "") and is_under(text or "", at or "", years) for text, at in texts], pa.bool_()
        )


_NO_KEYS = pa.array(sorted(checks.NO_KEYS), pa.string())
_LONGEST_NO_KEY = max(map(len, checks.NO_KEYS))


def _keys_alone(texts: pa.Array) -> pa.Array:
    """Return keys, those empty that say that there is none, as `Definition.clean` does."""
    short = pc.less_equal(pc.binary_length(texts), _LONGEST_NO_KEY)
    if not pc.any(short).as_py():
        return texts
    return pc.if_else(pc.is_in(pc.utf8_upper(texts), value_set=_NO_KEYS), pa.scalar("", pa.string()), texts)


def _read_texts(cell: Cell, texts: pa.Array) -> list[tuple[Any, bool]]:
    """Return what the cell holds for each text, and whether it breaks its rule."""
    if cell.scheme != "nhs":
        return [cell.read(text) for text in texts.to_pylist()]
    is_plain = pc.fill_null(pc.and_(pc.equal(pc.binary_length(texts), 10), pc.ascii_is_decimal(texts)), False)
    passing = iter(pass_nhs_check(texts.filter(is_plain)))
    plain = zip(texts.to_pylist(), is_plain.to_pylist(), strict=True)
    return [(text, not next(passing)) if is_ten else cell.read(text) for text, is_ten in plain]


def pass_nhs_check(numbers: pa.Array) -> list[bool]:
    """Return for each text of ten digits whether it holds its check, as `braid.language.identifiers` says of one.

    Nearly every number of a file is another one, so that reading each distinct text once saves nothing here.
    """
    digits = np.frombuffer("".join(numbers.to_pylist()).encode(), np.uint8).reshape(-1, 10).astype(np.int32) - 48
    check = (11 - digits[:, :9] @ np.arange(10, 1, -1) % 11) % 11
    is_one_digit = (digits == digits[:, :1]).all(axis=1)
    found: list[bool] = ((check == digits[:, 9]) & ~is_one_digit).tolist()
    return found


def _at(encoded: pa.DictionaryArray, values: list[Any], absent: Any, kind: pa.DataType) -> pa.Array:
    """Return the value of each row's text; `absent` everywhere where the file has not the column."""
    if len(encoded.dictionary) == 0:
        return pa.array([absent] * len(encoded), kind)
    return pa.array(values, kind).take(encoded.indices)


def _type_of(cell: Cell, output: str, kind: Type | None) -> pa.DataType:
    if output == "common":
        return ARROW[kind] if kind else pa.string()
    return _OUTPUT_TYPES.get(output) or _VALUE_TYPES.get(cell.kind, pa.string())


def _output(cell: Cell, output: str, value: Any, is_broken: bool) -> Any:
    """Return one thing that the reading of a text gives."""
    if output == "broken":
        return is_broken
    if output == "unknown":
        return count_unknown(cell, value) if is_broken else 0
    if value is None:
        return None
    codes = cell.codes
    if output == "items":
        return [UNIT.join((item, *_said(codes, code))) for item, code in value]
    if codes is None or output == "value":
        return value
    if output == "common":
        return codes.find_common(value)
    return codes.written(value) if output == "source" else codes.precision(value)


def _said(codes: CodeList | None, code: str | None) -> tuple[str, str, str, str]:
    """Return what a code of an item says: itself, the common code, the source code, the precision."""
    if codes is None or code is None:
        return (code or "", "", "", "")
    common = codes.find_common(code)
    return (code, "" if common is None else str(common), codes.written(code), codes.precision(code))


def identify(begin: str, keys: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the record id of each key, which follows `begin` in what is hashed, as `record_id` gives it for one."""
    first = begin.encode()
    texts = keys.cast(pa.binary()).to_pylist()
    digests = b"".join([blake2b(first + text, digest_size=10).digest() for text in texts])
    letters = _HEXADECIMAL[np.frombuffer(digests, np.uint8)].tobytes()
    ends = np.arange(0, 20 * len(texts) + 1, 20, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(texts), [None, pa.py_buffer(ends.tobytes()), pa.py_buffer(letters)])


_HEXADECIMAL = np.array([f"{byte:02x}".encode() for byte in range(256)], dtype="S2")


def _findings(table: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return to_arrow(table, rows).cast(file_schema(table))


def _constant(value: Any, rows: int) -> pa.DictionaryArray:
    """Return one value for every row, held once."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array([value]))


def _position(unit: str, lines: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(unit, pc.cast(lines, pa.string()), " ")


def _as_type(column: Any, kind: pa.DataType, rows: int) -> Any:
    if column is None:
        return pa.nulls(rows, kind)
    if pa.types.is_dictionary(column.type):
        return column if column.type.value_type == kind else column.cast(column.type.value_type).cast(kind)
    return column if column.type == kind else column.cast(kind)
