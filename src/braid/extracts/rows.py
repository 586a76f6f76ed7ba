"""Tables read row by row as a definition says: the plain, slow twin of `braid.extracts.columns`.

A row is refused where a required column is empty, a required date is none, or a check that refuses is broken: then
nothing else is said of it. Otherwise its doubts are said, cell by cell and check by check, and its records are made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.extracts import checks
from braid.extracts.csv_files import Line
from braid.extracts.definition import MISSING, Cell, Check, Condition, Definition, Part, RecordRule, Value
from braid.extracts.fields import RowRefused, can_read_line, check_line, describe
from braid.extracts.model import Reading
from braid.extracts.noughts import Noughts
from braid.extracts.tables import KnownTable
from braid.language.dates import years_lived

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One row under the definition: cleaned texts by column, what each cell holds, and which cells break their rule."""

    texts: Texts
    values: dict[tuple[str, ...], Any]
    broken: frozenset[tuple[str, ...]]

    def value(self, cell: Cell) -> Any:
        """Return what a cell holds."""
        return self.values.get(cell.identity)


def read_table(known: KnownTable, reading: Reading, definition: Definition) -> None:
    """Read every row of a table: count it, make its records, and keep it whole where it is refused."""
    count_strange_columns(known.header, reading, known.part)
    reader = RowReader(definition, known.part, known.header, reading)
    lines: Iterator[Line] | Sequence[Line] = known.lines
    if known.part.has_groups:
        lines = list(known.lines)
        reader.learn_groups(lines)
    reading.parts[known.part.name].rows_in += 0  # a part without rows is still a part
    for line in lines:
        reader.read(line, known.table.position(line.number))
        reading.piece_done()
    reader.noughts.say(reading)


def count_strange_columns(header: Sequence[str], reading: Reading, part: Part) -> None:
    """Count the columns of a heading that the part has not in this year, under `unmapped`."""
    for name in header:
        if name and name not in part.columns:
            reading.unmapped[name] += 1


def holds(condition: Condition, texts: Texts) -> bool:
    """Return whether a row meets a condition."""
    text = texts.get(condition.column, "")
    if not condition.fits(text) or condition.under_years is None:
        return condition.fits(text)
    return is_under(text, texts.get(condition.at or "", ""), condition.under_years)


def is_under(born_text: str, at_text: str, years: int) -> bool:
    """Return whether somebody born on one day is younger than some years on another; false where either is no date."""
    born, day = checks.check_date(born_text)[0], checks.check_date(at_text)[0]
    return born is not None and day is not None and years_lived(born, day) < years


