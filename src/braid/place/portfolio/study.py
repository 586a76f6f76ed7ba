"""The whole study of a portfolio: what separate purses buy and what one purse buys, how sure that is, who gains, who
pays whom, and what would change it. A document: written and read as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from braid.language.documents import Part
from braid.place.portfolio.model import Portfolio
from braid.place.portfolio.problem import PENCE_A_UNIT, drawn_problems, problem_of, reweigh
from braid.planning.contract import Limits
from braid.planning.portfolio.checker import body_values
from braid.planning.portfolio.coalitions import Sharing, share_out
from braid.planning.portfolio.compare import Comparison, Worth, compare, worth_of
from braid.planning.portfolio.draws import Band, Uncertainty, band_of, study_draws
from braid.planning.portfolio.engines.redrawn import values_of
from braid.planning.portfolio.model import PortfolioPlan, PortfolioProblem
from braid.planning.portfolio.payments import pay

Solve = Callable[[PortfolioProblem, Limits], PortfolioPlan]
Tell = Callable[[int, int], None]
LIMITS = Limits(seconds=10)
DRAWS, SEED = 200, 1
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Of the money, at which the frontier is drawn."""
MORE_MONEY = 1.1
"""What a tenth more money would buy is looked at."""


@dataclass(frozen=True)
class PlanTold(Part):
    """What one purse buys. Values are in pounds of the boards' own weights; money is in pence."""

    name: str
    choices: Mapping[str, int]
    """Size by intervention, counted from 0."""
    value: float
    by_body: Mapping[str, float]
    pence: int
    paid: Mapping[str, int]
    gap: float | None
    """How far from the best it may be at most, as a share; null where it was not made by itself."""
    left_out: Mapping[str, tuple[tuple[str, str], ...]]
    """By intervention that is not bought: what stood in its way, as rule and what it is about."""


@dataclass(frozen=True)
class PointTold(Part):
    """What one purse brings for a share of the money, at the central figures and over the draws."""

    share: float
    pence: int
    value: float
    band: Band


@dataclass(frozen=True)
class SharingTold(Part):
    """What the bodies gain together, and a fair sharing of it; see `planning.portfolio.coalitions.Sharing`."""

    whole: float
    alone: Mapping[str, float]
    has: Mapping[str, float]
    fair: Mapping[str, float]
    errors: Mapping[str, float]
    steady: Mapping[str, float]
    worst: tuple[str, ...]
    worst_excess: float | None
    complaint: float | None
    is_in_core: bool | None
    transfers: Mapping[str, int]
    payments: tuple[tuple[str, str, int], ...]
    coalitions: int


@dataclass(frozen=True)
class Swing(Part):
    """What the one purse would buy otherwise if something were otherwise: a weight at an end, a tenth more money."""

    about: str
    """An outcome, or `money`."""
    end: str
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    resized: tuple[str, ...]
    price_of_silo: float | None

    @property
    def is_same(self) -> bool:
        """Whether nothing would be bought otherwise."""
        return not (self.added or self.dropped or self.resized)


@dataclass(frozen=True)
class Study(Part):
    """Everything that is told of a portfolio."""

    portfolio: Portfolio
    budgets: Mapping[str, int]
    plans: tuple[PlanTold, ...]
    price_of_silo: float | None
    misaligned_aims: float | None
    ring_fences: float | None
    protection: float | None
    uncertainty: Uncertainty
    frontier: tuple[PointTold, ...]
    sharing: SharingTold
    swings: tuple[Swing, ...]
    seed: int

    def plan(self, name: str) -> PlanTold:
        """Return a plan by its name: `silo`, `aligned`, `pooled`, `no_loser` or `least_regret`."""
        return next(plan for plan in self.plans if plan.name == name)


