"""A portfolio as an integer program, solved by HiGHS through SciPy; the risk of bad years by cuts.

With a risk one variable stands for the mean of the tail. That mean is the least mean over all sets of as many scenarios
(Rockafellar and Uryasev, 2000), so that it is bounded by the mean of each set: the worst set of every choice found
becomes a row, until the program promises no more than its choice holds.

Where each body pays for itself and the program alone proves nothing in a quarter of the steps, prices of what purses
share take over (`purse_prices`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csr_array, vstack

from braid.planning.contract import Limits, NoPlan
from braid.planning.portfolio.engines.program import Program, Row, Vector, program_of, worth_of
from braid.planning.portfolio.engines.purse_prices import Split, find_choices, find_split
from braid.planning.portfolio.model import PortfolioProblem, scenario_factors, tail_size

GAP = 1e-6
"""How far a choice may be from the best, as a share, before the search ends."""
NODES_A_SECOND = 200
"""Nodes of the search tree that HiGHS opens in a second on the machine of the benchmarks, and a little less."""
ENTRIES_A_SECOND = 100_000
"""Nodes of a large program in a second, times the coefficients of its rows."""
STEPS_A_SECOND = 200_000_000
"""Steps of filling purses in a second on the machine of the benchmarks."""
FIRST_SHARE, PRICES_SHARE, SMALL_SHARE, LAST_SHARE = 0.2, 0.5, 0.15, 0.15
"""Of the seconds, where purses stand apart: the whole program, prices and dives, a small program, the whole again."""
WHOLE_SHARE = 0.6
"""Of the nodes, where purses do not stand apart: the whole program; the rest is for its core."""
CORE_SHARE = 1 / 8
"""Scales of the core beside one for each purse, as a share of all."""
NEVER_REACHED = 1e9
"""More than a row can sum to whose largest coefficient is 1."""
MOST_CUTS = 60
INFEASIBLE = "no choice keeps every rule: the floors ask for more than the money brings. Next step: lower a floor"
UNSOLVED = "the integer program found no choice in its steps. Next step: give it more seconds"

Span = tuple[Vector, Vector]
"""The least and the most that each variable may be."""


@dataclass(frozen=True)
class Found:
    """A choice as scale by intervention, its value, and what no choice can exceed."""

    bought: dict[str, int]
    value: float
    bound: float
    cuts: int
    repeatable: bool
    """Whether counts of steps alone ended the search, not the clock."""


def node_limit(limits: Limits) -> int:
    """Return how many nodes each program may open."""
    return max(1, int(limits.seconds * NODES_A_SECOND))


def choose(problem: PortfolioProblem, limits: Limits) -> Found:
    """Return the best choice found and its bound. Raises `NoPlan` where no choice keeps the rules."""
    program = program_of(problem)
    if problem.risk is not None and problem.risk.weight:
        return _choose_with_cuts(problem, program, limits)
    split = find_split(program)
    nodes = nodes_of(program, limits)
    return (
        _choose_together(program, nodes, limits) if split is None else _choose_by_purse(program, split, nodes, limits)
    )


def nodes_of(program: Program, limits: Limits) -> int:
    """Return how many nodes fill the seconds: fewer where the program is large."""
    return max(1, min(node_limit(limits), int(limits.seconds * ENTRIES_A_SECOND / max(1, program.entries))))


class _Watch:
    """The wall clock that ends a search only where limits say so."""

    def __init__(self, stop_seconds: float | None) -> None:
        self.begun, self.stop_seconds, self.stopped = time.perf_counter(), stop_seconds, False

    def left(self) -> float | None:
        """Return the seconds that are left; None where no clock ends the search."""
        return None if self.stop_seconds is None else self.stop_seconds - (time.perf_counter() - self.begun)

    def is_over(self) -> bool:
        """Whether the clock has run out; remembers that it did."""
        left = self.left()
        self.stopped = self.stopped or (left is not None and left <= 0)
        return self.stopped


def _choose_together(program: Program, nodes: int, limits: Limits) -> Found:
    """Choose by the whole program; where its nodes prove nothing, look for better in the core.

    A node of the core takes so much less time as it has fewer variables.
    """
    watch = _Watch(limits.stop_seconds)
    best = solve_program(program, [], max(1, int(nodes * WHOLE_SHARE)), watch.left())
    if not _is_proved(best) and not watch.is_over():
        least, most = _core_of(program)
        larger = len(most) / max(1, int((most > least).sum()))
        core_nodes = max(1, int(nodes * (1 - WHOLE_SHARE) * larger))
        best = _better(program, best, core_nodes, watch.left(), (least, most), is_whole=False)
    return _found(program, best, watch)


def _core_of(program: Program) -> Span:
    """Return the scales that the linear program is least sure of, and all effects, as free; the others as it has them.

    The core of a knapsack (Balas and Zemel 1980); its size is after Puchinger, Raidl and Pferschy 2010.
    """
    relaxed = relax(program)
    sure = np.abs(np.asarray(relaxed.lower.marginals) + np.asarray(relaxed.upper.marginals))[: len(program.scales)]
    size = len(program.money) + int(CORE_SHARE * len(program.scales))
    fixed = np.argsort(sure, kind="stable")[size:]
    least, most = np.zeros(len(program.worth)), np.ones(len(program.worth))
    least[fixed] = most[fixed] = np.round(relaxed.x[fixed])
    most[-1] = 0.0
    return least, most


def _choose_by_purse(program: Program, split: Split, nodes: int, limits: Limits) -> Found:
    """Choose by the whole program first, for few nodes; where that proves nothing, by prices and dives; then by small
    and whole programs that look for better alone.
    """
    watch = _Watch(limits.stop_seconds)
    best = solve_program(program, [], max(1, int(nodes * FIRST_SHARE)), watch.left())
    if _is_proved(best):
        return _found(program, best, watch)
    steps = int(limits.seconds * PRICES_SHARE * STEPS_A_SECOND)
    known = best.value - program.constant
    priced = find_choices(split, known, _prices_of(program), steps, limits.seed, watch.is_over)
    bound = min(best.bound, priced.bound + program.constant)
    if priced.chosen is not None:
        values = np.append(priced.chosen, 0.0)
        best = replace(best, values=values, value=float(program.worth @ values) + program.constant)
    best = replace(best, bound=bound)
    for is_open, share, is_whole in (
        (priced.looked_at & priced.can_better, SMALL_SHARE, False),
        (priced.can_better, LAST_SHARE, True),
    ):
        if not _is_proved(best) and not watch.is_over():
            span = np.zeros(len(program.worth)), np.append(is_open, False).astype(float)
            best = _better(program, best, max(1, int(nodes * share)), watch.left(), span, is_whole)
    return _found(program, best, watch)


def _found(program: Program, best: Solved, watch: _Watch) -> Found:
    return Found(program.bought(best.values), best.value, best.bound, 0, best.repeatable and not watch.stopped)


def _is_proved(solved: Solved) -> bool:
    return solved.bound - solved.value <= GAP * max(1.0, abs(solved.value))


def relax(program: Program) -> OptimizeResult:
    """Return the linear program's answer, where a scale may be bought in part."""
    constraint = constraint_of(program.rows, len(program.worth))
    least, most = np.asarray(constraint.lb), np.asarray(constraint.ub)
    from_below = np.isfinite(least) & (least > 0)
    rows = vstack([constraint.A, -constraint.A[np.flatnonzero(from_below)]], format="csr")
    limits = np.concatenate([np.where(np.isfinite(most), most, NEVER_REACHED), -least[from_below]])
    bounds = [(0, 1)] * program.tail + [(0, 0)]
    return linprog(-program.worth, A_ub=rows, b_ub=limits, bounds=bounds, method="highs")


