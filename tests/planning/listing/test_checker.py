"""The checker reports each broken rule by that rule, and would miss it without."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from braid.language.documents import fingerprint, parse, write
from braid.planning.contract import Certificate, value_of
from braid.planning.listing import checker
from braid.planning.listing.checker import check, value_levels
from braid.planning.listing.faults import faults
from braid.planning.listing.model import (
    Absence,
    Attendance,
    Case,
    Hearing,
    HearingType,
    Judge,
    ListingPlan,
    Person,
    Place,
    Placed,
    Prices,
    Problem,
    Room,
    sittings_of,
)

MONDAY, FRIDAY = date(2027, 1, 4), date(2027, 1, 15)


def _at(position: int) -> str:
    return f"2027-01-{(4, 5, 6, 7, 8, 11, 12, 13, 14, 15)[position // 2]:02d} {'pm' if position % 2 else 'am'}"


def _hearing(name: str, case: str, people: str, units: int = 2, length: int = 1, **more: object) -> Hearing:
    attendance = tuple(Attendance(person) for person in people)
    more.setdefault("ready", _at(0))
    return Hearing(name, case, more.pop("type", "IRH"), length, units, attendance=attendance, **more)  # type: ignore[arg-type]


LOCKED = Place("J2", _at(14), "R2")
COURT = Problem(
    kind="listing",
    first_date=MONDAY,
    last_date=FRIDAY,
    judges=(Judge("J1", (Absence(_at(8), _at(8)),)), Judge("J2")),
    people=(
        *(Person(name, "advocate") for name in "ABCDF"),
        Person("E", "guardian", (Absence(_at(17), _at(17)),)),
    ),
    types=(HearingType("IRH"), HearingType("FH", is_final=True, starts_in_morning=True, judge_change_weight=2)),
    cases=(
        Case("C1", "Ashby", "J1", MONDAY, _at(10)),
        Case("C2", "Barton", "J1", MONDAY, _at(10)),
        Case("C3", "Barton", "J1", MONDAY, _at(10), excluded_judges=("J2",)),
        Case("C4", "Ashby", "J1", MONDAY, _at(10)),
    ),
    hearings=(
        _hearing("H1", "C1", "A", ready=_at(2)),
        _hearing("H2", "C1", "AB", units=5, length=2, type="FH", after="H1", gap_sessions=2),
        _hearing("H3", "C2", "C", units=4, length=2, features=("screens",)),
        _hearing("H4", "C2", "D", present=LOCKED, hold="locked"),
        _hearing("H5", "C3", "E"),
        _hearing("H6", "C4", "EF", present=Place("J1", _at(1), "R1")),
    ),
    rooms=(Room("R1", ("screens",), (Absence(_at(9), _at(9)),)), Room("R2")),
    prices=Prices(move=7),
)
LIST = {
    "H1": Place("J1", _at(2), "R1"),
    "H2": Place("J1", _at(6), "R1"),
    "H3": Place("J1", _at(10), "R1"),
    "H4": LOCKED,
    "H5": Place("J1", _at(3), "R1"),
    "H6": Place("J1", _at(12), "R1"),
}


def _plan(places: dict[str, Place], unlisted: tuple[str, ...] = (), problem: Problem = COURT) -> ListingPlan:
    levels = value_levels(problem, places)
    certificate = Certificate(
        "least", levels, value_of(levels), None, "", "by hand", {}, 1, {}, True, fingerprint(problem), 0.0
    )
    placed = tuple(Placed(hearing, place) for hearing, place in places.items())
    return ListingPlan(placed=placed, unlisted=unlisted, certificate=certificate)


def _moved(hearing: str, judge: str, position: int, room: str | None) -> ListingPlan:
    return _plan({**LIST, hearing: Place(judge, _at(position), room)})


def _without(*hearings: str, unlisted: tuple[str, ...] = ()) -> ListingPlan:
    return _plan({name: place for name, place in LIST.items() if name not in hearings}, unlisted)


BROKEN = (
    ("missing", checker.hearings_are_accounted_for, _without("H6")),
    ("twice", checker.hearings_are_accounted_for, _plan(LIST, ("H6",))),
    ("unknown_hearing", checker.names_are_known, _plan(LIST, ("H9",))),
    ("unknown_hearing", checker.names_are_known, _plan({**LIST, "H9": LIST["H1"]})),
    ("unknown_judge", checker.names_are_known, _moved("H6", "J9", 12, "R2")),
    ("unknown_session", checker.names_are_known, _plan({**LIST, "H6": Place("J1", "2027-01-09 am", "R1")})),
    ("unknown_session", checker.names_are_known, _plan({**LIST, "H6": Place("J1", "some day", "R1")})),
    ("unknown_room", checker.rooms_are_named, _moved("H6", "J2", 12, None)),
    ("unknown_room", checker.rooms_are_named, _moved("H6", "J2", 12, "R9")),
    ("after_horizon", checker.hearings_end_in_time, _moved("H3", "J1", 19, "R1")),
    ("not_morning", checker.mornings_are_kept, _moved("H2", "J2", 7, "R2")),
    ("not_ready", checker.hearings_are_ready, _moved("H1", "J1", 1, "R1")),
    ("judge_closed", checker.judges_sit, _moved("H6", "J1", 8, "R1")),
    ("judge_excluded", checker.judges_may_hear, _moved("H5", "J2", 3, "R2")),
    ("judge_full", checker.judges_have_room, _moved("H6", "J1", 10, "R1")),
    ("room_closed", checker.rooms_are_open, _moved("H6", "J1", 9, "R1")),
    ("room_lacks", checker.rooms_have_features, _moved("H3", "J1", 10, "R2")),
    ("room_shared", checker.rooms_have_one_judge, _moved("H6", "J2", 10, "R1")),
    ("judge_in_two_rooms", checker.judges_have_one_room, _moved("H6", "J1", 2, "R2")),
    ("person_absent", checker.people_can_attend, _moved("H5", "J1", 17, "R1")),
    ("person_twice", checker.people_attend_once, _moved("H6", "J1", 3, "R1")),
    ("gap", checker.hearings_follow_each_other, _moved("H2", "J1", 4, "R1")),
    ("before_unlisted", checker.hearings_follow_each_other, _without("H1", unlisted=("H1",))),
    ("held_moved", checker.held_hearings_stay, _moved("H4", "J2", 16, "R2")),
    ("held_moved", checker.held_hearings_stay, _moved("H4", "J2", 14, "R1")),
    ("held_moved", checker.held_hearings_stay, _without("H4", unlisted=("H4",))),
)


def test_the_court_and_its_list_hold():
    assert faults(COURT) == []
    assert check(COURT, _plan(LIST)).broken == ()


@pytest.mark.parametrize(("code", "rule", "plan"), BROKEN, ids=[code for code, _, _ in BROKEN])
def test_a_broken_rule_is_reported_by_that_rule_alone(code, rule, plan):
    codes = {broken.rule for broken in check(COURT, plan).broken}
    assert codes == {code}


@pytest.mark.parametrize("dropped", checker.RULES, ids=[rule.__name__ for rule in checker.RULES])
def test_a_checker_without_a_rule_accepts_what_it_should_not(dropped, monkeypatch):
    monkeypatch.setattr(checker, "RULES", tuple(rule for rule in checker.RULES if rule is not dropped))
    plans = [plan for _, rule, plan in BROKEN if rule is dropped]
    assert any(check(COURT, plan).passes for plan in plans)


@pytest.mark.parametrize("field", ["value", "levels", "problem", "bound"])
def test_a_certificate_that_says_what_is_not_so_is_refused(field):
    plan = _plan(LIST)
    wrong = {"value": plan.certificate.value - 1, "levels": plan.certificate.levels[1:], "problem": "0" * 64}
    wrong["bound"] = plan.certificate.value + 1
    lying = replace(plan, certificate=replace(plan.certificate, **{field: wrong[field]}))
    assert not check(COURT, lying).passes


def test_levels_are_those_reckoned_by_hand():
    # H1 is ready in session 2 and heard then. H2 waits 6, H3 10, H4 14 (before another judge), H5 3, H6 12 (moved).
    # H2 ends in session 8, within its limit of 10.
    amounts = {level.name: level.amount for level in value_levels(COURT, LIST)}
    assert amounts == {
        "unlisted": 0,
        "late_sessions": 0,
        "waited_sessions": 45,
        "judge_changes": 1,
        "spread_weeks": pytest.approx((10 + 14 + 3) / 3 / 10 - (0 + 6 + 12) / 3 / 10),
        "moves": 1,
    }
    # Without a place a hearing waits ten sessions past the horizon of 20, and ends past its limit.
    missing = {level.name: level.amount for level in value_levels(COURT, {})}
    assert missing["unlisted"] == 6
    assert missing["late_sessions"] == 30 + 2 - 10
    assert missing["waited_sessions"] == 28 + 5 * 30
    assert missing["moves"] == 2


def test_a_problem_and_a_plan_are_read_as_they_were_written():
    plan = _plan(LIST, ("H9",))
    assert parse(write(COURT), Problem, "court.json") == COURT
    assert parse(write(plan), ListingPlan, "plan.json") == plan


def test_bank_holidays_have_no_sessions():
    court = replace(COURT, closed_dates=(date(2027, 1, 5),))
    sittings = sittings_of(court)
    assert sittings.count == 18
    assert sittings.find("2027-01-05 am") is None
    assert sittings.name(2) == "2027-01-06 am"
    assert sittings.position("2027-01-05 pm") == 2
    assert sittings.position("2027-01-01 pm") == -1
    assert sittings.position("2027-01-18 pm") == 19
    assert [sittings.position(sittings.name(p)) for p in range(-12, 30)] == list(range(-12, 30))
