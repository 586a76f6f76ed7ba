"""From a portfolio problem to a plan: chosen, paid for, certified."""

from __future__ import annotations

import math
import time
from importlib.metadata import version

from braid import __version__
from braid.language.documents import fingerprint
from braid.planning.contract import Certificate, Limits, diff_of
from braid.planning.portfolio.checker import levels_of
from braid.planning.portfolio.engines.integer_program import choose, node_limit
from braid.planning.portfolio.model import Choice, PortfolioPlan, PortfolioProblem
from braid.planning.portfolio.payments import pay
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
