"""How well and how fast households are placed: `python benchmarks/planning/placements.py --part static --seed 1`.

Instances come from the generator in `$BRAID_SHARED/design/bench-planning` (2,000 households and 3,000 units; `size`
8,000 and 12,000). Every plan passes its checker. Parts: `static` sweeps the ways of today, the silo and the optimum;
`budget` holds money to 97 and 92 in a hundred, pooled and by district; `moves` draws the frontier and orders its moves;
`online` places week by week from an empty stock; `size` solves a county four times as large; `stock` puts a smaller
budgeted problem to HiGHS as it comes; `sheets` makes what pages are given of a plan and asks of units. Seconds are
wall clock; processor seconds stand beside, since the machine may be shared.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from placement_instances import find_generator, problem_of  # noqa: E402

from braid.language.documents import parse, write  # noqa: E402
from braid.planning.contract import Limits  # noqa: E402
from braid.planning.placements.checker import check  # noqa: E402
from braid.planning.placements.engines.assignment import assign, solve_dense  # noqa: E402
from braid.planning.placements.engines.costs import Arrays  # noqa: E402
from braid.planning.placements.engines.frontier import find_frontier  # noqa: E402
from braid.planning.placements.engines.look_ahead import place_week, price_future  # noqa: E402
from braid.planning.placements.engines.policies import CHOICES, ORDERS, place_by_district, place_one_by_one  # noqa: E402
from braid.planning.placements.model import Budget, ExclusionZone, Problem, Shortlists  # noqa: E402
from braid.planning.placements.moves import order_moves  # noqa: E402
from braid.planning.placements.run import solve  # noqa: E402
from braid.problems.plans.placement_sheets import HouseholdSheet, sheets_of  # noqa: E402
from braid.problems.plans.why_not import StockSheet, stock_of, why_not  # noqa: E402

WEEK = 50
"""Households that come in a week of the online part."""


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print what something took."""
    wall, work = time.perf_counter(), time.process_time()
    yield
    print(f"  {what}: {time.perf_counter() - wall:.2f} s wall, {time.process_time() - work:.2f} s processor")


def told(arrays: Arrays, chosen: np.ndarray) -> str:
    """Return the levels of an assignment in one line."""
    amounts = arrays.amounts_of(chosen)
    value = sum(getattr(arrays.problem.prices, name) * amount for name, amount in amounts.items())
    shown = ("unplaced", "out_of_reach", "beyond_walking", "out_of_area", "school_minutes", "move", "pound")
    return "  ".join(f"{name} {amounts.get(name, 0):,.0f}" for name in shown) + f"  value {value:,.0f}"


def checked(problem: Problem, limits: Limits) -> object:
    """Return a plan that its checker passes, or stop."""
    plan = solve(problem, limits)
    broken = check(problem, plan).broken
    if broken:
        raise SystemExit(f"the checker found {broken[:3]}")
    return plan


def static(problem: Problem, seed: int) -> None:
    """The ways of today at every setting, the silo, the optimum with nobody moved and with everybody free to."""
    with timed("costs of all pairs"):
        arrays = Arrays(problem)
        _ = arrays.cost
    with timed("exact assignment and its proof"):
        found = solve_dense(arrays.cost, problem.prices.unplaced)
    print(f"  optimum             {told(arrays, found.chosen)}  gap {(found.value - found.bound) / found.value:.1e}")
    stay = Arrays(replace(problem, households=tuple(replace(each, may_move=False) for each in problem.households)))
    print(f"  optimum, none moved {told(stay, assign(stay.cost, problem.prices.unplaced))}")
    print(f"  silo                {told(arrays, place_by_district(arrays))}")
    for choice in CHOICES:
        for order in ORDERS:
            for is_replanned in (False, True):
                chosen = place_one_by_one(arrays, choice, order, is_replanned)
                print(
                    f"  {choice:9} {order:18} {'all anew' if is_replanned else 'placed stay':11} {told(arrays, chosen)}"
                )
    with timed("whole plan with moves, reasons and certificate, checked"):
        checked(problem, Limits(seed=seed))


