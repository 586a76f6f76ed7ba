"""Rows of a standard that a connector walks, each read and made into records as its definition says.

The connector says where a row stands, what its cells hold, and what it has from the rows that it stands in; it adds
what only several rows say together. How the words of such a definition are read: `braid.extracts.definition_walks`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from braid.extracts import checks
from braid.extracts.definition import Cell, CodeList, Column, Condition, Definition, Part
from braid.extracts.definition_files import load_definitions
from braid.extracts.fields import Fields, RowRefused
from braid.extracts.rows import holds
from braid.extracts.walked_records import RecordPlan, columns_of, plan_record

LONGEST_FLAG = len("false")
NONE_WITH_OTHERS = "factor_none_with_others"
Texts = Callable[[str], list[str]]


@cache
def walked(standard: str) -> Definition:
    """Return the definition of a standard that is walked. Raises `KeyError` where there is none of that name."""
    return {one.standard: one for one in load_definitions() if one.is_walked}[standard]


def with_lists(part: Part, lists: Mapping[str, CodeList]) -> Part:
    """Return a part some of whose columns have other codes, by column: those of another source of the same rows."""
    columns = {
        name: replace(one, cell=replace(one.cell, codes=lists[name])) if name in lists else one
        for name, one in part.columns.items()
    }
    return replace(part, columns=columns)


def read_row(part: Part, fields: Fields, texts: Texts | None = None) -> WalkedRow:
    """Return a row whose records are made; what is said of its cells says `fields`.

    `texts` gives what stands under a column that may stand several times. Raises `RowRefused` where a column without
    which the row means nothing holds nothing.
    """
    row = WalkedRow(part, fields, texts)
    row.refuse()
    row.make()
    row.finish()
    return row


class WalkedRow:
    """One row under its definition: its cells, each read once, and the records that are made of it."""

    __slots__ = ("_held", "_owner", "_plan", "_texts", "fields", "own_rules", "part")

    def __init__(self, part: Part, fields: Fields, texts: Texts | None = None) -> None:
        self.part = part
        self.fields = fields
        self.own_rules: dict[str, str] = {}
        self._texts = texts
        self._plan = _plan_of(part)
        self._held: dict[str, Any] = {}
        self._owner = ("", "")

    def refuse(self) -> None:
        """Raise `RowRefused` for the first required column that holds nothing, or no date where it is one."""
        values = self.fields.values
        for name, is_date in self._plan.required:
            text = values.get(name)
            if not text or (not is_date and checks.is_no_key(text)):
                raise RowRefused("date_missing" if is_date else "key_missing", name)
            if is_date and checks.check_date(text)[0] is None:
                raise RowRefused(checks.DATE_INVALID, name)

    def value(self, name: str) -> Any:
        """Return what a column holds, as `Cell.read` gives it; what is doubtful about it is said once."""
        held = self._held
        if name not in held:
            held[name] = self._plan.readers[name](self)
        return held[name]

    def date(self, name: str) -> dt.date | None:
        """Return the date that a column holds."""
        found = self.value(name)
        return found if isinstance(found, dt.date) else None

    def source(self, name: str) -> str | None:
        """Return the code that a column holds as `system:code`."""
        found, codes = self.value(name), self.part.columns[name].cell.codes
        return codes.written(found) if found is not None and codes else None

    def make(self) -> None:
        """Make the records of the row."""
        for name in self.part.first:
            self.value(name)
        for check in self._plan.notes:
            if all(is_met(self, one) for one in check.when):
                self.fields.reading.note(check.rule, check.column, self.fields.position, check.message)
        for record in self._plan.records:
            if not record.when or all(is_met(self, one) for one in record.when):
                self._apply(record)

    def finish(self) -> None:
        """Read the columns of no record, for what is doubtful in them."""
        for name in self._plan.others:
            self.value(name)

    def items(self, name: str, each_once: bool = False) -> Iterator[str]:
        """Yield the codes of a column that may stand several times; say which its list has not."""
        column = self.part.columns[name]
        codes = column.cell.codes
        held = self._texts(name) if self._texts else [text] if (text := self.fields.text(name)) else []
        texts = [text.upper() for text in held]
        texts = list(dict.fromkeys(texts)) if each_once else texts
        if column.alone in texts and len(texts) > 1:
            self.fields.doubt(NONE_WITH_OTHERS, name, f"{name} say none and others: correct one")
            texts.remove(column.alone)
        for text in texts:
            code = codes.find(text) if codes else text
            if code is None:
                self.fields.unknown_code(name)
            else:
                yield code

    def _apply(self, record: RecordPlan) -> None:
        if record.each is None:
            self._emit(record, None)
        else:
            for item in self.items(record.each, each_once=True):
                self._emit(record, item)

    def _emit(self, record: RecordPlan, item: str | None) -> None:
        person = record.person(self, item)
        if person is None:
            return
        values: dict[str, Any] = {}
        for name, evaluate, is_needed in record.values:
            values[name] = found = evaluate(self, item)
            if found is None and is_needed:
                return
        key = record.key(self, item, person, values)
        if None in key:
            return
        fields = self.fields
        own = self.own_rules.get(record.own_column)
        if record.check_result is not None:
            values["check_result"] = record.check_result(own is not None)
        if record.other is not None:
            values["other_person_record_id"] = fields.reading.person_record_id(record.other.key(fields.values))
        if record.type == "person_record":
            values["partner_record_id"] = person
        else:
            values["person_record_id"] = self._owner_id(person)
        quality = own if record.is_own else fields.quality
        fields.reading.emit(record.type, key, fields.position, record.sensitivity, quality, **values)

    def _owner_id(self, person: str) -> str:
        """Return the id of the person whom a record is about, which is nearly always the one of the record before."""
        if self._owner[0] != person:
            self._owner = (person, self.fields.reading.person_record_id(person))
        return self._owner[1]


def is_met(row: WalkedRow, condition: Condition) -> bool:
    """Return whether a row meets a condition."""
    if condition.is_yes is not None:
        return (row.value(condition.column) is True) is condition.is_yes
    if condition.is_read is not None:
        return (row.value(condition.column) is not None) is condition.is_read
    return holds(condition, row.fields.values)


class _Plan:
    """What is done with each row of a part, worked out once."""

    def __init__(self, part: Part) -> None:
        self.required = [(one.name, one.cell.kind == "date") for one in part.required]
        self.readers = {name: _reader(part, one) for name, one in part.columns.items()}
        self.notes = [one for one in part.checks if one.severity == "note"]
        self.records = [plan_record(part, rule) for rule in part.rules]
        asked = {name for name, _ in self.required} | set(part.first) | columns_of(part)
        self.others = [name for name, one in part.columns.items() if name not in asked and _is_read(one)]


@cache
def _plan_of(part: Part) -> _Plan:
    return _Plan(part)


def _is_read(column: Column) -> bool:
    return not (column.is_unread or column.table or column.cell.kind == "ignored")


def _reader(part: Part, column: Column) -> Callable[[WalkedRow], Any]:
    """Return what reads a column of a row: its value, or nothing where it holds none; what is doubtful is said."""
    name, cell, read = column.name, column.cell, column.cell.read
    if cell.kind == "date":
        read = _read_date
    orders = [
        (one.earlier.column, one) for one in part.checks if one.later and one.earlier and one.later.column == name
    ]

    def read_column(row: WalkedRow) -> Any:
        text = row.fields.values.get(name)
        if not text or (column.unknown and column.unknown in text.lower()):
            return None
        if column.or_flag and len(text) <= LONGEST_FLAG:
            row.fields.flag(name)
            return None
        value, is_broken = read(text)
        if is_broken:
            _doubt(row, cell)
        for earlier, check in orders:
            if checks.check_order(row.value(earlier), value):
                row.fields.doubt(check.rule, name, check.message or None)
                return None
        return value

    return read_column


def _read_date(text: str | None) -> tuple[Any, bool]:
    value, rule = checks.check_date(text or "")
    return value, rule is not None


def _doubt(row: WalkedRow, cell: Cell) -> None:
    row.own_rules[cell.column] = cell.rule
    if cell.rule == checks.CODE_UNKNOWN:
        row.fields.unknown_code(cell.column)
    else:
        row.fields.doubt(cell.rule, cell.column)
