"""What was taken back leaves every source table: the query against a row-by-row reading of the rule, and the list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.extracts.retractions import FILE, RECORD, ROW, Retractions, is_at, parse_retracted, retract
from braid.extracts.run import read_place
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.engine import Engine
from braid.store.place_folder import Feed, Place, PlaceInvalid

FEEDS, FILES = ("one", "two"), ("a" * 64, "b" * 64)
PLACES = ("/0", "/0/x/1", "/01", "line 1", "line 12")
PEOPLE = ("p0", "p1", "p2")
ROWS = st.lists(
    st.tuples(st.sampled_from(FEEDS), st.sampled_from(FILES), st.sampled_from(PLACES), st.sampled_from(PEOPLE)),
    min_size=3,
    max_size=30,
)
LINKED = {table.name: table for table in SOURCE_TABLES if table.name in ("person_record", "stay", "relationship")}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(DuckDBEngine("200MB")) as opened:
        yield opened


def _row(table: str, number: int, drawn: tuple[str, str, str, str]) -> dict[str, Any]:
    feed, digest, place, person = drawn
    row = {
        "record_id": f"{table}{number}",
        "feed": feed,
        "organisation_id": "o",
        "standard": "cin",
        "collection_year": 2026,
        "file_sha256": digest,
        "row_ref": place,
        "sensitivity": "normal",
    }
    if table == "person_record":
        return {**row, "record_id": f"p{number}", "partner_record_id": f"{number}"}
    row |= {"person_record_id": person, "kind": "unknown" if table == "stay" else "parent"}
    return row | ({"confidential": False} if table == "stay" else {"other_person_record_id": "p0"})


def _stays(row: dict[str, Any], taken: Retractions, gone: set[str]) -> bool:
    about = {row.get("person_record_id"), row.get("other_person_record_id")}
    return not taken.holds(row) and not about & gone and row["record_id"] not in gone


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(FEEDS), st.sampled_from(FILES), st.sampled_from(PLACES)), max_size=3),
    st.sets(st.sampled_from(["p1", "stay0", "relationship1"]), max_size=2),
    ROWS,
    ROWS,
)
def test_the_query_takes_what_the_rule_takes(
    engine: Engine, places: list[tuple[str, str, str]], records: set[str], one: Any, two: Any
) -> None:
    taken = Retractions({}, frozenset(places), frozenset(records))
    people = [_row("person_record", number, drawn) for number, drawn in enumerate(one[:3])]
    held = {
        "person_record": people,
        "stay": [_row("stay", number, drawn) for number, drawn in enumerate(one)],
        "relationship": [_row("relationship", number, drawn) for number, drawn in enumerate(two)],
    }
    for table in SOURCE_TABLES:
        engine.load_rows(table, held.get(table.name, []))
    refused = [
        {"feed": feed, "file_sha256": digest, "file_name": "f", "part": "p", "position": place, "rule": "r", "row": "x"}
        for feed, digest, place, _ in two
    ]
    engine.load_rows(REJECT, refused)
    engine.load_rows(ISSUE, [])
    retract(engine, taken)
    gone = {row["record_id"] for row in people if taken.holds(row)}
    for name, rows in held.items():
        found = sorted(row["record_id"] for row in engine.rows(f"select record_id from {name}"))
        assert found == sorted(row["record_id"] for row in rows if _stays(row, taken, gone)), name
    left = sum(
        not any((row["feed"], row["file_sha256"]) == (f, d) and is_at(row["position"], at) for f, d, at in places)
        for row in refused
    )
    assert engine.rows("select count(*) as n from reject")[0]["n"] == left


def _line(**more: str) -> tuple[int, dict[str, str]]:
    said = {
        "feed": "one",
        "kind": FILE,
        "key": FILES[0],
        "decided_date": "2026-11-15",
        "reference": "IG-1",
        "by": "lead",
    }
    return 2, {**said, **more}


def test_a_row_of_a_census_that_was_taken_back_by_its_line_stops_the_run(tmp_path: Path) -> None:
    day, parts = dt.date(2026, 11, 15), tmp_path / "parts"
    feeds = (Feed("one", "council", "cin", 2026), Feed("two", "school", "school", 2026))
    place = Place(tmp_path, "place", "Place", day, (), (), feeds)
    with pytest.raises(PlaceInvalid, match="with --row and its XPath"):
        read_place(place, day, parts, 1, retractions=Retractions(rows=frozenset({("one", FILES[1], "line 7")})))
    kept = {("one", FILES[1], "/Message/Children[1]/Child[2]"), ("two", FILES[1], "line 7")}
    assert len(read_place(place, day, parts, 1, retractions=Retractions(rows=frozenset(kept)))) == 2


def test_the_list_says_what_it_says() -> None:
    row, record = f"{FILES[1]} /0/x", "0" * 20
    found = parse_retracted([_line(), _line(kind=ROW, key=row), _line(kind=RECORD, key=record), _line()])
    assert found == Retractions(
        {"one": frozenset({FILES[0]})}, frozenset({("one", FILES[1], "/0/x")}), frozenset({record})
    )
    assert len(found) == 3 and found.files_of("two") == frozenset()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"feed": " "}, "feed and reference are needed"),
        ({"reference": ""}, "feed and reference are needed"),
        ({"kind": "rows"}, "kind is one of file, row, record"),
        ({"key": "Zzcanary"}, "the key of a file is the SHA-256"),
        ({"kind": ROW}, "the key of a row is"),
        ({"kind": RECORD}, "the key of a record is"),
        ({"decided_date": "15/11/2026"}, "decided_date is no date"),
    ],
)
def test_a_row_that_breaks_a_rule_stops_the_run_and_repeats_nothing(wrong: dict[str, str], words: str) -> None:
    with pytest.raises(PlaceInvalid, match=words) as refused:
        parse_retracted([_line(**wrong)])
    assert "line 2" in str(refused.value) and "Zzcanary" not in str(refused.value)