def _prices_of(program: Program) -> Vector:
    """Return the linear program's prices of the shared rows, with which the search for prices begins."""
    first = sum(1 for row in (*program.choices, *program.too_small) if row[0])
    prices: Vector = -np.asarray(relax(program).ineqlin.marginals)[first : first + len(program.shared)]
    return np.maximum(prices, 0.0)


def _better(program: Program, best: Solved, nodes: int, seconds: float | None, span: Span, is_whole: bool) -> Solved:
    """Return something better than the best within a span of the variables; the best where there is none.

    Only where nothing better can be elsewhere does the search say something of the bound.
    """
    enough = best.value - program.constant + GAP * max(1.0, abs(best.value))
    aim: Row = ({int(at): float(program.worth[at]) for at in np.flatnonzero(program.worth)}, enough, math.inf)
    try:
        solved = solve_program(program, [], nodes, seconds, [aim], span)
    except NoPlan as none:
        is_proof = is_whole and str(none) == INFEASIBLE
        return replace(best, bound=min(best.bound, enough + program.constant)) if is_proof else best
    bound = min(best.bound, max(solved.bound, solved.value)) if is_whole else best.bound
    return replace(solved, bound=bound, repeatable=best.repeatable and solved.repeatable)


def _choose_with_cuts(problem: PortfolioProblem, program: Program, limits: Limits) -> Found:
    assert problem.risk is not None
    factors, size = np.array(scenario_factors(problem)), tail_size(problem.risk)
    counted = _counted(problem, program)
    cuts = [_cut(program, counted @ factors.mean(axis=0))]
    best, began = Found({}, -math.inf, math.inf, 0, True), time.perf_counter()
    for number in range(1, MOST_CUTS + 1):
        left = None if limits.stop_seconds is None else limits.stop_seconds - (time.perf_counter() - began)
        if left is not None and left <= 0 and best.bought:
            return replace(best, repeatable=False)
        solved = solve_program(program, cuts, node_limit(limits), left)
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


