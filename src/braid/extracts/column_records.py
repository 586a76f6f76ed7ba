"""The records that a rule of a definition makes of the rows of a batch.

The same as `braid.extracts.rows` makes of one row after another. The rows that a rule concerns are chosen first; what
its fields hold is then taken for those alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from braid.extracts.coded import Coded, Mask, both, constant, mask_of
from braid.extracts.column_cells import say_code
from braid.extracts.column_rows import Rows
from braid.extracts.definition import MISSING, UNIT, Cell, PersonColumn, RecordRule, Value
from braid.language.schema import Type
from braid.store.arrow_types import ARROW


@dataclass(frozen=True)
class Groups:
    """What groups of rows say to a rule: the names of those that meet its condition, and the lead person of each."""

    met: frozenset[str] | set[str]
    leads: Mapping[str, str]


@dataclass(frozen=True)
class Made:
    """The records of a rule: the rows of the batch that they are of, `None` for all of them once, and what they hold.

    `keys` are the natural keys, `people` the partner's keys of whom they are about and `others` of those related.
    """

    rows: pa.Array | None
    fields: Mapping[str, Coded]
    keys: pa.Array
    people: pa.Array
    others: pa.Array | None


def make_records(rows: Rows, rule: RecordRule, groups: Groups) -> Made | None:
    """Return the records that a rule makes of the rows that are read; `None` where it makes none."""
    chosen, others = _choose(rows, rule, groups)
    if chosen is not None and not chosen.any():
        return None
    at = None if chosen is None else pa.array(np.flatnonzero(chosen))
    frame = _Frame(rows, at, None) if rule.items is None else _each_item(rows, rule.items, at)
    fields = {name: frame.value(value, rule.types[name]) for name, value in rule.values.items()}
    given = both([fields[name].filled() for name in rule.needed])
    if len(frame) == 0 or (given is not None and not given.any()):
        return None
    if given is not None:
        frame = frame.filter(given)
        fields = {name: field.filter(given) for name, field in fields.items()}
    if rule.type == "identifier":
        fields["check_result"] = frame.check_result(rule.values["value"])
    people = frame.of(_people(rows, rule)).plain()
    return Made(frame.at, fields, frame.keys(rule, people, fields), people, others and frame.of(others).plain())


def _choose(rows: Rows, rule: RecordRule, groups: Groups) -> tuple[Mask | None, Coded | None]:
    """Return the rows that a rule makes records of, and the keys of those whom a relationship of it is to."""
    cells = rows.cells
    masks = [rows.read, *(cells.condition(one) for one in rule.when)]
    others = None
    if rule.group and rule.group_any:
        masks.append(mask_of(cells.look_up(rule.group, lambda name: name in groups.met, pa.bool_()).plain()))
    if rule.group and rule.lead:
        others = cells.look_up(rule.group, groups.leads.get, pa.string())
    if rule.person:
        masks.append(cells.texts(rule.person.column).filled())
    if rule.other:
        others = _named(rows, rule.other)
    if others is not None:
        is_another = pc.not_equal(others.plain(), _people(rows, rule).plain())
        masks.append(mask_of(pc.fill_null(is_another, False)))
    return both(masks), others


def _people(rows: Rows, rule: RecordRule) -> Coded:
    """Return the partner's keys of whom the rows of a rule are about."""
    if rule.person:
        return _named(rows, rule.person)
    part = rows.part
    if part.person is None:
        return constant("", rows.count)
    return _named(rows, PersonColumn(part.person, part.person_prefix))


def _named(rows: Rows, person: PersonColumn) -> Coded:
    texts = rows.cells.texts(person.column)
    if not person.prefix:
        return texts
    return Coded(pc.binary_join_element_wise(person.prefix, texts.values, ""), texts.places)


@dataclass(frozen=True)
class _Items:
    """Items of a column that holds several: each different one once, and which one each record is of."""

    different: Sequence[tuple[str, str | None]]
    places: pa.Array


