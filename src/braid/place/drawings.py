"""Pictures for boards, of figures that are published: each says in words what it shows, for whoever does not see it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from braid.store.exports import Area, Colour, Label, Line, Picture, Point, Shape

WIDTH = 480.0
"""Points across, so that it fits between the margins of A4."""
NAMES, VALUES = 170.0, 60.0
"""Points for names on the left and, at the least, for values on the right."""
LETTER = 7.5
"""Points that a letter of a value may take, on paper or on a page."""
ROW, BAR = 24.0, 14.0
CHART, LEFT, TOP = 150.0, 46.0, 10.0
LONGEST_NAME = 26
NOT_SHOWN = "not shown"
PART_COLOURS: tuple[Colour, ...] = ("blue", "orange", "green", "grey", "pale_blue", "black")


@dataclass(frozen=True)
class Bar:
    """A value with its name; None where it is not published. `words` is the value as a reader is told it."""

    name: str
    value: float | None
    words: str


def draw_bars(title: str, bars: Sequence[Bar], colour: Colour = "blue") -> Picture:
    """Return a bar for each value, from nought; one that is not published has its words and no bar."""
    top = max((abs(bar.value) for bar in bars if bar.value is not None), default=0.0) or 1.0
    longest = WIDTH - NAMES - max(VALUES, LETTER * max((len(bar.words) for bar in bars), default=0))
    shapes: list[Shape] = []
    for number, bar in enumerate(bars):
        middle = TOP + number * ROW + ROW / 2
        length = longest * abs(bar.value or 0.0) / top
        shapes.append(Label("label", (0, middle), shortened(bar.name)))
        if length:
            shapes.append(_box(NAMES, middle, length, colour))
        shapes.append(Label("label", (NAMES + length + 5, middle), bar.words))
    told = "; ".join(f"{bar.name}: {bar.words}" for bar in bars)
    return Picture(title, f"Bars. {told}.", WIDTH, 2 * TOP + ROW * max(1, len(bars)), tuple(shapes))


@dataclass(frozen=True)
class Pair:
    """One value under two heads, such as separate purses and one purse; None where it is not published."""

    name: str
    first: float | None
    second: float | None
    first_words: str
    second_words: str


def draw_pairs(title: str, heads: tuple[str, str], pairs: Sequence[Pair]) -> Picture:
    """Return two bars for each name, one under the other; which is which is said beside each."""
    values = [value for pair in pairs for value in (pair.first, pair.second) if value is not None]
    top = max(map(abs, values), default=0.0) or 1.0
    shapes: list[Shape] = []
    for number, pair in enumerate(pairs):
        start = TOP + number * 2.4 * ROW
        shapes.append(Label("label", (0, start + ROW), shortened(pair.name)))
        both: tuple[tuple[float | None, str, Colour], ...] = (
            (pair.first, pair.first_words, "pale_blue"),
            (pair.second, pair.second_words, "blue"),
        )
        for line, (head, (value, words, colour)) in enumerate(zip(heads, both, strict=True)):
            middle = start + ROW * (line + 0.5)
            length = (WIDTH - NAMES - 2.4 * VALUES) * abs(value or 0.0) / top
            if length:
                shapes.append(_box(NAMES, middle, length, colour))
            shapes.append(Label("label", (NAMES + length + 5, middle), f"{words}, {head}", size=10))
    told = "; ".join(f"{pair.name}: {pair.first_words} {heads[0]}, {pair.second_words} {heads[1]}" for pair in pairs)
    return Picture(title, f"Pairs of bars. {told}.", WIDTH, 2 * TOP + 2.4 * ROW * max(1, len(pairs)), tuple(shapes))


@dataclass(frozen=True)
class Mark:
    """A value of a series on the day that `name` says; None where it is not published."""

    name: str
    value: float | None


@dataclass(frozen=True)
class Limits:
    """The middle of a series and between which limits it lies while nothing but chance moves it."""

    middle: float
    low: float
    high: float


def draw_series(
    title: str,
    marks: Sequence[Mark],
    unit: str,
    limits: Limits | None = None,
    target: float | None = None,
    from_nought: bool = True,
) -> Picture:
    """Return a line through a series, with its limits and its target where there are any. A gap stays a gap.

    Not `from_nought`, the axis holds what is drawn and no more, so that a small change of a large figure is seen.
    """
    values = [mark.value for mark in marks if mark.value is not None]
    ends = [*values, *((limits.low, limits.high) if limits else ()), *((target,) if target is not None else ())]
    low, high = _ends_of_axis(ends, from_nought)
    right = WIDTH - 12

    def place(number: int, value: float) -> Point:
        across = LEFT + (right - LEFT) * (number / max(1, len(marks) - 1))
        return across, TOP + CHART * (1 - (value - low) / ((high - low) or 1.0))

    shapes: list[Shape] = [
        Line("line", ((LEFT, TOP), (LEFT, TOP + CHART), (right, TOP + CHART)), "grey", 0.8),
        Label("label", (LEFT - 5, place(0, high)[1]), number_words(high), "end", 10),
        Label("label", (LEFT - 5, place(0, low)[1]), number_words(low), "end", 10),
    ]
    if limits:
        for value, is_broken in ((limits.low, True), (limits.middle, False), (limits.high, True)):
            across = place(0, value)[1]
            shapes.append(Line("line", ((LEFT, across), (right, across)), "grey", 0.8, is_broken))
    if target is not None:
        across = place(0, target)[1]
        shapes.append(Line("line", ((LEFT, across), (right, across)), "green", 1.2, is_broken=True))
        shapes.append(Label("label", (right, across - 7), f"target {number_words(target)}", "end", 10, "green"))
    for run in _runs(marks):
        if len(run) > 1:
            shapes.append(Line("line", tuple(place(*each) for each in run), "blue", 1.8))
        shapes += [_dot(place(*each)) for each in run]
    if marks:
        shapes.append(Label("label", (LEFT, TOP + CHART + 12), marks[0].name, "start", 10))
        shapes.append(Label("label", (right, TOP + CHART + 12), marks[-1].name, "end", 10))
    return Picture(title, _series_words(marks, unit, limits, target), WIDTH, 2 * TOP + CHART + 16, tuple(shapes))


def _ends_of_axis(ends: Sequence[float], from_nought: bool) -> tuple[float, float]:
    if not from_nought and len(set(ends)) > 1:
        return min(ends), max(ends)
    return (min(0.0, *ends), max(ends)) if len(ends) > 1 else (0.0, max([1.0, *ends]))


def draw_shares(title: str, heads: Sequence[str], parts: Sequence[tuple[str, Sequence[float]]]) -> Picture:
    """Return a column of a hundred per cent for each head, cut by parts; `parts` has as many numbers as heads."""
    sums = [sum(numbers[column] for _, numbers in parts) for column in range(len(heads))]
    right = WIDTH - 150
    step = (right - LEFT) / max(1, len(heads))
    shapes: list[Shape] = []
    for column, whole in enumerate(sums):
        down = TOP + CHART
        for number, (_, numbers) in enumerate(parts):
            height = CHART * numbers[column] / whole if whole else 0.0
            if height:
                start, end = LEFT + column * step + 1, LEFT + (column + 1) * step - 1
                corners = ((start, down - height), (end, down - height), (end, down), (start, down))
                shapes.append(Area("area", corners, PART_COLOURS[number % len(PART_COLOURS)]))
            down -= height
    shapes.append(Label("label", (LEFT - 5, TOP), "100%", "end", 10))
    shapes.append(Label("label", (LEFT - 5, TOP + CHART), "0%", "end", 10))
    for number, (name, _) in enumerate(parts):
        middle = TOP + 10 + number * 20
        shapes.append(_box(right + 14, middle, 12, PART_COLOURS[number % len(PART_COLOURS)]))
        shapes.append(Label("label", (right + 32, middle), name, "start", 10))
    if heads:
        shapes.append(Label("label", (LEFT, TOP + CHART + 12), heads[0], "start", 10))
        shapes.append(Label("label", (right, TOP + CHART + 12), heads[-1], "end", 10))
    told = "; ".join(f"{name}: {_share_words(numbers, sums)}" for name, numbers in parts)
    words = f"Columns from {heads[0]} to {heads[-1]}. {told}." if heads else "No columns."
    return Picture(title, words, WIDTH, 2 * TOP + CHART + 16, tuple(shapes))


def _share_words(numbers: Sequence[float], sums: Sequence[float]) -> str:
    first, last = (100 * numbers[at] / sums[at] if sums and sums[at] else 0.0 for at in (0, -1))
    return f"{first:.0f}% at first, {last:.0f}% at last"


def _series_words(marks: Sequence[Mark], unit: str, limits: Limits | None, target: float | None) -> str:
    shown = [mark for mark in marks if mark.value is not None]
    if not shown:
        return "A line without a published value."
    first, last = shown[0], shown[-1]
    said = [f"A line from {_mark_words(first)} to {_mark_words(last)} {unit}, {len(shown)} values"]
    values = [mark.value for mark in shown if mark.value is not None]
    said.append(f"the lowest {number_words(min(values))}, the highest {number_words(max(values))}")
    if limits:
        said.append(f"limits {number_words(limits.low)} to {number_words(limits.high)}")
        outside = [mark.name for mark in shown if not limits.low <= (mark.value or 0.0) <= limits.high]
        said.append(f"outside them: {', '.join(outside)}" if outside else "none outside them")
    if target is not None:
        said.append(f"target {number_words(target)}")
    return f"{'; '.join(said)}."


def _mark_words(mark: Mark) -> str:
    return f"{number_words(mark.value or 0.0)} ({mark.name})"


def _runs(marks: Sequence[Mark]) -> list[list[tuple[int, float]]]:
    """Return the values that stand beside each other without a gap, each with its number."""
    runs: list[list[tuple[int, float]]] = [[]]
    for number, mark in enumerate(marks):
        if mark.value is None:
            runs.append([])
        else:
            runs[-1].append((number, mark.value))
    return [run for run in runs if run]


def _box(start: float, middle: float, length: float, colour: Colour) -> Area:
    upper, lower = middle - BAR / 2, middle + BAR / 2
    return Area("area", ((start, upper), (start + length, upper), (start + length, lower), (start, lower)), colour)


def _dot(at: Point) -> Area:
    corners = tuple((at[0] + 2.5 * math.cos(turn), at[1] + 2.5 * math.sin(turn)) for turn in _TURNS)
    return Area("area", corners, "blue")


_TURNS = tuple(math.pi * number / 4 for number in range(8))


def shortened(name: str) -> str:
    """Return a name as long as there is room for; what is cut stands whole in the table beside the picture."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def number_words(value: float) -> str:
    """Return a number with commas, with one decimal where it is small and has one."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.1f}"
