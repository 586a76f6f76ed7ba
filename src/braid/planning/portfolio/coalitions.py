"""What each coalition of bodies could do by itself, and a fair sharing of what all of them gain together.

A coalition pools its members' money, buys what its members lead, pays what others would have paid, and counts what
comes to its members: what a body that stands apart buys, it buys for itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from braid.planning.contract import Limits
from braid.planning.portfolio.checker import body_values
from braid.planning.portfolio.engines.nucleolus import MOST_PLAYERS, nucleolus
from braid.planning.portfolio.games import (
    Coalition,
    Payment,
    Share,
    Worth,
    sampled_shapley,
    settle,
    shapley,
    to_pence,
    worst_excess,
)
from braid.planning.portfolio.model import Effect, Intervention, PortfolioPlan, PortfolioProblem

Solve = Callable[[PortfolioProblem, Limits], PortfolioPlan]
MOST_ENUMERATED = 6
"""Bodies whose coalitions are all planned for the Shapley value; of more, orders are drawn."""
PAIRS = 100
"""Pairs of orders that are drawn."""


def problem_of(problem: PortfolioProblem, members: Coalition) -> PortfolioProblem | None:
    """Return the problem that a coalition has by itself; None where it has nothing to choose from.

    Effects that are nobody's own count for whoever buys both. Risk, floors and the price of changes are left out.
    """
    theirs = {each.id: _of_members(each, members) for each in problem.interventions if each.lead in members}
    offered = {name: each for name, each in theirs.items() if each is not None}
    while lacking := [p.one for p in problem.requires if p.one in offered and p.other not in offered]:
        offered = {name: each for name, each in offered.items() if name not in lacking}
    if not offered:
        return None
    return replace(
        problem,
        purse="pooled",
        bodies=tuple(body for body in problem.bodies if body.id in members),
        interventions=tuple(offered.values()),
        effects=tuple(
            _effect_of(effect, members) for effect in problem.effects if {effect.one, effect.other} <= offered.keys()
        ),
        requires=tuple(pair for pair in problem.requires if pair.one in offered),
        excludes=tuple(pair for pair in problem.excludes if {pair.one, pair.other} <= offered.keys()),
        floors={},
        risk=None,
        change_price=0.0,
        chosen_before=(),
    )


def _of_members(each: Intervention, members: Coalition) -> Intervention | None:
    """Return an intervention as a coalition sees it; None where nobody in it may pay for it."""
    payers = tuple(body for body in each.payers if body in members)
    if each.payers and not payers:
        return None
    scales = tuple(
        replace(
            scale,
            values={body: value for body, value in scale.values.items() if body in members},
            paid_by_others={},
        )
        for scale in each.scales
    )
    return replace(each, scales=scales, payers=payers)


def _effect_of(effect: Effect, members: Coalition) -> Effect:
    if not effect.values:
        return effect
    values = {body: value for body, value in effect.values.items() if body in members}
    return replace(effect, value=math.fsum(values.values()), values=values)


def game_of(problem: PortfolioProblem, limits: Limits, solve: Solve) -> Worth:
    """Return what each coalition is worth by itself: the best it can buy. Each is planned once, when asked for."""
    known: dict[Coalition, float] = {frozenset(): 0.0}

    def worth(members: Coalition) -> float:
        if members not in known:
            alone = problem_of(problem, members)
            known[members] = solve(alone, limits).certificate.value if alone else 0.0
        return known[members]

    return worth


@dataclass(frozen=True)
class Sharing:
    """What everybody gains together, and how it may be shared.

    `alone` is what each body is worth by itself, `has` what the pooled plan brings it (what is nobody's own in equal
    parts), `shares` the Shapley value, `transfers` in pence what each receives (above 0) or pays so that it has its
    share, at the price of a unit of value; `steady` is the nucleolus, for up to eight bodies.
    """

    whole: float
    alone: Mapping[str, float]
    has: Mapping[str, float]
    shares: tuple[Share, ...]
    worst: tuple[str, ...]
    """The coalition that would gain most, or lose least, by leaving after the Shapley value is paid."""
    worst_excess: float | None
    """By how much; None for many bodies."""
    complaint: float | None
    """The least largest complaint: at most 0 where some sharing satisfies every coalition. None for many bodies."""
    steady: Mapping[str, float]
    transfers: Mapping[str, int]
    payments: tuple[Payment, ...]
    coalitions: int
    """How many coalitions were planned."""

    @property
    def is_in_core(self) -> bool | None:
        """Whether no coalition would be better off alone; None where not all were looked at."""
        return None if self.worst_excess is None else self.worst_excess <= 1e-6 * max(1.0, abs(self.whole))


def share_out(
    problem: PortfolioProblem,
    pooled: Mapping[str, int],
    pence_a_unit: float,
    limits: Limits,
    solve: Solve,
    seed: int = 1,
) -> Sharing:
    """Return a fair sharing of what a pooled plan brings; `pooled` is its scale by intervention.

    Exact for up to six bodies, estimated from drawn orders for more. The core is looked at for up to eight.
    """
    players = [body.id for body in problem.bodies]
    game = game_of(problem, limits, solve)
    asked: set[Coalition] = set()

    def worth(members: Coalition) -> float:
        asked.add(members)
        return game(members)

    exact = len(players) <= MOST_ENUMERATED
    shares = shapley(players, worth) if exact else sampled_shapley(players, worth, PAIRS, seed)
    given = {share.player: share.value for share in shares}
    whole = worth(frozenset(players))
    has = _with_common(problem, pooled, whole)
    transfers = to_pence({body: pence_a_unit * (given[body] - has[body]) for body in players})
    is_small = len(players) <= MOST_PLAYERS
    found = nucleolus(players, worth) if is_small else None
    worst = worst_excess(players, worth, given) if is_small else None
    return Sharing(
        whole,
        {body: worth(frozenset({body})) for body in players},
        has,
        shares,
        tuple(sorted(worst.coalition)) if worst else (),
        worst.amount if worst else None,
        found.complaint if found else None,
        found.given if found else {},
        transfers,
        settle(transfers),
        len(asked - {frozenset()}),
    )


def _with_common(problem: PortfolioProblem, bought: Mapping[str, int], whole: float) -> dict[str, float]:
    """Return what a plan brings to each body, what is nobody's own in equal parts, so that it adds up to the whole."""
    own = body_values(problem, bought)
    common = (whole - math.fsum(own.values())) / len(own)
    return {body: value + common for body, value in own.items()}


def say_payments(payments: Sequence[Payment], names: Mapping[str, str]) -> list[str]:
    """Return in words who pays whom."""
    return [
        f"{names.get(each.payer, each.payer)} pays {names.get(each.payee, each.payee)} £{each.pence / 100:,.2f}"
        for each in payments
    ]
