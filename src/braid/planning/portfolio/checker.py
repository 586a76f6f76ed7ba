"""The independent check of a portfolio: every hard rule and every level again, from problem and plan alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from braid.language.documents import fingerprint
from braid.planning.contract import Broken, Checked, Level, broken_certificate
from braid.planning.portfolio.model import (
    Choice,
    Intervention,
    PortfolioPlan,
    PortfolioProblem,
    scenario_factors,
    tail_size,
)

SLACK = 1e-6
"""By how much a sum of values may fall short of a floor, for rounding."""

Bought = Mapping[str, int]
"""The scale of each intervention that is bought, by id."""


def check(problem: PortfolioProblem, plan: PortfolioPlan) -> Checked:
    """Return the broken hard rules of a plan, and what it is worth by level."""
    unknown = _unknown(problem, plan.choices)
    if unknown:
        return Checked(tuple(unknown), ())
    bought = {choice.intervention: choice.scale for choice in plan.choices}
    levels = levels_of(problem, bought)
    broken = [each for rule in RULES for each in rule(problem, plan, bought)]
    broken += broken_certificate(plan.certificate, levels, fingerprint(problem), "most")
    return Checked(tuple(broken), levels)


def _unknown(problem: PortfolioProblem, choices: Sequence[Choice]) -> list[Broken]:
    scales = {intervention.id: len(intervention.scales) for intervention in problem.interventions}
    times = Counter(choice.intervention for choice in choices)
    broken = [Broken("bought_twice", (name,)) for name, count in times.items() if count > 1]
    return broken + [
        Broken("unknown_choice", (choice.intervention,))
        for choice in choices
        if not 0 <= choice.scale < scales.get(choice.intervention, 0)
    ]


def requires(problem: PortfolioProblem, _plan: PortfolioPlan, bought: Bought) -> Iterable[Broken]:
    """What an intervention requires is bought too."""
    for pair in problem.requires:
        if pair.one in bought and pair.other not in bought:
            yield Broken("requires", (pair.one, pair.other))


def excludes(problem: PortfolioProblem, _plan: PortfolioPlan, bought: Bought) -> Iterable[Broken]:
    """Of two that exclude each other, at most one is bought."""
    for pair in problem.excludes:
        if pair.one in bought and pair.other in bought:
            yield Broken("excludes", (pair.one, pair.other))


def budgets(problem: PortfolioProblem, _plan: PortfolioPlan, bought: Bought) -> Iterable[Broken]:
    """With separate purses, what a body pays of all is no more than its share of its own budget."""
    if problem.purse in ("pooled", "no_loser"):
        return
    for body in problem.bodies:
        if _paid_by(body.id, problem.interventions, bought) > body.budget_pence * problem.budget_share + SLACK:
            yield Broken("budget", (body.id,))


def pool(problem: PortfolioProblem, _plan: PortfolioPlan, bought: Bought) -> Iterable[Broken]:
    """All that is bought costs no more than the share of the budgets together."""
    budget = sum(body.budget_pence for body in problem.bodies) * problem.budget_share
    if _cost(problem.interventions, bought) > budget + SLACK:
        yield Broken("pool")


def floors(problem: PortfolioProblem, _plan: PortfolioPlan, bought: Bought) -> Iterable[Broken]:
    """Where nobody may lose, each body has at least its floor."""
    if problem.purse != "no_loser":
        return
    values = body_values(problem, bought)
    for body, floor in problem.floors.items():
        if values[body] < floor - SLACK * max(1.0, abs(floor)):
            yield Broken("floor", (body,))


def contributions(problem: PortfolioProblem, plan: PortfolioPlan, bought: Bought) -> Iterable[Broken]:
    """The bodies pay to the penny what is bought, none more than its budget; apart, each what it pays of each."""
    known = {body.id: body.budget_pence for body in problem.bodies}
    paid = {each.body: each.pence for each in plan.contributions}
    if len(paid) != len(plan.contributions) or paid.keys() != known.keys():
        yield Broken("contribution_of_each_body_once")
        return
    if sum(paid.values()) != _cost(problem.interventions, bought):
        yield Broken("contributions_pay_it")
    for body, pence in paid.items():
        if not 0 <= pence <= known[body]:
            yield Broken("contribution_within_budget", (body,))
        if problem.purse in ("silo", "aligned") and pence != _paid_by(body, problem.interventions, bought):
            yield Broken("contribution_for_what_it_leads", (body,))


Rule = Callable[[PortfolioProblem, PortfolioPlan, Bought], Iterable[Broken]]
RULES: tuple[Rule, ...] = (requires, excludes, budgets, pool, floors, contributions)
"""The hard rules."""


def _cost(interventions: Iterable[Intervention], bought: Bought) -> int:
    return sum(each.scales[bought[each.id]].cost_pence for each in interventions if each.id in bought)


def _paid_by(body: str, interventions: Iterable[Intervention], bought: Bought) -> int:
    """Return what a body pays of all that is bought: what it leads less what others pay, and what it pays of others."""
    paid = 0
    for each in interventions:
        if each.id in bought:
            scale = each.scales[bought[each.id]]
            rest = scale.cost_pence - sum(scale.paid_by_others.values())
            paid += rest if each.lead == body else scale.paid_by_others.get(body, 0)
    return paid


def body_values(problem: PortfolioProblem, bought: Bought) -> dict[str, float]:
    """Return what each body gets, effects left out: nobody has agreed whose they are."""
    return {
        body.id: math.fsum(
            each.scales[bought[each.id]].values.get(body.id, 0.0) for each in problem.interventions if each.id in bought
        )
        for body in problem.bodies
    }


def levels_of(problem: PortfolioProblem, bought: Bought) -> tuple[Level, ...]:
    """Return what a choice is worth by level, as the bodies of the problem's purse count it."""
    expected = 1.0 - (problem.risk.weight if problem.risk else 0.0)
    found = [
        Level("value", _direct_value(problem, bought), expected),
        Level("effects", _effects(problem, bought), 1.0),
    ]
    if problem.risk is not None:
        found.append(Level("value in the worst years", _tail_value(problem, bought), problem.risk.weight))
    if problem.change_price:
        before = {choice.intervention: choice.scale for choice in problem.chosen_before}
        changed = sum(before.get(each.id) != bought.get(each.id) for each in problem.interventions)
        found.append(Level("changes", float(changed), -problem.change_price))
    return tuple(found)


