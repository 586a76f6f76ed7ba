"""Agendas: against every plan of tiny problems, every rule of the checker, and the reference instances."""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.planning.agendas import checker
from braid.planning.agendas.checker import RULES, broken_rules, check, levels_of
from braid.planning.agendas.engines.order import order
from braid.planning.agendas.engines.places import SCALE, Room, assign
from braid.planning.agendas.model import (
    AgendasPlan,
    AgendasProblem,
    Away,
    Item,
    Meeting,
    Placed,
    Prices,
    faults,
)
from braid.planning.agendas.reference import best_plan, plan_of
from braid.planning.agendas.run import solve
from braid.planning.contract import Certificate, value_of
from braid.planning.documents import fingerprint, parse, write
from shared import REPOSITORY, shared_folder

FIRST = dt.date(2026, 12, 1)
FORTNIGHT = dt.timedelta(days=14)
PEOPLE = ("police", "housing", "idva", "health")


def random_problem(seed: int, items: int = 4, longest: int = 2) -> AgendasProblem:
    """Return a problem of two meetings and up to so many items."""
    chance = random.Random(seed)
    dates = (FIRST, FIRST + FORTNIGHT)
    made = []
    for number in range(chance.randint(1, items)):
        ready = chance.randrange(2)
        made.append(
            Item(
                f"case-{number}",
                tuple(chance.sample(PEOPLE, chance.randint(1, 3))),
                dates[ready] - dt.timedelta(days=chance.randrange(3)),
                dates[ready] + dt.timedelta(days=chance.randrange(20)),
                chance.choice((1, 3, 9)),
                chance.randint(5, 15 * longest),
                chance.choice((None, None, "meeting-0", "meeting-1")),
            )
        )
    away = []
    for person in PEOPLE:
        for meeting in range(2):
            if chance.random() < 0.4:
                begin = chance.choice((0, 15, 20))
                away.append(Away(person, f"meeting-{meeting}", begin, begin + chance.choice((10, 30, 90))))
    return AgendasProblem(
        kind="agendas",
        slot_minutes=15,
        meetings=tuple(Meeting(f"meeting-{number}", date, chance.randint(2, 4)) for number, date in enumerate(dates)),
        items=tuple(made),
        away=tuple(away),
        prices=chance.choice((Prices(), Prices(urgent_first=0), Prices(move=0, attendance=20, urgent_first=100))),
    )


def _compare(problem: AgendasProblem) -> float:
    assert faults(problem) == []
    least, _ = best_plan(problem)
    plan = solve(problem)
    checked = check(problem, plan)
    assert checked.passes, checked.broken
    assert checked.value >= least - 1e-9
    assert plan.certificate.bound is not None
    assert plan.certificate.bound <= least + 1e-6
    return checked.value - least


@pytest.mark.parametrize("longest", [1, 2])
def test_no_plan_is_better_than_every_plan_tried(longest: int) -> None:
    over = [_compare(random_problem(seed, longest=longest)) for seed in range(100)]
    assert sum(each == pytest.approx(0) for each in over) >= 60


@pytest.mark.slow
@pytest.mark.parametrize("longest", [1, 2])
def test_the_same_of_many(longest: int) -> None:
    for seed in range(1_000, 1_300):
        _compare(random_problem(seed, longest=longest))


def _first_level(problem: AgendasProblem, placed: tuple[Placed, ...]) -> float:
    """Return what is decided by the meeting alone."""
    levels = levels_of(problem, plan_of(placed))
    return value_of(level for level in levels if level.name not in ("attendance", "urgent_first"))


def test_who_is_at_which_meeting_is_the_best_there_is() -> None:
    for seed in range(100):
        problem = replace(random_problem(seed), prices=Prices(attendance=0, urgent_first=0))
        assigned = assign(Room(problem), 1000)
        assert assigned.bound / SCALE == pytest.approx(best_plan(problem)[0])


