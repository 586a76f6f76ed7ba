"""Against every plan of tiny problems, one after another."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest

from braid.planning.appointments.checker import check
from braid.planning.appointments.engines import bundles
from braid.planning.appointments.engines.bundles import Diaries, best_bundles
from braid.planning.appointments.engines.cp_sat import solve_bundle
from braid.planning.appointments.engines.grid import SCALE, Grid
from braid.planning.appointments.model import Agreed, AppointmentsProblem, faults, settled
from braid.planning.appointments.reference import best_plan
from braid.planning.appointments.run import solve
from braid.planning.contract import Limits
from planning.appointments.instances import random_problem


def _compare(problem: AppointmentsProblem) -> None:
    assert not faults(problem)
    least, _ = best_plan(problem)
    plan = solve(problem, Limits(seconds=1))
    checked = check(problem, plan)
    assert checked.passes, checked.broken
    assert checked.value >= least - 1e-9
    assert plan.certificate.bound is not None
    assert plan.certificate.bound <= least + 1e-6
    if plan.certificate.gap == 0 or len(problem.victims) == 1:
        assert checked.value == pytest.approx(least)
    assert checked.value <= least * 1.1 + 1e-9


@pytest.mark.parametrize("block", [0, *(pytest.param(block, marks=pytest.mark.slow) for block in range(1, 14))])
def test_no_plan_is_better_than_every_plan_tried_and_few_are_worse(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        _compare(random_problem(seed))


@pytest.mark.slow
@pytest.mark.parametrize("block", [*range(8), *(pytest.param(block, marks=pytest.mark.slow) for block in range(8, 20))])
def test_the_same_of_larger_ones(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        _compare(random_problem(10_000 + seed, victims=3, tasks=5))


def standing(problem: AppointmentsProblem, chance: random.Random) -> AppointmentsProblem:
    """Return the problem with some appointments locked before or after its days, or off the steps inside them."""
    agreed = []
    leading = {each.task for _, task in problem.tasks() for each in task.after}
    for _, task in problem.tasks():
        start = problem.opens_minute + 7 + 15 * chance.randrange(3)
        away = chance.choice((-3, -2, -1, -1, problem.days))
        day, minute = chance.choice(((chance.randrange(problem.days), start), (away, 30)))
        if chance.random() < (0.8 if task.id in leading else 0.2) and start + task.minutes <= problem.closes_minute:
            date = problem.first_date + dt.timedelta(days=day)
            agreed.append(Agreed(task.id, chance.choice(problem.staff).id, date, minute, is_locked=True))
    names = {each.task for each in agreed}
    return replace(problem, agreed=(*agreed, *(each for each in problem.agreed if each.task not in names)))


def test_what_stands_outside_the_plan_is_met_and_what_comes_after_goes_by_it() -> None:
    stood = followed = 0
    for seed in range(4_000, 4_060):
        problem = standing(random_problem(seed, victims=1 + seed % 2), random.Random(seed))
        _compare(problem)
        names = {each.task for each in settled(problem)}
        booked = {each.task for each in solve(problem, Limits(seconds=0.05)).bookings}
        assert not names & booked
        stood += bool(names)
        followed += any(task.id in booked and names & {one.task for one in task.after} for _, task in problem.tasks())
    assert stood > 30
    assert followed > 5, "hardly anything is booked after what stands: the comparison shows nothing"


def test_one_victim_is_proved_the_best() -> None:
    for seed in range(2_000, 2_060):
        problem = random_problem(seed, victims=1, tasks=3)
        least, _ = best_plan(problem)
        grid = Grid(problem)
        found = best_bundles(grid, grid.victims[0], Diaries())
        assert found.is_proved
        assert found.bound == found.bundles[0][1].cost
        assert found.bound / SCALE == pytest.approx(least)


def test_a_stock_solver_finds_the_same_best_bundle() -> None:
    for seed in range(3_000, 3_010):
        grid = Grid(random_problem(seed, victims=1, tasks=6, days=3, length=135))
        found = best_bundles(grid, grid.victims[0], Diaries())
        cost, bound = solve_bundle(grid, grid.victims[0], Diaries())
        assert cost == bound == found.bound


def test_prices_and_a_ceiling_change_nothing_of_what_is_proved() -> None:
    for seed in range(4_000, 4_060):
        grid = Grid(random_problem(seed, victims=1, tasks=5))
        diaries = Diaries()
        for staff in range(len(grid.staff_sites)):
            diaries.prices[staff, seed % 3] = [(seed * 7 + step * 11) % 90 for step in range(7)]
        victim = grid.victims[0]
        found = best_bundles(grid, victim, diaries)
        cost, _ = solve_bundle(grid, victim, diaries)
        assert found.bound == cost
        assert best_bundles(grid, victim, diaries, ceiling=cost).bundles == ()
        assert best_bundles(grid, victim, diaries, ceiling=cost + 1).bound == cost


def test_a_search_that_is_cut_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "WIDEST", 2)
    cut = 0
    for seed in range(5_000, 5_040):
        problem = random_problem(seed, victims=1)
        grid = Grid(problem)
        found = best_bundles(grid, grid.victims[0], Diaries())
        least, _ = best_plan(problem)
        assert found.bound / SCALE <= least + 1e-9 <= found.bundles[0][1].cost / SCALE + 2e-9
        assert found.is_proved or found.bound < found.bundles[0][1].cost
        cut += not found.is_proved
        plan = solve(problem, Limits(seconds=0.1))
        assert check(problem, plan).passes
    assert cut > 5
