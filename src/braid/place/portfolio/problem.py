"""From what the bodies say of interventions to a problem of planning, as believed and as drawn."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from braid.place.portfolio.model import EffectOn, Interaction, Offer, Portfolio, Size
from braid.planning.portfolio.model import Body, Effect, Intervention, Pair, PortfolioProblem, Scale

PENCE_A_UNIT = 100.0
"""A unit of value is a pound of what the boards say outcomes are worth to them."""

Drawn = Callable[[str, str], float]
"""How many standard deviations from its central figure an estimate is, by its source and what it is of."""


def problem_of(portfolio: Portfolio, budgets: Mapping[str, int] | None = None) -> PortfolioProblem:
    """Return the problem at the central figures; `budgets` in pence stand for those of the file, by body."""
    return _problem(portfolio, budgets or {}, lambda _source, _what: 0.0)


def drawn_problems(
    portfolio: Portfolio, draws: int, seed: int, budgets: Mapping[str, int] | None = None
) -> Iterator[PortfolioProblem]:
    """Yield the problem with effects drawn from what is believed of them; the same seed draws the same anywhere.

    Of the variance of each estimate, its source's share `together` comes from one number that all estimates of the
    source have alike: where a study was too hopeful, it was so throughout. The sizes of one effect move together.
    """
    draw = random.Random(seed)
    together = {source.id: source.together for source in portfolio.sources}
    for _ in range(draws):
        alike = {source.id: draw.gauss(0, 1) for source in portfolio.sources}
        own: dict[tuple[str, str], float] = {}
        for source, what in _estimates(portfolio):
            noise = draw.gauss(0, 1)
            share = together[source]
            own[source, what] = math.sqrt(share) * alike[source] + math.sqrt(1 - share) * noise
        yield _problem(portfolio, budgets or {}, lambda source, what, own=own: own[source, what])  # type: ignore[misc]


def _estimates(portfolio: Portfolio) -> Iterator[tuple[str, str]]:
    for offer in portfolio.offered:
        yield from ((effect.source, _of_effect(offer, effect)) for effect in offer.effects)
    yield from ((each.source, _of_interaction(each)) for each in _counted(portfolio))


def _of_effect(offer: Offer, effect: EffectOn) -> str:
    return f"{offer.id} {effect.outcome} {effect.body}"


def _of_interaction(each: Interaction) -> str:
    return f"{each.one} {each.other} {each.outcome} {each.body}"


def _counted(portfolio: Portfolio) -> tuple[Interaction, ...]:
    ids = {offer.id for offer in portfolio.offered}
    return tuple(each for each in portfolio.interactions if {each.one, each.other} <= ids)


def _problem(portfolio: Portfolio, budgets: Mapping[str, int], drawn: Drawn) -> PortfolioProblem:
    ids = {offer.id for offer in portfolio.offered}
    return PortfolioProblem(
        kind="portfolio",
        purse="pooled",
        bodies=tuple(Body(purse.body, budgets.get(purse.body, purse.pence)) for purse in portfolio.purses),
        interventions=tuple(_intervention(portfolio, offer, drawn) for offer in portfolio.offered),
        effects=_effects(portfolio, drawn),
        requires=tuple(Pair(each.one, each.other) for each in portfolio.needs if each.one in ids),
        excludes=tuple(Pair(each.one, each.other) for each in portfolio.excludes if {each.one, each.other} <= ids),
    )


def _intervention(portfolio: Portfolio, offer: Offer, drawn: Drawn) -> Intervention:
    worth = {weight.outcome: weight.pence / PENCE_A_UNIT for weight in portfolio.weights}

    def scale(at: int, size: Size) -> Scale:
        values: dict[str, float] = {}
        for effect in offer.effects:
            figure = effect.at_sizes[at].at(drawn(effect.source, _of_effect(offer, effect)))
            values[effect.body] = values.get(effect.body, 0.0) + worth[effect.outcome] * figure
        others = {body: pence for body, pence in size.costs.items() if body != offer.lead and pence}
        return Scale(sum(size.costs.values()), values, others)

    return Intervention(
        offer.id,
        offer.lead,
        tuple(scale(at, size) for at, size in enumerate(offer.sizes)),
        least_scale=offer.least,
        payers=offer.payers,
    )


def _effects(portfolio: Portfolio, drawn: Drawn) -> tuple[Effect, ...]:
    """Return one effect for each pair of interventions, with whose it is."""
    worth = {weight.outcome: weight.pence / PENCE_A_UNIT for weight in portfolio.weights}
    pairs: dict[tuple[str, str], dict[str, float]] = {}
    for each in _counted(portfolio):
        values = pairs.setdefault((min(each.one, each.other), max(each.one, each.other)), {})
        figure = each.estimate.at(drawn(each.source, _of_interaction(each)))
        values[each.body] = values.get(each.body, 0.0) + worth[each.outcome] * figure
    return tuple(Effect(one, other, math.fsum(values.values()), values) for (one, other), values in pairs.items())


@dataclass(frozen=True)
class Reweighed:
    """The portfolio with one outcome's weight at one end of what the boards think it may be."""

    outcome: str
    end: str
    """`low` or `high`."""
    portfolio: Portfolio


def reweigh(portfolio: Portfolio) -> Iterator[Reweighed]:
    """Yield the portfolio with each weight at its low and at its high end, one at a time, where that differs."""
    for weight in portfolio.weights:
        for end, pence in (("low", weight.low_pence), ("high", weight.high_pence)):
            if pence != weight.pence:
                others = (replace(each, pence=pence) if each == weight else each for each in portfolio.weights)
                yield Reweighed(weight.outcome, end, replace(portfolio, weights=tuple(others)))
