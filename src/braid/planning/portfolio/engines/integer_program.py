"""A portfolio as an integer program, solved by HiGHS through SciPy; the risk of bad years by cuts.

One binary variable for each scale of each intervention, one for each effect (1 exactly when both are bought, which its
price and two or one rows enforce), and with a risk one that stands for the mean of the tail. That mean is the least
mean over all sets of as many scenarios (Rockafellar and Uryasev, 2000), so that it is bounded by the mean of each set:
the worst set of every choice found becomes a row, until the program promises no more than its choice holds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from braid.planning.contract import Limits, NoPlan
from braid.planning.portfolio.model import PortfolioProblem, scenario_factors, tail_size

GAP = 1e-6
"""How far a choice may be from the best, as a share, before the search ends."""
NODES_A_SECOND = 200
"""Nodes of the search tree that HiGHS opens in a second on the machine of the benchmarks, and a little less."""
MOST_CUTS = 60
INFEASIBLE = "no choice keeps every rule: the floors ask for more than the money brings. Next step: lower a floor"
UNSOLVED = "the integer program found no choice in its steps. Next step: give it more seconds"

Vector = NDArray[np.float64]
Row = tuple[Mapping[int, float], float, float]
"""Coefficients by variable, and the least and most that they may sum to."""


@dataclass(frozen=True)
class Found:
    """A choice as scale by intervention, its value, and what no choice can exceed."""

    bought: dict[str, int]
    value: float
    bound: float
    cuts: int
    repeatable: bool
    """Whether counts of steps alone ended the search, not the clock."""


@dataclass(frozen=True)
class _Program:
    """The worth of each variable, the rows that hold without any risk, and which variable is which scale."""

    scales: Mapping[tuple[str, int], int]
    worth: Vector
    rows: Sequence[Row]
    constant: float

    @property
    def tail(self) -> int:
        """The variable of the mean of the tail: the last."""
        return len(self.worth) - 1

    def bought(self, values: Vector) -> dict[str, int]:
        """Return the scale of each intervention that variables say is bought."""
        return {name: scale for (name, scale), at in self.scales.items() if values[at] > 0.5}


def node_limit(limits: Limits) -> int:
    """Return how many nodes each program may open."""
    return max(1, int(limits.seconds * NODES_A_SECOND))


def choose(problem: PortfolioProblem, limits: Limits) -> Found:
    """Return the best choice found and its bound. Raises `NoPlan` where no choice keeps the rules."""
    program = _program(problem)
    if problem.risk is None or not problem.risk.weight:
        solved = _solve(program, [], limits, limits.stop_seconds)
        return Found(program.bought(solved.values), solved.value, solved.bound, 0, solved.repeatable)
    return _choose_with_cuts(problem, program, limits)


def _choose_with_cuts(problem: PortfolioProblem, program: _Program, limits: Limits) -> Found:
    assert problem.risk is not None
    factors, size = np.array(scenario_factors(problem)), tail_size(problem.risk)
    counted = _counted(problem, program)
    cuts = [_cut(program, counted @ factors.mean(axis=0))]
    best, began = Found({}, -math.inf, math.inf, 0, True), time.perf_counter()
    for number in range(1, MOST_CUTS + 1):
        left = None if limits.stop_seconds is None else limits.stop_seconds - (time.perf_counter() - began)
        if left is not None and left <= 0 and best.bought:
            return replace(best, repeatable=False)
        solved = _solve(program, cuts, limits, left)
        outcomes = factors @ (solved.values[:-1] @ counted[:-1])
        worst = np.argsort(outcomes, kind="stable")[:size]
        value = solved.value - problem.risk.weight * float(solved.values[program.tail] - outcomes[worst].mean())
        if value > best.value:
            best = replace(best, bought=program.bought(solved.values), value=value)
        bound = min(best.bound, solved.bound)
        best = replace(best, bound=bound, cuts=number, repeatable=best.repeatable and solved.repeatable)
        if bound - best.value <= GAP * max(1.0, abs(best.value)):
            break
        cuts.append(_cut(program, counted @ factors[worst].mean(axis=0)))
    return best


def _counted(problem: PortfolioProblem, program: _Program) -> Vector:
    """Return what each variable counts of each intervention, as a matrix (variables, interventions)."""
    counted = np.zeros((len(program.worth), len(problem.interventions)))
    for column, intervention in enumerate(problem.interventions):
        for scale in range(len(intervention.scales)):
            counted[program.scales[intervention.id, scale], column] = _worth(problem, column, scale)
    return counted


def _cut(program: _Program, means: Vector) -> Row:
    """Return the row that says: the mean of the tail is at most the mean over one set of scenarios."""
    return {program.tail: 1.0, **{int(at): -means[at] for at in np.flatnonzero(means)}}, -math.inf, 0.0


def _worth(problem: PortfolioProblem, number: int, scale: int) -> float:
    """Return what a scale of an intervention counts: in the silo what its lead gets, else what all get."""
    intervention = problem.interventions[number]
    values = intervention.scales[scale].values
    return values.get(intervention.lead, 0.0) if problem.purse == "silo" else math.fsum(values.values())


def _program(problem: PortfolioProblem) -> _Program:
    scales: dict[tuple[str, int], int] = {}
    for intervention in problem.interventions:
        for scale in range(len(intervention.scales)):
            scales[intervention.id, scale] = len(scales)
    counted = [effect for effect in problem.effects if _counts(problem, effect.one, effect.other)]
    worth = np.zeros(len(scales) + len(counted) + 1)
    risk = problem.risk.weight if problem.risk else 0.0
    for number, intervention in enumerate(problem.interventions):
        for scale in range(len(intervention.scales)):
            worth[scales[intervention.id, scale]] = (1.0 - risk) * _worth(problem, number, scale)
    for number, effect in enumerate(counted):
        worth[len(scales) + number] = effect.value
    worth[-1] = risk
    of = {each.id: {scales[each.id, scale]: 1.0 for scale in range(len(each.scales))} for each in problem.interventions}
    constant = _price_changes(problem, scales, of, worth)
    rows: list[Row] = [(dict(of[each.id]), 0.0, 1.0) for each in problem.interventions]
    for number, effect in enumerate(counted, len(scales)):
        rows += _effect_rows(number, effect.value, of[effect.one], of[effect.other])
    rows += [(of[pair.one] | dict.fromkeys(of[pair.other], -1.0), -math.inf, 0.0) for pair in problem.requires]
    rows += [(of[pair.one] | of[pair.other], -math.inf, 1.0) for pair in problem.excludes]
    return _Program(scales, worth, rows + _money_rows(problem, scales) + _floor_rows(problem, scales), constant)


def _counts(problem: PortfolioProblem, one: str, other: str) -> bool:
    """Whether an effect counts: in the silo only to a body that leads both interventions."""
    if problem.purse != "silo":
        return True
    leads = {each.id: each.lead for each in problem.interventions}
    return problem.silo_counts_own_effects and leads[one] == leads[other]


def _price_changes(
    problem: PortfolioProblem,
    scales: Mapping[tuple[str, int], int],
    of: Mapping[str, Mapping[int, float]],
    worth: Vector,
) -> float:
    """Take the price of each change from the worth of what would be one; return what changes to nothing cost."""
    before = {choice.intervention: choice.scale for choice in problem.chosen_before}
    constant = 0.0
    for intervention in problem.interventions:
        kept = before.get(intervention.id)
        if kept is None:
            worth[list(of[intervention.id])] -= problem.change_price
        else:
            worth[scales[intervention.id, kept]] += problem.change_price
            constant -= problem.change_price
    return constant


def _effect_rows(number: int, value: float, one: Mapping[int, float], other: Mapping[int, float]) -> list[Row]:
    """Return the rows of an effect: a gain counts only where both are bought, a loss wherever both are."""
    if value <= 0:
        return [({**one, **other, number: -1.0}, -math.inf, 1.0)]
    return [({number: 1.0, **dict.fromkeys(each, -1.0)}, -math.inf, 0.0) for each in (one, other)]


def _money_rows(problem: PortfolioProblem, scales: Mapping[tuple[str, int], int]) -> list[Row]:
    cost = {
        (each.id, scale): float(each.scales[scale].cost_pence)
        for each in problem.interventions
        for scale in range(len(each.scales))
    }
    lead = {each.id: each.lead for each in problem.interventions}
    if problem.purse in ("pooled", "no_loser"):
        budget = sum(body.budget_pence for body in problem.bodies) * problem.budget_share
        return [({scales[key]: pence for key, pence in cost.items()}, 0.0, budget)]
    return [
        (
            {scales[key]: pence for key, pence in cost.items() if lead[key[0]] == body.id},
            0.0,
            body.budget_pence * problem.budget_share,
        )
        for body in problem.bodies
    ]


def _floor_rows(problem: PortfolioProblem, scales: Mapping[tuple[str, int], int]) -> list[Row]:
    if problem.purse != "no_loser":
        return []
    rows: list[Row] = []
    for body, floor in problem.floors.items():
        values = {
            scales[each.id, number]: scale.values.get(body, 0.0)
            for each in problem.interventions
            for number, scale in enumerate(each.scales)
        }
        rows.append((values, floor, math.inf))
    return rows


@dataclass(frozen=True)
class _Solved:
    """The variables, their value, and what no other choice can exceed."""

    values: Vector
    value: float
    bound: float
    repeatable: bool


def _solve(program: _Program, cuts: Sequence[Row], limits: Limits, seconds: float | None) -> _Solved:
    """Return the best variables found. Raises `NoPlan`."""
    integer, most, least = np.ones(len(program.worth)), np.ones(len(program.worth)), np.zeros(len(program.worth))
    integer[-1], most[-1], least[-1] = (0, math.inf, -math.inf) if cuts else (0, 0, 0)
    options: dict[str, float] = {"mip_rel_gap": GAP / 10, "node_limit": node_limit(limits)}
    if seconds is not None:
        options["time_limit"] = max(1.0, seconds)
    found = milp(
        -program.worth,
        constraints=_constraint([*program.rows, *cuts], len(program.worth)),
        integrality=integer,
        bounds=Bounds(least, most),
        options=options,
    )
    if found.x is None:
        raise NoPlan(INFEASIBLE if found.status == 2 else UNSOLVED)
    values = np.where(integer > 0, np.round(found.x), found.x)
    bound = math.inf if found.mip_dual_bound is None else -float(found.mip_dual_bound) + program.constant
    value = float(program.worth @ values) + program.constant
    return _Solved(values, value, bound, "time limit" not in found.message.lower())


def _constraint(rows: Sequence[Row], variables: int) -> LinearConstraint:
    rows = [row for row in rows if row[0]]
    rows = [_scaled(row) for row in rows]
    entries = [(number, at, value) for number, (row, _, _) in enumerate(rows) for at, value in row.items()]
    numbers, columns, values = zip(*entries, strict=True)
    matrix = csr_array((values, (numbers, columns)), shape=(len(rows), variables))
    return LinearConstraint(matrix, [row[1] for row in rows], [row[2] for row in rows])


def _scaled(row: Row) -> Row:
    """Return a row whose largest coefficient is 1: pence by the hundred million upset what HiGHS takes for zero."""
    largest = max(abs(value) for value in row[0].values())
    if not largest:
        return row
    return {at: value / largest for at, value in row[0].items()}, row[1] / largest, row[2] / largest
