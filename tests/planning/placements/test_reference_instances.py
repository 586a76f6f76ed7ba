"""The reference instances, where somebody has put their generator: read as problems with the very same figures."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from braid.planning.contract import Limits
from braid.planning.placements.checker import check
from braid.planning.placements.engines.costs import Arrays
from braid.planning.placements.model import faults
from braid.planning.placements.run import solve

SEED = 2


@pytest.fixture(scope="module")
def instances() -> ModuleType:
    folder = str(Path(__file__).parents[3] / "benchmarks" / "planning")
    if folder not in sys.path:
        sys.path.append(folder)
    found = importlib.import_module("placement_instances")
    if found.find_generator() is None:
        pytest.skip("no reference instances: name their folder in BRAID_SHARED")
    return found


# The generator leaves its files to be closed by the interpreter.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_costs_and_report_are_those_of_the_reference(instances: ModuleType) -> None:
    generator = instances.find_generator()
    instance = generator.generate(300, 450, SEED)
    lawful, cost, parts = generator.matrices(instance)
    problem = instances.problem_of(instance)
    assert faults(problem) == []
    arrays = Arrays(problem)
    assert (np.isfinite(arrays.cost) == lawful).all()
    assert np.abs(arrays.cost - cost)[lawful].max() < 0.01
    plan = solve(problem, Limits())
    assert check(problem, plan).broken == ()
    assert plan.certificate.gap == 0.0
    placed = {each.household: arrays.unit_of[each.unit] for each in plan.placements}
    chosen = np.array([placed.get(name, -1) for name in arrays.household_ids])
    report = generator.report(instance, chosen, lawful, cost, parts)
    amounts = {each.name: each.amount for each in plan.certificate.levels}
    assert report["obj"] == pytest.approx(plan.certificate.value, abs=2)
    assert report["kids_out_of_reach"] == amounts["out_of_reach"]
    assert report["kids_beyond_walk"] == amounts["beyond_walking"]
    assert (report["ooa"], report["moves"]) == (amounts["out_of_area"], amounts["move"])
    assert plan.moves.not_possible == ()