def _counted(problem: PortfolioProblem, program: Program) -> Vector:
    """Return what each variable counts of each intervention, as a matrix (variables, interventions)."""
    counted = np.zeros((len(program.worth), len(problem.interventions)))
    for column, intervention in enumerate(problem.interventions):
        for scale in range(len(intervention.scales)):
            counted[program.scales[intervention.id, scale], column] = worth_of(problem, column, scale)
    return counted


def _cut(program: Program, means: Vector) -> Row:
    """Return the row that says: the mean of the tail is at most the mean over one set of scenarios."""
    return {program.tail: 1.0, **{int(at): -means[at] for at in np.flatnonzero(means)}}, -math.inf, 0.0


@dataclass(frozen=True)
class Solved:
    """The variables, their value, and what no other choice can exceed."""

    values: Vector
    value: float
    bound: float
    repeatable: bool


def solve_program(
    program: Program,
    cuts: Sequence[Row],
    nodes: int,
    seconds: float | None,
    aims: Sequence[Row] = (),
    span: Span | None = None,
) -> Solved:
    """Return the best variables found, within a span of them, that keep cuts and aims too. Raises `NoPlan`."""
    integer, most, least = np.ones(len(program.worth)), np.ones(len(program.worth)), np.zeros(len(program.worth))
    if span is not None:
        least, most = span[0].copy(), span[1].copy()
    integer[-1], most[-1], least[-1] = (0, math.inf, -math.inf) if cuts else (0, 0, 0)
    options: dict[str, float] = {"mip_rel_gap": GAP / 10, "node_limit": nodes}
    if seconds is not None:
        options["time_limit"] = max(1.0, seconds)
    found = milp(
        -program.worth,
        constraints=constraint_of([*program.rows, *cuts, *aims], len(program.worth)),
        integrality=integer,
        bounds=Bounds(least, most),
        options=options,
    )
    if found.x is None:
        raise NoPlan(INFEASIBLE if found.status == 2 else UNSOLVED)
    values = np.where(integer > 0, np.round(found.x), found.x)
    bound = math.inf if found.mip_dual_bound is None else -float(found.mip_dual_bound) + program.constant
    value = float(program.worth @ values) + program.constant
    return Solved(values, value, bound, "time limit" not in found.message.lower())


def constraint_of(rows: Sequence[Row], variables: int) -> LinearConstraint:
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
