"""Faults of a problem: every one with a place, and none that ends the reading."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.documents import parse, write
from braid.planning.listing.checker import check
from braid.planning.listing.faults import faults
from braid.planning.listing.model import (
    Absence,
    Attendance,
    Case,
    Hearing,
    HearingType,
    Judge,
    Person,
    Place,
    Placed,
    Prices,
    Problem,
    Room,
    Sittings,
)

from .small_courts import small_court
from .test_checker import COURT, LIST, _plan

NAMES = st.sampled_from(["A", "B", "C", ""])
SESSIONS = st.sampled_from(
    ["2027-01-04 am", "2027-01-04 pm", "2027-01-06 am", "2026-12-30 pm", "2027-02-30 am", "soon", ""]
)
NUMBERS = st.integers(-1, 6)
PLACES = st.builds(Place, NAMES, SESSIONS, st.one_of(st.none(), NAMES))
ABSENCES = st.lists(st.builds(Absence, SESSIONS, SESSIONS), max_size=2).map(tuple)


def _some(strategy):
    return st.lists(strategy, max_size=3).map(tuple)


HEARINGS = st.builds(
    Hearing,
    NAMES,
    NAMES,
    NAMES,
    NUMBERS,
    NUMBERS,
    SESSIONS,
    _some(st.builds(Attendance, NAMES)),
    st.sampled_from([0.0, 2.5, -1.0]),
    st.one_of(st.none(), NAMES),
    NUMBERS,
    NUMBERS,
    present=st.one_of(st.none(), PLACES),
    hold=st.sampled_from(["free", "frozen", "locked"]),
)
PROBLEMS = st.builds(
    Problem,
    kind=st.just("listing"),
    first_date=st.dates(date(2027, 1, 1), date(2027, 1, 9)),
    last_date=st.dates(date(2027, 1, 5), date(2027, 1, 12)),
    judges=_some(st.builds(Judge, NAMES, ABSENCES)),
    people=_some(st.builds(Person, NAMES, st.just("guardian"), ABSENCES)),
    types=_some(st.builds(HearingType, NAMES, st.booleans(), st.booleans(), NUMBERS, st.sampled_from([0.0, 0.5, 0.9]))),
    cases=_some(st.builds(Case, NAMES, NAMES, NAMES, st.just(date(2027, 1, 1)), SESSIONS)),
    hearings=_some(HEARINGS),
    rooms=_some(st.builds(Room, NAMES)),
    session_units=NUMBERS,
    prices=st.builds(Prices, NUMBERS),
)


@given(PROBLEMS)
def test_faults_never_fail_and_what_has_none_is_solved_by_nothing_worse_than_an_empty_list(problem):
    found = faults(problem)
    assert all(place and rule and next_step for place, rule, next_step in found)
    assert parse(write(problem), Problem, "court.json") == problem
    if not found:
        held = {each.id: each.present for each in problem.hearings if each.hold != "free"}
        unlisted = tuple(each.id for each in problem.hearings if each.id not in held)
        assert check(problem, _plan(held, unlisted, problem)).passes


@given(st.integers(0, 10_000), st.lists(st.tuples(NAMES, PLACES), max_size=4), st.lists(NAMES, max_size=3))
def test_the_checker_never_fails_whatever_a_plan_names(seed, placed, unlisted):
    problem = small_court(seed % 50)
    plan = replace(_plan({}, tuple(unlisted), problem), placed=tuple(Placed(name, place) for name, place in placed))
    assert not check(problem, plan).passes


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"last_date": date(2027, 1, 1)}, "last_date"),
        ({"last_date": date(2035, 1, 1)}, "last_date"),
        ({"closed_dates": tuple(date(2027, 1, day) for day in range(4, 16))}, "closed_dates"),
        ({"session_units": 0}, "session_units"),
        ({"prices": Prices(late=-1)}, "prices.late"),
        ({"judges": (Judge("J1"), Judge("J1"), Judge("J2"))}, "judges[0].id"),
        ({"people": (*COURT.people, Person("", "guardian"))}, "people[6].id"),
        ({"rooms": (Room("R1", (), (Absence("soon", "later"),)), Room("R2"))}, "rooms[0].closed[0]"),
        ({"types": (HearingType("IRH", list_at_quantile=1.0), HearingType("FH"))}, "types[0].list_at_quantile"),
        ({"cases": (replace(COURT.cases[0], judge="J9"), *COURT.cases[1:])}, "cases[0].judge"),
        ({"cases": (replace(COURT.cases[0], late_from="soon"), *COURT.cases[1:])}, "cases[0].late_from"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(change, place):
    assert place in [fault[0] for fault in faults(replace(COURT, **change))]


@pytest.mark.parametrize(
    ("row", "change", "place"),
    [
        (0, {"case": "C9"}, "hearings[0].case"),
        (0, {"type": "CMH"}, "hearings[0].type"),
        (0, {"length_sessions": 0}, "hearings[0].length_sessions"),
        (0, {"units": 6}, "hearings[0].units"),
        (0, {"ready": "soon"}, "hearings[0].ready"),
        (0, {"hold": "frozen"}, "hearings[0].hold"),
        (0, {"after": "H1"}, "hearings[0].after"),
        (0, {"after": "H2"}, "hearings[0].after"),
        (2, {"after": "H1"}, "hearings[2].after"),
        (0, {"attendance": (Attendance("Z"),)}, "hearings[0].attendance[0].person"),
        (0, {"attendance": (Attendance("A"), Attendance("A"))}, "hearings[0].attendance[1].person"),
        (3, {"present": Place("J9", "2027-01-04 am", "R2")}, "hearings[3].present.judge"),
        (4, {"present": Place("J2", "2027-01-04 am", "R2"), "hold": "locked"}, "hearings[4].present"),
    ],
)
def test_what_cannot_be_of_a_hearing_is_said_with_its_place(row, change, place):
    hearings = list(COURT.hearings)
    hearings[row] = replace(hearings[row], **change)
    assert place in [fault[0] for fault in faults(replace(COURT, hearings=tuple(hearings)))]


def test_the_court_of_the_checker_is_without_faults():
    assert LIST
    assert faults(COURT) == []


def test_a_room_cannot_have_anything_where_there_are_none():
    hearings = tuple(replace(each, present=None, hold="free") for each in COURT.hearings)
    problem = replace(COURT, rooms=(), hearings=hearings)
    row = next(row for row, each in enumerate(hearings) if each.features)
    assert f"hearings[{row}].features" in [fault[0] for fault in faults(problem)]
    plain = tuple(replace(each, features=()) for each in hearings)
    assert faults(replace(problem, hearings=plain)) == []


@pytest.mark.parametrize(
    ("first", "last", "closed"),
    [
        ("2027-01-04 am", "2027-01-10 pm", []),
        ("2027-01-09 am", "2027-01-10 am", []),
        ("2027-01-04 am", "2027-01-11 am", [(0, 0)]),
        ("2027-01-10 am", "2027-01-11 pm", [(0, 1)]),
        ("2027-01-15 pm", "2027-01-17 pm", [(9, 9)]),
        ("2027-01-16 am", "2027-01-17 pm", []),
    ],
)
def test_an_absence_closes_the_sessions_of_its_days_alone(first, last, closed):
    week = Sittings(tuple(date(2027, 1, day) for day in range(11, 16)))
    assert week.positions([Absence(first, last)]) == closed
