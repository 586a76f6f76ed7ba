"""Geometry of the drawings of an answer. The templates draw it as SVG; the same figures stand in a table beneath."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from braid.simulation.measures import Fan, Where
from braid.web.charts import mark_days

FAN_WIDTH, FAN_HEIGHT = 540.0, 220.0
BAR_LENGTH = 400.0
MOST_POINTS = 60
OUTER, INNER = ("0.05", "0.95"), ("0.25", "0.75")
BETWEEN_STEPS, BAR_HEIGHT, TITLE_HEIGHT = 12.0, 22.0, 24.0
TABLE_WEEKS = 13


@dataclass(frozen=True)
class FanShape:
    """How one course of events goes: polygons of nine in ten and of half of the replications, and the mean."""

    outer: str
    inner: str
    mean: str


@dataclass(frozen=True)
class FanDrawing:
    """A list as it is, and beside it as it would be."""

    now: FanShape
    then: FanShape | None
    steps: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]


def draw_fan(now: Fan, then: Fan | None, start: dt.date) -> FanDrawing:
    """Return the fans of one list on common axes, from nought up."""
    highest = max(max(fan.bands[OUTER[1]], default=0.0) for fan in (now, *([then] if then else [])))
    step = _round_step(highest)
    top = step * max(1, math.ceil(highest / step))
    steps = tuple((round(FAN_HEIGHT * (1 - value / top), 1), _said(value)) for value in _up_to(top, step))
    last = start + dt.timedelta(weeks=now.weeks[-1])
    return FanDrawing(
        now=_shape(now, top),
        then=None if then is None else _shape(then, top),
        steps=steps,
        ticks=mark_days(start, last, FAN_WIDTH),
    )


def _shape(fan: Fan, top: float) -> FanShape:
    at = _points(len(fan.weeks))
    across = max(fan.weeks[-1], 1)

    def line(values: Sequence[float]) -> list[str]:
        return [f"{fan.weeks[i] * FAN_WIDTH / across:.1f},{FAN_HEIGHT * (1 - values[i] / top):.1f}" for i in at]

    def between(low: str, high: str) -> str:
        return " ".join([*line(fan.bands[high]), *reversed(line(fan.bands[low]))])

    return FanShape(between(*OUTER), between(*INNER), " ".join(line(fan.mean)))


def _points(rows: int) -> list[int]:
    """Return which rows are drawn: no more than can be told apart, the first and the last among them."""
    every = max(1, math.ceil(rows / MOST_POINTS))
    return sorted({*range(0, rows, every), rows - 1})


def _round_step(highest: float) -> float:
    """Return a round step of which the top holds two to five."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(power * part for part in (0.2, 0.5, 1.0, 2.0, 5.0) if highest <= power * part * 5)


def _up_to(top: float, step: float) -> list[float]:
    return [step * number for number in range(round(top / step) + 1)]


def _said(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


@dataclass(frozen=True)
class FanRow:
    """A day of the table beneath a fan: mean, and between which values nine in ten replications lie."""

    day: dt.date
    now: str
    then: str


def fan_rows(now: Fan, then: Fan | None, start: dt.date) -> list[FanRow]:
    """Return the table beneath a fan: each quarter, and the last week."""
    at = [i for i, week in enumerate(now.weeks) if week % TABLE_WEEKS == 0]
    at = sorted({*at, len(now.weeks) - 1})
    return [
        FanRow(start + dt.timedelta(weeks=now.weeks[i]), _at(now, i), "" if then is None else _at(then, i)) for i in at
    ]


def _at(fan: Fan, row: int) -> str:
    low, high = (fan.bands[name][row] for name in OUTER)
    return f"{fan.mean[row]:,.0f} ({low:,.0f} to {high:,.0f})"


@dataclass(frozen=True)
class WeeksBar:
    """Weeks of waiting for a step, then weeks in it, of one course of events."""

    name: str
    y: float
    waiting: float
    doing: float
    shown: str


@dataclass(frozen=True)
class WeeksStep:
    """One step with a bar for each course of events."""

    title: str
    y: float
    bars: tuple[WeeksBar, ...]


@dataclass(frozen=True)
class WeeksDrawing:
    """Where the weeks of a pathway go."""

    steps: tuple[WeeksStep, ...]
    height: float


def draw_weeks(courses: Sequence[tuple[str, Where]]) -> WeeksDrawing:
    """Return bars for each step of a pathway, on one scale; `courses` are of the same pathway."""
    longest = max((waiting + doing for _, where in courses for _, waiting, doing in where.parts), default=0) or 1
    steps, y = [], 0.0
    for number, (title, *_) in enumerate(courses[0][1].parts):
        top, bars = y, []
        y += TITLE_HEIGHT
        for name, where in courses:
            _, waiting, doing = where.parts[number]
            lengths = (round(BAR_LENGTH * part / longest, 1) for part in (waiting, doing))
            bars.append(WeeksBar(name, y, *lengths, f"{waiting:.1f} + {doing:.1f}"))
            y += BAR_HEIGHT
        steps.append(WeeksStep(title, top, tuple(bars)))
        y += BETWEEN_STEPS
    return WeeksDrawing(tuple(steps), y)


@dataclass(frozen=True)
class SwingBar:
    """How far a measure goes to either side: a bar from the smaller end to the larger, around what it is."""

    title: str
    y: float
    low_x: float
    low_width: float
    high_x: float
    high_width: float


@dataclass(frozen=True)
class SwingDrawing:
    """What moves a measure, the furthest first."""

    bars: tuple[SwingBar, ...]
    height: float


MOST_SWINGS = 12
SWING_HEIGHT, SWING_MIDDLE, SWING_REACH = 46.0, 320.0, 310.0


def draw_swings(swings: Sequence[tuple[str, float, float]]) -> SwingDrawing:
    """Return bars for (title, difference at the low end, at the high end), for those that go furthest."""
    drawn = swings[:MOST_SWINGS]
    longest = max((max(abs(low), abs(high)) for _, low, high in drawn), default=0) or 1
    bars = []
    for number, (title, *ends) in enumerate(drawn):
        places = []
        for end in ends:
            length = round(SWING_REACH * abs(end) / longest, 1)
            places += [SWING_MIDDLE - length if end < 0 else SWING_MIDDLE, length]
        bars.append(SwingBar(title, number * SWING_HEIGHT, *places))
    return SwingDrawing(tuple(bars), len(drawn) * SWING_HEIGHT)