def budget(problem: Problem, seed: int) -> None:
    """Money held to a share of what the optimum spends: of all together, and of each district for its own."""
    arrays = Arrays(problem)
    best = solve_dense(arrays.cost, problem.prices.unplaced).chosen
    nights = np.where(best >= 0, arrays.night_pence[best], 0.0)
    for share in (0.97, 0.92):
        pooled = (Budget(float(nights.sum()) * share),)
        apart = tuple(
            Budget(float(nights[arrays.home_district == number].sum()) * share, name)
            for number, name in enumerate(problem.districts)
        )
        for name, budgets in (("pooled", pooled), ("by district", apart)):
            with timed(f"{name}, {share:.0%}"):
                made = checked(
                    replace(problem, budgets=budgets), Limits(seed=seed, seconds=15 if name == "pooled" else 30)
                )
            certificate = made.certificate
            print(f"    value {certificate.value:,.0f}  bound {certificate.bound:,.0f}  gap {certificate.gap:.6%}")


def moves(problem: Problem) -> None:
    """Exact points between moving nobody and moving whoever gains; each with its moves in an order that can be made."""
    arrays = Arrays(problem)
    with timed("eight points, costs of all pairs included"):
        points = find_frontier(arrays)
    lawful = np.isfinite(arrays.cost)
    rows = {name: row for row, name in enumerate(arrays.household_ids)}
    for each in points:
        placed = {arrays.household_ids[i]: arrays.unit_ids[u] for i, u in enumerate(each.chosen) if u >= 0}
        plan = order_moves(problem, placed, lambda h, u: bool(lawful[rows[h], arrays.unit_of[u]]))
        print(
            f"  moves {each.voluntary_moves:4}  out of reach {each.amounts['out_of_reach']:4.0f}  "
            f"school minutes {each.amounts['school_minutes']:9,.0f}  steps {len(plan.steps)}  "
            f"spare units {len(plan.spare_units)}  cannot move {len(plan.not_possible)}"
        )


def online(problem: Problem, seed: int, samples: int) -> None:
    """Household after household from an empty stock; who came before is drawn by the generator beside them."""
    generator = find_generator()
    count = len(problem.households)
    before = problem_of(generator.generate(4 * count, len(problem.units), seed))
    if before.schools != problem.schools:
        raise SystemExit("those who came before go to other schools")
    empty = replace(problem, households=tuple(replace(each, current_unit=None) for each in problem.households))
    past = tuple(replace(each, current_unit=None) for each in before.households[count:])
    arrays, history = Arrays(empty), Arrays(replace(empty, households=past)).cost
    level = np.array([arrays.level(row) for row in range(count)])
    unplaced = problem.prices.unplaced
    best = assign(arrays.cost, unplaced)
    runs = {"hindsight": best}
    runs.update({f"one by one, {choice}": place_one_by_one(arrays, choice) for choice in CHOICES})
    runs["weekly"] = week_by_week(arrays, level, history, 0, seed)
    with timed(f"weekly looking ahead, {samples} futures each week"):
        runs["weekly, looking ahead"] = week_by_week(arrays, level, history, samples, seed)
    reach = {}
    for name, chosen in runs.items():
        reach[name] = arrays.amounts_of(chosen).get("out_of_reach", 0.0)
        print(f"  {name:24} {told(arrays, chosen)}")
    whole = reach["one by one, nearest"] - reach["hindsight"]
    for name in ("weekly", "weekly, looking ahead"):
        print(f"  {name}: {(reach['one by one, nearest'] - reach[name]) / whole:.1%} of the gain in reach")


def week_by_week(arrays: Arrays, level: np.ndarray, history: np.ndarray, samples: int, seed: int) -> np.ndarray:
    """Return where households go that come in weeks, in the order of the problem."""
    count, unplaced = arrays.shape[0], arrays.problem.prices.unplaced
    free, chosen = np.arange(arrays.shape[1]), np.full(count, -1)
    for start in range(0, count, WEEK):
        rows = np.arange(start, min(start + WEEK, count))
        left = count - start - len(rows) if samples else 0
        worth = price_future(history[:, free], left, samples, unplaced, seed)
        here = place_week(arrays.cost[np.ix_(rows, free)], level[np.ix_(rows, free)], worth, unplaced)
        chosen[rows] = np.where(here >= 0, free[here], -1)
        free = np.setdiff1d(free, chosen[rows])
    return chosen


def size(seed: int) -> None:
    """A county four times as large: candidates priced over every pair."""
    problem = problem_of(find_generator().generate(8000, 12000, seed))
    with timed("8,000 households, 12,000 units: whole plan, checked"):
        made = checked(problem, Limits(seed=seed))
    certificate = made.certificate
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  value {certificate.value:,.0f}  gap {certificate.gap:.4%}  {certificate.seconds:.1f} s  {memory:.2f} GB")


