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

from braid.language.documents import fingerprint, parse, write
from braid.planning.agendas import checker
from braid.planning.agendas.checker import RULES, broken_rules, check, levels_of
from braid.planning.agendas.engines.order import order
from braid.planning.agendas.engines.places import SCALE, Room, assign
from braid.planning.agendas.model import (
    AgendasPlan,
    AgendasProblem,
    Away,
    Held,
    Item,
    Meeting,
    Placed,
    Prices,
    faults,
)
from braid.planning.agendas.reference import best_plan, plan_of
from braid.planning.agendas.run import solve
from braid.planning.contract import Certificate, value_of
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


def held_problem(seed: int, items: int = 4, longest: int = 2) -> AgendasProblem:
    """Return such a problem in which some items are held: at a meeting, at a rank of it, not before a minute."""
    problem, chance = random_problem(seed, items, longest), random.Random(-seed)
    held: list[Held] = []
    for item in chance.sample(problem.items, chance.randint(1, len(problem.items))):
        meeting = chance.choice(problem.meetings)
        taken = {each.rank for each in held if each.meeting == meeting.id}
        rank = chance.choice([None, *(rank for rank in (1, 2, 3, 9) if rank not in taken)])
        held.append(Held(item.id, meeting.id, rank, chance.choice((0, 0, 10, 15, 25))))
    return replace(problem, held=tuple(held))


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


@pytest.mark.parametrize("longest", [1, 2])
def test_no_plan_that_keeps_what_is_held_is_better_than_every_plan_tried(longest: int) -> None:
    over = [_compare(held_problem(seed, longest=longest)) for seed in range(100)]
    assert sum(each == pytest.approx(0) for each in over) >= 60


@pytest.mark.slow
@pytest.mark.parametrize("make", [random_problem, held_problem])
@pytest.mark.parametrize("longest", [1, 2])
def test_the_same_of_many(longest: int, make: Callable[..., AgendasProblem]) -> None:
    for seed in range(1_000, 1_300):
        _compare(make(seed, longest=longest))


def _first_level(problem: AgendasProblem, placed: tuple[Placed, ...]) -> float:
    """Return what is decided by the meeting alone."""
    levels = levels_of(problem, plan_of(placed))
    return value_of(level for level in levels if level.name not in ("attendance", "urgent_first"))


def test_who_is_at_which_meeting_is_the_best_there_is() -> None:
    for seed in range(100):
        problem = replace(random_problem(seed), prices=Prices(attendance=0, urgent_first=0))
        assigned = assign(Room(problem), 1000)
        assert assigned.bound / SCALE == pytest.approx(best_plan(problem)[0])


@pytest.mark.parametrize("make", [random_problem, held_problem])
def test_the_order_of_a_meeting_is_the_best_there_is(make: Callable[..., AgendasProblem]) -> None:
    """With one meeting that everything is at, the best plan is the best order; where none fits, none is found."""
    tried = 0
    for seed in range(150):
        problem = make(seed, longest=2)
        problem = replace(
            problem,
            meetings=(replace(problem.meetings[0], slots=6, date=FIRST + FORTNIGHT),),
            away=tuple(each for each in problem.away if each.meeting == "meeting-0"),
            items=tuple(replace(item, agreed_meeting=None) for item in problem.items),
            held=tuple(each for each in problem.held if each.meeting == "meeting-0"),
        )
        room = Room(problem)
        firsts, is_proved = order(room, 0, range(len(problem.items)), [0] * len(problem.items))
        least, placed = best_plan(problem)
        if firsts is None:
            assert len(placed) < len(problem.items)
            continue
        own = tuple(Placed(item.id, "meeting-0", first + 1) for item, first in zip(problem.items, firsts, strict=True))
        assert is_proved
        assert broken_rules(problem, plan_of(own)) == []
        if len(placed) == len(problem.items):
            assert value_of(levels_of(problem, plan_of(own))) == pytest.approx(least)
            tried += 1
    assert tried > 60


@pytest.mark.parametrize("seed", range(12))
def test_a_long_agenda_keeps_what_is_held(seed: int) -> None:
    """Of more items than all sets are looked at of: what is held stands where it is held, and nobody else is lost."""
    chance = random.Random(seed)
    names = [f"case-{number}" for number in range(18)]
    held = [Held(name, "long", rank) for name, rank in zip(chance.sample(names, 4), (1, 7, 18, 40), strict=True)]
    held.append(Held(next(name for name in names if name not in {each.item for each in held}), "long", None, 90))
    people = {name: tuple(chance.sample(PEOPLE, chance.randint(1, 3))) for name in names}
    problem = AgendasProblem(
        kind="agendas",
        slot_minutes=15,
        meetings=(Meeting("long", FIRST, 24),),
        items=tuple(Item(name, people[name], FIRST, FIRST, 1, 15) for name in names),
        held=tuple(held),
    )
    plan = solve(problem)
    assert check(problem, plan).passes
    ordered = [placed.item for placed in sorted(plan.placed, key=lambda one: one.position)]
    assert len(ordered) == 18
    assert [ordered.index(each.item) + 1 for each in held[:4]] == [1, 7, 17, 18]


