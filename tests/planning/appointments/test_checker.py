"""Every rule of the checker: what breaks it alone, and that nothing else would notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from braid.planning.appointments import checker
from braid.planning.appointments.checker import RULES, check
from braid.planning.appointments.model import AppointmentsPlan, AppointmentsProblem, Booking
from braid.planning.contract import Broken
from planning.appointments.made import BOOKINGS, MONDAY, PROBLEM, TUESDAY, WEDNESDAY, plan, plan_with

ANYONE = replace(PROBLEM, same_sex_fallback="anyone_where_none_can")
Case = tuple[str, AppointmentsProblem, Callable[[AppointmentsProblem], AppointmentsPlan]]


def _with(*changed: Booking, without: tuple[str, ...] = ()) -> Callable[[AppointmentsProblem], AppointmentsPlan]:
    return lambda problem: plan_with(*changed, without=without, problem=problem)


def _and(*more: Booking) -> Callable[[AppointmentsProblem], AppointmentsPlan]:
    return lambda problem: plan(problem, (*BOOKINGS.values(), *more))


CASES: tuple[Case, ...] = (
    ("unknown", PROBLEM, _and(Booking("nobody/idva", "idva-1", TUESDAY, 600))),
    ("unknown", PROBLEM, _with(Booking("bela/review", "nobody", TUESDAY, 600))),
    ("twice", PROBLEM, _and(Booking("bela/review", "idva-2", TUESDAY, 660))),
    ("twice", PROBLEM, _and(BOOKINGS["bela/review"])),
    ("other_service", PROBLEM, _with(Booking("bela/review", "housing-2", TUESDAY, 600))),
    ("outside_hours", PROBLEM, _with(Booking("bela/review", "idva-2", TUESDAY, 525))),
    ("outside_hours", PROBLEM, _with(Booking("bela/review", "idva-2", TUESDAY, 1035))),
    ("outside_hours", PROBLEM, _with(Booking("bela/review", "idva-2", TUESDAY, 610))),
    ("outside_hours", PROBLEM, _with(Booking("bela/review", "idva-2", WEDNESDAY.replace(day=3), 600))),
    ("staff_busy", PROBLEM, _with(Booking("anna/idva", "idva-1", MONDAY, 555))),
    ("staff_twice", PROBLEM, _with(Booking("bela/idva", "idva-1", MONDAY, 645))),
    ("own_time", PROBLEM, _with(Booking("anna/housing", "housing-1", MONDAY, 930))),
    ("own_time", PROBLEM, _with(Booking("anna/housing", "housing-1", MONDAY, 840))),
    ("travel_time", PROBLEM, _with(Booking("anna/housing", "housing-1", MONDAY, 675))),
    ("travel_time", PROBLEM, _with(Booking("bela/review", "idva-2", TUESDAY, 930))),
    ("travel_time", PROBLEM, _with(Booking("bela/review", "idva-2", TUESDAY, 825))),
    ("too_early", replace(PROBLEM, agreed=()), _with(Booking("bela/housing", "housing-2", MONDAY, 720))),
    ("order", PROBLEM, _with(without=("bela/idva",))),
    ("order", PROBLEM, _with(Booking("bela/review", "idva-2", MONDAY, 720))),
    ("order", PROBLEM, _with(Booking("anna/housing", "housing-2", MONDAY, 540))),
    (
        "same_sex",
        PROBLEM,
        _with(Booking("anna/idva", "idva-2", MONDAY, 540), Booking("bela/idva", "idva-2", MONDAY, 720)),
    ),
    (
        "same_sex",
        ANYONE,
        _with(Booking("anna/idva", "idva-2", MONDAY, 540), Booking("bela/idva", "idva-2", MONDAY, 720)),
    ),
    ("perpetrator_near", PROBLEM, _with(Booking("anna/housing", "housing-1", TUESDAY, 705))),
    ("perpetrator_near", PROBLEM, _with(Booking("anna/housing", "housing-1", TUESDAY, 540))),
    ("locked", PROBLEM, _with(Booking("bela/housing", "housing-2", TUESDAY, 900))),
    ("locked", PROBLEM, _with(Booking("bela/housing", "housing-1", TUESDAY, 915))),
)
NAMED = [f"{number}-{case[0]}" for number, case in enumerate(CASES)]


def test_the_plan_by_hand_keeps_every_rule() -> None:
    checked = check(PROBLEM, plan_with())
    assert checked.passes, checked.broken
    amounts = {level.name: level.amount for level in checked.levels}
    assert amounts == {
        "unbooked": 0.0,
        "late_days": 0.0,
        "days_out": 3.0,
        "travel_hours": 1.0,
        "waiting_days": 8.0,
        "moved": 1.0,
    }
    assert checked.value == 3 * 25 + 8 + 8 + 50


def test_each_rule_has_a_plan_that_breaks_it() -> None:
    assert {rule.__name__ for rule in RULES} == {case[0] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=NAMED)
def test_a_broken_rule_is_reported_by_its_name_alone(case: Case) -> None:
    name, problem, made = case
    assert {each.rule for each in check(problem, made(problem)).broken} == {name}


@pytest.mark.parametrize("case", CASES, ids=NAMED)
def test_without_the_rule_the_plan_would_pass(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    name, problem, made = case
    monkeypatch.setattr(checker, "RULES", tuple(rule for rule in RULES if rule.__name__ != name))
    assert check(problem, made(problem)).passes


def test_what_lies_just_beside_a_limit_keeps_the_rules() -> None:
    beside = (
        Booking("anna/housing", "housing-1", TUESDAY, 720),  # a full hour after the perpetrator has left
        Booking("anna/housing", "housing-1", MONDAY, 825),  # until the school run begins
        Booking("anna/housing", "housing-1", MONDAY, 945),  # from when it has ended
        Booking("anna/housing", "housing-2", MONDAY, 660),  # in the same building, at once
        Booking("bela/review", "idva-2", TUESDAY, 810),  # half an hour's way before the next
        Booking("bela/review", "idva-2", TUESDAY, 1020),  # until closing
    )
    for booking in beside:
        assert check(PROBLEM, plan_with(booking)).passes, booking


def test_a_presence_reaches_over_midnight() -> None:
    early = replace(PROBLEM, opens_minute=0, agreed=())
    presence = replace(early.victims[0].presences[0], from_minute=1400, until_minute=1440, date=MONDAY)
    problem = replace(early, victims=(replace(early.victims[0], presences=(presence,)), early.victims[1]))
    near = plan_with(Booking("anna/housing", "housing-1", TUESDAY, 45), problem=problem)
    away = plan_with(Booking("anna/housing", "housing-1", TUESDAY, 60), problem=problem)
    assert {each.rule for each in check(problem, near).broken} == {"perpetrator_near"}
    assert check(problem, away).passes


def test_anybody_may_serve_where_nobody_of_the_sex_can_and_the_problem_says_so() -> None:
    alone = tuple(one for one in PROBLEM.staff if one.id != "idva-1")
    booked = (Booking("anna/idva", "idva-2", MONDAY, 540), Booking("bela/idva", "idva-2", MONDAY, 600))
    left, allowed = replace(PROBLEM, staff=alone), replace(ANYONE, staff=alone)
    moved = (*booked, Booking("anna/housing", "housing-1", MONDAY, 690))
    assert check(allowed, plan_with(*moved, problem=allowed)).passes
    assert {each.rule for each in check(left, plan_with(*moved, problem=left)).broken} == {"same_sex"}


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("value", 1.0, "certificate_value"),
        ("bound", 1e9, "certificate_bound"),
        ("problem", "0" * 64, "certificate_problem"),
        ("levels", (), "certificate_levels"),
    ],
)
def test_a_certificate_that_says_what_is_not_so_does_not_pass(field: str, value: object, rule: str) -> None:
    good = plan_with()
    lie = replace(good, certificate=replace(good.certificate, **{field: value}))
    assert rule in {each.rule for each in check(PROBLEM, lie).broken}


def test_one_level_that_is_otherwise_does_not_pass() -> None:
    good = plan_with()
    first, *others = good.certificate.levels
    lie = replace(good, certificate=replace(good.certificate, levels=(replace(first, amount=1.0), *others)))
    assert check(PROBLEM, lie).broken == (Broken("certificate_level", ("unbooked",)),)