def test_the_order_of_a_meeting_is_the_best_there_is() -> None:
    """With one meeting that everything is at, the best plan is the best order."""
    tried = 0
    for seed in range(150):
        problem = random_problem(seed, longest=2)
        problem = replace(
            problem,
            meetings=(replace(problem.meetings[0], slots=6, date=FIRST + FORTNIGHT),),
            away=tuple(each for each in problem.away if each.meeting == "meeting-0"),
            items=tuple(replace(item, agreed_meeting=None) for item in problem.items),
        )
        least, placed = best_plan(problem)
        if len(placed) < len(problem.items):
            continue
        room = Room(problem)
        firsts, is_proved = order(room, 0, range(len(problem.items)), [0] * len(problem.items))
        own = tuple(Placed(item.id, "meeting-0", first + 1) for item, first in zip(problem.items, firsts, strict=True))
        assert is_proved
        assert broken_rules(problem, plan_of(own)) == []
        assert value_of(levels_of(problem, plan_of(own))) == pytest.approx(least)
        tried += 1
    assert tried > 60


def test_the_same_problem_has_the_same_plan() -> None:
    one, other = (solve(random_problem(7)) for _ in range(2))
    assert replace(one, certificate=replace(one.certificate, seconds=0.0)) == replace(
        other, certificate=replace(other.certificate, seconds=0.0)
    )


PROBLEM = AgendasProblem(
    kind="agendas",
    slot_minutes=15,
    meetings=(Meeting("december", FIRST, 4), Meeting("late-december", FIRST + FORTNIGHT, 4)),
    items=(
        Item("anna", ("police", "idva"), FIRST, FIRST, 9, 30),
        Item("bela", ("idva", "health"), FIRST, FIRST, 1, 15, "december"),
        Item("carl", ("police",), FIRST + FORTNIGHT, FIRST + FORTNIGHT, 3, 15),
    ),
    away=(Away("health", "december", 0, 20),),
)
PLACED = {
    "anna": Placed("anna", "december", 1),
    "bela": Placed("bela", "december", 3),
    "carl": Placed("carl", "late-december", 1),
}


def _plan(*changed: Placed, more: tuple[Placed, ...] = ()) -> AgendasPlan:
    placed = (*{**PLACED, **{each.item: each for each in changed}}.values(), *more)
    levels = levels_of(PROBLEM, plan_of(placed))
    certificate = Certificate(
        "least", levels, value_of(levels), None, "", "", {}, 0, {}, True, fingerprint(PROBLEM), 0.0
    )
    return AgendasPlan(certificate=certificate, placed=placed)


CASES: tuple[tuple[str, Callable[[], AgendasPlan]], ...] = (
    ("unknown", lambda: _plan(more=(Placed("nobody", "december", 4),))),
    ("unknown", lambda: _plan(Placed("carl", "never", 1))),
    ("twice", lambda: _plan(more=(Placed("carl", "late-december", 3),))),
    ("not_ready", lambda: _plan(Placed("carl", "december", 4))),
    ("outside", lambda: _plan(Placed("carl", "late-december", 5))),
    ("outside", lambda: _plan(Placed("carl", "late-december", 0))),
    ("outside", lambda: _plan(Placed("anna", "december", 4), Placed("bela", "december", 3))),
    ("overlap", lambda: _plan(Placed("anna", "december", 2))),
    ("person_away", lambda: _plan(Placed("anna", "december", 3), Placed("bela", "december", 2))),
)
NAMED = [f"{number}-{name}" for number, (name, _) in enumerate(CASES)]


def test_the_plan_by_hand_keeps_every_rule() -> None:
    checked = check(PROBLEM, _plan())
    assert checked.passes, checked.broken
    amounts = {level.name: level.amount for level in checked.levels}
    assert amounts["attendance"] == 2 + 3 + 1 + 1
    assert amounts["urgent_first"] == 0.02
    assert check(PROBLEM, _plan(Placed("bela", "late-december", 2))).value == 60 + 10 + 30 + 2 + 2 + 1 + 2 + 0.01


def test_each_rule_has_a_plan_that_breaks_it() -> None:
    assert {rule.__name__ for rule in RULES} == {name for name, _ in CASES}


