"""A queue's past, as published: how many waited in weeks before anything was published, how many came in 13 weeks.

A count of the past is a second look at numbers that the other cubes publish by district, and rounding it by itself
could undo what joining hides there (decision 25). So none is published from which anything follows about today's
figures:

- Who waits now, or left in 91 days, waited then or came since. So a past size is at most the waiting and the completed
  of today; it is at least those of today who, by the published median, percentile, share within the limit or count over
  a year, had waited as long; and two sizes differ by no more than left between them.
- A past figure is published where all of this holds for whatever may stand behind it and behind today's figures, at
  the ends of their ranges too. Then every number that was possible without it is possible with it.
- Where it is left out, that says that the past lies near such a limit, and every number of today is possible still:
  the limit follows from today's figures, and the past may be on either side of it.

Removals of the past are not published at all: those of the last 91 days are, by district, and a part of them would be
a second breakdown of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from braid.language.clock_rules import shortest_days
from braid.trust.cubes import WHOLE_PLACE, Cell, Exact, Shown
from braid.trust.disclosure import (
    MEDIAN_STEP_DAYS,
    Span,
    possible_counts,
    possible_sizes,
    publishable_count,
    publishable_size,
)

COMPLETED_DAYS = 91
"""Completed waits, and additions, are counted over so many days."""
YEAR_DAYS = 365
NEAR_WEEK = 3
"""How far from a day a size may have been published that is taken for the one of that day."""
NEAR_DAYS = MEDIAN_STEP_DAYS // 2 + 1
"""How far a published median or percentile may lie from the exact one."""
OFF_BY = 7
"""How far a published total may lie from the exact one."""
UPPER_PART = 0.08
"""The part of waits that are longer than the 92nd percentile."""

Kept = tuple[int, int | None]
"""How many days back, and the size that was published of that day: `None` where too few waited."""
Facts = tuple[tuple[int, int], ...]
"""Of so many days: the most waits of which the published figures could say that they lasted so long, or less long."""


@dataclass(frozen=True)
class Known:
    """What follows of a queue from the figures that are published of it on a day.

    `lasting` and `recent` speak of those who wait, of whom so many waited at least, or less than, so many days;
    `lasted` of those who left, of whom so many had waited at least so many days.
    """

    waiting: Span
    completed: Span
    lasting: Facts
    lasted: Facts
    recent: Facts


def find_known(counts: Cell, durations: Shown, limit_days: int | None) -> Known:
    """Return what follows from the whole place's cells of the two other cubes.

    `limit_days` is the shortest limit in law of the kind of wait, in calendar days; `None` where there is none.
    """
    waiting, completed = counts.spans["waiting"], counts.spans["completed"]
    values = {**counts.values, **durations}
    lasting = _longer(waiting[1], values["median_days"], values["p92_days"])
    lasted = _longer(completed[1], values["completed_median_days"], values["completed_p92_days"])
    recent = _shorter(waiting[1], values["median_days"], values["p92_days"])
    if limit_days is not None:
        lasting += _part(waiting[1], values["within_share"], limit_days, past=True)
        lasted += _part(completed[1], values["completed_within_share"], limit_days, past=True)
        recent += _part(waiting[1], values["within_share"], limit_days, past=False)
    over_year = (YEAR_DAYS + 1, counts.spans["over_year"][1])
    return Known(waiting, completed, (over_year, *lasting), lasted, recent)


def fill_in_sizes(weeks: Iterable[tuple[int, int]], known: Known) -> tuple[tuple[int, int], ...]:
    """Return the sizes that are published of weeks before the first publication, as (days back, size), newest first.

    `weeks` holds (days back, exact size) of the weeks of which all who waited are known, each before the day that
    `known` speaks of.
    """
    shown: list[tuple[int, int]] = []
    for days, exact in sorted(weeks):
        size = publishable_size(exact)
        if size is not None and _says_nothing_new(days, possible_sizes(size), shown, known):
            shown.append((days, size))
    return tuple(shown)


def _says_nothing_new(days: int, size: Span, newer: Sequence[tuple[int, int]], known: Known) -> bool:
    then = _most(known.lasting, days)
    if days >= COMPLETED_DAYS:
        return size[0] >= then + _most(known.lasted, days) and (days > COMPLETED_DAYS or _room(size, newer, known))
    return size[0] >= then and _room(size, newer, known)


def _room(size: Span, newer: Sequence[tuple[int, int]], known: Known) -> bool:
    """Whether as many may have left since that week as the sizes published of newer weeks would have it, or more."""
    left = known.completed[0]
    lows = [known.waiting[0], *(possible_sizes(one)[0] for _, one in newer)]
    return all(size[1] - low <= left for low in lows)


def publish_additions(
    rows: Iterable[Exact], counts: Sequence[Cell], durations: Sequence[Cell], kept: Mapping[str, Sequence[Kept]]
) -> dict[str, int | None]:
    """Return the published figures of `ADDITIONS_BY_KIND`: of each kind how many came in the last 91 days.

    `rows` hold `kind` and `additions`, which is `None` where not all who came are known; `counts` and `durations` are
    the published cells of the two other cubes; `kept` the published sizes of each kind before.
    """
    exact = {row["kind"]: row["additions"] for row in rows}
    shown = {cell.kind: cell.values for cell in durations}
    return {
        cell.kind: show_additions(
            exact.get(cell.kind),
            cell,
            find_known(cell, shown[cell.kind], shortest_days(cell.kind)),
            kept.get(cell.kind, ()),
        )
        for cell in counts
        if cell.district == WHOLE_PLACE
    }


def show_additions(exact: int | None, counts: Cell, known: Known, kept: Sequence[Kept]) -> int | None:
    """Return how many came in the last 91 days as it may be published; `None` where it may not be, or is not known.

    Where a size of 91 days ago was published, it is reckoned of published figures alone; a count of its own would say
    what that size was.
    """
    if exact is None:
        return None
    before = find_kept(kept, COMPLETED_DAYS)
    if before is not None:
        return reckon_additions(counts.values["waiting"], before[1], counts.values["completed"])
    return _count_additions(exact, known, kept)


def find_kept(kept: Iterable[Kept], days: int) -> Kept | None:
    """Return the size published nearest to so many days back, 3 days off at most; `None` where there is none."""
    near = [one for one in kept if abs(one[0] - days) <= NEAR_WEEK]
    return min(near, key=lambda one: (abs(one[0] - days), one[0]), default=None)


def reckon_additions(waiting: int | None, waited: int | None, completed: int | None) -> int | None:
    """Return about how many came between two published sizes, of published figures alone; `None` where one is not."""
    if waiting is None or waited is None or completed is None:
        return None
    return max(0, waiting - waited + completed)


def _count_additions(exact: int, known: Known, kept: Iterable[Kept]) -> int | None:
    """Return the count, rounded; `None` where it is few, or would say something of today's figures."""
    shown = publishable_count(exact)
    low, high = possible_counts(shown)
    then = _most(known.lasting, COMPLETED_DAYS) + _most(known.lasted, COMPLETED_DAYS)
    if high > known.waiting[0] + known.completed[0] - then:
        return None
    since = max((most for days, most in known.recent if days < COMPLETED_DAYS), default=0)
    grown = [known.waiting[1] - max(0, (size or 1) - OFF_BY) for days, size in kept if days < COMPLETED_DAYS]
    return shown if low >= max([since, *grown]) else None


def _most(facts: Facts, days: int) -> int:
    return max((most for lasted, most in facts if lasted >= days), default=0)


def _longer(most: int, median: int | None, percentile: int | None) -> Facts:
    """Half waited for the median or longer, 8 in 100 for the percentile or longer."""
    found = [] if median is None else [(median + NEAR_DAYS, math.ceil(most / 2))]
    found += [] if percentile is None else [(percentile + NEAR_DAYS, math.ceil(UPPER_PART * most) + 1)]
    return tuple(found)


def _shorter(most: int, median: int | None, percentile: int | None) -> Facts:
    found = [] if median is None else [(median - NEAR_DAYS, math.ceil(most / 2))]
    found += [] if percentile is None else [(percentile - NEAR_DAYS, math.ceil((1 - UPPER_PART) * most) + 1)]
    return tuple(found)


def _part(most: int, share: int | None, limit_days: int, *, past: bool) -> Facts:
    """Whoever is past a limit waited longer than the shortest one; of a share's published counts each is off by 7."""
    if share is None:
        return ()
    part = (100 - share if past else share) + 0.5
    return ((limit_days, math.ceil((most + 2 * OFF_BY) * part / 100) + OFF_BY),)
