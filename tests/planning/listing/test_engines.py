"""Engines against the slow twin that tries every list, on small courts with every feature."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from braid.planning.contract import Limits, value_of
from braid.planning.listing.checker import broken_places, check, value_levels
from braid.planning.listing.engines.bound import bound_of, usage_of
from braid.planning.listing.engines.diary import diary_of, runs, total_cost
from braid.planning.listing.engines.docket import docket_of
from braid.planning.listing.engines.exact import improve
from braid.planning.listing.engines.first_come import POLICIES, best_first_come, list_first_come
from braid.planning.listing.engines.ruin_and_recreate import Search
from braid.planning.listing.faults import faults
from braid.planning.listing.model import Problem
from braid.planning.listing.reference import best_list
from braid.planning.listing.run import solve

from .small_courts import small_court

FEW = range(60)
MANY = range(60, 560)


def _value(problem: Problem, places) -> float:
    return value_of(value_levels(problem, places))


def _is_never_better_than_the_twin(seed: int) -> bool:
    """Run every engine on one small court; return whether the search found the least value."""
    problem = small_court(seed, hearings=3)
    assert not faults(problem)
    least, _ = best_list(problem)
    docket = docket_of(problem)
    for policy in POLICIES:
        places = docket.places(list_first_come(docket, policy).spots)
        assert not broken_places(problem, places)
        assert _value(problem, places) >= least
    _, diary = best_first_come(docket)
    Search(diary, seed).run(150, 60.0, 3.0)
    places = docket.places(diary.spots)
    assert not broken_places(problem, places)
    found = _value(problem, places)
    assert found >= least - 1e-9
    if not problem.prices.spread:
        assert total_cost(diary) == found
        assert _exact(problem) == least or problem.rooms
    assert bound_of(docket, found, 40).value <= least + 1e-9
    return found <= least + 1e-9


@pytest.mark.parametrize("gaps", [(5, 0), (0, 2), (4, 1), (2, 2)])
def test_the_gap_before_a_hearing_is_no_gap_behind_it(gaps: tuple[int, int]) -> None:
    """A chain of three with gaps of its own each: no bound lies above the best list."""
    court = small_court(0, days=5, hearings=1)
    first = replace(
        court.hearings[0], type="IRH", length_sessions=1, units=2, ready="2027-01-04 am", ready_spread_sessions=0.0,
        attendance=(), features=(), present=None, hold="free",
    )  # fmt: skip
    second = replace(first, id="H1", after=first.id, gap_sessions=gaps[0], ready="2027-01-07 am")
    third = replace(first, id="H2", after="H1", gap_sessions=gaps[1])
    judges = tuple(replace(judge, closed=()) for judge in court.judges)
    problem = replace(court, judges=judges, rooms=(), hearings=(first, second, third))
    assert not faults(problem)
    least, places = best_list(problem)
    assert len(places) == 3
    assert bound_of(docket_of(problem), least, 60).value <= least
    assert check(problem, solve(problem, Limits(seconds=0.2))).passes


def _exact(problem: Problem) -> float:
    """Return the value of the list that the exact neighbourhood of all hearings finds, proved the best."""
    docket = docket_of(problem)
    diary = diary_of(docket)
    answer = improve(diary, range(docket.size), 5.0, 1)
    assert answer.is_best or problem.rooms
    assert not broken_places(problem, docket.places(diary.spots))
    return total_cost(diary)


def test_no_engine_beats_the_twin_and_the_search_nearly_always_equals_it():
    found = [_is_never_better_than_the_twin(seed) for seed in FEW]
    assert sum(found) >= 0.95 * len(found)


@pytest.mark.slow
def test_no_engine_beats_the_twin_on_many_courts():
    found = [_is_never_better_than_the_twin(seed) for seed in MANY]
    assert sum(found) >= 0.95 * len(found)


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_passes_its_checker_and_keeps_what_is_held(seed):
    problem = small_court(seed, days=8, hearings=10)
    plan = solve(problem, Limits(seed=1, seconds=0.3))
    assert check(problem, plan).broken == ()
    again = solve(problem, Limits(seed=1, seconds=0.3), before=plan)
    assert again.diff is not None
    assert again.diff.changes == ()


def test_the_same_seed_gives_the_same_plan_in_any_process():
    plans = [_plan_in_another_process(hash_seed) for hash_seed in ("1", "2")]
    assert plans[0] == plans[1]
    assert plans[0]["certificate"]["repeatable"]


def _plan_in_another_process(hash_seed: str) -> dict:
    root = Path(__file__).resolve().parents[3]
    text = (
        "from planning.listing.small_courts import small_court\n"
        "from braid.planning.contract import Limits\n"
        "from braid.language.documents import write\n"
        "from braid.planning.listing.run import solve\n"
        "print(write(solve(small_court(7, days=10, hearings=14), Limits(seed=3, seconds=0.5))))\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{root / 'src'}:{root / 'tests'}"}
    done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=True)
    plan = json.loads(done.stdout)
    plan["certificate"]["seconds"] = None
    return plan


def test_a_guard_of_wall_clock_says_that_the_plan_is_not_repeatable():
    problem = small_court(3, days=8, hearings=10)
    plan = solve(problem, Limits(seed=1, seconds=5.0, stop_seconds=0.0))
    assert not plan.certificate.repeatable
    assert check(problem, plan).passes


def test_a_session_holds_what_truly_fits():
    assert usage_of([2, 4, 5], 5) == {2: 0.5, 4: 1.0, 5: 1.0}
    assert usage_of([1, 1], 5) == {1: 0.2}


@pytest.mark.parametrize("capacity", range(1, 9))
def test_what_fits_into_a_session_never_weighs_more_than_it(capacity):
    for sizes in _fitting(capacity, capacity):
        shares = usage_of(range(1, capacity + 1), capacity)
        assert sum(shares[size] for size in sizes) <= 1 + 1e-9
        own = usage_of(sizes, capacity)
        assert sum(own[size] for size in sizes) <= 1 + 1e-9


def _fitting(left: int, largest: int):
    for size in range(1, min(left, largest) + 1):
        yield [size]
        for rest in _fitting(left - size, size):
            yield [size, *rest]


def test_runs_are_counted_as_one_by_one():
    for sessions in (0b1101110111, 0b0, 0b1111111111, 0b1010101):
        for length in range(1, 8):
            slow = sum(1 << s for s in range(12) if all(sessions >> (s + k) & 1 for k in range(length)))
            assert runs(sessions, length) == slow


def test_a_court_without_people_or_without_judges_has_a_plan():
    court = small_court(3)
    hearings = tuple(replace(each, attendance=(), present=None, hold="free") for each in court.hearings)
    nobody = replace(court, people=(), hearings=hearings)
    empty = replace(court, judges=(), people=(), cases=(), hearings=())
    for problem in (nobody, empty):
        assert faults(problem) == []
        plan = solve(problem, Limits(seconds=0.2))
        assert check(problem, plan).broken == ()
        assert plan.certificate.bound is not None
        assert plan.certificate.bound <= plan.certificate.value
    assert solve(nobody, Limits(seconds=0.2)).placed != ()
