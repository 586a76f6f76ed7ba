"""The cells of a batch: each distinct text of a column is read once, by the cell's own function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from braid.extracts import checks
from braid.extracts.batches import Batch
from braid.extracts.coded import Coded, Mask, mask_of, spread
from braid.extracts.definition import Cell, CodeList, Condition, Definition, Part
from braid.extracts.rows import count_unknown, is_under
from braid.language.identifiers import LENGTHS, UPN_LETTERS
from braid.language.schema import Type
from braid.store.arrow_types import ARROW

MOST_KNOWN = 50_000
"""Texts whose reading is remembered from one batch to the next; identifiers hardly come again and are not."""
_VALUE_TYPES = {
    "date": pa.date32(),
    "moment": pa.timestamp("us", tz="UTC"),
    "number": pa.int64(),
    "decimal": pa.float64(),
    "flag": pa.bool_(),
}
Read = tuple[Any, bool]
"""What a cell holds for a text, and whether it breaks its rule."""


@dataclass(frozen=True)
class Held:
    """What a cell holds for each of some texts, and which of these break its rule; `None` where none does."""

    values: pa.Array | list[Any]
    broken: Mask | None

    def listed(self) -> list[Any]:
        """Return the values as Python's own."""
        return self.values if isinstance(self.values, list) else self.values.to_pylist()


class _Known(dict[str | None, Read]):
    """What a cell holds for the texts that were seen."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self._cell = cell

    def __missing__(self, text: str | None) -> Read:
        self[text] = found = self._cell.read(text)
        return found


class Reader:
    """Reads texts as cells do, and remembers from batch to batch what it read."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], _Known] = {}

    def read(self, cell: Cell, texts: pa.Array) -> Held:
        """Return what the cell holds for each text."""
        if cell.kind == "identifier":
            return _read_identifiers(cell, texts)
        alike = (*cell.identity[1:], cell.order, cell.low, cell.high)
        known = self._known.setdefault(alike, _Known(cell))
        if len(known) > MOST_KNOWN:
            known.clear()
        return _held(list(map(known.__getitem__, texts.to_pylist())))


