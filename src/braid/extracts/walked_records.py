"""What a row that is walked becomes: each record of its definition, worked out once into what is asked of every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from braid.extracts.definition import (
    ITEM,
    MISSING,
    YEAR,
    Cell,
    CodeList,
    Condition,
    Part,
    PersonColumn,
    RecordRule,
    Template,
    Value,
)
from braid.extracts.fields import Fields


class CellsOfRow(Protocol):
    """A row as its records ask for its cells."""

    fields: Fields

    def value(self, name: str) -> Any:
        """Return what a column holds."""

    def items(self, name: str, each_once: bool = False) -> Iterator[str]:
        """Yield the codes of a column that may stand several times."""


Evaluate = Callable[[CellsOfRow, str | None], Any]
Key = Callable[[CellsOfRow, str | None, str, Mapping[str, Any]], tuple[Any, ...]]


@dataclass(frozen=True)
class RecordPlan:
    """One record of a part. `values` are asked in order; one that is needed and holds nothing ends the record."""

    type: str
    sensitivity: str
    when: tuple[Condition, ...]
    values: tuple[tuple[str, Evaluate, bool], ...]
    key: Key
    """What makes it the same one again; with `None` in it where a cell of it holds nothing."""
    person: Evaluate
    other: PersonColumn | None
    each: str | None
    own_column: str
    """The column that an identifier stands in."""
    is_own: bool
    check_result: Callable[[bool], str] | None


def plan_record(part: Part, rule: RecordRule) -> RecordPlan:
    """Return what a record rule asks of each row of its part."""
    cell = rule.values["value"].cell if rule.type == "identifier" else None
    check_result = (cell.check_result if cell else lambda _: "none") if rule.type == "identifier" else None
    return RecordPlan(
        type=rule.type,
        sensitivity=rule.sensitivity,
        when=rule.when,
        values=tuple((name, _value(part, one), name in rule.needed) for name, one in rule.values.items()),
        key=_key(part, rule),
        person=_template(part, rule.about) if rule.about else _text(part.person or ""),
        other=rule.other,
        each=rule.items.column if rule.items else None,
        own_column=cell.column if cell else "",
        is_own=rule.doubts == "own",
        check_result=check_result,
    )


def columns_of(part: Part) -> set[str]:
    """Return the columns that some record of a part asks for."""
    found: set[str] = set()
    for rule in part.rules:
        found |= {one.column for one in rule.when}
        for template in (*rule.identity, *((rule.about,) if rule.about else ())):
            found |= _columns_of_template(template)
        for value in rule.values.values():
            found |= _columns_of_value(value)
    return found


def _columns_of_value(value: Value) -> set[str]:
    found = {cell.column for cell in (value.cell, value.given) if cell}
    found |= _columns_of_template(value.template) if value.template else set()
    return found.union(*(_columns_of_value(part) for part in value.parts))


def _columns_of_template(template: Template) -> set[str]:
    return {cell.column for piece in template.pieces if isinstance(piece, tuple) for cell in piece}


def _key(part: Part, rule: RecordRule) -> Key:
    if rule.type == "person_record":
        return lambda _row, _item, person, _values: (person,)
    if not rule.identity:
        return lambda _row, _item, person, values: (person, str(values["scheme"]), str(values["value"]))
    pieces = [_template(part, one) for one in rule.identity]
    return lambda row, item, _person, _values: tuple([piece(row, item) for piece in pieces])


def _value(part: Part, value: Value) -> Evaluate:
    """Return what gives one field of a record, or nothing."""
    evaluate = _unconditional(part, value)
    if value.given is None:
        return evaluate
    given, otherwise = value.given.column, value.otherwise
    return lambda row, item: otherwise if row.value(given) in (None, False) else evaluate(row, item)


def _unconditional(part: Part, value: Value) -> Evaluate:
    literal, default, without = value.literal, value.default, value.without
    if literal is not MISSING:
        return lambda _row, _item: literal
    if value.template is not None:
        return _template(part, value.template)
    if value.parts:
        parts = [_value(part, one) for one in value.parts]
        return lambda row, item: next((found for one in parts if (found := one(row, item)) is not None), None)
    if value.cell is None:
        return lambda _row, _item: default
    column, between = value.cell.column, value.all_with
    if between is not None:
        return lambda row, _item: between.join(dict.fromkeys(row.items(column))) or None
    said = _said(part, value)
    if default is None and not without:
        return said

    def with_default(row: CellsOfRow, item: str | None) -> Any:
        meant = said(row, item)
        return default if meant is None else None if str(meant) in without else meant

    return with_default


def _said(part: Part, value: Value) -> Evaluate:
    """Return what a field takes of a cell: its value, or the code as common or source code."""
    cell = value.cell
    assert cell is not None  # whoever calls has looked
    column = cell.column
    codes = cell.codes if value.is_item else _codes(part, cell)
    say = _sayer(value.output, codes)
    if not value.is_item:
        if say is None:
            return lambda row, _item: row.value(column)
        return lambda row, _item: None if (held := row.value(column)) is None else say(held)
    find = codes.find if codes else str

    def of_item(_row: CellsOfRow, item: str | None) -> Any:
        held = find(item or "")
        return held if held is None or say is None else say(held)

    return of_item


def _sayer(output: str, codes: CodeList | None) -> Callable[[str], Any] | None:
    if codes is None or output == "value":
        return None
    return codes.find_common if output == "common" else codes.written if output == "source" else codes.precision


def _codes(part: Part, cell: Cell) -> CodeList | None:
    """Return the codes of a cell of a column, which may be another source's."""
    return part.columns[cell.column].cell.codes if cell.codes else None


def _template(part: Part, template: Template) -> Evaluate:
    """Return what writes a text with cells in it; nothing where one of them holds nothing."""
    pieces = [_piece(part, piece) for piece in template.pieces]
    if len(pieces) == 1:
        return pieces[0]

    def write(row: CellsOfRow, item: str | None) -> str | None:
        found = []
        for piece in pieces:
            text = piece(row, item)
            if text is None:
                return None
            found.append(text)
        return "".join(found)

    return write


def _piece(part: Part, piece: str | tuple[Cell, ...]) -> Evaluate:
    if piece == YEAR:
        return lambda row, _item: str(row.fields.reading.source.collection_year)
    if piece == ITEM:
        return lambda _row, item: item
    if isinstance(piece, str):
        return lambda _row, _item: piece
    texts = [_text_of(part, cell) for cell in piece]
    if len(texts) == 1:
        return texts[0]
    return lambda row, item: next((found for one in texts if (found := one(row, item)) is not None), None)


def _text_of(part: Part, cell: Cell) -> Evaluate:
    """Return what a text says of a cell: a date as ISO, yes as 1, a code with its system."""
    column, codes = cell.column, _codes(part, cell)
    if cell.kind == "text":
        return _text(column)

    def text_of(row: CellsOfRow, _item: str | None) -> str | None:
        held = row.value(column)
        if held is None:
            return None
        if isinstance(held, dt.date):
            return held.isoformat()
        return str(int(held)) if isinstance(held, bool) else codes.written(held) if codes else str(held)

    return text_of


def _text(column: str) -> Evaluate:
    return lambda row, _item: row.fields.values.get(column) or None
