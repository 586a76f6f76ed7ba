"""Lists of boards: the queries find what one finds going through people one at a time."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.findings import TABLES
from braid.language.records import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT
from braid.place import populations, remits
from braid.place.remits import Remit, count_board_lists, list_of, shared_populations
from braid.place.run import run
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.portable import ENGINES, compile_sql
from drawn import drawn

PEOPLE = st.sampled_from([f"p{number}" for number in range(6)])
COHORT = st.lists(st.tuples(st.sampled_from(["school", "court"]), PEOPLE), unique=True, max_size=10)
WAITS = st.lists(
    st.tuples(
        PEOPLE, st.sampled_from(["send", "school_place", "hospital_treatment"]), st.booleans(), st.integers(0, 900)
    ),
    max_size=14,
)


FILLERS = {TEXT: "x", INTEGER: 0, DECIMAL: 0.0, BOOLEAN: False, DATE: dt.date(2025, 1, 1)}


def rows_of(table: str, found: list[dict]) -> list[dict]:
    """Rows with every column of the table: what is required and of no matter here holds what means nothing."""
    columns = TABLES[table].columns
    unsaid = {column.name: FILLERS[column.type] if column.required else None for column in columns}
    return [{**unsaid, **row} for row in found]


BACKLOGS = st.lists(st.sampled_from(["send", "school_place", "hospital_treatment"]), unique=True, max_size=2).map(tuple)
STATEMENTS = st.lists(st.sampled_from(["school", "court"]), unique=True, max_size=2).map(tuple)
REMITS = st.lists(st.tuples(STATEMENTS, BACKLOGS), max_size=4).map(
    lambda found: [Remit(f"board-{number}", *own) for number, own in enumerate(found)]
)


LOOKED_AFTER = [Remit("a", ("court",), ("send",)), Remit("b", ("school",), ())]


@drawn(40, 2000)
@given(COHORT, WAITS, REMITS)
def test_queries_count_as_one_counts_by_hand(
    cohort: list[tuple[str, str]], waits: list[tuple], remits: list[Remit]
) -> None:
    stated = [{"problem": problem, "person_id": person} for problem, person in cohort]
    waiting = [
        {
            "wait_id": f"w{number}",
            "person_id": person,
            "backlog": backlog,
            "stop_date": dt.date(2026, 1, 1) if ended else None,
            "elapsed_days": days,
        }
        for number, (person, backlog, ended, days) in enumerate(waits)
    ]
    engine = DuckDBEngine("200MB")
    try:
        engine.load_rows(TABLES["cohort"], rows_of("cohort", stated))
        engine.load_rows(TABLES["person_wait"], rows_of("person_wait", waiting))
        run(engine, remits)
        lists = engine.rows("select boards, people from board_list")
        board_waits = engine.rows("select * from board_wait")
    finally:
        engine.close()
    expected_lists, expected_waits = count_board_lists(stated, waiting, remits)
    assert {row["boards"]: row["people"] for row in lists} == expected_lists
    assert {
        (row["board"], row["owner_board"]): (row["people"], row["waits"], pytest.approx(row["weeks"]))
        for row in board_waits
    } == expected_waits


def test_what_several_boards_look_after_is_on_no_list_of_theirs() -> None:
    remits = [Remit("a", ("court",), ("send",)), Remit("b", ("school",), ("send",))]
    assert shared_populations(remits) == {"backlog_send": ("a", "b")}
    assert list_of(remits[0], remits) == ("statement_court",)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "query",
    [
        populations._MEMBERS,
        remits._board_person(LOOKED_AFTER),
        remits._combinations(LOOKED_AFTER),
        remits._waits(0, LOOKED_AFTER),
    ],
)
def test_queries_are_portable(query: str, engine: str) -> None:
    assert compile_sql(query, engine)
