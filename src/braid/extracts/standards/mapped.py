"""Tables read by a mapping file: H-CLIC homelessness cases, whose national names are not public, and any other CSV.

The mapping says in TOML which columns make which records; `braid.extracts.mapping` explains the language and checks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from braid.extracts import checks
from braid.extracts.csv_files import Line, Sheet, read_sheet
from braid.extracts.fields import Fields, RowRefused, count_unknown_columns, read_rows
from braid.extracts.mapping import MISSING, Condition, Document, RecordRule, Value, document_of
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.language.dates import years_lived
from braid.language.schema import Type

Row = Mapping[str, str]


def read_mapped(path: Path, reading: Reading) -> None:
    """Read a table by `reading.mapping`; raise `UnreadableFile` where the table or the mapping will not do."""
    if reading.mapping is None:
        raise UnreadableFile("mapping_missing", "this standard is read by mapping: name a mapping file")
    document = document_of(reading.mapping)
    sheet = read_sheet(path, reading, document.required, document.columns)
    count_unknown_columns(sheet, reading, document.columns)
    lines = list(sheet.lines)
    groups = _Groups(document, [_cells(sheet, line) for line in lines if not line.fault])
    interpreter = _Interpreter(document, groups)
    read_rows(replace(sheet, lines=lines), reading, document.part, interpreter.read_row)


def _cells(sheet: Sheet, line: Line) -> Row:
    return dict(zip(sheet.header, line.cells, strict=False))


def holds(condition: Condition, row: Row) -> bool:
    """Return whether a row meets a condition: a filled column, a value of a list, or an age below a bound at a date."""
    text = row.get(condition.column, "")
    if not text:
        return False
    if condition.contains is not None:
        return condition.contains.upper() in text.upper()
    if condition.values is not None and text.upper() not in condition.values:
        return False
    if condition.under_years is None:
        return True
    born = checks.check_date(text)[0]
    day = checks.check_date(row.get(condition.at or "", ""))[0]
    return born is not None and day is not None and years_lived(born, day) < condition.under_years


class _Groups:
    """What the rows of one group (a case, a household) say together: its lead person and whether a condition holds."""

    def __init__(self, document: Document, rows: Sequence[Row]) -> None:
        self._rules = [rule for rule in document.rules if rule.group]
        self._met: set[tuple[int, str]] = set()
        self._lead: dict[tuple[int, str], str] = {}
        for row in rows:
            for number, rule in enumerate(self._rules):
                self._look(number, rule, row, document.person)

    def _look(self, number: int, rule: RecordRule, row: Row, person: str) -> None:
        name = row.get(rule.group or "", "")
        if any(holds(condition, row) for condition in rule.group_any):
            self._met.add((number, name))
        if rule.lead and holds(rule.lead, row) and row.get(person):
            self._lead.setdefault((number, name), row[person])

    def is_met(self, rule: RecordRule, row: Row) -> bool:
        """Return whether any row of the group of `row` meets a condition of the rule."""
        return (self._rules.index(rule), row.get(rule.group or "", "")) in self._met

    def find_lead(self, rule: RecordRule, row: Row) -> str | None:
        """Return the key of the lead person of the group of `row`, if the group has one."""
        return self._lead.get((self._rules.index(rule), row.get(rule.group or "", "")))


class _Interpreter:
    """Applies the rules of a mapping to one row after another."""

    def __init__(self, document: Document, groups: _Groups) -> None:
        self.document = document
        self.groups = groups

    def read_row(self, row: Fields) -> None:
        """Emit what the rules make of a row. Raises `RowRefused` where its key or a required column is unusable."""
        person = row.key(self.document.person)
        for name in self.document.required:
            row.required_date(name) if name in self.document.dates else row.key(name)
        for rule in self.document.rules:
            if all(holds(condition, row.values) for condition in rule.when):
                self._apply(rule, row, person)

    def _apply(self, rule: RecordRule, row: Fields, person: str) -> None:
        if rule.group_any and not self.groups.is_met(rule, row.values):
            return
        other = self.groups.find_lead(rule, row.values) if rule.lead else None
        if rule.lead and (other is None or other == person):
            return
        for item in _items(rule, row):
            self._emit(rule, row, person, item, other)

    def _emit(self, rule: RecordRule, row: Fields, person: str, item: str | None, other: str | None) -> None:
        values: dict[str, Any] = {}
        for name, value in rule.values.items():
            found = _value(value, row, item, rule.types[name], name)
            if found is not None:
                values[name] = found
        if any(name not in values for name in rule.needed):
            return
        if rule.type == "identifier":
            _check_identifier(values, row, rule.values["value"].column or "value")
        if other:
            values["other_person_record_id"] = row.reading.person_record_id(other)
        key = (person,) if rule.type == "person_record" else (person, rule.name, *_key(rule, row, item))
        if rule.type == "person_record":
            values["partner_record_id"] = person
        else:
            values["person_record_id"] = row.reading.person_record_id(person)
        row.reading.emit(rule.type, key, row.position, rule.sensitivity, row.quality, **values)


def _items(rule: RecordRule, row: Fields) -> list[str | None]:
    if rule.each is None:
        return [None]
    text = row.text(rule.each) or ""
    return list(dict.fromkeys(item.strip() for item in text.split(rule.separator) if item.strip()))


def _key(rule: RecordRule, row: Fields, item: str | None) -> tuple[str, ...]:
    return (*(row.text(name) or "" for name in rule.key), *((item,) if item else ()))


def _check_identifier(values: dict[str, Any], row: Fields, column: str) -> None:
    value, result, rule = checks.check_identifier(values["scheme"], values["value"])
    if rule:
        row.doubt(rule, column)
    values["value"], values["check_result"] = value, result


def _value(value: Value, row: Fields, item: str | None, kind: Type, name: str) -> Any:
    """Return what one field of a record gets: a literal, a code by its list, or a cell read by the field's type."""
    if value.literal is not MISSING:
        return value.literal
    column = value.column or ""
    text = item if value.is_item else row.text(column)
    if text is None:
        return value.default
    if value.codes is not None:
        code = value.codes.get(text.upper(), value.default)
        if code is None or text.upper() not in value.codes:
            row.unknown_code(column)
        return code
    if value.system:
        return f"{value.system}:{text}" if checks.has_code_form(text) or text.upper() in value.known else None
    return _typed(row, column, text, kind, name)


def _typed(row: Fields, column: str, text: str, kind: Type, name: str) -> Any:
    if kind is Type.DATE:
        return row.date(column)
    if kind is Type.BOOLEAN:
        return row.flag(column)
    if kind is Type.INTEGER:
        return row.number(column, 0, 999_999_999)
    if kind in (Type.DECIMAL, Type.TIMESTAMP):
        raise RowRefused("type_not_mapped", column)
    return row.postcode(column) if name == "postcode" else text


CONNECTORS = (
    Connector(
        "hclic",
        2018,
        2035,
        read_mapped,
        "Homelessness cases (H-CLIC) as CSV, by mapping",
        needs_mapping=True,
        waits=("homelessness_prevention", "homelessness_relief", "temporary_accommodation", "bnb_family"),
    ),
    Connector("mapped_csv", 2000, 2035, read_mapped, "Any CSV, by mapping", needs_mapping=True),
)