class Cells:
    """The columns of one batch by name, cleaned and read as far as somebody asks for them."""

    def __init__(self, definition: Definition, part: Part, header: Sequence[str], batch: Batch, reader: Reader) -> None:
        self.rows = len(batch.numbers)
        self._definition = definition
        self._part = part
        self._raw = dict(zip(header, batch.columns, strict=True))
        self._reader = reader
        self._encoded: dict[str, tuple[pa.Array, pa.Array]] = {}
        self._read: dict[tuple[str, ...], Held] = {}
        self._texts: dict[str, Coded] = {}

    def texts(self, column: str) -> Coded:
        """Return the cleaned texts of a column; an empty cell is null."""
        if column not in self._texts:
            self._texts[column] = self._clean(column)
        return self._texts[column]

    def _clean(self, column: str) -> Coded:
        raw = self._raw.get(column)
        known = self._part.columns.get(column)
        if raw is None or not self._definition.leaves_alone(known):
            values, places = self._encode(column)
            return Coded(values, places)
        return Coded(without_empty(_keys_alone(raw) if known and known.is_key else raw))

    def encoded(self, column: str) -> tuple[pa.Array, pa.Array]:
        """Return the distinct cleaned texts of a column, null for none, and which of them each row has."""
        if column not in self._encoded:
            self._encoded[column] = self._encode(column)
        return self._encoded[column]

    def _encode(self, column: str) -> tuple[pa.Array, pa.Array]:
        raw = self._raw.get(column)
        if raw is None:
            return pa.array([None], pa.string()), pa.array(np.zeros(self.rows, np.int32))
        encoded = pc.dictionary_encode(raw)
        known = self._part.columns.get(column)
        if self._definition.leaves_alone(known):
            texts = _keys_alone(encoded.dictionary) if known and known.is_key else encoded.dictionary
            return without_empty(texts), encoded.indices
        if known is None or not (known.has_letter or known.label):
            texts = _keys_alone(encoded.dictionary) if known and known.is_key else encoded.dictionary
            return without_empty(_blanks_left_out(texts, self._definition.blanks)), encoded.indices
        cleaned = [self._definition.clean(known, text) or None for text in encoded.dictionary.to_pylist()]
        return pa.array(cleaned, pa.string()), encoded.indices

    def look_up(self, column: str, function: Callable[[str], Any], kind: pa.DataType) -> Coded:
        """Return what a function says of the text of each row; an empty cell is the empty text."""
        values, places = self.encoded(column)
        return Coded(pa.array([function(text or "") for text in values.to_pylist()], kind), places)

    def cell(self, cell: Cell, output: str = "value", kind: Type | None = None) -> Coded:
        """Return one thing that a cell holds, of every row: its value, or its code as common, source or precision.

        `kind` is the type of the field that takes a common code.
        """
        if cell.kind == "text" and output == "value":
            return self.texts(cell.column)
        held, places = self.read(cell)
        if isinstance(held.values, pa.Array) and output == "value":
            return Coded(held.values, places)
        values = [None if value is None else _output(cell, output, value) for value in held.listed()]
        return Coded(pa.array(values, _type_of(cell, output, kind)), places)

    def read(self, cell: Cell) -> tuple[Held, pa.Array]:
        """Return what a cell holds for each distinct text, and which of them each row has."""
        values, places = self.encoded(cell.column)
        if cell.identity not in self._read:
            self._read[cell.identity] = self._reader.read(cell, values)
        return self._read[cell.identity], places

    def broken(self, cell: Cell) -> Mask | None:
        """Return which rows break the rule of a cell; `None` where none does."""
        held, places = self.read(cell)
        return None if held.broken is None else held.broken[places.to_numpy()]

    def filled(self, cell: Cell) -> Mask | None:
        """Return in which rows a cell holds something; `None` where it does in all."""
        held, places = self.read(cell)
        return spread([value is not None for value in held.listed()], places)

    def unknown(self, cell: Cell, kept: Mask | None) -> int:
        """Return how many codes nobody mapped, in the rows of a mask."""
        held, places = self.read(cell)
        if held.broken is None:
            return 0
        counts = [
            count_unknown(cell, value) if is_broken else 0
            for value, is_broken in zip(held.listed(), held.broken, strict=True)
        ]
        found = np.array(counts, np.int64)[places.to_numpy()]
        return int(found.sum() if kept is None else found[kept].sum())

    def condition(self, condition: Condition) -> Mask | None:
        """Return whether each row meets a condition."""
        values, places = self.encoded(condition.column)
        texts = [text or "" for text in values.to_pylist()]
        if condition.under_years is None:
            return spread([condition.fits(text) for text in texts], places)
        ends, end_places = self.encoded(condition.at or "")
        pairs = list(zip(places.to_pylist(), end_places.to_pylist(), strict=True))
        dates, years = [text or "" for text in ends.to_pylist()], condition.under_years
        meets = {
            (text, end): condition.fits(texts[text]) and is_under(texts[text], dates[end], years)
            for text, end in set(pairs)
        }
        return np.array([meets[pair] for pair in pairs], np.bool_)

    def is_repeated(self, column: str) -> bool:
        """Whether the texts of a column repeat so often that it pays to ask for each distinct one."""
        raw = self._raw.get(column)
        if raw is None or column in self._encoded or not self._definition.leaves_alone(self._part.columns.get(column)):
            return True
        sample = raw.slice(0, _SAMPLE)
        return bool(10 * len(sample.unique()) < 9 * len(sample))


_SAMPLE = 1000
_NO_KEYS = pa.array(sorted(checks.NO_KEYS), pa.string())
_LONGEST_NO_KEY = max(map(len, checks.NO_KEYS))


def without_empty(texts: pa.Array) -> pa.Array:
    """Return texts with nothing in the place of empty ones."""
    if not pc.any(pc.equal(pc.binary_length(texts), 0)).as_py():
        return texts
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _keys_alone(texts: pa.Array) -> pa.Array:
    """Return keys, those empty that say that there is none, as `Definition.clean` does."""
    short = pc.less_equal(pc.binary_length(texts), _LONGEST_NO_KEY)
    if not pc.any(short).as_py():
        return texts
    return pc.if_else(pc.is_in(pc.utf8_upper(texts), value_set=_NO_KEYS), pa.scalar("", pa.string()), texts)


def _held(read: Sequence[Read]) -> Held:
    broken = [is_broken for _, is_broken in read]
    return Held([value for value, _ in read], np.array(broken, np.bool_) if any(broken) else None)


