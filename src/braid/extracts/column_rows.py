"""What a part of a definition says of the rows of a batch: which are refused, and what is doubted of the others.

The same as `braid.extracts.rows` says of one row after another. Which rows a rule concerns is found by mask, and most
rules concern no row of a batch at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from braid.extracts import checks
from braid.extracts.coded import Coded, Mask, both, mask_of
from braid.extracts.column_cells import Cells
from braid.extracts.definition import Cell, Check, Part
from braid.extracts.fields import describe


@dataclass(frozen=True)
class Refusal:
    """A row that is not read: its number in the batch, the rule and field that refuse it, and what is said."""

    row: int
    rule: str
    column: str
    message: str


@dataclass(frozen=True)
class Doubt:
    """Rows of a batch that are read with the same doubt."""

    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    rule: str
    column: str
    message: str


class Rows:
    """The rows of a batch."""

    def __init__(self, part: Part, cells: Cells) -> None:
        self.part = part
        self.cells = cells
        self.count = cells.rows
        self._broken: dict[int, Mask | None] = {}

    def broken(self, check: Check) -> Mask | None:
        """Return which rows break a check; `None` where none does."""
        if id(check) not in self._broken:
            self._broken[id(check)] = self._find_broken(check)
        return self._broken[id(check)]

    def _find_broken(self, check: Check) -> Mask | None:
        if check.earlier and check.later:
            earlier, later = (self.cells.cell(cell).plain() for cell in (check.earlier, check.later))
            mask = mask_of(pc.fill_null(pc.less(later, earlier), False))
            return mask if mask.any() else None
        met = both([self.cells.condition(one) for one in check.then])
        if met is None:
            return None
        wrong = both([*(self.cells.condition(one) for one in check.when), ~met])
        return wrong if wrong is not None and wrong.any() else None

    def held(self, cell: Cell) -> Coded:
        """Return what a cell holds; a date that lies before the one it should follow is left out."""
        return self.cells.cell(cell).without(self.wrong(cell))

    def wrong(self, cell: Cell) -> Mask | None:
        """Return in which rows a date lies before one that it should follow; `None` where in none."""
        checks_of = [one for one in self.part.checks if one.later and one.later.identity == cell.identity]
        return _either([self.broken(one) for one in checks_of])

    @cached_property
    def refusals(self) -> list[Refusal]:
        """The rows that are refused, each by the first rule that refuses it, in their order."""
        found: dict[int, Refusal] = {}
        for mask, rule, column, message in self._refusing():
            for row in np.flatnonzero(mask).tolist():
                found.setdefault(row, Refusal(row, rule, column, message))
        return [found[row] for row in sorted(found)]

    @cached_property
    def read(self) -> Mask | None:
        """Which rows are read; `None` where all are."""
        if not self.refusals:
            return None
        mask = np.ones(self.count, np.bool_)
        mask[[one.row for one in self.refusals]] = False
        return mask

    def _refusing(self) -> Iterator[tuple[Mask, str, str, str]]:
        """Yield the rows that will not do, first those without what is required, then those that break a check."""
        for column in self.part.required:
            is_date = column.cell.kind == "date"
            rule = "date_missing" if is_date else "key_missing"
            empty = self.cells.texts(column.name).empty()
            if empty is not None:
                yield empty, rule, column.name, describe(rule, column.name)
            unread = self.cells.cell(column.cell).empty() if is_date else None
            if unread is not None:
                yield unread, column.cell.rule, column.name, describe(column.cell.rule, column.name)
        for check in self.part.checks:
            broken = self.broken(check) if check.severity == "reject" else None
            if broken is not None:
                yield broken, check.rule, check.column, check.message

    @cached_property
    def doubts(self) -> list[Doubt]:
        """What is doubted of the rows that are read, cell by cell and check by check."""
        found = []
        for broken, rule, column, message in self._doubted():
            rows = np.flatnonzero(broken if self.read is None else broken & self.read)
            if len(rows):
                found.append(Doubt(rows, rule, column, message))
        return found

    def _doubted(self) -> Iterator[tuple[Mask, str, str, str]]:
        for cell in self.part.cells:
            broken = self.cells.broken(cell) if cell.rule else None
            if broken is not None:
                yield broken, cell.rule, cell.column, describe(cell.rule, cell.column)
        for check in self.part.checks:
            broken = self.broken(check) if check.severity == "warning" else None
            if broken is not None:
                yield broken, check.rule, check.column, check.message

    @cached_property
    def quality(self) -> Coded:
        """The rules that were broken by each row, with spaces between; nothing where none was."""
        by_rule: dict[str, list[Doubt]] = {}
        for doubt in self.doubts:
            by_rule.setdefault(doubt.rule, []).append(doubt)
        texts: list[str | None] = [None]
        places = np.zeros(self.count, np.int32)
        for rule in sorted(by_rule):
            broken = np.zeros(self.count, np.bool_)
            for doubt in by_rule[rule]:
                broken[doubt.rows] = True
            texts += [f"{text} {rule}" if text else rule for text in texts]
            places += broken * np.int32(len(texts) // 2)
            is_there = np.bincount(places, minlength=len(texts)) > 0
            texts = [text for text, is_held in zip(texts, is_there, strict=True) if is_held]
            places = (np.cumsum(is_there, dtype=np.int32) - 1)[places]
        return Coded(pa.array(texts, pa.string()), pa.array(places))

    def count_unknown(self) -> Iterator[tuple[str, int]]:
        """Yield the columns with codes that nobody mapped, and how many of them."""
        for cell in self.part.cells:
            count = self.cells.unknown(cell, self.read) if cell.rule == checks.CODE_UNKNOWN else 0
            if count:
                yield f"{cell.column}:code-unknown", count


def _either(masks: list[Mask | None]) -> Mask | None:
    held = [mask for mask in masks if mask is not None]
    return np.logical_or.reduce(held) if held else None
