"""What somebody would write first for each published set: its plain model for a stock solver, ended by the clock.

Each returns the best value found and the bound that the solver proved; None where it found nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from literature_instances import Gap, Knapsack, Matching, Talent
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, kron

Solved = tuple[float | None, float | None]
WORKERS = 2


def gap_highs(gap: Gap, seconds: float) -> Solved:
    """Each job once, no capacity exceeded, least cost, by HiGHS on one core."""
    agents, jobs = len(gap.capacities), gap.jobs
    once = kron(np.ones((1, agents)), np.eye(jobs), format="csr")
    loads = csr_array((np.ravel(gap.weights), (np.repeat(np.arange(agents), jobs), np.arange(agents * jobs))))
    return _highs(
        np.ravel(gap.costs), [LinearConstraint(once, 1, 1), LinearConstraint(loads, -np.inf, gap.capacities)], seconds
    )


def knapsack_highs(knapsack: Knapsack, seconds: float) -> Solved:
    """No budget exceeded, most worth, by HiGHS."""
    budgets = LinearConstraint(np.array(knapsack.takes), -np.inf, knapsack.budgets)
    value, bound = _highs(-np.array(knapsack.worth), [budgets], seconds)
    return None if value is None else -value, None if bound is None else -bound


def matching_highs(matching: Matching, seconds: float) -> Solved:
    """Each row and column once, by HiGHS."""
    size = len(matching.costs)
    rows, columns = kron(np.eye(size), np.ones((1, size))), kron(np.ones((1, size)), np.eye(size))
    constraints = [LinearConstraint(each.tocsr(), 1, 1) for each in (rows, columns)]
    return _highs(np.ravel(matching.costs), constraints, seconds)


def _highs(costs: Any, constraints: list[LinearConstraint], seconds: float) -> Solved:
    found = milp(
        costs,
        constraints=constraints,
        integrality=np.ones(len(costs)),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    return None if found.fun is None else float(found.fun), found.mip_dual_bound


def gap_cp_sat(gap: Gap, seconds: float) -> Solved:
    """Each job once, no capacity exceeded, least cost, by CP-SAT on both cores."""
    model = cp_model.CpModel()
    does = [[model.new_bool_var("") for _ in range(gap.jobs)] for _ in gap.capacities]
    for job in range(gap.jobs):
        model.add_exactly_one(row[job] for row in does)
    for row, weights, capacity in zip(does, gap.weights, gap.capacities, strict=True):
        model.add(cp_model.LinearExpr.weighted_sum(row, list(weights)) <= capacity)
    pairs = [
        (each, cost) for row, costs in zip(does, gap.costs, strict=True) for each, cost in zip(row, costs, strict=True)
    ]
    model.minimize(cp_model.LinearExpr.weighted_sum([each for each, _ in pairs], [cost for _, cost in pairs]))
    return _cp_sat(model, seconds)


def knapsack_cp_sat(knapsack: Knapsack, seconds: float) -> Solved:
    """No budget exceeded, most worth, by CP-SAT."""
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in knapsack.worth]
    for takes, budget in zip(knapsack.takes, knapsack.budgets, strict=True):
        model.add(cp_model.LinearExpr.weighted_sum(taken, list(takes)) <= budget)
    model.maximize(cp_model.LinearExpr.weighted_sum(taken, list(knapsack.worth)))
    return _cp_sat(model, seconds)


def matching_cp_sat(matching: Matching, seconds: float) -> Solved:
    """Each row and column once, by CP-SAT."""
    model = cp_model.CpModel()
    size = range(len(matching.costs))
    takes = [[model.new_bool_var("") for _ in size] for _ in size]
    for at in size:
        model.add_exactly_one(takes[at])
        model.add_exactly_one(row[at] for row in takes)
    those = [each for row in takes for each in row]
    model.minimize(cp_model.LinearExpr.weighted_sum(those, [cost for row in matching.costs for cost in row]))
    return _cp_sat(model, seconds)


def talent_cp_sat(talent: Talent, seconds: float) -> Solved:
    """Scenes as intervals that do not overlap; an actor is paid from the first to the last; by CP-SAT."""
    model = cp_model.CpModel()
    length = sum(talent.days)
    starts = [model.new_int_var(0, length - days, "") for days in talent.days]
    model.add_no_overlap(
        model.new_fixed_size_interval_var(start, days, "") for start, days in zip(starts, talent.days, strict=True)
    )
    paid = []
    for row, pay in zip(talent.plays, talent.pay, strict=True):
        mine = [scene for scene, plays in enumerate(row) if plays]
        if mine:
            first, last = model.new_int_var(0, length, ""), model.new_int_var(0, length, "")
            model.add_min_equality(first, [starts[scene] for scene in mine])
            model.add_max_equality(last, [starts[scene] + talent.days[scene] for scene in mine])
            paid.append(pay * (last - first))
    model.minimize(sum(paid))
    return _cp_sat(model, seconds)


def _cp_sat(model: cp_model.CpModel, seconds: float) -> Solved:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, solver.best_objective_bound
    return solver.objective_value, solver.best_objective_bound


STOCK = {
    "gap": {"HiGHS": gap_highs, "CP-SAT": gap_cp_sat},
    "knapsack": {"HiGHS": knapsack_highs, "CP-SAT": knapsack_cp_sat},
    "assignment": {"HiGHS": matching_highs, "CP-SAT": matching_cp_sat},
    "talent": {"CP-SAT": talent_cp_sat},
}
