"""A definition as it is in one collection year: no column, code, check or record of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from braid.extracts.definition import Cell, Check, Column, Definition, Part, RecordRule, Value


@lru_cache(maxsize=256)
def resolve(definition: Definition, year: int) -> Definition:
    """Return a definition as it is in a collection year: no column and no code of another year.

    Raises `UnreadableFile` where a record needs a column that the year has not.
    """
    if definition.is_walked:
        parts = tuple(_without_other_columns(part, year) for part in definition.parts)
    else:
        parts = tuple(_resolve_part(part, year) for part in definition.parts)
    return replace(definition, parts=tuple(part for part in parts if part is not None), year=year)


def _without_other_columns(part: Part, year: int) -> Part | None:
    """Return a part that is walked without the columns of other years; `None` where that leaves nothing to tell it.

    Its records stay: whatever a file holds is read, and the rules of the return say what is not of its year.
    """
    columns = {name: one for name, one in part.columns.items() if one.is_of(year)}
    return replace(part, columns=columns) if all(name in columns for name in part.told_by) else None


def _resolve_part(part: Part, year: int) -> Part | None:
    """Return a part without the columns of other years; `None` where the year has not the columns that tell it."""
    columns = {name: _resolve_column(one, year) for name, one in part.columns.items() if one.is_of(year)}
    if any(name not in columns for name in part.told_by) or (part.person and part.person not in columns):
        return None
    resolver = _Resolver(columns, year)
    cells = {cell.identity: resolver.cell(cell) for cell in part.cells if cell.column in columns}
    return replace(
        part,
        columns=columns,
        cells=tuple(cells.values()),
        checks=tuple(resolver.check(one) for one in part.checks if resolver.can_check(one)),
        rules=tuple(rule for rule in map(resolver.rule, part.rules) if rule is not None),
    )


def _resolve_column(column: Column, year: int) -> Column:
    codes = column.cell.codes
    return replace(column, cell=replace(column.cell, codes=codes.resolve(year))) if codes else column


class _Resolver:
    """Makes the cells of a part those of a year; a value from a column that the year has not is left out."""

    def __init__(self, columns: Mapping[str, Column], year: int) -> None:
        self.columns = columns
        self.year = year
        self._cells: dict[tuple[str, ...], Cell] = {}

    def cell(self, cell: Cell) -> Cell:
        """Return the cell with the codes of the year."""
        if cell.identity not in self._cells:
            codes = cell.codes.resolve(self.year) if cell.codes else None
            self._cells[cell.identity] = replace(cell, codes=codes)
        return self._cells[cell.identity]

    def can_check(self, check: Check) -> bool:
        """Whether the year has every column of a check."""
        cells = [cell for cell in (check.earlier, check.later) if cell]
        named = [cell.column for cell in cells] + [one.column for one in (*check.when, *check.then)]
        return all(column in self.columns for column in named)

    def check(self, check: Check) -> Check:
        """Return a check with the cells of the year."""
        cells = [self.cell(cell) if cell else None for cell in (check.earlier, check.later)]
        return replace(check, earlier=cells[0], later=cells[1])

    def rule(self, rule: RecordRule) -> RecordRule | None:
        """Return a record rule with the cells of the year; `None` where it cannot be met in it."""
        if any(one.column not in self.columns and not one.is_empty for one in rule.when):
            return None
        if any(one is not None and one.column not in self.columns for one in (rule.person, rule.other)):
            return None
        found = {name: self._value(value) for name, value in rule.values.items()}
        values = {name: value for name, value in found.items() if value is not None}
        if any(name not in values for name in rule.needed):
            return None
        return replace(
            rule,
            key=tuple(self.cell(cell) for cell in rule.key if cell.column in self.columns),
            values=values,
            when=tuple(one for one in rule.when if one.column in self.columns),
            items=self.cell(rule.items) if rule.items else None,
        )

    def _value(self, value: Value) -> Value | None:
        if value.given is not None:
            if value.given.column not in self.columns:
                return None
            value = replace(value, given=self.cell(value.given))
        if value.parts:
            parts = tuple(one for one in map(self._value, value.parts) if one is not None)
            return replace(value, parts=parts) if parts else None
        if value.cell is None:
            return value
        return replace(value, cell=self.cell(value.cell)) if value.cell.column in self.columns else None
