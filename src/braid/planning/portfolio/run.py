"""From a portfolio problem to a plan: chosen, paid for, certified."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from importlib.metadata import version

from braid import __version__
from braid.language.documents import fingerprint
from braid.planning.contract import Certificate, Limits, diff_of
from braid.planning.portfolio.checker import levels_of
from braid.planning.portfolio.engines.integer_program import choose, node_limit
from braid.planning.portfolio.model import Choice, Contribution, PortfolioPlan, PortfolioProblem, pence_of
from braid.planning.portfolio.reasons import reasons_of


def solve(problem: PortfolioProblem, limits: Limits, before: PortfolioPlan | None = None) -> PortfolioPlan:
    """Return the best portfolio found, with its proved bound.

    Raises `NoPlan` where the floors ask for more than the money brings.
    """
    began = time.perf_counter()
    found = choose(problem, limits)
    bought = found.bought
    certificate = Certificate(
        sense="most",
        levels=levels_of(problem, bought),
        value=found.value,
        bound=max(found.bound, found.value) if math.isfinite(found.bound) else None,
        bound_method="branch and bound",
        engine="integer program (HiGHS)",
        versions={"braid": __version__, "scipy": version("scipy")},
        seed=limits.seed,
        effort={"nodes a program": node_limit(limits), "cuts": found.cuts},
        repeatable=found.repeatable,
        problem=fingerprint(problem),
        seconds=time.perf_counter() - began,
    )
    return PortfolioPlan(
        certificate=certificate,
        choices=tuple(Choice(each.id, bought[each.id]) for each in problem.interventions if each.id in bought),
        contributions=pay(problem, bought),
        reasons=reasons_of(problem, bought),
        diff=diff_of(_words(before), {name: f"scale {scale}" for name, scale in bought.items()}) if before else None,
    )


def _words(plan: PortfolioPlan | None) -> dict[str, str]:
    return {choice.intervention: f"scale {choice.scale}" for choice in plan.choices} if plan else {}


def pay(problem: PortfolioProblem, bought: Mapping[str, int]) -> tuple[Contribution, ...]:
    """Return what each body pays, to the penny: apart, its share of each; pooled, in proportion to its budget.

    Pennies that do not divide go to the bodies whose share was cut most (largest remainder).
    """
    costs = {each.id: each.scales[bought[each.id]].cost_pence for each in problem.interventions if each.id in bought}
    if problem.purse in ("silo", "aligned"):
        those = [each for each in problem.interventions if each.id in bought]
        return tuple(
            Contribution(body.id, sum(pence_of(each, bought[each.id], body.id) for each in those))
            for body in problem.bodies
        )
    total, budget = sum(costs.values()), sum(body.budget_pence for body in problem.bodies)
    if not budget:
        return tuple(Contribution(body.id, 0) for body in problem.bodies)
    shares = {body.id: divmod(total * body.budget_pence, budget) for body in problem.bodies}
    missing = total - sum(whole for whole, _ in shares.values())
    rounded_up = set(sorted(shares, key=lambda body: (-shares[body][1], body))[:missing])
    return tuple(Contribution(body, whole + (body in rounded_up)) for body, (whole, _) in shares.items())
