"""Columns as distinct values and places say what plain lists say, and cells of a batch what a cell says of one text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.extracts.coded import Coded, both, constant
from braid.extracts.column_cells import Reader
from braid.extracts.definition import Cell
from braid.language.identifiers import upn_check_letter

TEXTS = st.sampled_from(["a", "b", "b", "", None])


@st.composite
def columns(draw: st.DrawFn) -> tuple[Coded, list[Any]]:
    """Draw a column and what its rows hold; values may be doubled, unused or null, and places may be null."""
    values = draw(st.lists(TEXTS, min_size=1, max_size=5))
    places = draw(st.lists(st.none() | st.integers(0, len(values) - 1), max_size=8))
    rows = [None if place is None else values[place] for place in places]
    if draw(st.booleans()):
        return Coded(pa.array(rows, pa.string())), rows
    return Coded(pa.array(values, pa.string()), pa.array(places, pa.int32())), rows


def listed(column: Coded) -> list[Any]:
    assert len(column) == len(column.plain())
    found: list[Any] = column.plain().to_pylist()
    return found


@given(drawn=columns(), data=st.data())
def test_a_column_is_the_list_of_its_rows(drawn: tuple[Coded, list[Any]], data: st.DataObject) -> None:
    column, rows = drawn
    flags = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    mask = np.array(flags, np.bool_)
    assert listed(column) == rows
    empty, filled = column.empty(), column.filled()
    assert [row is None for row in rows] == ([False] * len(rows) if empty is None else empty.tolist())
    assert [row is not None for row in rows] == ([True] * len(rows) if filled is None else filled.tolist())
    assert listed(column.without(mask)) == [None if flag else row for row, flag in zip(rows, flags, strict=True)]
    assert listed(column.without(None)) == rows
    kept = [row for row, flag in zip(rows, flags, strict=True) if flag]
    assert listed(column.filter(mask)) == kept
    assert listed(column.at(pa.array(np.flatnonzero(mask)))) == kept
    assert listed(column.map(lambda text: text + "!", pa.string())) == [
        row if row is None else row + "!" for row in rows
    ]
    assert column.written().to_pylist() == rows


@given(one=columns(), data=st.data())
def test_what_is_empty_is_filled_from_another_column(one: tuple[Coded, list[Any]], data: st.DataObject) -> None:
    column, rows = one
    others = data.draw(st.lists(TEXTS, min_size=len(rows), max_size=len(rows)))
    other = Coded(pa.array(others, pa.string()))
    assert listed(column.filled_with(other)) == [b if a is None else a for a, b in zip(rows, others, strict=True)]
    assert listed(column.filled_with(constant("x", len(rows)))) == ["x" if row is None else row for row in rows]


def test_what_is_written_as_a_dictionary_has_neither_doubles_nor_nulls_in_it() -> None:
    places = pa.array([0, 1, 2, 3] * 5 + [None], pa.int32())
    written = Coded(pa.array(["a", "b", "a", None]), places).written()
    assert written.dictionary.to_pylist() == ["a", "b"]
    assert written.to_pylist() == ["a", "b", "a", None] * 5 + [None]


def test_masks_hold_where_all_of_them_hold() -> None:
    one, other = np.array([True, True, False]), np.array([True, False, False])
    found = both([None, one, other])
    assert found is not None and found.tolist() == [True, False, False]
    assert both([None, None]) is None


IDENTIFIERS = st.one_of(
    st.none(),
    st.text("0123456789", min_size=1, max_size=13),
    st.from_regex("[A-Z][0-9]{12}", fullmatch=True),
    st.from_regex("[0-9]{12}", fullmatch=True).map(lambda twelve: upn_check_letter(twelve) + twelve),
    st.from_regex("[0-9]{11}", fullmatch=True).map(lambda some: upn_check_letter(some + "A") + some + "A"),
    st.sampled_from(
        [
            "123456",
            "9990000018",
            "999 000 0018",
            "1234567890",
            "12.0",
            "\u0661\u0662\u0663",
            "ab-1",
            "A 9",
            "²",
            "p1",
            "Zo\u00eb",
        ]
    ),
)


@pytest.mark.parametrize("scheme", ["nhs", "uprn", "urn", "uln", "upn", "nino", "local"])
@given(texts=st.lists(IDENTIFIERS, max_size=12))
def test_identifiers_of_a_batch_are_read_as_one_is(scheme: str, texts: list[str | None]) -> None:
    cell = Cell("Number", "identifier", scheme=scheme)
    held = Reader().read(cell, pa.array(texts, pa.string()))
    broken = [False] * len(texts) if held.broken is None else held.broken.tolist()
    assert list(zip(held.listed(), broken, strict=True)) == [cell.read(text) for text in texts]


def test_what_was_read_of_a_text_is_let_go_of_when_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("braid.extracts.column_cells.MOST_KNOWN", 3)
    reader, cell = Reader(), Cell("Day", "date")
    for first in range(1, 20, 5):
        texts = [f"{day:02}/01/2026" for day in range(first, first + 5)]
        assert reader.read(cell, pa.array(texts)).values == [cell.read(text)[0] for text in texts]
        assert sum(map(len, reader._known.values())) == 5
