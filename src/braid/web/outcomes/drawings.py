"""Geometry of control charts: points, mean, limits and the way to the target. The templates draw it as SVG."""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from braid.place.outcomes.control_charts import Limits
from braid.web.charts import mark_days
from braid.web.outcomes.reading import SeenOutcome

WIDTH, HEIGHT = 540.0, 220.0
SMALL_WIDTH, SMALL_HEIGHT = 260.0, 80.0
STEPS_OF_AXIS = (1, 2, 5)
AIM = 4
"""About so many steps an axis has."""


@dataclass(frozen=True)
class Mark:
    """A point: hollow where no rule finds it, filled where one does."""

    x: float
    y: float
    is_signal: bool


@dataclass(frozen=True)
class Phase:
    """The mean and both limits over the points for which they hold."""

    x1: float
    x2: float
    centre: float
    lower: float
    upper: float


@dataclass(frozen=True)
class ControlDrawing:
    """A control chart on axes of days and of the figure."""

    width: float
    height: float
    points: str
    marks: tuple[Mark, ...]
    phases: tuple[Phase, ...]
    way: str
    """The way to the target as points of a line; empty without one."""
    steps: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]


def draw_control(outcome: SeenOutcome, width: float = WIDTH, height: float = HEIGHT) -> ControlDrawing | None:
    """Return the drawing of an outcome's chart; `None` where it has none."""
    chart, drawn = outcome.chart, outcome.drawn
    if chart is None:
        return None
    first, last = drawn[0].last_date, drawn[-1].last_date
    expected = [one.expected for one in drawn if one.expected is not None]
    ends = [end for limits in chart.limits for end in (limits.lower, limits.upper) if math.isfinite(end)]
    step, bottom, top = _axis((*chart.values, *expected, *ends))

    def x(day: dt.date) -> float:
        return round((day - first).days * width / max(1, (last - first).days), 1)

    def y(value: float) -> float:
        return round(height * (top - min(max(value, bottom), top)) / (top - bottom), 1)

    places = [(x(one.last_date), y(value)) for one, value in zip(drawn, chart.values, strict=True)]
    signalled = {place for signal in chart.signals for place in signal.places}
    marks = tuple(Mark(*place, number in signalled) for number, place in enumerate(places))
    return ControlDrawing(
        width=width,
        height=height,
        points=_line(places),
        marks=marks,
        phases=tuple(_phases(chart.limits, [place for place, _ in places], y)),
        way=_line([(x(one.last_date), y(one.expected)) for one in drawn if one.expected is not None]),
        steps=tuple((y(value), f"{value:g}") for value in _steps(step, bottom, top)),
        ticks=mark_days(first, last, width),
    )


def draw_small(outcome: SeenOutcome) -> ControlDrawing | None:
    """Return the same in a small size."""
    return draw_control(outcome, SMALL_WIDTH, SMALL_HEIGHT)


def _phases(limits: tuple[Limits, ...], xs: list[float], y: Callable[[float], float]) -> list[Phase]:
    found = []
    for one, group in groupby(range(len(limits)), key=lambda place: limits[place]):
        places = list(group)
        found.append(Phase(xs[places[0]], xs[places[-1]], y(one.centre), y(one.lower), y(one.upper)))
    return found


def _line(places: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _axis(values: Sequence[float]) -> tuple[float, float, float]:
    """Return a round step, and a bottom and a top in whole steps that hold all values; nought need not be there."""
    least, most = min(values), max(values)
    rough = max(most - least, 1e-9) / AIM
    power = 10 ** math.floor(math.log10(rough))
    step = next((power * one for one in STEPS_OF_AXIS if power * one >= rough), power * 10)
    bottom, top = step * math.floor(least / step), step * math.ceil(most / step)
    return step, bottom, top if top > bottom else bottom + step


def _steps(step: float, bottom: float, top: float) -> list[float]:
    return [bottom + step * number for number in range(round((top - bottom) / step) + 1)]
