"""Geometry of the drawings of queues. The templates draw it as SVG; each has the same figures in a table beside it."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from braid.web.charts import mark_days

PAIR_HEIGHT = 52


@dataclass(frozen=True)
class Pair:
    """Two bars, one below the other, of one thing: each with its length and the value as shown."""

    label: str
    y: float
    upper: float
    upper_shown: str
    lower: float
    lower_shown: str


@dataclass(frozen=True)
class Pairs:
    """A chart of paired bars with a common scale from zero."""

    pairs: tuple[Pair, ...]
    height: float


def draw_pairs(values: Sequence[tuple[str, int, int]], longest: float) -> Pairs:
    """Return paired bars for (label, upper, lower) in order; the largest value is `longest` units wide."""
    top = max((max(pair) for _, *pair in values), default=0) or 1
    pairs = tuple(
        Pair(label, index * PAIR_HEIGHT, longest * upper / top, f"{upper:,}", longest * lower / top, f"{lower:,}")
        for index, (label, upper, lower) in enumerate(values)
    )
    return Pairs(pairs, len(values) * PAIR_HEIGHT)


@dataclass(frozen=True)
class Dot:
    """A value on a day."""

    x: float
    y: float
    is_hollow: bool


@dataclass(frozen=True)
class Line:
    """Values over days from zero up: dots, lines through those that follow each other, and labelled steps of both axes.

    A day without a value breaks the line.
    """

    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    steps: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    last: tuple[float, float, str]
    """Where the newest value stands, and that value as shown."""


def draw_line(
    values: Sequence[tuple[dt.date, int | None, bool]], width: float, height: float, longest_gap: int
) -> Line | None:
    """Return (day, value, hollow) in order of days, on axes of such lengths; `None` with fewer than two values.

    Two values more than `longest_gap` days apart are not joined.
    """
    drawn = [(day, value, hollow) for day, value, hollow in values if value is not None]
    if len(drawn) < 2:
        return None
    first, last = drawn[0][0], drawn[-1][0]
    step = _step(max(value for _, value, _ in drawn))
    top = step * max(1, math.ceil(max(value for _, value, _ in drawn) / step))
    dots = tuple(
        Dot(round((day - first).days * width / (last - first).days, 1), round(height * (1 - value / top), 1), hollow)
        for day, value, hollow in drawn
    )
    lines = tuple(" ".join(f"{dot.x},{dot.y}" for dot in run) for run in _runs(values, dots, longest_gap))
    steps = tuple((round(height * (1 - value / top), 1), f"{value:,}") for value in range(0, top + 1, step))
    newest = f"{drawn[-1][1]:,}"
    return Line(dots, lines, steps, mark_days(first, last, width), (dots[-1].x, dots[-1].y, newest))


def _runs(values: Sequence[tuple[dt.date, int | None, bool]], dots: Sequence[Dot], longest_gap: int) -> list[list[Dot]]:
    """The dots in runs of two or more that are joined."""
    runs: list[list[Dot]] = [[]]
    left, before = iter(dots), values[0][0]
    for day, value, _ in values:
        if value is None or (day - before).days > longest_gap:
            runs.append([])
        if value is not None:
            runs[-1].append(next(left))
        before = day
    return [run for run in runs if len(run) > 1]


def _step(top: int) -> int:
    """A round step of which the top holds two to five."""
    power: int = 10 ** (len(str(max(top, 1))) - 1)
    return max(1, next(power * part // 10 for part in (2, 5, 10, 20, 50) if top <= power * part // 10 * 5))