def counted_value(problem: PortfolioProblem, intervention: Intervention, scale: int) -> float:
    """Return what a scale is worth to whoever decides on it: in the silo to its lead alone, else to everybody."""
    values = intervention.scales[scale].values
    return values.get(intervention.lead, 0.0) if problem.purse == "silo" else math.fsum(values.values())


def counts_effect(problem: PortfolioProblem, one: str, other: str) -> bool:
    """Whether an effect between two interventions counts: in the silo only to a body that leads both."""
    if problem.purse != "silo":
        return True
    leads = {each.id: each.lead for each in problem.interventions}
    return problem.silo_counts_own_effects and leads[one] == leads[other]


def _direct_value(problem: PortfolioProblem, bought: Bought) -> float:
    return math.fsum(
        counted_value(problem, each, bought[each.id]) for each in problem.interventions if each.id in bought
    )


def _effects(problem: PortfolioProblem, bought: Bought) -> float:
    return math.fsum(
        effect.value
        for effect in problem.effects
        if effect.one in bought and effect.other in bought and counts_effect(problem, effect.one, effect.other)
    )


def _tail_value(problem: PortfolioProblem, bought: Bought) -> float:
    """Return the mean value of the worst scenarios, effects left out."""
    assert problem.risk is not None
    values = sorted(
        math.fsum(
            factor * counted_value(problem, each, bought[each.id])
            for factor, each in zip(factors, problem.interventions, strict=True)
            if each.id in bought
        )
        for factors in scenario_factors(problem)
    )
    size = tail_size(problem.risk)
    return math.fsum(values[:size]) / size