class RowReader:
    """Reads the rows of one table of a part."""

    def __init__(self, definition: Definition, part: Part, header: Sequence[str], reading: Reading) -> None:
        self.definition = definition
        self.part = part
        self.header = header
        self.reading = reading
        self.groups = _Groups(part)
        self.noughts = Noughts(part)

    def learn_groups(self, lines: Sequence[Line]) -> None:
        """Look at all rows for what those of one group say together."""
        for line in lines:
            if can_read_line(line, len(self.header)):
                self.groups.look(self.texts(line.cells))

    def read(self, line: Line, position: str) -> None:
        """Count one row and read it, or refuse it and keep it whole."""
        self.reading.row_in(self.part.name)
        try:
            check_line(line, len(self.header))
            texts = self.texts(line.cells)
            self.noughts.look(texts)
            row = self.parse(texts)
            self.refuse(row)
        except RowRefused as refused:
            message = refused.message
            self.reading.row_rejected(self.part.name, position, refused.rule, message, line.raw, refused.fld)
        else:
            self.reading.row_read(self.part.name)
            self.make(row, position)

    def texts(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the cells by column, without what stands for nothing."""
        found = dict(zip(self.header, cells, strict=False))
        columns = self.part.columns
        return {name: self.definition.clean(columns.get(name), text) for name, text in found.items()}

    def parse(self, texts: Texts) -> Row:
        """Return the row with every cell read."""
        values, broken = {}, set()
        for cell in self.part.cells:
            values[cell.identity], is_broken = cell.read(texts.get(cell.column))
            if is_broken:
                broken.add(cell.identity)
        return Row(texts, values, frozenset(broken))

    def refuse(self, row: Row) -> None:
        """Raise `RowRefused` for the first required column that will not do, then for the first check that refuses."""
        for column in self.part.required:
            is_date = column.cell.kind == "date"
            if not row.texts.get(column.name):
                raise RowRefused("date_missing" if is_date else "key_missing", column.name)
            if is_date and row.value(column.cell) is None:
                raise RowRefused(column.cell.rule, column.name)
        for check in self.part.checks:
            if check.severity == "reject" and is_broken(check, row):
                raise RowRefused(check.rule, check.column, check.message)

    def make(self, row: Row, position: str) -> None:
        """Say the doubts of a row and emit its records."""
        rules = {cell.rule for cell in self.part.cells if cell.identity in row.broken}
        for cell in self.part.cells:
            if cell.identity in row.broken:
                self._doubt(cell, row, position)
        for check in self.part.checks:
            if check.severity == "warning" and is_broken(check, row):
                rules.add(check.rule)
                self.reading.warn(check.rule, check.column, position, check.message)
        quality = " ".join(sorted(rules)) or None
        row = _without_later_dates(self.part, row)
        for rule in self.part.rules:
            if all(holds(condition, row.texts) for condition in rule.when):
                self._apply(rule, row, position, quality)

    def _doubt(self, cell: Cell, row: Row, position: str) -> None:
        if cell.rule == checks.CODE_UNKNOWN:
            self.reading.unmapped[f"{cell.column}:code-unknown"] += count_unknown(cell, row.value(cell))
        self.reading.warn(cell.rule, cell.column, position, describe(cell.rule, cell.column))

    def _apply(self, rule: RecordRule, row: Row, position: str, quality: str | None) -> None:
        if rule.group_any and not self.groups.is_met(rule, row.texts):
            return
        person = rule.person.key(row.texts) if rule.person else self.part.person_of(row.texts)
        if rule.person and not person:
            return
        other = self._find_other(rule, row)
        if (rule.lead or rule.other) and (not other or other == person):
            return
        for item in [(None, None)] if rule.items is None else row.value(rule.items) or ():
            self._emit(rule, row, person, item, other, position, quality)

    def _find_other(self, rule: RecordRule, row: Row) -> str | None:
        """Return the key of the person whom a relationship is to, if the row or its group names one."""
        if rule.other:
            return rule.other.key(row.texts)
        return self.groups.find_lead(rule, row.texts) if rule.lead else None

    def _emit(
        self,
        rule: RecordRule,
        row: Row,
        person: str,
        item: tuple[str | None, str | None],
        other: str | None,
        position: str,
        quality: str | None,
    ) -> None:
        values = {}
        for name, value in rule.values.items():
            found = evaluate(value, row, item)
            if found is not None:
                values[name] = found
        if any(name not in values for name in rule.needed):
            return
        key = _key(rule, row, person, item[0], values)
        if rule.type == "identifier":
            values["check_result"] = _check_result(rule.values["value"], row)
        if other:
            values["other_person_record_id"] = self.reading.person_record_id(other)
        if rule.type == "person_record":
            values["partner_record_id"] = person
        elif rule.has_person:
            values["person_record_id"] = self.reading.person_record_id(person)
        self.reading.emit(rule.type, key, position, rule.sensitivity, quality, **values)


def count_unknown(cell: Cell, value: Any) -> int:
    """Return how many codes of a broken cell nobody mapped: one, or so many of its items."""
    return sum(code is None for _, code in value) if cell.kind == "items" else 1


def is_broken(check: Check, row: Row) -> bool:
    """Return whether a row breaks a check."""
    if check.earlier and check.later:
        earlier, later = row.value(check.earlier), row.value(check.later)
        return earlier is not None and later is not None and later < earlier
    if not all(holds(condition, row.texts) for condition in check.when):
        return False
    return not all(holds(condition, row.texts) for condition in check.then)


def _without_later_dates(part: Part, row: Row) -> Row:
    """Return the row without the dates that lie before the one that they should follow."""
    wrong = [check.later for check in part.checks if check.later and is_broken(check, row)]
    if not wrong:
        return row
    return Row(row.texts, {**row.values, **{cell.identity: None for cell in wrong}}, row.broken)


def evaluate(value: Value, row: Row, item: tuple[str | None, str | None] = (None, None)) -> Any:
    """Return what one field of a record gets from a row; `None` where it gets nothing."""
    if value.given is not None and row.value(value.given) is None:
        return None
    if value.literal is not MISSING:
        return value.literal
    if value.parts:
        found = [evaluate(part, row, item) for part in value.parts]
        if value.joined_with is not None:
            return _join(value, found)
        return next((one for one in found if one is not None), None)
    if value.cell is None:
        return value.default
    held = item[1] if value.is_item else row.value(value.cell)
    meant = None if held is None else say(value, held)
    return value.default if meant is None else meant


def _join(value: Value, found: list[Any]) -> str | None:
    present = [str(one) for one in found if one is not None]
    if not present or (len(present) < len(found) and not value.joins_present):
        return None
    return str(value.joined_with).join(present)


def say(value: Value, held: Any) -> Any:
    """Return what a field takes of what its cell holds: the value itself, or the code as common or source code."""
    codes = value.cell.codes if value.cell else None
    if codes is None or value.output == "value":
        return held
    if value.output == "common":
        return codes.find_common(held)
    return codes.written(held) if value.output == "source" else codes.precision(held)


def key_text(value: Any, text: str) -> str:
    """Return what a column adds to a key: a date as ISO text, so that another year's way to write it is the same."""
    return value.isoformat() if isinstance(value, dt.date) else text


def _key(rule: RecordRule, row: Row, person: str, item: str | None, values: Mapping[str, Any]) -> tuple[str, ...]:
    if rule.type == "person_record":
        return (person,)
    if rule.is_keyed_by_value:
        return (person, str(values["scheme"]), str(values["value"]))
    named = [key_text(row.value(cell), row.texts.get(cell.column, "")) for cell in rule.key]
    return (*([person] if rule.has_person else []), rule.name, *named, *([item] if item else []))


def _check_result(value: Value, row: Row) -> str:
    cell = value.cell
    return cell.check_result(cell.identity in row.broken) if cell else "none"


class _Groups:
    """What the rows of one group (a case, a household) say together: its lead person and whether a condition holds."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._rules = {id(rule): rule for rule in part.rules if rule.group}
        self._met: set[tuple[int, str]] = set()
        self._lead: dict[tuple[int, str], str] = {}

    def look(self, texts: Texts) -> None:
        """Take in one row."""
        for number, rule in self._rules.items():
            name = texts.get(rule.group or "", "")
            if any(holds(condition, texts) for condition in rule.group_any):
                self._met.add((number, name))
            if rule.lead and holds(rule.lead, texts) and texts.get(self._part.person or ""):
                self._lead.setdefault((number, name), self._part.person_of(texts))

    def is_met(self, rule: RecordRule, texts: Texts) -> bool:
        """Return whether any row of the group of `texts` meets a condition of the rule."""
        return (id(rule), texts.get(rule.group or "", "")) in self._met

    def find_lead(self, rule: RecordRule, texts: Texts) -> str | None:
        """Return the key of the lead person of the group of `texts`, if the group has one."""
        return self._lead.get((id(rule), texts.get(rule.group or "", "")))
