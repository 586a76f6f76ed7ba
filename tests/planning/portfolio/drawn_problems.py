"""Small portfolio problems drawn at random, with a plan for each choice: for tests against exhaustive search."""

from __future__ import annotations

import random
from dataclasses import replace

from braid.language.documents import fingerprint
from braid.planning.contract import Certificate, value_of
from braid.planning.portfolio.checker import levels_of
from braid.planning.portfolio.model import (
    Body,
    Choice,
    Effect,
    Intervention,
    Pair,
    PortfolioPlan,
    PortfolioProblem,
    Purse,
    Risk,
    Scale,
)
from braid.planning.portfolio.payments import pay

PURSES: tuple[Purse, ...] = ("silo", "aligned", "pooled", "no_loser")


def drawn_problem(seed: int) -> PortfolioProblem:
    """Return a problem with up to six interventions at up to two scales, tight money, effects, pairs, perhaps risk."""
    draw = random.Random(seed)
    bodies = [f"body {number}" for number in range(draw.randint(1, 3))]
    names = [f"intervention {number}" for number in range(draw.randint(1, 6))]
    interventions = tuple(_intervention(draw, name, bodies) for name in names)
    purse = draw.choice(PURSES)
    pairs = [(one, other) for one in names for other in names if one < other]
    budgets = tuple(Body(body, draw.randint(0, 400_00)) for body in bodies)
    return PortfolioProblem(
        kind="portfolio",
        purse=purse,
        bodies=budgets,
        interventions=interventions,
        effects=tuple(Effect(*pair, draw.uniform(-8, 8)) for pair in _some(draw, pairs, 4)),
        requires=tuple(Pair(*draw.choice((pair, pair[::-1]))) for pair in _some(draw, pairs, 2)),
        excludes=tuple(Pair(*pair) for pair in _some(draw, pairs, 2)),
        budget_share=draw.choice((1.0, 1.0, 0.75)),
        floors={body: draw.uniform(-1, 3) for body in bodies} if purse == "no_loser" else {},
        silo_counts_own_effects=draw.random() < 0.5,
        risk=Risk(draw.random(), draw.uniform(0.05, 0.5), 40, seed) if draw.random() < 0.3 else None,
        change_price=draw.choice((0.0, 2.0)),
        chosen_before=tuple(Choice(name, 0) for name in names if draw.random() < 0.3),
    )


def _intervention(draw: random.Random, name: str, bodies: list[str]) -> Intervention:
    scales = []
    for number in range(1, draw.randint(1, 2) + 1):
        values = {body: draw.uniform(-1, 10) * number**0.5 for body in bodies if draw.random() < 0.8}
        scales.append(Scale(draw.randint(0, 200_00) * number, values))
    return Intervention(name, draw.choice(bodies), tuple(scales), draw.choice((0.0, 0.3)))


def with_shares(problem: PortfolioProblem, seed: int) -> PortfolioProblem:
    """Return a problem in which bodies other than the lead pay a part of some scales."""
    draw = random.Random(f"{seed} shares")

    def shared(scale: Scale, lead: str) -> Scale:
        left, paid = scale.cost_pence, {}
        for body in (each.id for each in problem.bodies if each.id != lead):
            if draw.random() < 0.5:
                paid[body] = draw.randint(0, left)
                left -= paid[body]
        return replace(scale, paid_by_others=paid)

    interventions = tuple(
        replace(each, scales=tuple(shared(scale, each.lead) for scale in each.scales)) for each in problem.interventions
    )
    return replace(problem, interventions=interventions)


def with_everything(problem: PortfolioProblem, seed: int) -> PortfolioProblem:
    """Return a problem with scales too small to buy, payers who alone may pay, and effects that are somebody's."""
    draw = random.Random(f"{seed} everything")
    bodies = [body.id for body in problem.bodies]

    def limited(each: Intervention) -> Intervention:
        is_shared = any(scale.paid_by_others for scale in each.scales)
        others = [body for body in bodies if body != each.lead and draw.random() < 0.3]
        payers = (each.lead, *others) if draw.random() < 0.7 and not is_shared else ()
        return replace(each, least_scale=draw.randrange(len(each.scales)), payers=payers)

    def owned(effect: Effect) -> Effect:
        if draw.random() < 0.2:
            return effect
        parts = {body: draw.uniform(-9, 9) for body in bodies if draw.random() < 0.8}
        return replace(effect, value=sum(parts.values()), values=parts) if parts else effect

    return replace(
        problem,
        interventions=tuple(map(limited, problem.interventions)),
        effects=tuple(map(owned, problem.effects)),
    )


def _some(draw: random.Random, pairs: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    return draw.sample(pairs, min(len(pairs), draw.randint(0, most)))


def plan_of(problem: PortfolioProblem, bought: dict[str, int]) -> PortfolioPlan:
    """Return a plan that buys just that, with a certificate that says what is so, whether it keeps the rules or not."""
    levels = levels_of(problem, bought)
    certificate = Certificate(
        sense="most",
        levels=levels,
        value=value_of(levels),
        bound=None,
        bound_method="",
        engine="by hand",
        versions={},
        seed=0,
        effort={},
        repeatable=True,
        problem=fingerprint(problem),
        seconds=0.0,
    )
    choices = tuple(Choice(name, scale) for name, scale in bought.items())
    return PortfolioPlan(certificate=certificate, choices=choices, contributions=pay(problem, bought))
