"""Geometry of the drawings. The templates draw it as SVG; every drawing has the same figures in a table beside it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from braid.web.access.projections import BlockerSeen, WaitSeen

LINE_HEIGHT, BOX_WIDTH, BOX_HEIGHT, BOX_GAP, LEVEL_GAP = 34, 250, 62, 24, 70
LETTERS_IN_LINE = 30
BOXES_IN_ROW = 3


@dataclass(frozen=True)
class Bar:
    """A horizontal bar: label, value as shown, and its length; no length where the value is suppressed."""

    label: str
    shown: str
    y: float
    width: float


@dataclass(frozen=True)
class Bars:
    """A chart of horizontal bars with a common scale from zero."""

    bars: tuple[Bar, ...]
    height: float


def draw_bars(values: Sequence[tuple[str, int | None]], longest: float, row_height: int = LINE_HEIGHT) -> Bars:
    """Return bars for (label, value) in order; the largest value is `longest` units wide."""
    top = max((value or 0 for _, value in values), default=0) or 1
    bars = tuple(
        Bar(label, "not shown" if value is None else f"{value:,}", index * row_height, longest * (value or 0) / top)
        for index, (label, value) in enumerate(values)
    )
    return Bars(bars, len(values) * row_height)


@dataclass(frozen=True)
class Flow:
    """A band from what holds to what is held; `hidden` where how many it stands for is not shown."""

    y1: float
    y2: float
    width: float
    hidden: bool


@dataclass(frozen=True)
class Flows:
    """Names on the left, names on the right, each with the middle of its height, and bands between them."""

    left: tuple[tuple[str, float], ...]
    right: tuple[tuple[str, float], ...]
    bands: tuple[Flow, ...]
    height: float


def draw_flows(held_by: Sequence[tuple[str, str, int | None]], widest: float = 26) -> Flows | None:
    """Return (holder, held, waits) as bands as wide as their waits; a count that is not shown as the thinnest band.

    `None` without anything to draw.
    """
    if not held_by:
        return None
    top = max((waits or 0 for *_, waits in held_by), default=0) or 1
    widths = [max(2.0, round(widest * (waits or 0) / top, 1)) for *_, waits in held_by]
    left, height_left = _stacked([holder for holder, _, _ in held_by], widths)
    right, height_right = _stacked([held for _, held, _ in held_by], widths)
    bands = []
    begun: dict[tuple[int, str], float] = {}
    for (holder, held, waits), width in zip(held_by, widths, strict=True):
        ends = []
        for side, name, places in ((0, holder, left), (1, held, right)):
            start = begun.setdefault((side, name), places[name][0])
            begun[side, name] = start + width
            ends.append(round(start + width / 2, 1))
        bands.append(Flow(*ends, width, waits is None))
    named = [tuple((name, round((low + high) / 2, 1)) for name, (low, high) in side.items()) for side in (left, right)]
    return Flows(*named, tuple(bands), max(height_left, height_right))


def _stacked(names: Sequence[str], widths: Sequence[float]) -> tuple[dict[str, tuple[float, float]], float]:
    """Return of each name, from the top down, where its bands begin and end; and the height of all."""
    totals: dict[str, float] = {}
    for name, width in zip(names, widths, strict=True):
        totals[name] = totals.get(name, 0) + width
    places, top = {}, 0.0
    for name, total in totals.items():
        places[name] = (top + (LINE_HEIGHT - min(total, LINE_HEIGHT)) / 2, top + (LINE_HEIGHT + total) / 2)
        if total > LINE_HEIGHT:
            places[name] = (top, top + total)
        top += max(total, LINE_HEIGHT) + 8
    return places, top


@dataclass(frozen=True)
class Span:
    """A wait on the time line, with the place of its due date where it lies on the line."""

    label: str
    days: int
    y: float
    x: float
    width: float
    due_x: float | None
    past: bool
    ended: bool


@dataclass(frozen=True)
class TimeLine:
    """Waits over one time axis, with its labelled ticks."""

    spans: tuple[Span, ...]
    ticks: tuple[tuple[float, str], ...]
    height: float


def draw_time_line(waits: Sequence[WaitSeen], today: dt.date, width: float) -> TimeLine | None:
    """Return the waits over one axis from the earliest start to `today` or the last due date; `None` without waits."""
    if not waits:
        return None
    first = min(wait.start_date for wait in waits)
    dues = [wait.due_date for wait in waits if wait.due_date and wait.stop_date is None]
    last = max([today, *dues])
    scale = width / max((last - first).days, 1)

    def place(day: dt.date) -> float:
        return round((day - first).days * scale, 1)

    spans = tuple(
        Span(
            label=wait.kind_name,
            days=wait.elapsed_days,
            y=index * 44.0,
            x=place(wait.start_date),
            width=max(place(wait.stop_date or today) - place(wait.start_date), 3),
            due_x=place(wait.due_date) if wait.due_date and first <= wait.due_date <= last else None,
            past=wait.clock in ("past", "stopped_past"),
            ended=wait.stop_date is not None,
        )
        for index, wait in enumerate(waits)
    )
    return TimeLine(spans, mark_days(first, last, place(last)), len(waits) * 44.0)


def mark_days(first: dt.date, last: dt.date, width: float) -> tuple[tuple[float, str], ...]:
    """Return where the first, middle and last day of an axis of days stand, and their words."""
    days = (last - first).days
    steps = (0, 0.5, 1) if days > 60 else (0, 1)
    moments = [first + dt.timedelta(days=round(days * step)) for step in steps]
    return tuple((round(width * step, 1), f"{day.day} {day:%b %Y}") for step, day in zip(steps, moments, strict=True))


@dataclass(frozen=True)
class Box:
    """A wait, or something else that holds one up."""

    lines: tuple[str, ...]
    x: float
    y: float
    is_wait: bool


@dataclass(frozen=True)
class Arrow:
    """From what holds to what is held."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Graph:
    """What holds what, from the top down."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


def draw_graph(blockers: Sequence[BlockerSeen]) -> Graph | None:
    """Return the blockers as boxes in levels: a holder stands above what it holds. `None` without blockers."""
    edges = [(_holder_key(blocker), blocker.held_wait_id) for blocker in blockers]
    if not edges:
        return None
    words = {_holder_key(blocker): blocker.holder for blocker in blockers}
    waits = {blocker.held_wait_id for blocker in blockers} | {_holder_key(b) for b in blockers if b.holder_wait_id}
    words |= {blocker.held_wait_id: blocker.held for blocker in blockers}
    levels = _levels(list(words), edges)
    places = _places(levels)
    boxes = tuple(Box(_wrapped(words[key]), *places[key], key in waits) for key in words)
    arrows = tuple(_arrow(places[holder], places[held]) for holder, held in dict.fromkeys(edges))
    width = max(x for x, _ in places.values()) + BOX_WIDTH
    return Graph(boxes, arrows, width, max(y for _, y in places.values()) + BOX_HEIGHT)


def _holder_key(blocker: BlockerSeen) -> str:
    """One box for each wait of the person, each thing missing, and each kind of wait of others in the case."""
    return blocker.holder_wait_id if blocker.own_wait_holds else blocker.holder


def _levels(keys: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Longest path from the top; a circle stops after as many rounds as there are boxes."""
    levels = dict.fromkeys(keys, 0)
    for _ in range(min(len(keys), 8)):
        for holder, held in edges:
            if holder != held:
                levels[held] = max(levels[held], min(levels[holder] + 1, len(keys) - 1))
    return levels


def _places(levels: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Left to right and from the top down; a level of many boxes takes several rows."""
    places: dict[str, tuple[float, float]] = {}
    top = 0.0
    for level in range(max(levels.values()) + 1):
        keys = [key for key in levels if levels[key] == level]
        for index, key in enumerate(keys):
            row, column = divmod(index, BOXES_IN_ROW)
            places[key] = (float(column * (BOX_WIDTH + BOX_GAP)), top + row * (BOX_HEIGHT + BOX_GAP))
        rows = (len(keys) - 1) // BOXES_IN_ROW
        top += rows * (BOX_HEIGHT + BOX_GAP) + BOX_HEIGHT + LEVEL_GAP
    return places


def _arrow(holder: tuple[float, float], held: tuple[float, float]) -> Arrow:
    middle = BOX_WIDTH / 2
    return Arrow(holder[0] + middle, holder[1] + BOX_HEIGHT, held[0] + middle, held[1] - 4)


def _wrapped(text: str) -> tuple[str, ...]:
    """The text in at most two lines of the box."""
    lines: list[str] = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > LETTERS_IN_LINE and len(lines) < 2:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines)
