"""A part of a definition as portable SQL over one batch: which rows are refused, what is said of the others, records.

The SQL knows rows, not cells: what each cell holds, whether it breaks its rule and whether a condition on it is met
stand in columns of the batch, whose names `Names` gives.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from braid.extracts import checks
from braid.extracts.definition import MISSING, UNIT, Cell, Check, Condition, Part, PersonColumn, RecordRule, Value
from braid.extracts.fields import describe
from braid.language.schema import Type

SQL_TYPES = {
    Type.TEXT: "varchar",
    Type.DATE: "date",
    Type.TIMESTAMP: "timestamp with time zone",
    Type.INTEGER: "bigint",
    Type.DECIMAL: "double",
    Type.BOOLEAN: "boolean",
}
RULES_A_ROW = 1000
"""A row makes fewer kinds of records than this; a record's place in the file is its line times this, and its rule."""


@dataclass
class Names:
    """Columns of the batch that the queries of a part ask for, by what they hold."""

    texts: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[tuple[str, ...], str], tuple[str, Cell, Type | None]] = field(default_factory=dict)
    """By identity and output: the name, the cell, and for a common code the type of the field that takes it."""
    conditions: dict[Condition, str] = field(default_factory=dict)
    groups: dict[int, tuple[RecordRule, str, str]] = field(default_factory=dict)
    """By rule: the columns that say whether its group meets the condition, and the group's lead person."""

    def text(self, column: str) -> str:
        """Return the name under which the cleaned text of a column stands; empty cells are null."""
        return self.texts.setdefault(column, f"t{len(self.texts)}")

    def cell(self, cell: Cell, output: str = "value", kind: Type | None = None) -> str:
        """Return the name of what a cell holds: value, common, source, precision, broken, unknown or items."""
        key = (cell.identity, f"{output} {kind}" if output == "common" else output)
        if key not in self.cells:
            self.cells[key] = (f"{output}_{len(self.cells)}", cell, kind)
        return self.cells[key][0]

    def condition(self, condition: Condition) -> str:
        """Return the name of the column that says whether a condition is met."""
        return self.conditions.setdefault(condition, f"met_{len(self.conditions)}")

    def group(self, rule: RecordRule) -> tuple[str, str]:
        """Return the names of what the group of a row says to a rule."""
        number = len(self.groups)
        return self.groups.setdefault(id(rule), (rule, f"group_{number}", f"lead_{number}"))[1:]


@dataclass(frozen=True)
class RecordQuery:
    """The query for the records that one rule makes. `fields` are the columns that it gives besides the fixed ones.

    The fixed ones are line, quality, person_id, lead (of a relationship) and key_text.
    """

    rule: RecordRule
    number: int
    fields: tuple[str, ...]
    constants: Mapping[str, Any]
    """Fields that are the same in every record, which are not asked for."""
    sql: str


@dataclass(frozen=True)
class PartQueries:
    """Everything that is asked of a batch of a part; `checked` is made first and the others read it."""

    names: Names
    checked: str
    refused: str
    issues: str | None
    unknown: str | None
    """Sums of codes that nobody mapped; column n of it is of `unknown_columns[n]`."""
    unknown_columns: tuple[str, ...]
    records: tuple[RecordQuery, ...]
    messages: Mapping[tuple[str, str], str]


