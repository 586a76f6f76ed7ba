"""The independent check of a portfolio: every hard rule and every level again, from problem and plan alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

from braid.language.documents import fingerprint
from braid.planning.contract import Broken, Checked, Level, broken_certificate
from braid.planning.portfolio.model import (
    Choice,
    Effect,
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


def too_small(problem: PortfolioProblem, _plan: PortfolioPlan, bought: Bought) -> Iterable[Broken]:
    """Nothing is bought at a scale that is too small to work."""
    for each in problem.interventions:
        if bought.get(each.id, each.least_scale) < each.least_scale:
            yield Broken("too_small", (each.id,))


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


def payers(problem: PortfolioProblem, _plan: PortfolioPlan, bought: Bought) -> Iterable[Broken]:
    """All together, no group of bodies has more to pay for, that nobody else may pay for, than it has money."""
    if problem.purse not in ("pooled", "no_loser"):
        return
    for group in _groups(sorted({body for each in problem.interventions for body in each.payers})):
        money = sum(body.budget_pence for body in problem.bodies if body.id in group) * problem.budget_share
        if _only_payable_by(group, problem, bought) > money + SLACK:
            yield Broken("payers", group)


def _groups(bodies: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (group for size in range(1, len(bodies) + 1) for group in combinations(bodies, size))


def _only_payable_by(group: Sequence[str], problem: PortfolioProblem, bought: Bought) -> int:
    """Return what is bought that the bodies of a group alone may pay for."""
    return sum(
        each.scales[bought[each.id]].cost_pence
        for each in problem.interventions
        if each.id in bought and each.payers and set(each.payers) <= set(group)
    )


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
    if problem.purse in ("pooled", "no_loser"):
        for group in _groups(sorted({body for each in problem.interventions for body in each.payers})):
            if sum(paid[body] for body in group) < _only_payable_by(group, problem, bought):
                yield Broken("contributions_by_who_may_pay", group)
    for body, pence in paid.items():
        if not 0 <= pence <= known[body]:
            yield Broken("contribution_within_budget", (body,))
        if problem.purse in ("silo", "aligned") and pence != _paid_by(body, problem.interventions, bought):
            yield Broken("contribution_for_what_it_leads", (body,))


Rule = Callable[[PortfolioProblem, PortfolioPlan, Bought], Iterable[Broken]]
RULES: tuple[Rule, ...] = (too_small, requires, excludes, budgets, pool, payers, floors, contributions)
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
    """Return what each body gets; of effects, what was agreed to be its own."""
    both = [effect for effect in problem.effects if effect.one in bought and effect.other in bought]
    return {
        body.id: math.fsum(
            each.scales[bought[each.id]].values.get(body.id, 0.0) for each in problem.interventions if each.id in bought
        )
        + math.fsum(effect.values.get(body.id, 0.0) for effect in both)
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
        _counted_effect(problem, effect)
        for effect in problem.effects
        if effect.one in bought and effect.other in bought and counts_effect(problem, effect.one, effect.other)
    )


def _counted_effect(problem: PortfolioProblem, effect: Effect) -> float:
    """Return what an effect is worth to whoever counts it: in the silo to the lead of both, else to everybody."""
    if problem.purse == "silo" and effect.values:
        leads = {each.id: each.lead for each in problem.interventions}
        return effect.values.get(leads[effect.one], 0.0)
    return effect.value


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
