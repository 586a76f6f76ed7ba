"""What the tests of document standards share: reading a value as a file, the law of counts, and damaged documents."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import read_file
from braid.language.codes import CODE_LISTS
from braid.language.findings import TABLES
from braid.store.arrow_types import to_arrow

CANARY = "Zzcanaryzz"
AS_OF = "2026-11-15"


def read_document(path: Path, standard: str, as_of_date: str | None = AS_OF) -> Reading:
    """Read a file and hold it to what every reading owes: counts, tables that can be written, ids used once."""
    reading = read_file(path, Source("feed-one", "organisation-one", standard, 2026, as_of_date))
    for part, count in reading.parts.items():
        assert count.rows_in == count.rows_read + count.rows_rejected, part
    rejected = sum(count.rows_rejected for count in reading.parts.values())
    assert rejected == len(reading.rejects) == len([one for one in reading.issues if one.severity == "reject"])
    for record_type, rows in reading.records.items():
        assert to_arrow(TABLES[record_type], rows).num_rows == len({row["record_id"] for row in rows})
        _check_codes(record_type, rows)
    return reading


def _check_codes(record_type: str, rows: list[dict[str, Any]]) -> None:
    """Hold every coded column to its code list."""
    for column in TABLES[record_type].columns:
        if column.codes:
            found = {row.get(column.name) for row in rows} - {None}
            assert found <= CODE_LISTS[column.codes].keys(), (record_type, column.name)


def write_json(folder: Path, value: Any) -> Path:
    """Write a value as a JSON file and return its path."""
    path = folder / "document.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def read_value(folder: Path, value: Any, standard: str, as_of_date: str | None = AS_OF) -> Reading:
    """Read a value as a JSON file of a standard."""
    return read_document(write_json(folder, value), standard, as_of_date)


def read_or_refuse(folder: Path, value: Any, standard: str) -> Reading | None:
    """Read a damaged value; `None` where the file is refused as a whole. Nothing else may be raised."""
    try:
        return read_value(folder, value, standard)
    except UnreadableFile as refusal:
        assert CANARY not in refusal.message
        return None


def counts(reading: Reading) -> dict[str, tuple[int, int]]:
    """Return rows in and rows rejected of each part."""
    return {part: (count.rows_in, count.rows_rejected) for part, count in reading.parts.items()}


def rows(reading: Reading, record_type: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of the records of a type."""
    return [tuple(row.get(column) for column in columns) for row in reading.records.get(record_type, [])]


def said(reading: Reading) -> str:
    """Return everything that a reading says to people: messages, fields, places, and names of what nobody mapped."""
    parts = [text for issue in reading.issues for text in (issue.message, issue.field, issue.position, issue.rule)]
    return " ".join(str(part) for part in [*parts, *reading.unmapped, *reading.parts])


def rules(reading: Reading) -> set[str]:
    """Return the rules that found something."""
    return {issue.rule for issue in reading.issues}


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every node of a JSON value."""
    found = [here]
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in members:
        found += places(below, (*here, key))
    return found


def replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """Return a copy of a JSON value with the node at a place replaced."""
    if not place:
        return new
    whole = copy.deepcopy(value)
    holder = whole
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = new
    return whole


def damaged(value: Any) -> st.SearchStrategy[Any]:
    """Return a strategy of the value with one to three of its nodes replaced by something else."""
    junk = st.one_of(
        st.none(),
        st.booleans(),
        st.sampled_from([CANARY, "", " ", "0001-01-01", "9999-12-31T23:59:59Z", "\ud800", "\x00", "Yes", "2020-02-30"]),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from([[], {}, [CANARY], [[]], [None], {"newField": CANARY}, {"id": CANARY}, {"value": {}}]),
        st.text(max_size=5),
    )

    def damage(document: Any, steps: list[tuple[int, Any]]) -> Any:
        for index, new in steps:
            nodes = places(document)
            document = replaced(document, nodes[index % len(nodes)], new)
        return document

    steps = st.lists(st.tuples(st.integers(0, 10_000), junk), min_size=1, max_size=3)
    return steps.map(lambda chosen: damage(value, chosen))


def with_canaries(value: Any) -> Any:
    """Return the value with every text replaced by a canary of its own, and every key kept."""
    if isinstance(value, dict):
        return {key: with_canaries(below) for key, below in value.items()}
    if isinstance(value, list):
        return [with_canaries(below) for below in value]
    return f"{CANARY}{value}" if isinstance(value, str) else value