def study(
    portfolio: Portfolio,
    solve: Solve,
    *,
    budgets: Mapping[str, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    tell: Tell = lambda _done, _of: None,
) -> Study:
    """Return the study of a portfolio; `budgets` in pence, by body, stand for those of the file.

    `tell` is told after each of five steps. Raises `NoPlan` where no choice keeps every rule.
    """
    problem = problem_of(portfolio, budgets)
    compared = compare(problem, LIMITS, solve)
    tell(1, 5)
    drawn = list(drawn_problems(portfolio, draws, seed, budgets))
    bought: dict[str, dict[str, int]] = {worth.purse: _bought(worth.plan) for worth in compared.worths}
    uncertainty = study_draws(problem, drawn, bought, LIMITS)
    tell(2, 5)
    frontier = _frontier(problem, drawn, solve)
    tell(3, 5)
    sharing = share_out(problem, bought["pooled"], PENCE_A_UNIT, LIMITS, solve, seed)
    tell(4, 5)
    swings = _swings(portfolio, problem, budgets, bought["pooled"], solve)
    tell(5, 5)
    plans = [_told(worth) for worth in compared.worths]
    plans.append(_careful(problem, uncertainty.least_regret))
    return Study(
        portfolio=portfolio,
        budgets={body.id: body.budget_pence for body in problem.bodies},
        plans=tuple(plans),
        price_of_silo=_finite(compared.price_of_silo),
        misaligned_aims=_finite(compared.misaligned_aims),
        ring_fences=_finite(compared.ring_fences),
        protection=_finite(compared.protection),
        uncertainty=uncertainty,
        frontier=frontier,
        sharing=_sharing_told(sharing),
        swings=swings,
        seed=seed,
    )


def _bought(plan: PortfolioPlan) -> dict[str, int]:
    return {choice.intervention: choice.scale for choice in plan.choices}


def _finite(share: float) -> float | None:
    return share if math.isfinite(share) else None


def _told(worth: Worth) -> PlanTold:
    return PlanTold(
        worth.purse,
        _bought(worth.plan),
        worth.value,
        worth.by_body,
        sum(each.pence for each in worth.plan.contributions),
        {each.body: each.pence for each in worth.plan.contributions},
        worth.plan.certificate.gap,
        {
            reason.item: tuple((binding.rule, binding.resource) for binding in reason.bindings)
            for reason in worth.plan.reasons
        },
    )


def _careful(problem: PortfolioProblem, choices: Mapping[str, int]) -> PlanTold:
    """Return the plan of least regret as it is told: it was found among plans, not made by a purse."""
    paid = {each.body: each.pence for each in pay(problem, choices)}
    value = float(values_of([problem], [choices])[0, 0])
    own = body_values(problem, choices)
    return PlanTold("least_regret", choices, value, own, sum(paid.values()), paid, None, {})


def _frontier(problem: PortfolioProblem, drawn: Sequence[PortfolioProblem], solve: Solve) -> tuple[PointTold, ...]:
    """Return what a pooled purse brings for each share of the money; bands are of the plan as it was chosen."""
    worths = [worth_of(replace(problem, budget_share=share), LIMITS, solve) for share in SHARES]
    values = values_of(drawn, [_bought(worth.plan) for worth in worths])
    whole = sum(body.budget_pence for body in problem.bodies)
    return tuple(
        PointTold(share, round(whole * share), worth.value, band_of(values[:, at]))
        for at, (share, worth) in enumerate(zip(SHARES, worths, strict=True))
    )


def _sharing_told(sharing: Sharing) -> SharingTold:
    return SharingTold(
        sharing.whole,
        sharing.alone,
        sharing.has,
        {share.player: share.value for share in sharing.shares},
        {share.player: share.error for share in sharing.shares},
        sharing.steady,
        sharing.worst,
        sharing.worst_excess,
        sharing.complaint,
        sharing.is_in_core,
        sharing.transfers,
        tuple((each.payer, each.payee, each.pence) for each in sharing.payments),
        sharing.coalitions,
    )


def _swings(
    portfolio: Portfolio,
    problem: PortfolioProblem,
    budgets: Mapping[str, int] | None,
    before: Mapping[str, int],
    solve: Solve,
) -> tuple[Swing, ...]:
    found = []
    for other in reweigh(portfolio):
        reweighed = compare(problem_of(other.portfolio, budgets), LIMITS, solve)
        found.append(_swing(other.outcome, other.end, before, reweighed))
    richer = tuple(replace(body, budget_pence=round(body.budget_pence * MORE_MONEY)) for body in problem.bodies)
    found.append(_swing("money", "high", before, compare(replace(problem, bodies=richer), LIMITS, solve)))
    return tuple(found)


def _swing(about: str, end: str, before: Mapping[str, int], compared: Comparison) -> Swing:
    after = _bought(compared.of("pooled").plan)
    return Swing(
        about,
        end,
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(name for name in after.keys() & before.keys() if after[name] != before[name])),
        _finite(compared.price_of_silo),
    )
