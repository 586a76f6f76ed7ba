"""Every portfolio of a small problem, tried one after the other: the twin that the engine is held against."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from braid.planning.contract import value_of
from braid.planning.portfolio.checker import RULES, levels_of
from braid.planning.portfolio.model import PortfolioPlan, PortfolioProblem

CHOICE_RULES = {"too_small", "requires", "excludes", "budgets", "pool", "payers", "floors"}


def best_value(problem: PortfolioProblem, any_plan: PortfolioPlan) -> float | None:
    """Return the best value of all choices that keep every rule, or None where none does."""
    rules = [rule for rule in RULES if rule.__name__ in CHOICE_RULES]
    values = [
        value_of(levels_of(problem, bought))
        for bought in _choices(problem)
        if not any(list(rule(problem, any_plan, bought)) for rule in rules)
    ]
    return max(values, default=None)


def _choices(problem: PortfolioProblem) -> Iterator[dict[str, int]]:
    ranges = [range(-1, len(each.scales)) for each in problem.interventions]
    for scales in product(*ranges):
        yield {each.id: scale for each, scale in zip(problem.interventions, scales, strict=True) if scale >= 0}
