"""What withdrawn records take with them: every row about them, and refused rows that hold their key and no others."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.records import REJECT, SOURCE_TABLES, record_id
from braid.people import decisions
from braid.people.decisions import COLUMNS, find_parted_by_withdrawn
from braid.people.lineage import Past, keep_apart, with_parted
from braid.people.run import add_missing_tables
from braid.people.withdrawals import draw_stand_in, read_values, withdraw
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import make_place


@pytest.fixture(name="engine")
def _engine() -> Iterator[DuckDBEngine]:
    with closing(make_place(5, 1).engine("300MB")) as engine:
        add_missing_tables(engine)
        for table in SOURCE_TABLES:
            if not engine.has(table.name):
                engine.load_rows(table, [])
        yield engine


def refused(rows: Sequence[str], feed: str = "feed-one") -> list[dict[str, str]]:
    alike = {"feed": feed, "file_sha256": "0" * 64, "file_name": "a.csv", "part": "people", "rule": "key_missing"}
    return [{**alike, "position": f"line {number}", "row": row} for number, row in enumerate(rows, 2)]


def left(engine: DuckDBEngine) -> set[str]:
    return {row["row"] for row in engine.rows("select row from reject")}


ABOUT_12 = (
    "12,Ada,Example,1990-01-01",
    '"12";"Ada; Example";1990-01-01',
    "Ada\t 12 \tExample",
    "<Child><ID>12</ID><Name>Ada</Name></Child>",
    '<Child id="12"/>',
    json.dumps({"person": {"id": 12, "names": ["Ada"]}}),
    json.dumps({"ids": ["7", "12"]}),
    '12,"Ada',
)
OTHERS = (
    "128,Bo,Example,2012-12-12",
    "7,Bo,12 High Street,NE12 4AB",
    "<Child><ID>512</ID><From>2012-12-01</From></Child>",
    json.dumps({"person": {"id": "A12", "born": "2012-01-12"}}),
    "A/12,Bo",
)


def test_refused_rows_that_hold_the_key_go_and_those_that_only_contain_its_figures_stay(engine: DuckDBEngine) -> None:
    elsewhere = refused(["12,Cy"], "feed-two")
    elsewhere[0]["file_sha256"] = "1" * 64
    engine.load_rows(REJECT, [*refused((*ABOUT_12, *OTHERS)), *elsewhere])
    withdraw(engine, {("feed-one", "12"): "erasure"})
    assert left(engine) == {*OTHERS, "12,Cy"}


def test_of_a_composed_key_the_first_part_stands_in_the_row(engine: DuckDBEngine) -> None:
    rows = ("C-1,applicant,Ada", "C-1/2,Ada", "C-10,applicant,Bo", "X-C-1,Bo", "2,Bo")
    engine.load_rows(REJECT, refused(rows))
    withdraw(engine, {("feed-one", "C-1/2"): "retraction"})
    assert left(engine) == set(rows[2:])


def test_every_source_row_about_the_record_goes_and_no_other(engine: DuckDBEngine) -> None:
    engine.load_rows(REJECT, [])
    people = engine.rows("select feed, partner_record_id, record_id from person_record order by record_id")
    gone = people[0]
    assert gone["record_id"] == record_id(gone["feed"], "person_record", gone["partner_record_id"])
    before = {row["person_record_id"] for row in engine.rows("select person_record_id from identifier")}
    withdraw(engine, {(gone["feed"], gone["partner_record_id"]): "erasure"})
    kept = engine.rows("select record_id from person_record order by record_id")
    assert [row["record_id"] for row in kept] == [row["record_id"] for row in people[1:]]
    after = {row["person_record_id"] for row in engine.rows("select person_record_id from identifier")}
    assert after == before - {gone["record_id"]}


CELL = st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=12)


@given(cells=st.lists(CELL, min_size=1, max_size=6), key=st.text("0123456789AB-", min_size=1, max_size=3))
def test_a_row_of_cells_holds_a_key_exactly_where_a_cell_is_it(cells: list[str], key: str) -> None:
    """The slow twin is the list of cells before it was written. No other delimiter stands in a cell, and no quote."""
    plain = ["".join(one for one in cell if one not in ",;|\"'<>={}[]") for cell in cells]
    held = any(" ".join(cell.casefold().split()) == key.casefold() for cell in plain)
    assert (key.casefold() in read_values(",".join(plain))) == held


@given(st.text(max_size=60))
def test_no_row_is_so_broken_that_it_stops_a_withdrawal(row: str) -> None:
    assert all(value == value.casefold() for value in read_values(row))


A, B, C = ("feed-one", "A"), ("feed-two", "B"), ("feed-one", "C")
IDS = {key: record_id(key[0], "person_record", key[1]) for key in (A, B, C)}


def said(left: tuple[str, str], right: tuple[str, str], decision: str, day: str) -> dict[str, str]:
    cells = (*left, *right, decision, "one", "two", day, "LR-1")
    return dict(zip(COLUMNS, cells, strict=True))


def test_the_key_of_a_withdrawn_record_is_forgotten_and_what_was_decided_is_not() -> None:
    row = said(A, B, "different", "2026-11-01")
    stand_ins = {A: draw_stand_in()}
    changed = decisions.forget_record(row, {A}, stand_ins.__getitem__)
    assert changed == {**row, "partner_record_id_a": stand_ins[A]} and row["partner_record_id_a"] == "A"
    assert decisions.forget_record(row, {C, ("feed-two", "A")}, stand_ins.__getitem__) == row
    assert draw_stand_in() != draw_stand_in(), "no two of them lead to one another"


def test_of_what_humans_decided_on_a_withdrawn_record_the_last_word_holds() -> None:
    rows = [
        (2, said(A, B, "different", "2026-11-03")),
        (3, said(B, A, "same", "2026-11-02")),
        (4, said(A, C, "same", "2026-11-01")),
        (5, said(B, C, "different", "2026-11-05")),
        (6, {**said(A, C, "different", "no day")}),
    ]
    found = find_parted_by_withdrawn(rows, {IDS[A]})
    told = {pair: each.is_same for pair, each in found.items()}
    assert told == {tuple(sorted((IDS[A], IDS[B]))): False, tuple(sorted((IDS[A], IDS[C]))): True}
    assert find_parted_by_withdrawn(rows, ()) == {}


def test_the_others_of_a_withdrawn_records_person_stay_apart_until_somebody_joins_them() -> None:
    pair = tuple(sorted((IDS[A], IDS[B])))
    past = Past(persons={IDS[A]: "p", "a2": "p", IDS[B]: "p", "a3": "p"})
    two = with_parted(past, find_parted_by_withdrawn([(2, said(A, B, "different", "2026-11-03"))], {IDS[A]}))
    assert two.apart == {pair: dt.date(2026, 11, 3)}
    assert keep_apart(replace(two, persons={**past.persons, IDS[B]: "q"}), {"a2", "a3", IDS[B]}) == {
        tuple(sorted((one, IDS[B]))): dt.date(2026, 11, 3) for one in ("a2", "a3")
    }
    one = with_parted(two, find_parted_by_withdrawn([(2, said(A, B, "same", "2026-11-04"))], {IDS[A]}))
    assert one.apart == {}
    older = with_parted(two, find_parted_by_withdrawn([(2, said(A, B, "same", "2026-11-02"))], {IDS[A]}))
    assert older.apart == two.apart


BROKEN = [
    '{{"id": {0}, "name": "Fern',
    '{{"id": {0}, "name": "Fern"}} x',
    '{{"a": [{{"id": {0}',
    '{{"id": {0}, "id": {0}}}',
    '{{"id": {0}',
]


@pytest.mark.parametrize("row", BROKEN)
@pytest.mark.parametrize(
    ("written", "key"), [('"P-1/7"', "p-1/7"), ("4711", "4711"), ('"Zo\\u00eb, A"', "zo\u00eb, a")]
)
def test_a_broken_line_of_json_holds_the_keys_that_stand_in_it(row: str, written: str, key: str) -> None:
    assert key in read_values(row.format(written))
    assert "47" not in read_values(row.format("4711")), "a part of a key is no key"