@pytest.mark.parametrize("case", CASES, ids=NAMED)
def test_a_broken_rule_is_reported_by_its_name_alone(case: tuple[str, Callable[[], AgendasPlan]]) -> None:
    assert {each.rule for each in check(PROBLEM, case[1]()).broken} == {case[0]}


@pytest.mark.parametrize("case", CASES, ids=NAMED)
def test_without_the_rule_the_plan_would_pass(
    case: tuple[str, Callable[[], AgendasPlan]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "RULES", tuple(rule for rule in RULES if rule.__name__ != case[0]))
    assert check(PROBLEM, case[1]()).passes


def test_a_reason_says_who_was_away() -> None:
    kept = tuple(item for item in PROBLEM.items if item.id == "bela")
    problem = replace(PROBLEM, items=kept, away=(Away("health", "december", 0, 60),))
    plan = solve(problem)
    assert {reason.about for reason in plan.reasons} == {"moved", "late"}
    assert all({each.resource for each in reason.bindings} == {"health"} for reason in plan.reasons)


@given(st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_a_problem_is_read_back_as_written(seed: int) -> None:
    problem = random_problem(seed)
    assert parse(write(problem), AgendasProblem, "problem.json") == problem


@given(st.from_type(AgendasProblem))
@settings(max_examples=100, deadline=None)
def test_faults_are_found_in_whatever_can_be_read(problem: AgendasProblem) -> None:
    assert all(len(fault) == 3 and all(fault) for fault in faults(problem))


@given(st.from_type(AgendasPlan))
@settings(max_examples=100, deadline=None)
def test_the_checker_answers_whatever_a_plan_says(plan: AgendasPlan) -> None:
    assert not check(PROBLEM, plan).passes


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"slot_minutes": 0}, "slot_minutes"),
        ({"meetings": PROBLEM.meetings[::-1]}, "meetings[1].date"),
        ({"meetings": (*PROBLEM.meetings, PROBLEM.meetings[1])}, "meetings[2]"),
        ({"meetings": (replace(PROBLEM.meetings[0], slots=0), PROBLEM.meetings[1])}, "meetings[0].slots"),
        ({"items": (*PROBLEM.items, PROBLEM.items[0])}, "items[3]"),
        ({"items": (replace(PROBLEM.items[0], agreed_meeting="never"),)}, "items[0].agreed_meeting"),
        ({"items": (replace(PROBLEM.items[0], urgency=0),)}, "items[0].urgency"),
        ({"items": (replace(PROBLEM.items[0], minutes=0),)}, "items[0].minutes"),
        ({"items": (replace(PROBLEM.items[0], deadline_date=FIRST - FORTNIGHT),)}, "items[0].deadline_date"),
        ({"away": (Away("health", "never", 0, 15),)}, "away[0].meeting"),
        ({"away": (Away("health", "december", 15, 15),)}, "away[0]"),
        ({"prices": Prices(move=-1)}, "prices.move"),
    ],
)
def test_each_fault_has_its_place(change: dict[str, object], place: str) -> None:
    assert faults(PROBLEM) == []
    assert place in [fault[0] for fault in faults(replace(PROBLEM, **change))]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_reference_instance_is_worth_what_its_own_cost_says(seed: int) -> None:
    shared_folder("design", "bench-planning")
    sys.path.append(str(Path(REPOSITORY) / "benchmarks" / "planning"))
    import reference_instances

    made, problem = reference_instances.agendas_problem(seed=seed)
    judge = reference_instances.reference("mdt_gen")
    places = judge.greedy(made)
    placed = reference_instances.agendas_as_problem(made, places)
    assert broken_rules(problem, plan_of(placed)) == []
    said = sum(
        judge.UNS * case["w"] if places[case["id"]] is None else judge.cost(case, places[case["id"]][0])
        for case in made["cases"]
    )
    assert _first_level(problem, placed) == said
    plan = solve(problem)
    assert check(problem, plan).passes
    assert _first_level(problem, plan.placed) < said
    assert plan.certificate.gap is not None and plan.certificate.gap < 0.01
