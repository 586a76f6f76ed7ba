"""The portfolio problem: bodies with budgets, interventions at scales, what they do for each body, and to each other.

Money is in pence. Values are in one unit that the bodies agreed on, such as weeks of waiting or quality-adjusted years;
Braid adds them and never weighs one body's against another's.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from braid.language.documents import Part, ids_twice
from braid.planning.contract import Plan

Purse = Literal["silo", "aligned", "pooled", "no_loser"]
"""Whose money pays for what, and who counts whose value.

`silo`: each body pays for what it leads, less what others agreed to pay of it, and counts what that brings to itself
alone. `aligned`: bodies still pay so, but all count everybody's value. `pooled`: one purse, everybody's value.
`no_loser`: pooled, and no body gets less than its floor, which is what it has in the silo.
"""


@dataclass(frozen=True)
class Body(Part):
    """An organisation that brings money."""

    id: str
    budget_pence: int


@dataclass(frozen=True)
class Scale(Part):
    """One size at which an intervention can be bought."""

    cost_pence: int
    values: Mapping[str, float]
    """What it brings to each body, by the body's id; a body that is not named gets nothing."""
    paid_by_others: Mapping[str, int] = field(default_factory=dict)
    """What bodies other than its lead pay of the cost, in pence; the lead pays the rest. Pooled, all pay together."""


@dataclass(frozen=True)
class Intervention(Part):
    """Something that can be bought once, at one of its scales, and that one body leads."""

    id: str
    lead: str
    scales: tuple[Scale, ...]
    spread: float = 0.0
    """Standard deviation of its value, as a share of it. Counts only where the problem has a risk."""
    least_scale: int = 0
    """The first of its scales, counted from 0, at which it may be bought: smaller is too small to work."""
    payers: tuple[str, ...] = ()
    """The bodies whose money may lawfully pay for it; empty where anybody's may."""


@dataclass(frozen=True)
class Effect(Part):
    """What two interventions add to each other's value (above 0) or take from it (below 0) when both are bought."""

    one: str
    other: str
    value: float
    values: Mapping[str, float] = field(default_factory=dict)
    """Whose it is, by body, where that was agreed; the sum is `value`. Empty where nobody agreed: it is everybody's."""


@dataclass(frozen=True)
class Pair(Part):
    """Two interventions. In `requires`, the first can be bought only with the second; in `excludes`, not both."""

    one: str
    other: str


@dataclass(frozen=True)
class Risk(Part):
    """How much a bad year counts: the mean of the worst scenarios, beside the expected value (CVaR)."""

    weight: float
    """Share of the objective that is the mean of the tail, from 0 to 1; the rest is the expected value."""
    tail: float = 0.1
    """Share of the scenarios that are the tail."""
    scenarios: int = 500
    seed: int = 1


@dataclass(frozen=True)
class Choice(Part):
    """An intervention that is bought, and at which of its scales, counted from 0."""

    intervention: str
    scale: int


@dataclass(frozen=True)
class PortfolioProblem(Part):
    """Which interventions to buy at what scale, so that they bring most within the money."""

    kind: Literal["portfolio"]
    purse: Purse
    bodies: tuple[Body, ...]
    interventions: tuple[Intervention, ...]
    effects: tuple[Effect, ...] = ()
    requires: tuple[Pair, ...] = ()
    excludes: tuple[Pair, ...] = ()
    budget_share: float = 1.0
    """Which share of the budgets may be spent, from 0 to 1."""
    floors: Mapping[str, float] = field(default_factory=dict)
    """For `no_loser`: the least value of each body, without effects that are everybody's."""
    silo_counts_own_effects: bool = True
    """Whether a body in the silo counts effects between two interventions that it leads."""
    risk: Risk | None = None
    change_price: float = 0.0
    """What each choice costs in value that is otherwise than in the plan before."""
    chosen_before: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Contribution(Part):
    """What a body pays."""

    body: str
    pence: int


@dataclass(frozen=True, kw_only=True)
class PortfolioPlan(Plan):
    """What is bought, and who pays what."""

    choices: tuple[Choice, ...]
    contributions: tuple[Contribution, ...]


def pence_of(intervention: Intervention, scale: int, body: str) -> int:
    """Return what a body pays of a scale of an intervention where each pays for itself."""
    others = intervention.scales[scale].paid_by_others
    if body == intervention.lead:
        return intervention.scales[scale].cost_pence - sum(others.values())
    return others.get(body, 0)


def may_pay(intervention: Intervention, body: str) -> bool:
    """Whether a body's money may pay for an intervention."""
    return not intervention.payers or body in intervention.payers


def scenario_factors(problem: PortfolioProblem) -> list[list[float]]:
    """Return for each scenario by how much each intervention's value is multiplied, in the order of interventions.

    Drawn from the normal distribution about 1 with the intervention's spread, never below 0, each by itself; the same
    seed draws the same on any machine.
    """
    if problem.risk is None:
        return []
    draw = random.Random(problem.risk.seed)
    spreads = [intervention.spread for intervention in problem.interventions]
    return [[max(0.0, draw.gauss(1.0, spread)) for spread in spreads] for _ in range(problem.risk.scenarios)]


def tail_size(risk: Risk) -> int:
    """Return how many scenarios are the tail; at least one."""
    return max(1, round(risk.tail * risk.scenarios))


Faults = list[tuple[str, str, str]]


