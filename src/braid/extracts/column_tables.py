"""One table read batch by batch as a part of a definition says; what it gives goes to a drain after each batch."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from braid.extracts.batches import Batch
from braid.extracts.coded import Coded
from braid.extracts.column_cells import Cells, Reader
from braid.extracts.column_ids import identify
from braid.extracts.column_records import Groups, Made, make_records
from braid.extracts.column_rows import Rows
from braid.extracts.definition import UNIT, Definition, Part, RecordRule
from braid.extracts.fields import describe
from braid.extracts.model import PartCount, Reading, Source
from braid.extracts.noughts import Noughts
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.language.schema import Table
from braid.store.arrow_types import file_schema, to_arrow

SEQUENCE = "sequence"
"""A column beside those of the registry: where a record stands in its file, by line and rule. It is there where two
rules of a part may make the same record of one row; elsewhere the line says it."""
RULES_A_ROW = 1000
"""A row makes fewer kinds of records than this; a record's place in the file is its line times this, and its rule."""
_TABLES = {table.name: table for table in SOURCE_TABLES}


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


class TableReader:
    """Reads the batches of one table."""

    def __init__(
        self,
        definition: Definition,
        part: Part,
        header: Sequence[str],
        drain: Drain,
        reading: ColumnReading,
        unit: str = "line",
    ) -> None:
        self.unit = unit
        self.part = part
        self.definition = definition
        self.header = header
        self.drain = drain
        self.reading = reading
        self.cell_reader = Reader()
        self.met: dict[int, set[str]] = defaultdict(set)
        self.leads: dict[int, dict[str, str]] = defaultdict(dict)
        self.count = reading.parts[part.name]
        self.noughts = Noughts(part)

    def learn_groups(self, batch: Batch) -> None:
        """Look at a batch for what the rows of one group say together."""
        cells = self._cells(batch)
        for rule in self.part.rules:
            if rule.group:
                self._learn(rule, cells)

    def _learn(self, rule: RecordRule, cells: Cells) -> None:
        names = cells.texts(rule.group or "").plain().to_pylist()
        for condition in rule.group_any:
            met = cells.condition(condition)
            self.met[id(rule)].update(name or "" for number, name in enumerate(names) if met is None or met[number])
        if rule.lead:
            met = cells.condition(rule.lead)
            people = cells.texts(self.part.person or "").plain().to_pylist()
            for number, (name, person) in enumerate(zip(names, people, strict=True)):
                if person and (met is None or met[number]):
                    self.leads[id(rule)].setdefault(name or "", self.part.person_prefix + person)

    def _cells(self, batch: Batch) -> Cells:
        return Cells(self.definition, self.part, self.header, batch, self.cell_reader)

    def read(self, batch: Batch) -> None:
        """Read a batch: count its rows, and hand over the records, issues and rejects that they make."""
        count = len(batch.numbers)
        self.count.rows_in += count + len(batch.faults)
        told = batch.fault_places or [f"{self.unit} {line.number}" for line in batch.faults]
        faults = [(place, line.fault or "", line.raw) for place, line in zip(told, batch.faults, strict=True)]
        self._refuse([(place, rule, None, describe(rule, None), raw) for place, rule, raw in faults])
        if not count:
            return
        cells = self._cells(batch)
        for column in self.noughts.columns:
            if column in self.header:
                self.noughts.look_at(column, cells.texts(column).plain())
        rows = Rows(self.part, cells)
        places = _position(self.unit, batch.numbers) if batch.places is None else batch.places
        self._refuse(
            [
                (
                    places[one.row].as_py(),
                    one.rule,
                    one.column,
                    one.message,
                    batch.find_raw(batch.numbers[one.row].as_py()),
                )
                for one in rows.refusals
            ]
        )
        self.count.rows_read += count - len(rows.refusals)
        self.reading.unmapped.update(dict(rows.count_unknown()))
        self._issues(rows, places)
        maker = _Maker(self, rows, batch, places)
        for number, rule in enumerate(self.part.rules):
            made = make_records(rows, rule, Groups(self.met[id(rule)], self.leads[id(rule)]))
            if made is not None:
                maker.hand_over(number, rule, made)

    def _refuse(self, rows: Sequence[tuple[str, str, str | None, str, str]]) -> None:
        """Keep rows whole: where each stands, rule, field and message, and how it stands in the file."""
        if not rows:
            return
        self.count.rows_rejected += len(rows)
        lineage = file_of(self.reading)
        rejects = [
            {**lineage, "part": self.part.name, "position": place, "rule": rule, "row": raw}
            for place, rule, _, _, raw in rows
        ]
        issues = [
            {
                **lineage,
                "severity": "reject",
                "rule": rule,
                "field": column,
                "position": place,
                "message": message,
            }
            for place, rule, column, message, _ in rows
        ]
        self.drain.take(REJECT, _findings(REJECT, rejects))
        self.drain.take(ISSUE, _findings(ISSUE, issues))

    def _issues(self, rows: Rows, places: pa.Array) -> None:
        """Hand over what is doubted of the rows that are read."""
        if not rows.doubts:
            return
        said = [(one.rule, one.column, one.message) for one in rows.doubts]
        of_rows = pa.array(np.repeat(np.arange(len(said), dtype=np.int32), [len(one.rows) for one in rows.doubts]))
        columns = {
            **{name: _constant(value, len(of_rows)) for name, value in file_of(self.reading).items()},
            "severity": _constant("warning", len(of_rows)),
            "position": places.take(pa.array(np.concatenate([one.rows for one in rows.doubts]))),
        }
        for name, texts in zip(("rule", "field", "message"), zip(*said, strict=True), strict=True):
            columns[name] = Coded(pa.array(texts), of_rows).written()
        self.drain.take(ISSUE, pa.table({name: columns[name] for name in ISSUE.names}))


