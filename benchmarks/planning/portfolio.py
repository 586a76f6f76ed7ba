"""Portfolios of the reference instances: list by value for money, separate purses, pooled, and what the risk costs.

    python benchmarks/planning/portfolio.py --seeds 1 2 3

Instances come from the generator `d_gen.py` in the folder `design/bench-planning` of BRAID_SHARED. The simple policy is
each body's own list by value for money, with every knob swept: which value it counts, and which scales it buys. Figures
are values, not times, but for the last columns; the same seeds give the same values anywhere.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("BRAID_SHARED", REPOSITORY.parent / "shared"))
sys.path[:0] = [str(REPOSITORY / "src"), str(SHARED / "design" / "bench-planning")]

from braid.planning.contract import Limits, value_of  # noqa: E402
from braid.planning.portfolio import checker  # noqa: E402
from braid.planning.portfolio.compare import compare, frontier  # noqa: E402
from braid.planning.portfolio.model import (  # noqa: E402
    Body,
    Effect,
    Intervention,
    Pair,
    PortfolioProblem,
    Risk,
    Scale,
)
from braid.planning.portfolio.run import solve  # noqa: E402

LIMITS = Limits(seconds=60)
PENCE = 100_000
"""Pence in a thousand pounds, the unit of the reference instances."""


def instance(seed: int, interventions: int = 60, bodies: int = 6) -> PortfolioProblem:
    """Return a reference instance as a problem; its silo counts no effects, as the reference does."""
    import d_gen

    made: dict[str, Any] = d_gen.generate(n=interventions, b=bodies, seed=seed)
    names = [f"body {number}" for number in range(made["b"])]
    return PortfolioProblem(
        kind="portfolio",
        purse="pooled",
        bodies=tuple(Body(name, int(budget) * PENCE) for name, budget in zip(names, made["bud"], strict=True)),
        interventions=tuple(_intervention(made, number, names) for number in range(made["n"])),
        effects=tuple(Effect(f"i{one}", f"i{other}", value) for (one, other), value in made["pairs"].items()),
        requires=tuple(Pair(f"i{one}", f"i{other}") for one, other in made["req"]),
        excludes=tuple(Pair(f"i{one}", f"i{other}") for one, other in made["excl"]),
        silo_counts_own_effects=False,
    )


def _intervention(made: dict[str, Any], number: int, names: list[str]) -> Intervention:
    scales = tuple(
        Scale(
            int(made["cost"][number, level]) * PENCE,
            {name: float(value) for name, value in zip(names, made["val"][number, :, level], strict=True)},
        )
        for level in range(made["L"])
    )
    return Intervention(f"i{number}", names[made["lead"][number]], scales, 0.35)


def lists_by_value_for_money(problem: PortfolioProblem) -> Iterator[tuple[str, float]]:
    """Yield for each knob setting of the simple policy its name and what it brings to all."""
    for counts in ("own value", "everybody's value"):
        for scale in range(3):
            yield f"{counts}, scale {scale}", _list(problem, counts, scale)


def _list(problem: PortfolioProblem, counts: str, scale: int) -> float:
    purse = {body.id: body.budget_pence for body in problem.bodies}

    def worth(each: Intervention) -> float:
        values = each.scales[scale].values
        return values[each.lead] if counts == "own value" else sum(values.values())

    bought: dict[str, int] = {}
    for each in sorted(problem.interventions, key=lambda one: -worth(one) / one.scales[scale].cost_pence):
        tried = {**bought, each.id: scale}
        fits = each.scales[scale].cost_pence <= purse[each.lead]
        kept = not list(checker.excludes(problem, None, tried)) and not any(  # type: ignore[arg-type]
            pair.one == each.id and pair.other not in bought for pair in problem.requires
        )
        if fits and kept:
            bought, purse[each.lead] = tried, purse[each.lead] - each.scales[scale].cost_pence
    return value_of(checker.levels_of(problem, bought))


def table(seed: int) -> None:
    """Print one seed: sweep, purses, price of the silo, frontier, risk, stability."""
    problem = instance(seed)
    swept = dict(lists_by_value_for_money(problem))
    print(
        f"seed {seed}: lists by value for money: " + "; ".join(f"{name} {value:,.0f}" for name, value in swept.items())
    )
    began = time.perf_counter()
    compared = compare(problem, LIMITS, solve)
    for worth in compared.worths:
        certificate = worth.plan.certificate
        passes = checker.check(worth.problem, worth.plan).passes
        print(
            f"  {worth.purse:9} {worth.value:8,.0f}  gap {certificate.gap:.4%}  {certificate.seconds:5.2f} s"
            f"  checker {'passes' if passes else 'REFUSES'}"
        )
    best = max(swept.values())
    print(
        f"  price of the silo {compared.price_of_silo:.1%} = misaligned aims {compared.misaligned_aims:.1%} x"
        f" ring-fences {compared.ring_fences:.1%}; nobody loses costs {compared.protection:.1%};"
        f" pooled over best list {compared.of('pooled').value / best - 1:+.1%}; {time.perf_counter() - began:.1f} s"
    )
    began = time.perf_counter()
    points = frontier(problem, LIMITS, solve, [0.3 + 0.7 * step / 13 for step in range(14)])
    print(
        "  frontier  " + " ".join(f"{worth.value:,.0f}" for worth in points) + f"  {time.perf_counter() - began:.1f} s"
    )
    _risk(problem, seed)


def _risk(problem: PortfolioProblem, seed: int) -> None:
    began = time.perf_counter()
    careful = replace(problem, risk=Risk(0.5))
    plan = solve(careful, LIMITS)
    before = {choice.intervention: choice.scale for choice in plan.choices}
    print(
        f"  risk 0.5  {plan.certificate.value:8,.0f}  gap {plan.certificate.gap:.4%}"
        f"  {plan.certificate.effort['cuts']} cuts  {time.perf_counter() - began:.1f} s"
    )
    for price in (0.0, 20.0):
        kept = []
        for noise in range(3):
            noisy = replace(_noisy(careful, noise), change_price=price, chosen_before=plan.choices)
            after = {choice.intervention: choice.scale for choice in solve(noisy, LIMITS).choices}
            kept.append(sum(before.get(each.id) == after.get(each.id) for each in problem.interventions))
        share = min(kept) / len(problem.interventions)
        print(f"  costs +-10 %, price of a change {price:.0f}: at least {share:.0%} of choices the same (seed {seed})")


def _noisy(problem: PortfolioProblem, seed: int) -> PortfolioProblem:
    draw = random.Random(seed)
    changed = tuple(
        replace(
            each,
            scales=tuple(
                replace(scale, cost_pence=round(scale.cost_pence * draw.uniform(0.9, 1.1))) for scale in each.scales
            ),
        )
        for each in problem.interventions
    )
    return replace(problem, interventions=changed)


def main() -> None:
    """Print the tables of the seeds, and one large instance."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    arguments.add_argument("--large", action="store_true", help="also 2,000 interventions of 10 bodies")
    given = arguments.parse_args()
    for seed in given.seeds:
        table(seed)
    if given.large:
        began = time.perf_counter()
        plan = solve(instance(1, 2000, 10), LIMITS)
        print(f"2,000 x 10: gap {plan.certificate.gap:.4%}, {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