def test_what_a_human_holds_where_there_is_no_room_is_at_no_meeting_with_its_reason() -> None:
    late = replace(PROBLEM, held=(Held("bela", "december", None, 60), Held("carl", "late-december", 1, 15)))
    plan = solve(late)
    assert check(late, plan).passes
    assert {placed.item: placed.position for placed in plan.placed} == {"anna": 1, "carl": 2}
    reason = next(reason for reason in plan.reasons if reason.about == "unscheduled")
    assert reason.item == "bela"
    assert {(each.rule, each.when) for each in reason.bindings} == {
        ("held_from", "december"), ("held_elsewhere", "late-december"),
    }  # fmt: skip


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
HELD = replace(
    PROBLEM,
    held=(Held("anna", "december", 1), Held("bela", "december", 4, 25), Held("carl", "late-december", 1)),
)
"""The same with every item held, so that the plan by hand keeps it: a rank beyond the last is the last."""
PLACED = {
    "anna": Placed("anna", "december", 1),
    "bela": Placed("bela", "december", 3),
    "carl": Placed("carl", "late-december", 1),
}


def _plan(*changed: Placed, more: tuple[Placed, ...] = (), of: AgendasProblem = PROBLEM) -> AgendasPlan:
    placed = (*{**PLACED, **{each.item: each for each in changed}}.values(), *more)
    levels = levels_of(of, plan_of(placed))
    certificate = Certificate("least", levels, value_of(levels), None, "", "", {}, 0, {}, True, fingerprint(of), 0.0)
    return AgendasPlan(certificate=certificate, placed=placed)


def _held(*held: Held) -> AgendasProblem:
    return replace(PROBLEM, held=held)


CASES: tuple[tuple[str, AgendasProblem, Callable[[AgendasProblem], AgendasPlan]], ...] = (
    ("unknown", PROBLEM, lambda of: _plan(more=(Placed("nobody", "december", 4),), of=of)),
    ("unknown", PROBLEM, lambda of: _plan(Placed("carl", "never", 1), of=of)),
    ("twice", PROBLEM, lambda of: _plan(more=(Placed("carl", "late-december", 3),), of=of)),
    ("not_ready", PROBLEM, lambda of: _plan(Placed("carl", "december", 4), of=of)),
    ("outside", PROBLEM, lambda of: _plan(Placed("carl", "late-december", 5), of=of)),
    ("outside", PROBLEM, lambda of: _plan(Placed("carl", "late-december", 0), of=of)),
    ("outside", PROBLEM, lambda of: _plan(Placed("anna", "december", 4), Placed("bela", "december", 3), of=of)),
    ("overlap", PROBLEM, lambda of: _plan(Placed("anna", "december", 2), of=of)),
    ("person_away", PROBLEM, lambda of: _plan(Placed("anna", "december", 3), Placed("bela", "december", 2), of=of)),
    ("held_elsewhere", HELD, lambda of: _plan(Placed("bela", "late-december", 3), of=of)),
    ("held_rank", _held(Held("bela", "december", 1)), lambda of: _plan(of=of)),
    ("held_rank", _held(Held("anna", "december", 9), Held("bela", "december", 8)), lambda of: _plan(of=of)),
    ("held_from", _held(Held("bela", "december", None, 31)), lambda of: _plan(of=of)),
)
NAMED = [f"{number}-{name}" for number, (name, *_) in enumerate(CASES)]


def test_the_plan_by_hand_keeps_every_rule() -> None:
    checked = check(PROBLEM, _plan())
    assert checked.passes, checked.broken
    amounts = {level.name: level.amount for level in checked.levels}
    assert amounts["attendance"] == 2 + 3 + 1 + 1
    assert amounts["urgent_first"] == 0.02
    assert check(PROBLEM, _plan(Placed("bela", "late-december", 2))).value == 60 + 10 + 30 + 2 + 2 + 1 + 2 + 0.01


@pytest.mark.parametrize("held", [HELD, _held(Held("anna", "december", 3), Held("bela", "december", 4, 30))])
def test_the_plan_by_hand_keeps_what_is_held(held: AgendasProblem) -> None:
    assert check(held, _plan(of=held)).passes


def test_each_rule_has_a_plan_that_breaks_it() -> None:
    assert {rule.__name__ for rule in RULES} == {name for name, *_ in CASES}


@pytest.mark.parametrize(("name", "problem", "make"), CASES, ids=NAMED)
def test_a_broken_rule_is_reported_by_its_name_alone(
    name: str, problem: AgendasProblem, make: Callable[[AgendasProblem], AgendasPlan]
) -> None:
    assert {each.rule for each in check(problem, make(problem)).broken} == {name}


@pytest.mark.parametrize(("name", "problem", "make"), CASES, ids=NAMED)
def test_without_the_rule_the_plan_would_pass(
    name: str,
    problem: AgendasProblem,
    make: Callable[[AgendasProblem], AgendasPlan],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checker, "RULES", tuple(rule for rule in RULES if rule.__name__ != name))
    assert check(problem, make(problem)).passes


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
        ({"items": (replace(PROBLEM.items[0], urgency=-1),)}, "items[0].urgency"),
        ({"items": (replace(PROBLEM.items[0], minutes=0),)}, "items[0].minutes"),
        ({"items": (replace(PROBLEM.items[0], deadline_date=FIRST - FORTNIGHT),)}, "items[0].deadline_date"),
        ({"away": (Away("health", "never", 0, 15),)}, "away[0].meeting"),
        ({"away": (Away("health", "december", 15, 15),)}, "away[0]"),
        ({"prices": Prices(move=-1)}, "prices.move"),
        ({"held": (Held("nobody", "december"),)}, "held[0].item"),
        ({"held": (Held("anna", "never"),)}, "held[0].meeting"),
        ({"held": (Held("anna", "december", None, -1),)}, "held[0].from_minute"),
        ({"held": (Held("anna", "december", 0),)}, "held[0].rank"),
        ({"held": (Held("anna", "december", 2), Held("bela", "december", 2))}, "held[1].rank"),
        ({"held": (Held("anna", "december", 2), Held("anna", "december", 1))}, "held[1]"),
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
