"""The list of people in several backlogs shows a role what it may see, and nothing by its absence."""

from __future__ import annotations

import datetime as dt

import pytest

from braid.language.findings import BLOCKER, COHORT, PERSON, PERSON_WAIT
from braid.language.schema import Type
from braid.store.duckdb_engine import DuckDBEngine
from braid.trust.roles import ROLES, SCHOOL_FROM_TA
from listing_reference import list_people

AS_OF = dt.date(2026, 11, 15)
BLANK = {Type.TEXT: "x", Type.DATE: AS_OF, Type.INTEGER: 0, Type.DECIMAL: 0.0, Type.BOOLEAN: False}


def _row(table, **values):
    blank = {column.name: BLANK[column.type] for column in table.columns if column.required}
    return {**blank, **values}


def _wait(wait_id: str, person: str, backlog: str, kind: str, days: int, sensitivity: str = "normal", stop=None):
    return _row(
        PERSON_WAIT,
        wait_id=wait_id,
        person_id=person,
        backlog=backlog,
        kind=kind,
        elapsed_days=days,
        sensitivity=sensitivity,
        stop_date=stop,
        clock="no_limit",
    )


def _blocker(
    name: str, person: str, held: str, holder: str | None, sensitivity: str = "normal", problem=SCHOOL_FROM_TA
):
    return _row(
        BLOCKER,
        problem=problem,
        blocker_id=name,
        person_id=person,
        held_wait_id=held,
        holder_wait_id=holder,
        holder_type="wait",
        sensitivity=sensitivity,
    )


@pytest.fixture
def engine():
    engine = DuckDBEngine()
    waits = [
        _wait("a1", "anna", "social_housing", "register", 900),
        _wait("a2", "anna", "temporary_accommodation", "temporary_accommodation", 40),
        _wait("b1", "bea", "social_housing", "register", 300),
        _wait("b2", "bea", "victim_support", "therapy", 200, "safe_address"),
        _wait("c1", "cora", "social_housing", "register", 100),
        _wait("c2", "cora", "social_housing", "register", 90),
        _wait("d1", "dina", "social_housing", "register", 10),
        _wait("d2", "dina", "homelessness", "homelessness_relief", 9, stop=AS_OF),
    ]
    engine.load_rows(PERSON_WAIT, waits)
    homes = {"anna": "home-1", "bea": "home-2", "cora": "home-1", "dina": "home-3"}
    engine.load_rows(PERSON, [_row(PERSON, person_id=name, household_id=home) for name, home in homes.items()])
    engine.load_rows(COHORT, [_row(COHORT, problem="victim_response", person_id=name) for name in ("anna", "bea")])
    engine.load_rows(
        BLOCKER,
        [
            _blocker("one", "anna", "a2", "a1"),
            _blocker("other purpose", "anna", "a2", "a1", problem="victim_response"),
            _blocker("two", "bea", "b1", "b2", "safe_address"),
            _blocker("three", "bea", "b1", "b2", "normal"),
        ],
    )
    yield engine
    engine.close()


def test_only_running_waits_in_different_backlogs_count(engine: DuckDBEngine) -> None:
    found = list_people(engine, ROLES["analyst"])
    assert [person["person_id"] for person in found] == ["anna"]
    assert found[0]["backlogs"] == ["social_housing", "temporary_accommodation"]
    assert (found[0]["longest_days"], found[0]["total_days"]) == (900, 940)
    assert [wait["days"] for wait in found[0]["waits"]] == [900, 40]
    (blocker,) = found[0]["blockers"]
    assert (blocker["holds"], blocker["held_by"]) == ("temporary_accommodation", "register")


def test_a_hidden_wait_makes_nobody_a_member_of_the_list(engine: DuckDBEngine) -> None:
    assert {person["person_id"] for person in list_people(engine, ROLES["analyst"])} == {"anna"}
    assert {person["person_id"] for person in list_people(engine, ROLES["advocate"])} == {"anna", "bea"}


def test_a_blocker_that_joins_a_hidden_wait_is_not_shown(engine: DuckDBEngine) -> None:
    bea = next(row for row in list_people(engine, ROLES["analyst"], 1) if row["person_id"] == "bea")
    assert bea["blockers"] == []
    assert "therapy" not in str(bea)
    assert "b2" not in str(bea)


def test_a_role_reaches_the_cohort_of_its_purpose_or_the_household_too_but_nobody_else(engine: DuckDBEngine) -> None:
    engine.load_rows(COHORT, [_row(COHORT, problem="school_from_ta", person_id="cora")])
    assert {row["person_id"] for row in list_people(engine, ROLES["placement_officer"], 1)} == {"anna", "cora"}
    assert list_people(engine, ROLES["advocate"], 1) == []
    assert {row["person_id"] for row in list_people(engine, ROLES["analyst"], 1)} == {"anna", "bea", "cora", "dina"}


def test_roles_that_see_no_people_get_nobody(engine: DuckDBEngine) -> None:
    assert list_people(engine, ROLES["board_member"], 1) == []
    assert list_people(engine, ROLES["ig_lead"], 1) == []
