"""Instances of other people: read as published, posed as problems, answered, and judged by the sets' own rules.

The instances here are ours, written in the sets' formats.
"""

from __future__ import annotations

import importlib
import sys
from itertools import combinations, permutations, product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from braid.language.documents import parse, write
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "planning"
LIMITS = Limits(seconds=2)

GAP = "2 3\n 4 1 9\n 2 7 3\n 5 4 2\n 3 3 4\n 6 7\n"
TWO_GAPS = f"2\n{GAP}{GAP}"
KNAPSACK = "1\n4 2 0\n 6 5 4 3\n 3 2 2 1\n 1 3 1 2\n 5 4\n"
MATCHING = "3\n 4 1 3\n 2 0 5\n 3 2 2\n"
TALENT = "made up\n4\n3\n\n1 0 1 0  10\n0 1 0 1  4\n1 1 0 1  5\n\n2 1 1 3\n"


@pytest.fixture(scope="module")
def literature() -> ModuleType:
    if str(BENCHMARKS) not in sys.path:
        sys.path.append(str(BENCHMARKS))
    return importlib.import_module("literature_instances")


@pytest.fixture(scope="module")
def stock(literature: ModuleType) -> ModuleType:
    assert literature
    return importlib.import_module("literature_stock")


def _read(literature: ModuleType, name: str, text: str, folder: Path) -> list[Any]:
    (folder / "made.txt").write_text(text, encoding="utf-8")
    return list(literature.instances_of(literature.SETS[name], folder))


EVERY_ANSWER = {
    "gap": (GAP, lambda: product(range(2), repeat=3)),
    "knapsack": (KNAPSACK, lambda: [those for size in range(5) for those in combinations(range(4), size)]),
    "assignment": (MATCHING, lambda: permutations(range(3))),
    "talent": (TALENT, lambda: permutations(range(4))),
}


@pytest.mark.parametrize("name", EVERY_ANSWER)
def test_an_instance_is_planned_to_the_best_of_all_its_answers(
    name: str, literature: ModuleType, tmp_path: Path
) -> None:
    text, answers = EVERY_ANSWER[name]
    (instance,) = _read(literature, name, text, tmp_path)
    of = literature.SETS[name]
    kind = KINDS[of.kind]
    problem = of.problem(instance)
    assert list(kind.faults(problem)) == []
    assert parse(write(problem), kind.problem, "problem.json") == problem
    plan = kind.solve(problem, LIMITS)
    values = []
    for answer in answers():
        try:
            values.append(of.value(instance, list(answer)))
        except literature.NotASolution:
            continue
    most = max if name == "knapsack" else min
    assert of.value(instance, of.answer(instance, plan)) == most(values)
    over = of.bound(instance, plan.certificate.bound) - most(values)
    assert (over if most is min else -over) <= 1e-6
    assert len(set(values)) > 1, "an instance of which every answer is worth the same shows nothing"


@pytest.mark.parametrize("name", EVERY_ANSWER)
def test_stock_solvers_have_the_same_instance_before_them(
    name: str, literature: ModuleType, stock: ModuleType, tmp_path: Path
) -> None:
    text, answers = EVERY_ANSWER[name]
    (instance,) = _read(literature, name, text, tmp_path)
    of, values = literature.SETS[name], []
    for answer in answers():
        try:
            values.append(of.value(instance, list(answer)))
        except literature.NotASolution:
            continue
    for solve in stock.STOCK[name].values():
        value, bound = solve(instance, 20.0)
        best = max(values) if name == "knapsack" else min(values)
        assert value == pytest.approx(best)
        assert bound == pytest.approx(best)


def test_a_file_of_several_names_each(literature: ModuleType, tmp_path: Path) -> None:
    assert [each.name for each in _read(literature, "gap", TWO_GAPS, tmp_path)] == ["made-1", "made-2"]


def test_what_a_set_forbids_is_no_solution(literature: ModuleType, tmp_path: Path) -> None:
    (gap,) = _read(literature, "gap", GAP, tmp_path)
    for agents in ([0, 0, 0], [0, 1, -1], [0, 1]):
        with pytest.raises(literature.NotASolution):
            literature.gap_value(gap, agents)
    (knapsack,) = _read(literature, "knapsack", KNAPSACK, tmp_path)
    for items in ([0, 1, 2], [0, 0], [4]):
        with pytest.raises(literature.NotASolution):
            literature.knapsack_value(knapsack, items)
    (matching,) = _read(literature, "assignment", MATCHING, tmp_path)
    with pytest.raises(literature.NotASolution):
        literature.matching_value(matching, [0, 0, 1])
    (talent,) = _read(literature, "talent", TALENT, tmp_path)
    with pytest.raises(literature.NotASolution):
        literature.talent_value(talent, [0, 1, 2])


def test_values_are_those_of_the_sets_rules(literature: ModuleType, tmp_path: Path) -> None:
    """Worked by hand."""
    (gap,) = _read(literature, "gap", GAP, tmp_path)
    assert literature.gap_value(gap, [0, 1, 1]) == 4 + 7 + 3
    (matching,) = _read(literature, "assignment", MATCHING, tmp_path)
    assert literature.matching_value(matching, [1, 0, 2]) == 1 + 2 + 2
    (talent,) = _read(literature, "talent", TALENT, tmp_path)
    assert literature.talent_value(talent, [0, 1, 2, 3]) == 10 * 4 + 4 * 5 + 5 * 7


def test_a_file_that_ends_too_soon_is_said(literature: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ends before"):
        _read(literature, "assignment", MATCHING[:-3], tmp_path)


def test_best_known_values_come_from_the_folder_where_it_has_any(literature: ModuleType, tmp_path: Path) -> None:
    assert literature.best_known(tmp_path) == {}
    (tmp_path / literature.BEST_KNOWN).write_text("made,14\n", encoding="utf-8")
    assert literature.best_known(tmp_path) == {"made": 14.0}
