"""The picture of a forecast held against what came of it: the band of replications, its mean, published sizes."""

import datetime as dt
import math

from braid.place.drawings import CHART, LEFT, TOP, WIDTH, number_words
from braid.place.forecasts import HIGH, LOW, VERDICTS, Followed
from braid.store.exports import Area, Label, Line, Picture, Point, Shape

MARK = 3.5
TURNS = tuple(math.pi * number / 4 for number in range(8))
RIGHT = WIDTH - 12


def draw_followed(one: Followed) -> Picture:
    """Return the band of a list week by week, and a mark for each published size; filled black where it is outside."""
    fan = one.fan
    low, high = fan.bands[LOW], fan.bands[HIGH]
    sizes = [each.waiting for each in one.sightings if each.waiting is not None]
    top = max([*high, *sizes, 1.0]) * 1.05
    last = max(fan.weeks[-1], 1)

    def place(weeks: float, value: float) -> Point:
        return LEFT + (RIGHT - LEFT) * weeks / last, TOP + CHART * (1 - value / top)

    def line(values: tuple[float, ...]) -> list[Point]:
        return [place(week, value) for week, value in zip(fan.weeks, values, strict=True)]

    shapes: list[Shape] = [
        Area("area", (*line(high), *reversed(line(low))), "pale_blue"),
        Line("line", tuple(line(fan.mean)), "blue", 1.6),
        Line("line", ((LEFT, TOP), (LEFT, TOP + CHART), (RIGHT, TOP + CHART)), "grey", 0.8),
        Label("label", (LEFT - 5, TOP), number_words(round(top)), "end", 9),
        Label("label", (LEFT - 5, TOP + CHART), "0", "end", 9),
        Label("label", (LEFT, TOP + CHART + 12), _day(one.start), "start", 9),
        Label("label", (RIGHT, TOP + CHART + 12), _day(one.start + dt.timedelta(weeks=last)), "end", 9),
    ]
    for each in one.sightings:
        if each.waiting is not None:
            at = place((each.day - one.start).days / 7, each.waiting)
            shapes.append(_mark(at, is_outside=each.verdict != "inside"))
    return Picture(f"{one.title}: forecast and published", f"{_told(one)}", WIDTH, 2 * TOP + CHART + 16, tuple(shapes))


def _mark(at: Point, *, is_outside: bool) -> Area:
    size = MARK + 1 if is_outside else MARK
    corners = tuple((at[0] + size * math.cos(turn), at[1] + size * math.sin(turn)) for turn in TURNS)
    return Area("area", corners, "black" if is_outside else "green")


def _told(one: Followed) -> str:
    low, high = one.fan.bands[LOW], one.fan.bands[HIGH]
    band = (
        f"A band from {low[0]:,.0f} to {high[0]:,.0f} on {_day(one.start)}, and from {low[-1]:,.0f} to {high[-1]:,.0f}"
        f" in week {one.fan.weeks[-1]}"
    )
    marks = "; ".join(
        f"{_day(each.day)}: {each.waiting:,}, {VERDICTS[each.verdict]}"
        for each in one.sightings
        if each.waiting is not None
    )
    return f"{band}. {f'Published: {marks}' if marks else 'Nothing published since'}."


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
