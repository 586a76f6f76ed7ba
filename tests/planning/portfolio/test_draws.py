"""Draws of effects: the best of each as trying every choice finds it, prices and regrets as a slow twin has them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from braid.planning.contract import Limits, value_of
from braid.planning.portfolio.checker import RULES, levels_of
from braid.planning.portfolio.compare import compare
from braid.planning.portfolio.draws import CAREFUL, band_of, study_draws
from braid.planning.portfolio.model import PortfolioProblem
from braid.planning.portfolio.reference import CHOICE_RULES
from braid.planning.portfolio.run import solve

from .drawn_problems import drawn_problem, plan_of, with_everything, with_shares

LIMITS = Limits(seconds=2)


def plain(seed: int) -> PortfolioProblem:
    """Return a drawn problem with every feature but risk and the price of changes."""
    problem = with_everything(with_shares(drawn_problem(seed), seed), seed)
    return replace(problem, purse="pooled", risk=None, change_price=0.0, chosen_before=(), floors={}, budget_share=1.0)


def redrawn(problem: PortfolioProblem, seed: int) -> PortfolioProblem:
    """Return a problem with other values, effects that may turn from gain to loss among them."""
    draw = random.Random(seed)
    interventions = tuple(
        replace(
            each,
            scales=tuple(
                replace(scale, values={body: value * draw.gauss(1, 0.5) for body, value in scale.values.items()})
                for scale in each.scales
            ),
        )
        for each in problem.interventions
    )
    effects = []
    for effect in problem.effects:
        factor = draw.gauss(0.5, 1)
        values = {body: value * factor for body, value in effect.values.items()}
        effects.append(replace(effect, value=sum(values.values()) if values else effect.value * factor, values=values))
    return replace(problem, interventions=interventions, effects=tuple(effects))


def choices(problem: PortfolioProblem) -> Iterator[dict[str, int]]:
    """Yield every choice that keeps the rules of the problem's purse."""
    rules = [rule for rule in RULES if rule.__name__ in CHOICE_RULES]
    for scales in product(*[range(-1, len(each.scales)) for each in problem.interventions]):
        bought = {each.id: scale for each, scale in zip(problem.interventions, scales, strict=True) if scale >= 0}
        if not any(list(rule(problem, plan_of(problem, {}), bought)) for rule in rules):
            yield bought


def worth(problem: PortfolioProblem, bought: dict[str, int]) -> float:
    return value_of(levels_of(replace(problem, purse="pooled"), bought))


def plans_of(problem: PortfolioProblem) -> dict[str, dict[str, int]]:
    compared = compare(problem, LIMITS, solve)
    return {one.purse: {each.intervention: each.scale for each in one.plan.choices} for one in compared.worths}


def test_prices_and_regrets_are_those_of_trying_every_choice_in_every_draw() -> None:
    """25 problems of 15 draws each, with every feature."""
    careful_is_best = looked_at = 0
    for seed in range(25):
        problem = plain(seed)
        drawn = [redrawn(problem, 1_000 * seed + number) for number in range(15)]
        plans = plans_of(problem)
        found = study_draws(problem, drawn, plans, LIMITS)
        lawful, apart = list(choices(problem)), list(choices(replace(problem, purse="silo")))
        best = np.array([max(worth(each, bought) for bought in lawful) for each in drawn])
        regrets = {regret.plan: regret for regret in found.regrets}
        for name, bought in plans.items():
            slow = best - np.array([worth(each, bought) for each in drawn])
            assert regrets[name].expected == pytest.approx(slow.mean(), abs=1e-4)
            assert regrets[name].worst == pytest.approx(np.quantile(slow, 0.95), abs=1e-4)
        silo = [_best_apart(each, apart) for each in drawn]
        gains = [more / less - 1 if less > 0 else math.inf for less, more in zip(silo, best, strict=True)]
        slow_band = band_of(np.array(gains))
        if found.price_of_silo.median is not None and slow_band.median is not None:
            assert found.price_of_silo.median == pytest.approx(slow_band.median, abs=1e-3)
        least = min(
            float(np.quantile(best - np.array([worth(each, bought) for each in drawn]), 0.95)) for bought in lawful
        )
        assert regrets[CAREFUL].worst >= least - 1e-6
        careful_is_best += regrets[CAREFUL].worst <= least + 1e-6
        assert dict(found.least_regret) in lawful
        looked_at += 1
    assert careful_is_best >= 0.9 * looked_at, (careful_is_best, looked_at)


def _best_apart(problem: PortfolioProblem, lawful: list[dict[str, int]]) -> float:
    """Return what all have of the best choice apart in one draw."""
    silo = replace(problem, purse="silo")
    return worth(problem, max(lawful, key=lambda bought: value_of(levels_of(silo, bought))))


def test_no_plan_regrets_less_on_average_than_the_best_of_the_mean_draw() -> None:
    """Value is linear in what is drawn, so that the plan for the mean of draws has the least expected regret."""
    for seed in range(10):
        problem = replace(plain(seed), effects=())
        drawn = [redrawn(problem, number) for number in range(12)]
        mean = replace(
            problem,
            interventions=tuple(
                replace(
                    each,
                    scales=tuple(
                        replace(
                            scale,
                            values={
                                body: sum(one.interventions[at].scales[size].values[body] for one in drawn) / 12
                                for body in scale.values
                            },
                        )
                        for size, scale in enumerate(each.scales)
                    ),
                )
                for at, each in enumerate(problem.interventions)
            ),
        )
        plans = plans_of(problem)
        plans["of_the_mean"] = plans_of(mean)["pooled"]
        found = study_draws(problem, drawn, plans, LIMITS)
        expected = {regret.plan: regret.expected for regret in found.regrets}
        assert expected["of_the_mean"] == pytest.approx(min(expected.values()), abs=1e-5)


def test_where_nothing_is_uncertain_nothing_is_regretted_and_every_choice_is_sure() -> None:
    prices = []
    for seed in range(8):
        problem = plain(seed)
        plans = plans_of(problem)
        found = study_draws(problem, [problem] * 5, plans, LIMITS)
        regrets = {regret.plan: regret for regret in found.regrets}
        assert regrets["pooled"].worst == pytest.approx(0.0, abs=1e-6)
        assert set(found.chosen_pooled.values()) <= {0.0, 1.0}
        assert {name for name, share in found.chosen_pooled.items() if share} == set(plans["pooled"])
        assert found.price_of_silo == found.price_of_silo_fixed
        prices.append(found.price_of_silo.median)
    assert len([price for price in prices if price is not None]) > 2


def test_the_same_draws_give_the_same_answer() -> None:
    problem = plain(3)
    drawn = [redrawn(problem, number) for number in range(8)]
    assert study_draws(problem, drawn, plans_of(problem), LIMITS) == study_draws(
        problem, drawn, plans_of(problem), LIMITS
    )


def test_a_band_is_figures_of_draws() -> None:
    assert band_of(np.arange(1.0, 201.0)).low == 5.0
    assert band_of(np.arange(1.0, 201.0)).median == 100.0
    assert band_of(np.array([1.0, 2.0, math.inf, math.inf, math.inf])).median is None