def _blanks_left_out(texts: pa.Array, blanks: frozenset[str]) -> pa.Array:
    """Return texts, those empty that stand for nothing, as `Definition.clean` does."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is False:
        cleaned = ["" if text and text.upper() in blanks else text for text in texts.to_pylist()]
        return pa.array(cleaned, pa.string())
    longest = max(map(len, blanks))
    if not pc.any(pc.less_equal(pc.binary_length(texts), longest)).as_py():
        return texts
    return pc.if_else(pc.is_in(pc.ascii_upper(texts), value_set=pa.array(sorted(blanks))), pa.scalar(""), texts)


def _read_identifiers(cell: Cell, texts: pa.Array) -> Held:
    """Return identifiers. Plain ones, of which there are many and each another one, are checked together."""
    is_plain = _are_plain(cell, texts)
    texts = texts if cell.rule else pc.if_else(is_plain, pc.ascii_upper(texts), texts)
    plain = mask_of(is_plain)
    broken = np.zeros(len(texts), np.bool_)
    if plain.any() and cell.scheme in _PASS:
        broken[plain] = ~_PASS[cell.scheme](texts.filter(is_plain))
    if not plain.all():
        others = [cell.read(text) for text in texts.filter(pc.invert(is_plain)).to_pylist()]
        broken[~plain] = [is_broken for _, is_broken in others]
        values = pa.array([value for value, _ in others], pa.string())
        texts = pc.replace_with_mask(texts, pc.invert(is_plain), values)
    return Held(texts, broken if broken.any() else None)


def _are_plain(cell: Cell, texts: pa.Array) -> pa.Array:
    """Return which are in digits alone, as many as their scheme has; where that has no check letters may be there."""
    if not cell.rule:
        return pc.fill_null(pc.ascii_is_alnum(texts), False)
    if cell.scheme in ("upn", "former_upn"):
        return pc.fill_null(pc.match_substring_regex(texts, "^[A-Z][0-9]{12}$"), False)
    least, most = (10, 10) if cell.scheme == "nhs" else LENGTHS.get(cell.scheme, (0, 0))
    lengths = pc.binary_length(texts)
    is_long = pc.and_(pc.less_equal(least, lengths), pc.less_equal(lengths, most))
    return pc.fill_null(pc.and_(pc.ascii_is_decimal(texts), is_long), False)


def pass_nhs_check(numbers: pa.Array) -> Mask:
    """Return for each text of ten digits whether it holds its check, as `braid.language.identifiers` says of one.

    Nearly every number of a file is another one, so that reading each distinct text once saves nothing here.
    """
    digits = np.frombuffer("".join(numbers.to_pylist()).encode(), np.uint8).reshape(-1, 10).astype(np.int32) - 48
    check = (11 - digits[:, :9] @ np.arange(10, 1, -1) % 11) % 11
    is_one_digit = (digits == digits[:, :1]).all(axis=1)
    found: Mask = (check == digits[:, 9]) & ~is_one_digit
    return found


def pass_upn_check(numbers: pa.Array) -> Mask:
    """Return for each capital letter with twelve digits whether it is a unique pupil number that holds its check."""
    letters = np.frombuffer("".join(numbers.to_pylist()).encode(), np.uint8).reshape(-1, 13)
    check = (letters[:, 1:].astype(np.int32) - ord("0")) @ np.arange(2, 14) % len(UPN_LETTERS)
    found: Mask = np.frombuffer(UPN_LETTERS.encode(), np.uint8)[check] == letters[:, 0]
    return found


_PASS = {"nhs": pass_nhs_check, "upn": pass_upn_check, "former_upn": pass_upn_check}


def _type_of(cell: Cell, output: str, kind: Type | None) -> pa.DataType:
    if output == "common":
        return ARROW[kind] if kind else pa.string()
    if output in ("source", "precision"):
        return pa.string()
    return _VALUE_TYPES.get(cell.kind, pa.string())


def _output(cell: Cell, output: str, value: Any) -> Any:
    """Return one thing that the reading of a text gives."""
    codes = cell.codes
    if codes is None or output == "value":
        return value
    return say_code(codes, output, value)


def say_code(codes: CodeList, output: str, code: str) -> Any:
    """Return a code as the common code, as system:code, or how precise the common code is."""
    if output == "common":
        return codes.find_common(code)
    return codes.written(code) if output == "source" else codes.precision(code)