class _Maker:
    """Makes the records of a batch rows of their tables."""

    def __init__(self, reader: TableReader, rows: Rows, batch: Batch, places: pa.Array) -> None:
        self.reading = reader.reading
        self.drain = reader.drain
        self.part = reader.part
        self.rows = rows
        self.numbers = batch.numbers
        self.places = places
        self.has_sequence = self.part.has_twin_rules or batch.places is not None
        self.people = self._person_ids()

    def _person_ids(self) -> Coded:
        """Return the id of the person of each row; nothing where the part is about none."""
        column, cells = self.part.person, self.rows.cells
        if column is None:
            return Coded(pa.nulls(self.rows.count, pa.string()))
        texts, places = cells.encoded(column) if cells.is_repeated(column) else (cells.texts(column).plain(), None)
        begin = self._begin("person_record") + self.part.person_prefix
        return Coded(identify(begin, pc.fill_null(texts, "")), places)

    def hand_over(self, number: int, rule: RecordRule, made: Made) -> None:
        """Hand over the records of a rule."""
        table = _TABLES[rule.type]
        count = len(made.keys)
        columns = {name: field.written() for name, field in made.fields.items()}
        columns |= self._lineage(rule, made) | self._identities(rule, made)
        schema = file_schema(table)
        data = pa.table({one.name: _as_type(columns.get(one.name), one.type, count) for one in schema})
        if self.has_sequence:
            of_rows = self.numbers if made.rows is None else self.numbers.take(made.rows)
            data = data.append_column(SEQUENCE, pc.add(pc.multiply(of_rows, RULES_A_ROW), number))
        self.reading.records[table.name] += count
        self.drain.take(table, data)

    def _identities(self, rule: RecordRule, made: Made) -> dict[str, Any]:
        """Return the ids of the records, and of whom they are about."""
        people = self._ids_of_few(made.people) if rule.person else self.people.at(made.rows).plain()
        others = {} if made.others is None else {"other_person_record_id": self._ids_of_few(made.others)}
        if rule.type == "person_record":
            return {"record_id": people, "partner_record_id": made.keys, **others}
        return {"record_id": identify(self._begin(rule.type), made.keys), "person_record_id": people, **others}

    def _lineage(self, rule: RecordRule, made: Made) -> dict[str, Any]:
        source, count = self.reading.source, len(made.keys)
        stated = {
            "feed": source.feed,
            "organisation_id": source.organisation_id,
            "standard": source.standard,
            "file_sha256": self.reading.file_sha256,
            "sensitivity": rule.sensitivity,
            "collection_year": source.collection_year,
        }
        day = dt.date.fromisoformat(source.as_of_date) if source.as_of_date else None
        return {
            **{name: _constant(value, count) for name, value in stated.items()},
            "as_of_date": _constant(day, count) if day else None,
            "row_ref": self.places if made.rows is None else self.places.take(made.rows),
            "quality": self.rows.quality.at(made.rows).written(),
        }

    def _begin(self, record_type: str) -> str:
        """Return what stands before the parts of a key in what `record_id` hashes."""
        return f"{self.reading.source.feed}{UNIT}{record_type}{UNIT}"

    def _ids_of_few(self, people: pa.Array) -> pa.Array:
        """Return the ids of people who may come many times."""
        once = people.dictionary_encode()
        return identify(self._begin("person_record"), once.dictionary).take(once.indices)


def drain_issues(drain: Drain, reading: ColumnReading, said: Reading) -> None:
    """Hand over what was said of the file as a whole."""
    rows = [{**file_of(reading), **issue.__dict__} for issue in said.issues]
    if rows:
        drain.take(ISSUE, _findings(ISSUE, rows))


def file_of(reading: ColumnReading) -> Mapping[str, str]:
    """Return what every issue and reject says of its file."""
    return {"feed": reading.source.feed, "file_sha256": reading.file_sha256, "file_name": reading.file_name}


def _findings(table: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return to_arrow(table, rows).cast(file_schema(table))


def _constant(value: Any, rows: int) -> pa.DictionaryArray:
    """Return one value for every row, held once."""
    return pa.DictionaryArray.from_arrays(_first_places(rows), pa.array([value]))


def _first_places(rows: int) -> pa.Array:
    """Return so many noughts; those of a longer batch are shared."""
    return _noughts(-(-rows // _SHARED) * _SHARED).slice(0, rows)


@lru_cache(4)
def _noughts(rows: int) -> pa.Array:
    return pa.array(np.zeros(rows, np.int8))


def _nothing(kind: pa.DataType, rows: int) -> pa.Array:
    """Return so many nulls; those of a longer batch are shared."""
    return _nulls(kind, -(-rows // _SHARED) * _SHARED).slice(0, rows)


@lru_cache(16)
def _nulls(kind: pa.DataType, rows: int) -> pa.Array:
    return pa.nulls(rows, kind)


_SHARED = 1 << 16


def _position(unit: str, lines: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(unit, pc.cast(lines, pa.string()), " ")


def _as_type(column: Any, kind: pa.DataType, rows: int) -> Any:
    if column is None:
        return _nothing(kind, rows)
    if pa.types.is_dictionary(column.type):
        return column if column.type.value_type == kind else column.cast(column.type.value_type).cast(kind)
    return column if column.type == kind else column.cast(kind)
