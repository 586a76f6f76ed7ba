"""One victim's bundle as a stock interval model of CP-SAT: what somebody would write first.

Optional intervals for each member of staff, a disjunction for each pair of tasks at different sites, a day out where
anything starts. Travel has its time here and no cost, which makes the model easier than the problem that it stands for.
"""

from __future__ import annotations

from typing import Any

from ortools.sat.python import cp_model

from braid.planning.appointments.engines.bundles import Diaries
from braid.planning.appointments.engines.grid import Grid, GridTask, GridVictim, bits_of, free_starts
from braid.planning.appointments.model import STEP_MINUTES


def solve_stock(grid: Grid, victim: GridVictim, diaries: Diaries, seconds: float, workers: int) -> tuple[int, bool]:
    """Return the scaled cost without travel, and whether it is proved the least."""
    model = cp_model.CpModel()
    day_steps = -(-grid.day_minutes // STEP_MINUTES)
    out = [model.new_bool_var(f"out {day}") for day in range(grid.days)]
    costs: list[Any] = [grid.day_out_cost * each for each in out]
    made = [_task(model, grid, task, diaries, day_steps, out, costs) for task in victim.tasks]
    for number, task in enumerate(victim.tasks):
        for first, gap in task.before:
            one, other = made[first], made[number]
            model.add_implication(other["booked"], one["booked"])
            model.add(other["start"] >= one["start"] + victim.tasks[first].steps).only_enforce_if(other["booked"])
            model.add(other["day"] >= one["day"] + gap).only_enforce_if(other["booked"])
    model.add_no_overlap([each["interval"] for each in made])
    _travel(model, grid, victim, made)
    model.minimize(sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    return round(solver.objective_value), status == cp_model.OPTIMAL


def _task(
    model: cp_model.CpModel,
    grid: Grid,
    task: GridTask,
    diaries: Diaries,
    day_steps: int,
    out: list[Any],
    costs: list[Any],
) -> dict[str, Any]:
    offers: dict[int, list[int]] = {}
    for day, offered in enumerate(task.offered):
        for staff, starts in offered:
            those = bits_of(free_starts(diaries.taken.get((staff, day), 0), task.steps, starts))
            offers.setdefault(staff, []).extend(day * day_steps + start for start in those)
    offers = {staff: starts for staff, starts in offers.items() if starts}
    booked = model.new_bool_var(task.name)
    every = cp_model.Domain.from_values(sorted({start for starts in offers.values() for start in starts}) or [0])
    start = model.new_int_var_from_domain(every, f"{task.name} start")
    day = model.new_int_var(0, grid.days - 1, f"{task.name} day")
    model.add_division_equality(day, start, day_steps)
    choose: dict[int, Any] = {}
    for staff, starts in offers.items():
        choose[staff] = model.new_bool_var(f"{task.name} {staff}")
        domain = cp_model.Domain.from_values(starts)
        model.add_linear_expression_in_domain(start, domain).only_enforce_if(choose[staff])
    model.add(sum(choose.values()) == booked)
    cost = model.new_int_var(0, max(*task.day_costs, 0) - min(*task.day_costs, 0), f"{task.name} cost")
    lowest = min(*task.day_costs, 0)
    value = model.new_int_var(lowest, max(task.day_costs), "")
    model.add_element(day, list(task.day_costs), value)
    model.add(cost == value - lowest).only_enforce_if(booked)
    costs += [cost, task.unbooked_cost * (1 - booked), lowest * booked]
    for number, each in enumerate(out):
        on = model.new_bool_var("")
        model.add(day == number).only_enforce_if(on)
        model.add(day != number).only_enforce_if(~on)
        model.add_bool_or([each, ~on, ~booked])
    interval = model.new_optional_fixed_size_interval_var(start, task.steps, booked, task.name)
    return {"booked": booked, "start": start, "day": day, "choose": choose, "interval": interval}


def _travel(model: cp_model.CpModel, grid: Grid, victim: GridVictim, made: list[dict[str, Any]]) -> None:
    for one in range(len(made)):
        for other in range(one):
            first = model.new_bool_var("")
            for left, one_chosen in made[one]["choose"].items():
                for right, other_chosen in made[other]["choose"].items():
                    way = -(-grid.travel[grid.staff_sites[left]][grid.staff_sites[right]] // STEP_MINUTES)
                    if way:
                        both = [one_chosen, other_chosen]
                        ends = made[one]["start"] + victim.tasks[one].steps + way
                        model.add(made[other]["start"] >= ends).only_enforce_if([*both, first])
                        ends = made[other]["start"] + victim.tasks[other].steps + way
                        model.add(made[one]["start"] >= ends).only_enforce_if([*both, ~first])