def quote(value: Any) -> str:
    """Return a literal of SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dt.date):
        return f"cast('{value.isoformat()}' as date)"
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"


def compile_part(part: Part) -> PartQueries:
    """Return the queries of a part that is resolved for a year."""
    return _Compiler(part).compile()


class _Compiler:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.names = Names()
        self.later = {check.later.identity for check in part.checks if check.later}

    def compile(self) -> PartQueries:
        records = tuple(self._record(number, rule) for number, rule in enumerate(self.part.rules))
        unknown = [cell for cell in self.part.cells if cell.rule == checks.CODE_UNKNOWN]
        sums = ", ".join(
            f"sum({self.names.cell(cell, 'unknown')}) as unknown_{number}" for number, cell in enumerate(unknown)
        )
        issues, messages = self._issues()
        return PartQueries(
            names=self.names,
            checked=self._checked(),
            refused="select line, refused_rule, refused_field from checked_row where refused_rule is not null",
            issues=issues,
            unknown=f"select {sums} from checked_row where refused_rule is null" if unknown else None,
            unknown_columns=tuple(f"{cell.column}:code-unknown" for cell in unknown),
            records=records,
            messages=messages,
        )

    def _checked(self) -> str:
        """Return the rows with the rule that refuses them, the field, and the quality of those that are read."""
        refusals = [*self._required(), *self._refusing_checks()]
        rule = _case([(when, quote(rule)) for when, rule, _ in refusals])
        column = _case([(when, quote(column)) for when, _, column in refusals])
        person = self.names.text(self.part.person) if self.part.person else "''"
        if self.part.person_prefix:
            person = f"concat({quote(self.part.person_prefix)}, {person})"
        return (
            f"select *, {rule} as refused_rule, {column} as refused_field, {self._quality()} as quality,"
            f" {person} as person_text from batch_row"
        )

    def _required(self) -> list[tuple[str, str, str]]:
        found = []
        for column in self.part.required:
            text = self.names.text(column.name)
            is_date = column.cell.kind == "date"
            found.append((f"{text} is null", "date_missing" if is_date else "key_missing", column.name))
            if is_date:
                found.append((f"{self.names.cell(column.cell)} is null", column.cell.rule, column.name))
        return found

    def _refusing_checks(self) -> list[tuple[str, str, str]]:
        return [
            (self._broken(check), check.rule, check.column) for check in self.part.checks if check.severity == "reject"
        ]

    def _broken(self, check: Check) -> str:
        if check.earlier and check.later:
            return f"coalesce({self.names.cell(check.later)} < {self.names.cell(check.earlier)}, false)"
        when = [self.names.condition(one) for one in check.when]
        then = " and ".join(self.names.condition(one) for one in check.then)
        return " and ".join([*when, f"not ({then})"])

    def _quality(self) -> str:
        by_rule: dict[str, list[str]] = {}
        for rule, broken, _, _ in self._doubts():
            by_rule.setdefault(rule, []).append(broken)
        said = [f"case when {' or '.join(broken)} then {quote(rule)} end" for rule, broken in sorted(by_rule.items())]
        return f"nullif(concat_ws(' ', {', '.join(said)}), '')" if said else "cast(null as varchar)"

    def _doubts(self) -> list[tuple[str, str, str, str]]:
        """Return every doubt that a row may raise: rule, when, field, message."""
        found = [
            (cell.rule, self.names.cell(cell, "broken"), cell.column, describe(cell.rule, cell.column))
            for cell in self.part.cells
            if cell.rule
        ]
        found += [
            (check.rule, self._broken(check), check.column, check.message)
            for check in self.part.checks
            if check.severity == "warning"
        ]
        return found

    def _issues(self) -> tuple[str | None, dict[tuple[str, str], str]]:
        selects = [
            f"select line, {quote(rule)} as rule, {quote(column)} as field, {quote(message)} as message"
            f" from checked_row where refused_rule is null and {broken}"
            for rule, broken, column, message in self._doubts()
        ]
        messages = {(rule, column): describe(rule, column) for _, rule, column in self._required()}
        messages |= {(one.rule, one.column): one.message for one in self.part.checks if one.severity == "reject"}
        return " union all ".join(selects) or None, messages

    def _record(self, number: int, rule: RecordRule) -> RecordQuery:
        fields = {name: self._value(value, rule.types[name]) for name, value in rule.values.items()}
        if rule.type == "identifier":
            fields["check_result"] = self._check_result(rule.values["value"])
        given = [f"{fields[name]} is not null" for name in rule.needed if not _is_constant(rule.values[name])]
        conditions = ["refused_rule is null", *(self.names.condition(one) for one in rule.when)]
        lead = "cast(null as varchar)"
        if rule.group:
            met, lead_name = self.names.group(rule)
            conditions += [met] if rule.group_any else []
            if rule.lead:
                lead = lead_name
                conditions.append(f"{lead_name} is not null and {lead_name} <> {self._person(rule)}")
        if rule.person:
            conditions.append(f"{self.names.text(rule.person.column)} is not null")
        if rule.other:
            lead = self._named(rule.other)
            conditions.append(f"{self.names.text(rule.other.column)} is not null and {lead} <> {self._person(rule)}")
        constants = {name: one.literal for name, one in rule.values.items() if _is_constant(one)}
        asked = {name: sql for name, sql in fields.items() if name not in constants}
        columns = ", ".join(f"{sql} as field_{name}" for name, sql in asked.items())
        source = f"(select * from checked_row where {' and '.join(conditions)})"
        if rule.items:
            items = self.names.cell(rule.items, "items")
            source = f"(select *, br_entries({items}) as item from {source} as met)"
        where = f" where {' and '.join(given)}" if given else ""
        sql = (
            f"select line, quality, {self._named(rule.person) if rule.person else 'person_id'} as person_id,"
            f" {lead} as lead, {self._key(rule, fields)} as key_text"
            f"{', ' if columns else ''}{columns} from {source} as made{where}"
        )
        return RecordQuery(rule, number, tuple(asked), constants, sql)

    def _named(self, person: PersonColumn) -> str:
        """Return the key of a person that a row names."""
        text = self.names.text(person.column)
        return f"concat({quote(person.prefix)}, {text})" if person.prefix else text

    def _person(self, rule: RecordRule) -> str:
        return self._named(rule.person) if rule.person else "person_text"

    def _key(self, rule: RecordRule, fields: Mapping[str, str]) -> str:
        person = self._person(rule)
        if rule.type == "person_record":
            return person
        if rule.is_keyed_by_value:
            return f"concat_ws({quote(UNIT)}, {person}, {fields['scheme']}, {fields['value']})"
        pieces = [person] if rule.has_person else []
        pieces += [quote(rule.name), *(self._key_piece(cell) for cell in rule.key)]
        pieces += [_ITEM] if rule.items else []
        return f"concat_ws({quote(UNIT)}, {', '.join(pieces)})"

    def _key_piece(self, cell: Cell) -> str:
        text = self.names.text(cell.column)
        if cell.kind == "date":
            return f"coalesce(cast({self._held(cell)} as varchar), {text}, '')"
        return f"coalesce({text}, '')"

    def _held(self, cell: Cell) -> str:
        """Return what a cell holds; a date that lies before the one it should follow is left out."""
        name = self.names.cell(cell)
        wrong = [self._broken(one) for one in self.part.checks if one.later and one.later.identity == cell.identity]
        return f"case when {' or '.join(wrong)} then null else {name} end" if wrong else name

    def _value(self, value: Value, kind: Type) -> str:
        said = self._say(value, kind)
        if value.given is None:
            return said
        return f"case when {self._held(value.given)} is null then null else {said} end"

    def _say(self, value: Value, kind: Type) -> str:
        if value.literal is not MISSING:
            return f"cast({quote(value.literal)} as {SQL_TYPES[kind]})"
        if value.parts:
            return self._several(value, kind)
        if value.cell is None:
            return quote(value.default)
        said = self._one(value, value.cell, kind)
        return said if value.default is None else f"coalesce({said}, {quote(value.default)})"

    def _several(self, value: Value, kind: Type) -> str:
        parts = [self._value(part, kind) for part in value.parts]
        if value.joined_with is None:
            return f"coalesce({', '.join(parts)})"
        texts = ", ".join(f"cast({part} as varchar)" for part in parts)
        absent = (" and " if value.joins_present else " or ").join(f"{part} is null" for part in parts)
        return f"case when {absent} then null else concat_ws({quote(value.joined_with)}, {texts}) end"

    def _one(self, value: Value, cell: Cell, kind: Type) -> str:
        if value.is_item:
            return self._item(value)
        if cell.kind == "items" or value.output == "value":
            return self._held(cell)
        return self.names.cell(cell, value.output, kind if value.output == "common" else None)

    def _item(self, value: Value) -> str:
        """Return what a field takes of an item: the parts of its text are the item, then common, source, precision."""
        place = {"value": 2, "common": 3, "source": 4, "precision": 5}[value.output]
        return f"nullif(split_part(item, {quote(UNIT)}, {place}), '')"

    def _check_result(self, value: Value) -> str:
        cell = value.cell
        if cell is None or not cell.rule:
            return "'none'"
        return f"case when {self.names.cell(cell, 'broken')} then 'fail' else 'pass' end"


def _is_constant(value: Value) -> bool:
    return value.literal is not MISSING and value.given is None


_ITEM = f"split_part(item, {quote(UNIT)}, 1)"


def _case(branches: list[tuple[str, str]]) -> str:
    if not branches:
        return "cast(null as varchar)"
    return f"case {' '.join(f'when {when} then {then}' for when, then in branches)} end"