def stock(seed: int, seconds: float) -> None:
    """A county a tenth as large under a budget: HiGHS as it comes beside prices of money."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, vstack

    problem = problem_of(find_generator().generate(300, 450, seed))
    arrays = Arrays(problem)
    free = assign(arrays.cost, problem.prices.unplaced)
    most = float(np.where(free >= 0, arrays.night_pence[free], 0.0).sum()) * 0.95
    budgeted = replace(problem, budgets=(Budget(most),))
    with timed("ours"):
        made = checked(budgeted, Limits(seed=seed, seconds=15))
    print(f"    value {made.certificate.value:,.0f}  gap {made.certificate.gap:.5%}")
    rows, columns = np.nonzero(np.isfinite(arrays.cost))
    pairs = np.arange(len(rows))
    gain = arrays.cost[rows, columns] - problem.prices.unplaced
    once = coo_array((np.ones(len(rows)), (rows, pairs)), shape=(300, len(rows)))
    let = coo_array((np.ones(len(rows)), (columns, pairs)), shape=(450, len(rows)))
    money = coo_array((arrays.night_pence[columns], (np.zeros(len(rows), dtype=int), pairs)), shape=(1, len(rows)))
    limits = np.concatenate([np.ones(750), [most]])
    with timed("HiGHS"):
        found = milp(
            gain,
            constraints=LinearConstraint(vstack([once, let, money]).tocsr(), -np.inf, limits),
            integrality=np.ones(len(rows)),
            bounds=Bounds(0, 1),
            options={"time_limit": seconds, "mip_rel_gap": 1e-6},
        )
    told_value = "none" if found.x is None else f"{found.fun + 300 * problem.prices.unplaced:,.0f}"
    print(f"    value {told_value}  status {found.message}")


def sheets(problem: Problem) -> None:
    """What pages are given: a sheet for each household and one of the stock, and a question about a unit."""
    problem = replace(problem, shortlists=Shortlists(quiet_km=0.0, blank_share=0.0, left_out_share=0.0))
    free = tuple(replace(each, exclusion_zone=ExclusionZone()) for each in problem.households)
    problem = replace(problem, households=free)
    plan = solve(problem, Limits(seconds=10.0))
    people = {each.id: (each.id, *(child.id for child in each.children)) for each in problem.households}
    people |= {child.id: (child.id,) for each in problem.households for child in each.children}
    with timed("sheets of all households"):
        made = list(sheets_of(problem, plan, people, b"k" * 32))
    with timed("sheet of the stock"):
        stock = write(stock_of(problem, plan, b"k" * 32))
    longest = max(len(write(each)) for each in made)
    print(f"    stock {len(stock) / 1e3:,.0f} kB; the longest sheet of a household {longest / 1e3:,.1f} kB")
    with timed("one question, its two sheets read anew"):
        why_not(parse(stock, StockSheet, "stock"), parse(write(made[0]), HouseholdSheet, "sheet"), "u7")
    read = parse(stock, StockSheet, "stock")
    with timed("a question about each of a thousand units"):
        for unit in read.units[:1000]:
            why_not(read, made[0], unit.id)


def run(part: str, problem: Problem, seed: int) -> None:
    """Measure one of the parts that look at the one instance."""
    if part == "moves":
        moves(problem)
    elif part == "sheets":
        sheets(problem)
    else:
        {"static": static, "budget": budget}[part](problem, seed)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ["static", "budget", "moves", "online", "size", "stock", "sheets"]
    parser.add_argument("--part", choices=parts, default="static")
    parser.add_argument("--seed", type=int, action="append", help="1, 2 and 3 where none is given")
    parser.add_argument("--samples", type=int, default=10, help="futures that are drawn each week (online)")
    parser.add_argument("--seconds", type=float, default=60.0, help="for HiGHS (stock)")
    wanted = parser.parse_args()
    generator = find_generator()
    if generator is None:
        print("name the folder of the reference instances in BRAID_SHARED")
        return 2
    for seed in wanted.seed or [1, 2, 3]:
        print(f"{wanted.part}, seed {seed}, load {os.getloadavg()[0]:.1f}")
        if wanted.part == "size":
            size(seed)
        elif wanted.part == "stock":
            stock(seed, wanted.seconds)
        else:
            problem = problem_of(generator.generate(2000, 3000, seed))
            if wanted.part == "online":
                online(problem, seed, wanted.samples)
            else:
                run(wanted.part, problem, seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