def faults(problem: PortfolioProblem) -> Faults:
    """Return what a problem says that cannot be, each as place, rule and next step."""
    bodies = {body.id for body in problem.bodies}
    known = {intervention.id for intervention in problem.interventions}
    found = list(ids_twice("bodies", (body.id for body in problem.bodies)))
    if not problem.interventions:
        found.append(("interventions", "there is nothing to choose from", "name at least one intervention"))
    found += ids_twice("interventions", (intervention.id for intervention in problem.interventions))
    for number, body in enumerate(problem.bodies):
        if body.budget_pence < 0:
            found.append((f"bodies[{number}].budget_pence", "a budget is not below 0", "give the money it brings"))
    for number, intervention in enumerate(problem.interventions):
        found += _of_intervention(f"interventions[{number}]", intervention, bodies)
    for name, pairs in (("effects", problem.effects), ("requires", problem.requires), ("excludes", problem.excludes)):
        found += _of_pairs(name, pairs, known)
    found += _of_effects(problem.effects, bodies)
    return found + _of_shares(problem) + _of_floors(problem, bodies) + _of_before(problem)


def _of_intervention(place: str, intervention: Intervention, bodies: set[str]) -> Faults:
    found = []
    if intervention.lead not in bodies:
        found.append((f"{place}.lead", "it is led by no body of the problem", "name a body"))
    if not intervention.scales:
        found.append((f"{place}.scales", "it has no scale", "give at least one cost with its values"))
    if intervention.spread < 0:
        found.append((f"{place}.spread", "a spread is not below 0", "give a share such as 0.35"))
    if intervention.scales and not 0 <= intervention.least_scale < len(intervention.scales):
        found.append((f"{place}.least_scale", "it names no scale", "count the scales from 0"))
    if set(intervention.payers) - bodies or len(set(intervention.payers)) < len(intervention.payers):
        found.append((f"{place}.payers", "it is paid by no body, or by one twice", "name each body once"))
    for number, scale in enumerate(intervention.scales):
        if scale.cost_pence < 0:
            found.append((f"{place}.scales[{number}].cost_pence", "a cost is not below 0", "give pence"))
        if scale.values.keys() - bodies:
            found.append((f"{place}.scales[{number}].values", "it brings something to no body", "name bodies"))
        found += _of_payers(f"{place}.scales[{number}].paid_by_others", intervention, scale, bodies)
    return found


def _of_payers(place: str, intervention: Intervention, scale: Scale, bodies: set[str]) -> Faults:
    others = scale.paid_by_others
    found = []
    paying = {body for body, pence in others.items() if pence}
    if sum(others.values()) < scale.cost_pence:
        paying.add(intervention.lead)
    if not all(may_pay(intervention, body) for body in paying):
        found.append((place, "somebody pays a share who may not pay for it", "let its payers pay all of it"))
    if others.keys() - bodies or intervention.lead in others:
        found.append((place, "it is paid by no body, or by its lead", "name bodies other than the lead"))
    if any(pence < 0 for pence in others.values()) or sum(others.values()) > scale.cost_pence >= 0:
        found.append((place, "shares lie from 0 and are no more than the cost together", "give pence of the cost"))
    return found


def _of_pairs(name: str, pairs: Iterable[Effect | Pair], known: set[str]) -> Faults:
    found = []
    for number, pair in enumerate(pairs):
        if {pair.one, pair.other} - known:
            found.append((f"{name}[{number}]", "it names an unknown intervention", "use ids of interventions"))
        if pair.one == pair.other:
            found.append((f"{name}[{number}]", "it names one intervention twice", "name two"))
    return found


def _of_effects(effects: Iterable[Effect], bodies: set[str]) -> Faults:
    found = []
    for number, effect in enumerate(effects):
        if effect.values.keys() - bodies:
            found.append((f"effects[{number}].values", "it is no body's", "name bodies"))
        if effect.values and not math.isclose(math.fsum(effect.values.values()), effect.value, abs_tol=1e-6):
            found.append((f"effects[{number}].values", "the parts do not add up to its value", "let them add up"))
    return found


def _of_shares(problem: PortfolioProblem) -> Faults:
    found = []
    if not 0 <= problem.budget_share <= 1:
        found.append(("budget_share", "a share lies from 0 to 1", "give a share such as 0.8"))
    if problem.change_price < 0:
        found.append(("change_price", "a price is not below 0", "give 0 to let choices change freely"))
    risk = problem.risk
    if risk is not None and not (0 <= risk.weight <= 1 and 0 < risk.tail <= 1 and 1 <= risk.scenarios <= 10_000):
        rule = "weight lies from 0 to 1, tail above 0 to 1, scenarios from 1 to 10,000"
        found.append(("risk", rule, "give such as 0.5, 0.1 and 500"))
    return found


def _of_floors(problem: PortfolioProblem, bodies: set[str]) -> Faults:
    if problem.floors.keys() - bodies:
        return [("floors", "a floor is of no body", "name bodies")]
    if problem.purse == "no_loser" and bodies - problem.floors.keys():
        return [("floors", "nobody is worse off than what?", "give each body what it has in the silo")]
    return []


def _of_before(problem: PortfolioProblem) -> Faults:
    scales = {intervention.id: len(intervention.scales) for intervention in problem.interventions}
    if any(not 0 <= choice.scale < scales.get(choice.intervention, 0) for choice in problem.chosen_before):
        return [("chosen_before", "it names no scale of an intervention", "leave out what is no longer offered")]
    return list(ids_twice("chosen_before", (choice.intervention for choice in problem.chosen_before)))
