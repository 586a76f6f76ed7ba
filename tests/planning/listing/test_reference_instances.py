"""Reference instances mean the same here as where they come from: value, rules and measures."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from random import Random

import pytest

from braid.language.documents import parse, write
from braid.planning.contract import value_of
from braid.planning.listing.checker import broken_places, value_levels
from braid.planning.listing.faults import faults
from braid.planning.listing.measures import measures_of
from braid.planning.listing.model import Problem
from shared import shared_folder

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks" / "planning"
SIZES = ((1, 40, 1), (2, 40, 2), (3, 80, 3))


@pytest.fixture(scope="module")
def court():
    shared_folder("design", "bench-planning", "a_gen.py")
    sys.path.append(str(BENCHMARKS))
    yield importlib.import_module("court_instances")
    sys.path.remove(str(BENCHMARKS))


def _listed(generator, instance):
    policies = importlib.import_module("a_greedy")
    assert policies.generate is generator.generate
    return policies.greedy(instance, order="fcfs", switch_after=20)


def _same(court, generator, instance, problem, solution):
    places = court.places_of(instance, solution)
    # The generator's own value gives back the wait of a hearing that starts before it is ready; no such list holds.
    if all(at is None or at[1] >= instance["H"][hearing]["ready"] for hearing, at in solution.items()):
        assert value_of(value_levels(problem, places)) == generator.metrics(instance, solution)["obj"]
    assert bool(broken_places(problem, places)) == bool(generator.check(instance, solution))
    assert court.solution_of(instance, places) == solution


@pytest.mark.parametrize(("seed", "cases", "judges"), SIZES)
def test_value_and_rules_agree_on_lists_and_on_what_was_done_to_them(court, seed, cases, judges):
    generator = court.generator()
    instance = generator.generate(seed, n_cases=cases, n_judges=judges)
    problem = court.problem_of(instance)
    assert faults(problem) == []
    solution = _listed(generator, instance)
    assert not generator.check(instance, solution)
    random = Random(seed)
    _same(court, generator, instance, problem, solution)
    broken = 0
    for _ in range(60):
        mutated = dict(solution)
        for _ in range(random.choice((1, 1, 2, 5))):
            hearing = instance["H"][random.randrange(len(instance["H"]))]
            last = instance["S"] - hearing["len"]
            first = random.choice((0, hearing["ready"], hearing["ready"], hearing["ready"]))
            place = (random.randrange(judges), random.randrange(min(first, last), last + 1))
            mutated[hearing["id"]] = random.choice((None, place, place))
        _same(court, generator, instance, problem, mutated)
        broken += bool(generator.check(instance, mutated))
    assert broken > 0


def test_measures_agree(court):
    generator = court.generator()
    instance = generator.generate(1, n_cases=80, n_judges=2)
    problem = court.problem_of(instance)
    solution = _listed(generator, instance)
    theirs, ours = generator.metrics(instance, solution), measures_of(problem, court.places_of(instance, solution))
    assert (ours.judge_changes, ours.unlisted) == (theirs["judge_changes"], theirs["unlisted"])
    assert ours.mean_wait_weeks == pytest.approx(theirs["wait_wk"], abs=0.005)
    assert ours.spread_weeks == pytest.approx(theirs["la_spread_wk"], abs=0.005)
    assert ours.mean_duration_weeks == pytest.approx(theirs["mean_dur_wk"], abs=0.02)  # issue dates are whole days


def test_an_instance_is_read_as_it_was_written(court):
    problem = court.problem_of(court.generator().generate(1, n_cases=40, n_judges=1))
    assert parse(write(problem), Problem, "court.json") == problem
