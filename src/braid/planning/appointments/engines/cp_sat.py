"""One victim's bundle by a stock solver, for comparison: a start for each offer, intervals with travel, days out.

It shares the grid with the bundle search and nothing else. Travel is between neighbours of a day: a circuit through the
day's appointments says who they are.
"""

from __future__ import annotations

from ortools.sat.python import cp_model

from braid.planning.appointments.engines.bundles import Diaries
from braid.planning.appointments.engines.grid import Choice, Grid, GridTask, GridVictim, bits_of, free_starts
from braid.planning.appointments.model import STEP_MINUTES

Variables = dict[Choice, cp_model.IntVar]


def solve_bundle(
    grid: Grid, victim: GridVictim, diaries: Diaries, seed: int = 1, deterministic_seconds: float = 60.0
) -> tuple[int, int]:
    """Return the cost, prices included, of the best bundle found, and its bound; both scaled. One worker."""
    model = cp_model.CpModel()
    costs: list[cp_model.LinearExprT] = []
    taken = [_task(model, grid, task, diaries, costs) for task in victim.tasks]
    _order(model, victim, taken)
    for day in range(grid.days):
        _day(model, grid, victim, taken, day, costs)
    model.minimize(cp_model.LinearExpr.sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = deterministic_seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise AssertionError("nothing booked is a bundle, and the stock solver did not find it")
    return round(solver.objective_value), round(solver.best_objective_bound)


def _task(
    model: cp_model.CpModel, grid: Grid, task: GridTask, diaries: Diaries, costs: list[cp_model.LinearExprT]
) -> Variables:
    """Add a variable for each offer of a task, at most one of them true."""
    found: Variables = {}
    for day, offered in enumerate(task.offered):
        for staff, starts in offered:
            for start in bits_of(free_starts(diaries.taken.get((staff, day), 0), task.steps, starts)):
                choice = staff, day, start
                found[choice] = model.new_bool_var(f"{task.name} {choice}")
                move = grid.move_cost if task.agreed not in (None, choice) else 0
                costs.append(found[choice] * (task.day_costs[day] + move + diaries.price_of(task, choice)))
    model.add_at_most_one(found.values())
    costs.append(task.unbooked_cost * (1 - sum(found.values())))
    return found


def _order(model: cp_model.CpModel, victim: GridVictim, taken: list[Variables]) -> None:
    """A task is after those that it waits for: booked, ended, and the days between."""
    for number, task in enumerate(victim.tasks):
        for first, gap in task.before:
            minutes = victim.tasks[first].minutes
            for (_, day, start), variable in taken[number].items():
                earlier = [
                    other
                    for (_, on, begin), other in taken[first].items()
                    if day - on >= gap and (on < day or begin * STEP_MINUTES + minutes <= start * STEP_MINUTES)
                ]
                model.add_bool_or(earlier).only_enforce_if(variable)


def _day(
    model: cp_model.CpModel,
    grid: Grid,
    victim: GridVictim,
    taken: list[Variables],
    day: int,
    costs: list[cp_model.LinearExprT],
) -> None:
    """Go round the appointments of a day in one circuit; each way between two of them has its time and its cost."""
    nodes = [
        (number, choice, variable)
        for number, variables in enumerate(taken)
        for choice, variable in variables.items()
        if choice[1] == day
    ]
    if not nodes:
        return
    out = model.new_bool_var(f"out {day}")
    costs.append(out * grid.day_out_cost)
    arcs: list[tuple[int, int, cp_model.LiteralT]] = [(0, 0, ~out)]
    for at, (number, choice, variable) in enumerate(nodes, 1):
        model.add_implication(variable, out)
        arcs.append((at, at, ~variable))
        arcs.append((0, at, model.new_bool_var("")))
        arcs.append((at, 0, model.new_bool_var("")))
        end = choice[2] * STEP_MINUTES + victim.tasks[number].minutes
        for to, (other_number, other, _) in enumerate(nodes, 1):
            sites = grid.staff_sites[choice[0]], grid.staff_sites[other[0]]
            if other_number != number and end + grid.travel[sites[0]][sites[1]] <= other[2] * STEP_MINUTES:
                arc = model.new_bool_var("")
                arcs.append((at, to, arc))
                costs.append(arc * grid.travel_cost[sites[0]][sites[1]])
    model.add_circuit(arcs)
