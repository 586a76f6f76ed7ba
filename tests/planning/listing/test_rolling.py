"""Weeks of listing: what every policy must keep, what no uncertainty leaves, and the same figures again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from braid.planning.listing.model import (
    Attendance,
    Case,
    Hearing,
    HearingType,
    Judge,
    Person,
    Prices,
    Problem,
    sittings_of,
)
from braid.planning.listing.rolling import RollingPolicy, _court_of, _plan, _sit, simulate

MONDAY = date(2027, 1, 4)
POLICIES = (RollingPolicy("today"), RollingPolicy("aware"), RollingPolicy("optimised", search_steps=80))
WEEKS = 20


def court(seed: int, spread: float = 12.0) -> Problem:
    """Return a court of two judges with 24 cases, some of which are issued later."""
    draw = Random(seed)
    types = (HearingType("CMH"), HearingType("IRH"), HearingType("FH", True, True, 2, 0.7))
    people = tuple(Person(f"P{number}", "guardian") for number in range(6))
    problem = Problem(
        "listing", MONDAY, MONDAY + timedelta(weeks=60), (Judge("J0"), Judge("J1")), people, types, (), (),
        prices=Prices(move=60),
    )  # fmt: skip
    sittings = sittings_of(problem)
    cases, hearings = [], []
    for number in range(24):
        issued = draw.choice((-60, -30, 0, 28, 70))
        late = sittings.name(max(0, (182 + issued) * 10 // 7))
        cases.append(
            Case(f"C{number}", draw.choice("AB"), draw.choice(("J0", "J1")), MONDAY + timedelta(days=issued), late)
        )
        at, before = max(0, issued * 10 // 7), None
        for kind, sessions, units, gap in (("CMH", 1, 2, 0), ("IRH", 1, 4, 30), ("FH", draw.choice((2, 4)), 5, 20)):
            at += draw.randint(10, 50)
            hearing = Hearing(
                f"{kind}{number}", f"C{number}", kind, sessions, units, sittings.name(at),
                (Attendance(draw.choice(people).id),), spread, before, gap,
            )  # fmt: skip
            hearings.append(hearing)
            before = hearing.id
    return replace(problem, cases=tuple(cases), hearings=tuple(hearings))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.way)
def test_whatever_is_heard_is_ready_follows_its_case_and_keeps_its_judges_hours(policy: RollingPolicy) -> None:
    for seed in range(3):
        state = _court_of(court(seed), seed)
        for week in range(WEEKS):
            _plan(state, policy, week * 10)
            _sit(state, week * 10)
        assert len(state.heard) > 25
        load: dict[tuple[str, int], int] = {}
        people: dict[tuple[str, int], str] = {}
        for name, (start, judge) in state.heard.items():
            hearing = state.hearings[name]
            assert state.truth[name] <= start < WEEKS * 10
            assert state.cases[hearing.case].issued_date <= state.sittings.days[start // 2]
            if hearing.after:
                before = state.heard[hearing.after][0] + state.hearings[hearing.after].length_sessions
                assert start >= before + hearing.gap_sessions
            for session in range(start, start + hearing.length_sessions):
                load[judge, session] = load.get((judge, session), 0) + hearing.units
                assert people.setdefault((hearing.attendance[0].person, session), name) == name
        assert max(load.values()) <= 5


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.way)
def test_where_nothing_is_uncertain_nothing_is_wasted(policy: RollingPolicy) -> None:
    assert simulate(court(1, spread=0.0), policy, WEEKS, 1).wasted_judge_days == 0


def test_today_moves_nothing_and_who_listens_wastes_less() -> None:
    wasted = {policy.way: 0.0 for policy in POLICIES}
    for seed in range(6):
        for policy in POLICIES:
            found = simulate(court(seed, spread=20.0), policy, WEEKS, seed)
            wasted[policy.way] += found.wasted_judge_days
            assert policy.way != "today" or found.moves_per_heard == 0
            assert 0 <= found.in_26_weeks <= 1
            assert 0 <= found.judge_changed <= 1
    assert wasted["aware"] < wasted["today"]
    assert wasted["optimised"] < wasted["today"]


def test_the_same_seed_gives_the_same_outcome_and_another_seed_other_readiness() -> None:
    problem = court(2)
    for policy in POLICIES:
        assert simulate(problem, policy, WEEKS, 5) == simulate(problem, policy, WEEKS, 5)
    assert _court_of(problem, 5).truth != _court_of(problem, 6).truth


def test_own_judge_is_kept_longer_where_that_is_asked() -> None:
    changed = [
        sum(simulate(court(seed), RollingPolicy("today", weeks), WEEKS, seed).judge_changed for seed in range(4))
        for weeks in (0, 8)
    ]
    assert changed[1] <= changed[0]
