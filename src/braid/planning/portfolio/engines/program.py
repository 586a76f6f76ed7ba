"""A portfolio as rows of a linear program over binary variables, for whichever engine reads it.

One binary variable for each scale of each intervention, one for each effect (1 exactly when both are bought, which its
price and two or one rows enforce), and one that stands for the mean of the tail of bad years.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from braid.planning.portfolio.model import Effect, Intervention, Pair, PortfolioProblem, pence_of

Vector = NDArray[np.float64]
Row = tuple[Mapping[int, float], float, float]
"""Coefficients by variable, and the least and most that they may sum to."""


@dataclass(frozen=True)
class Program:
    """The worth of each variable, the rows that hold without any risk, and which variable is which scale."""

    scales: Mapping[tuple[str, int], int]
    worth: Vector
    choices: Sequence[Row]
    """At most one scale of each intervention, of those that are large enough."""
    too_small: Sequence[Row]
    """Each scale that is too small to be bought."""
    shared: Sequence[Row]
    """What joins interventions but money: effects, what is required, what excludes."""
    money: Sequence[Row]
    """One row for each purse."""
    floors: Sequence[Row]
    constant: float
    sides: Mapping[int, tuple[list[int], list[int]]]
    """For each variable of an effect: those of the scales of its one and of its other intervention."""

    @property
    def rows(self) -> list[Row]:
        """Every row."""
        return [*self.choices, *self.too_small, *self.shared, *self.money, *self.floors]

    @property
    def entries(self) -> int:
        """How many coefficients the rows have: what one step of a search over them costs."""
        return sum(len(row[0]) for row in self.rows)

    @property
    def tail(self) -> int:
        """The variable of the mean of the tail: the last."""
        return len(self.worth) - 1

    def bought(self, values: Vector) -> dict[str, int]:
        """Return the scale of each intervention that variables say is bought."""
        return {name: scale for (name, scale), at in self.scales.items() if values[at] > 0.5}


def worth_of(problem: PortfolioProblem, number: int, scale: int) -> float:
    """Return what a scale of an intervention counts: in the silo what its lead gets, else what all get."""
    intervention = problem.interventions[number]
    values = intervention.scales[scale].values
    return values.get(intervention.lead, 0.0) if problem.purse == "silo" else math.fsum(values.values())


def program_of(problem: PortfolioProblem) -> Program:
    """Return the program of a problem."""
    scales: dict[tuple[str, int], int] = {}
    for intervention in problem.interventions:
        for scale in range(len(intervention.scales)):
            scales[intervention.id, scale] = len(scales)
    counted = [effect for effect in problem.effects if counts_effect(problem, effect.one, effect.other)]
    worth = np.zeros(len(scales) + len(counted) + 1)
    risk = problem.risk.weight if problem.risk else 0.0
    for number, intervention in enumerate(problem.interventions):
        for scale in range(len(intervention.scales)):
            worth[scales[intervention.id, scale]] = (1.0 - risk) * worth_of(problem, number, scale)
    for number, effect in enumerate(counted):
        worth[len(scales) + number] = effect_worth(problem, effect)
    worth[-1] = risk
    of = {each.id: {scales[each.id, scale]: 1.0 for scale in range(len(each.scales))} for each in problem.interventions}
    constant = _price_changes(problem, scales, of, worth)
    shared: list[Row] = []
    for number, effect in enumerate(counted, len(scales)):
        is_floor = problem.purse == "no_loser" and bool(effect.values)
        shared += _effect_rows(number, worth[number], of[effect.one], of[effect.other], is_floor)
    shared += [(of[pair.one] | dict.fromkeys(of[pair.other], -1.0), -math.inf, 0.0) for pair in problem.requires]
    shared += [_at_most_one(of, those) for those in exclusive_groups(problem.excludes)]
    return Program(
        scales,
        worth,
        [(_large_enough(each, scales), 0.0, 1.0) for each in problem.interventions],
        _too_small_rows(problem, scales),
        shared,
        _money_rows(problem, scales),
        _floor_rows(problem, scales, counted),
        constant,
        {number: (list(of[each.one]), list(of[each.other])) for number, each in enumerate(counted, len(scales))},
    )


def _large_enough(each: Intervention, scales: Mapping[tuple[str, int], int]) -> dict[int, float]:
    return {scales[each.id, scale]: 1.0 for scale in range(each.least_scale, len(each.scales))}


def _too_small_rows(problem: PortfolioProblem, scales: Mapping[tuple[str, int], int]) -> list[Row]:
    """Return a row for each scale that is too small to work: it is not bought."""
    return [
        ({scales[each.id, scale]: 1.0}, 0.0, 0.0) for each in problem.interventions for scale in range(each.least_scale)
    ]


def _at_most_one(of: Mapping[str, Mapping[int, float]], names: Sequence[str]) -> Row:
    return {at: 1.0 for name in names for at in of[name]}, -math.inf, 1.0


def exclusive_groups(pairs: Iterable[Pair]) -> list[list[str]]:
    """Return groups of interventions of which at most one is bought, so that each pair stands in a group.

    One row for a group says more of fractions than a row for each of its pairs. Groups grow in the order of the pairs:
    whoever is excluded by all of a group joins it.
    """
    beside: dict[str, dict[str, None]] = {}
    for pair in pairs:
        beside.setdefault(pair.one, {})[pair.other] = None
        beside.setdefault(pair.other, {})[pair.one] = None
    covered: set[tuple[str, str]] = set()
    groups = []
    for one, others in beside.items():
        for other in others:
            if (one, other) not in covered:
                group = _grown([one, other], beside)
                covered.update((each, another) for each in group for another in group)
                groups.append(group)
    return groups


def _grown(group: list[str], beside: Mapping[str, Mapping[str, None]]) -> list[str]:
    for name in beside[group[0]]:
        if all(name in beside[each] for each in group):
            group.append(name)
    return group


def counts_effect(problem: PortfolioProblem, one: str, other: str) -> bool:
    """Whether an effect counts: in the silo only to a body that leads both interventions."""
    if problem.purse != "silo":
        return True
    leads = {each.id: each.lead for each in problem.interventions}
    return problem.silo_counts_own_effects and leads[one] == leads[other]


def effect_worth(problem: PortfolioProblem, effect: Effect) -> float:
    """Return what an effect that counts is worth: in the silo what the lead of both has of it, else all of it."""
    if problem.purse != "silo" or not effect.values:
        return effect.value
    lead = next(each.lead for each in problem.interventions if each.id == effect.one)
    return effect.values.get(lead, 0.0)


def _price_changes(
    problem: PortfolioProblem,
    scales: Mapping[tuple[str, int], int],
    of: Mapping[str, Mapping[int, float]],
    worth: Vector,
) -> float:
    """Take the price of each change from the worth of what would be one; return what changes to nothing cost."""
    before = {choice.intervention: choice.scale for choice in problem.chosen_before}
    constant = 0.0
    for intervention in problem.interventions:
        kept = before.get(intervention.id)
        if kept is None:
            worth[list(of[intervention.id])] -= problem.change_price
        else:
            worth[scales[intervention.id, kept]] += problem.change_price
            constant -= problem.change_price
    return constant


def _effect_rows(
    number: int, value: float, one: Mapping[int, float], other: Mapping[int, float], is_floor: bool
) -> list[Row]:
    """Return the rows of an effect: a gain counts only where both are bought, a loss wherever both are.

    An effect of which floors count a part is held from both sides, since it may be a gain to all and a loss to one.
    """
    loss: list[Row] = [({**one, **other, number: -1.0}, -math.inf, 1.0)]
    gain: list[Row] = [({number: 1.0, **dict.fromkeys(each, -1.0)}, -math.inf, 0.0) for each in (one, other)]
    if is_floor:
        return loss + gain
    return loss if value <= 0 else gain


def _money_rows(problem: PortfolioProblem, scales: Mapping[tuple[str, int], int]) -> list[Row]:
    if problem.purse in ("pooled", "no_loser"):
        return [
            (
                {
                    scales[each.id, number]: float(scale.cost_pence)
                    for each in problem.interventions
                    if frozenset(each.payers) <= payers and (each.payers or payers == everybody_of(problem))
                    for number, scale in enumerate(each.scales)
                },
                0.0,
                sum(body.budget_pence for body in problem.bodies if body.id in payers) * problem.budget_share,
            )
            for payers in paying_groups(problem)
        ]
    paid: dict[str, dict[int, float]] = {body.id: {} for body in problem.bodies}
    for each in problem.interventions:
        for number, scale in enumerate(each.scales):
            for body in (each.lead, *scale.paid_by_others):
                paid[body][scales[each.id, number]] = float(pence_of(each, number, body))
    return [(paid[body.id], 0.0, body.budget_pence * problem.budget_share) for body in problem.bodies]


def everybody_of(problem: PortfolioProblem) -> frozenset[str]:
    """Return the ids of all bodies."""
    return frozenset(body.id for body in problem.bodies)


def paying_groups(problem: PortfolioProblem) -> list[frozenset[str]]:
    """Return the groups of bodies that must be able to pay for what they alone may pay for, all of them last.

    Money can be found for all that is bought exactly where each union of groups of payers can pay for what is
    payable by no one outside it (Hall 1935, for transport: Gale 1957).
    """
    everybody = everybody_of(problem)
    unions: set[frozenset[str]] = set()
    for payers in {frozenset(each.payers) for each in problem.interventions if each.payers}:
        unions |= {payers | union for union in unions} | {payers}
    return [*sorted(unions - {everybody}, key=lambda union: (len(union), sorted(union))), everybody]


def _floor_rows(
    problem: PortfolioProblem, scales: Mapping[tuple[str, int], int], counted: Sequence[Effect]
) -> list[Row]:
    if problem.purse != "no_loser":
        return []
    rows: list[Row] = []
    for body, floor in problem.floors.items():
        values = {
            scales[each.id, number]: scale.values.get(body, 0.0)
            for each in problem.interventions
            for number, scale in enumerate(each.scales)
        }
        values |= {number: effect.values.get(body, 0.0) for number, effect in enumerate(counted, len(scales))}
        rows.append((values, floor, math.inf))
    return rows
