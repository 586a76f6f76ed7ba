"""Portfolios of a place at size: bound and gap beside HiGHS alone, draws of effects, and what coalitions could do.

    python benchmarks/place/portfolio.py --seeds 1 2 3
    python benchmarks/place/portfolio.py --seeds 1 2 3 --draws 200 --sharing --large

Instances come from the generator `d_gen.py` in the folder `design/bench-planning` of BRAID_SHARED, as in
benchmarks/planning/portfolio.py: 60 interventions of 6 bodies, and 400 of 12. HiGHS alone is the same integer program
given to it whole, for as many seconds as ours took or more; values and gaps are printed side by side with their ratio.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "benchmarks" / "planning")]

from portfolio import instance  # noqa: E402

from braid.planning.contract import Limits  # noqa: E402
from braid.planning.portfolio import checker  # noqa: E402
from braid.planning.portfolio.coalitions import share_out  # noqa: E402
from braid.planning.portfolio.compare import PURSES, compare  # noqa: E402
from braid.planning.portfolio.draws import study_draws  # noqa: E402
from braid.planning.portfolio.engines.integer_program import solve_program  # noqa: E402
from braid.planning.portfolio.engines.program import program_of  # noqa: E402
from braid.planning.portfolio.model import PortfolioProblem  # noqa: E402
from braid.planning.portfolio.run import solve  # noqa: E402

MANY = 1_000_000_000
SPREAD, TOGETHER = 0.35, 0.5
"""Standard deviation of an effect as a share of it, and the share of its variance that a body's effects have alike."""


def beside_highs(problem: PortfolioProblem, seconds: float) -> None:
    """Print each purse's plan and bound, and what HiGHS alone reaches in the same seconds of clock."""
    floors = {body.id: 0.0 for body in problem.bodies}
    for purse in PURSES:
        asked = replace(problem, purse=purse, floors=floors if purse == "no_loser" else {})
        plan = solve(asked, Limits(seconds=seconds, stop_seconds=seconds))
        passes = checker.check(asked, plan).passes
        began = time.perf_counter()
        alone = solve_program(program_of(asked), [], MANY, max(seconds, plan.certificate.seconds))
        took = time.perf_counter() - began
        gap = (alone.bound - alone.value) / max(1e-9, abs(alone.value))
        certificate = plan.certificate
        print(
            f"  {purse:9} {certificate.value:10,.1f} gap {certificate.gap:9.5%} {certificate.seconds:6.2f} s"
            f"  HiGHS alone {alone.value:10,.1f} gap {gap:9.5%} {took:6.2f} s"
            f"  ratio {certificate.value / alone.value:.6f}  checker {'passes' if passes else 'REFUSES'}",
            flush=True,
        )
        if purse == "silo":
            floors = checker.body_values(asked, {choice.intervention: choice.scale for choice in plan.choices})


def redrawn(problem: PortfolioProblem, draws: int, seed: int) -> Iterator[PortfolioProblem]:
    """Yield the problem with other values: each intervention's multiplied by a factor, alike in part for each lead."""
    draw = random.Random(seed)
    for _ in range(draws):
        alike = {body.id: draw.gauss(0, 1) for body in problem.bodies}
        interventions = []
        for each in problem.interventions:
            noise = math.sqrt(TOGETHER) * alike[each.lead] + math.sqrt(1 - TOGETHER) * draw.gauss(0, 1)
            factor = 1 + SPREAD * noise
            scales = (
                replace(scale, values={body: value * factor for body, value in scale.values.items()})
                for scale in each.scales
            )
            interventions.append(replace(each, scales=tuple(scales)))
        yield replace(problem, interventions=tuple(interventions))


def draws_of(problem: PortfolioProblem, draws: int, seed: int) -> None:
    """Print the price of the silo over draws, and the regret of each plan."""
    limits = Limits(seconds=20)
    compared = compare(problem, limits, solve)
    plans = {one.purse: {each.intervention: each.scale for each in one.plan.choices} for one in compared.worths}
    began = time.perf_counter()
    found = study_draws(problem, list(redrawn(problem, draws, seed)), plans, limits)
    took = time.perf_counter() - began
    price, fixed = found.price_of_silo, found.price_of_silo_fixed
    print(
        f"  {draws} draws: price of the silo {price.median:.1%} ({price.low:.1%} to {price.high:.1%}), of the plans as"
        f" they are {fixed.median:.1%} ({fixed.low:.1%} to {fixed.high:.1%}); at the figures"
        f" {compared.price_of_silo:.1%}; {found.looked_at} plans, {found.searched} searched, {took:.1f} s"
    )
    print("  regret, mean and worst: " + "; ".join(f"{r.plan} {r.expected:,.0f} {r.worst:,.0f}" for r in found.regrets))


def sharing_of(problem: PortfolioProblem) -> None:
    """Print the Shapley value with its errors, whether anybody would leave, and how many coalitions were planned."""
    limits = Limits(seconds=5)
    plan = solve(problem, limits)
    began = time.perf_counter()
    sharing = share_out(problem, {each.intervention: each.scale for each in plan.choices}, 1.0, limits, solve)
    largest = max(share.error for share in sharing.shares)
    complaint = "not looked at" if sharing.complaint is None else f"{sharing.complaint:,.1f}"
    print(
        f"  sharing among {len(problem.bodies)}: {sharing.coalitions} coalitions, {time.perf_counter() - began:.1f} s,"
        f" in the core {sharing.is_in_core}, least complaint {complaint}, largest error {largest:,.1f}"
        f" of {sharing.whole:,.0f}",
        flush=True,
    )


def main() -> None:
    """Print the tables of the seeds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--draws", type=int, default=0)
    arguments.add_argument("--sharing", action="store_true", help="also coalitions of the six bodies")
    arguments.add_argument("--large", action="store_true", help="also 400 interventions of 12 bodies")
    given = arguments.parse_args()
    for size in ((60, 6), (400, 12)) if given.large else ((60, 6),):
        for seed in given.seeds:
            print(f"{size[0]} x {size[1]}, seed {seed}", flush=True)
            problem = instance(seed, *size)
            beside_highs(problem, given.seconds)
            if given.draws and size[1] == 6:
                draws_of(problem, given.draws, seed)
            if given.sharing and size[1] == 6:
                sharing_of(problem)


if __name__ == "__main__":
    main()