class _Frame:
    """The rows that records are made of, `at` their numbers in the batch, each as often as it has items."""

    def __init__(self, rows: Rows, at: pa.Array | None, items: _Items | None) -> None:
        self.rows = rows
        self.at = at
        self.items = items

    def __len__(self) -> int:
        return self.rows.count if self.at is None else len(self.at)

    def filter(self, mask: Mask) -> _Frame:
        """Return the frame of the rows of a mask."""
        kept = pa.array(mask)
        at = pa.array(np.flatnonzero(mask)) if self.at is None else self.at.filter(kept)
        items = self.items and _Items(self.items.different, self.items.places.filter(kept))
        return _Frame(self.rows, at, items)

    def of(self, coded: Coded) -> Coded:
        """Return what the rows of the frame hold."""
        return coded.at(self.at)

    def value(self, value: Value, kind: Type) -> Coded:
        """Return what a field of a record gets."""
        said = self._say(value, kind)
        if value.given is None:
            return said
        filled = self._filled(value.given)
        return said if filled is None else said.without(~filled)

    def _filled(self, cell: Cell) -> Mask | None:
        """Return which rows of the frame a cell holds something in."""
        mask = self.rows.cells.filled(cell)
        wrong = self.rows.wrong(cell)
        mask = mask if wrong is None else both([mask, ~wrong])
        return mask if mask is None or self.at is None else mask[self.at.to_numpy()]

    def _say(self, value: Value, kind: Type) -> Coded:
        if value.literal is not MISSING:
            return constant(value.literal, len(self)).cast(ARROW[kind])
        if value.parts:
            return self._several(value, kind)
        if value.cell is None:
            return constant(value.default, len(self), ARROW[kind])
        said = self._one(value, value.cell, kind)
        if value.default is None:
            return said
        return said.cast(ARROW[kind]).filled_with(constant(value.default, len(self), ARROW[kind]))

    def _one(self, value: Value, cell: Cell, kind: Type) -> Coded:
        if value.is_item:
            return self._item(value, cell, kind)
        if value.output == "value":
            return self.of(self.rows.held(cell))
        return self.of(self.rows.cells.cell(cell, value.output, kind if value.output == "common" else None))

    def _item(self, value: Value, cell: Cell, kind: Type) -> Coded:
        """Return what a field takes of an item: its code as it is, as common, as source, or how precise that is."""
        items, codes = self.items, cell.codes
        if items is None:
            raise ValueError("a field asks for an item where its rule has none")
        said = [
            code if code is None or codes is None or value.output == "value" else say_code(codes, value.output, code)
            for _, code in items.different
        ]
        return Coded(pa.array(said, ARROW[kind] if value.output == "common" else pa.string()), items.places)

    def _several(self, value: Value, kind: Type) -> Coded:
        parts = [self.value(part, kind) for part in value.parts]
        if value.joined_with is None:
            return self._first(parts, kind)
        texts = [_as_text(part).plain() for part in parts]
        if not value.joins_present:
            return Coded(pc.binary_join_element_wise(*texts, value.joined_with))
        absent = both([_empty(part) for part in parts])
        if absent is not None and absent.any():  # Arrow leaves out a row all of whose texts are null
            texts[0] = pc.if_else(pa.array(absent), "", texts[0])
        joined = pc.binary_join_element_wise(*texts, value.joined_with, null_handling="skip")
        return Coded(joined).without(absent)

    def _first(self, parts: Sequence[Coded], kind: Type) -> Coded:
        """Return the first of several that holds something."""
        if len({part.values.type for part in parts}) > 1:
            parts = [part.cast(ARROW[kind]) for part in parts]
        found = parts[0]
        for part in parts[1:]:
            found = found.filled_with(part)
        return found

    def check_result(self, value: Value) -> Coded:
        """Return whether an identifier holds its check; `none` where its scheme has none."""
        cell = value.cell
        if cell is None or not cell.rule:
            return constant("none", len(self))
        broken = self.rows.cells.broken(cell)
        if broken is None:
            return constant("pass", len(self))
        return self.of(Coded(pa.array(["pass", "fail"]), pa.array(broken.astype(np.int32))))

    def keys(self, rule: RecordRule, people: pa.Array, fields: Mapping[str, Coded]) -> pa.Array:
        """Return the text of each record's natural key."""
        if rule.type == "person_record":
            return people
        pieces: list[Any] = [people] if rule.has_person or rule.is_keyed_by_value else []
        if rule.is_keyed_by_value:
            pieces += [_as_text(fields["scheme"]).plain(), _as_text(fields["value"]).plain()]
        else:
            pieces += [rule.name, *(self._key_piece(cell) for cell in rule.key)]
        if rule.items and self.items and not rule.is_keyed_by_value:
            pieces.append(pa.array([item for item, _ in self.items.different]).take(self.items.places))
        if not any(isinstance(piece, pa.Array) for piece in pieces):
            pieces[0] = pa.repeat(pieces[0], len(self))
        return pc.binary_join_element_wise(*pieces, UNIT)

    def _key_piece(self, cell: Cell) -> pa.Array:
        """Return what a column adds to a key: a date as ISO text, so that each way to write it is the same."""
        cells = self.rows.cells
        texts = self.of(cells.texts(cell.column))
        if cell.kind == "date":
            dates = self.of(self.rows.held(cell)).map(lambda day: day.isoformat(), pa.string())
            texts = dates.filled_with(texts)
        return pc.fill_null(texts.plain(), "")


def _each_item(rows: Rows, cell: Cell, at: pa.Array | None) -> _Frame:
    """Return a frame with each row as often as a cell of it has items."""
    held, places = rows.cells.read(cell)
    numbers: dict[tuple[str, str | None], int] = {}
    lists = [[numbers.setdefault(item, len(numbers)) for item in items or ()] for items in held.listed()]
    of_rows = pa.array(lists, pa.list_(pa.int32())).take(places if at is None else places.take(at))
    parents = pc.list_parent_indices(of_rows)
    return _Frame(rows, parents if at is None else at.take(parents), _Items(list(numbers), of_rows.flatten()))


def _as_text(coded: Coded) -> Coded:
    return coded if pa.types.is_string(coded.values.type) else coded.map(str, pa.string())


def _empty(coded: Coded) -> Mask:
    empty = coded.empty()
    return np.zeros(len(coded), np.bool_) if empty is None else empty
