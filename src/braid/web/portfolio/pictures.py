"""Geometry of the drawings of a study. The template draws them as SVG; a table beside each has the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from braid.place.portfolio.study import Study
from braid.planning.portfolio.draws import Band
from braid.web.portfolio.form import PLAN_NAMES
from braid.web.portfolio.words import say_pounds

ROW, LONGEST = 56.0, 430.0
FRONTIER_WIDTH, FRONTIER_HEIGHT = 540.0, 220.0
GAIN_ROW, GAIN_HALF = 62.0, 200.0


@dataclass(frozen=True)
class PlanBar:
    """What a plan brings as a bar, with the line that holds 95 of 100 draws."""

    name: str
    label: str
    shown: str
    y: float
    width: float
    low: float
    high: float
    is_main: bool


def plan_bars(study: Study) -> list[PlanBar]:
    """Return a bar for each plan on one scale from zero, in the order of the study."""
    bands = {regret.plan: regret.value for regret in study.uncertainty.regrets}
    top = max([plan.value for plan in study.plans] + [band.high or 0.0 for band in bands.values()] + [1.0])
    found = []
    for at, plan in enumerate(study.plans):
        low, high = _ends(bands[plan.name], plan.value)
        value = max(plan.value, 0.0)
        found.append(
            PlanBar(
                plan.name,
                PLAN_NAMES[plan.name],
                say_pounds(plan.value),
                at * ROW,
                round(LONGEST * value / top, 1),
                round(LONGEST * max(low, 0.0) / top, 1),
                round(LONGEST * max(high, 0.0) / top, 1),
                plan.name in ("silo", "pooled"),
            )
        )
    return found


def _ends(band: Band, value: float) -> tuple[float, float]:
    return (value if band.low is None else band.low, value if band.high is None else band.high)


@dataclass(frozen=True)
class Frontier:
    """What one purse brings for each share of the money: line, band, axes, and where separate purses stand."""

    line: str
    band: str
    points: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    steps: tuple[tuple[float, str], ...]
    silo: tuple[float, float]


def draw_frontier(study: Study) -> Frontier:
    """Return the frontier; the plan of separate purses stands at what it costs."""
    silo = study.plan("silo")
    most_money = max(1, *(point.pence for point in study.frontier), silo.pence)
    most_value = max(1.0, *(point.band.high or point.value for point in study.frontier), silo.value)

    def place(pence: float, value: float) -> tuple[float, float]:
        height = FRONTIER_HEIGHT * (1 - max(value, 0.0) / most_value)
        return round(FRONTIER_WIDTH * pence / most_money, 1), round(height, 1)

    points = tuple(place(point.pence, point.value) for point in study.frontier)
    ends = [_ends(point.band, point.value) for point in study.frontier]
    upper = [place(point.pence, high) for point, (_, high) in zip(study.frontier, ends, strict=True)]
    lower = [place(point.pence, low) for point, (low, _) in zip(study.frontier, ends, strict=True)]
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    return Frontier(
        _joined(points),
        _joined([*upper, *reversed(lower)]),
        points,
        tuple((FRONTIER_WIDTH * share, say_pounds(most_money * share / 100)) for share in shares),
        tuple((FRONTIER_HEIGHT * (1 - share), say_pounds(most_value * share)) for share in shares),
        place(silo.pence, silo.value),
    )


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


@dataclass(frozen=True)
class GainBars:
    """What a body has more or less than apart, in one purse and after the sharing, as bars around a middle line."""

    label: str
    y: float
    before: tuple[float, float, str]
    after: tuple[float, float, str]


def gain_bars(study: Study) -> list[GainBars]:
    """Return the bars of each body, in the order of the purses."""
    names = {purse.body: purse.name for purse in study.portfolio.purses}
    silo = study.plan("silo").by_body
    gains = {
        body: (study.sharing.has[body] - silo[body], study.sharing.fair[body] - silo[body]) for body in study.budgets
    }
    widest = max([abs(value) for pair in gains.values() for value in pair] + [1.0])

    def bar(value: float) -> tuple[float, float, str]:
        width = round(GAIN_HALF * abs(value) / widest, 1)
        return (GAIN_HALF if value >= 0 else GAIN_HALF - width), width, say_pounds(value, is_signed=True)

    return [
        GainBars(names[body], at * GAIN_ROW, bar(one), bar(two)) for at, (body, (one, two)) in enumerate(gains.items())
    ]
