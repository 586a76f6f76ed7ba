"""Disclosure control for published counts, after the rule of Hospital Episode Statistics: 0 is shown, 1 to 7 are
suppressed, every other count is rounded to the nearest 5. Totals are rounded from their own exact value, never summed
from rounded parts.

Rounding alone does not hold where a total stands beside its parts: parts of 8, 8 and 1 are shown as 10, 10 and
suppressed, their total of 17 as 15 (13 to 17), and only 8 + 8 + 1 is as little as 17. `publishable_total` therefore
joins a range of totals with its neighbour wherever the published parts would leave less than `SLACK` of it. Whether it
does so follows from what is published alone, so that the choice itself says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

SUPPRESSED_FROM, SUPPRESSED_TO, ROUND_TO = 1, 7, 5
SLACK = ROUND_TO - 1
"""How far the lowest and the highest total that may stand behind a published one must lie apart, given its parts."""
JOINED_TO = 2 * ROUND_TO + ROUND_TO // 2
"""The last count shown as 10: where the range of suppressed totals is too narrow, it goes on up to here."""
MEDIAN_BASE, MEDIAN_STEP_DAYS = 15, 5
PERCENTILE_BASE = 100
"""As many lie above a 92nd percentile of 100 as above a median of 15."""
SIZE_FROM, SIZE_STEP = 100, 10
"""A past size is published of a queue of 100 or more, to the nearest 10."""
TIME_SHARE_BASE, TIME_SHARE_STEP = 20, 5
"""A published total of 20 stands for 13 or more, and so tells already that two services have 13 people each."""
STEP_BASE, STEP_SHARE, STEP_COUNT = 20, 5, 10
FINE_BASE, FINE_SHARE = 500, 1
"""Outcomes are published in steps, of 20 people or more as published: never a count that adds up to another."""

Span = tuple[int, int]
"""Lowest and highest number, both included."""


def publishable_count(exact: int) -> int | None:
    """Return the count as it may be published; `None` where it is suppressed. Raises `ValueError` below zero."""
    if exact < 0:
        raise ValueError("a count cannot be below zero")
    if SUPPRESSED_FROM <= exact <= SUPPRESSED_TO:
        return None
    return ROUND_TO * ((exact + ROUND_TO // 2) // ROUND_TO)


def possible_counts(shown: int | None) -> Span:
    """Return which exact counts are published as `shown` by `publishable_count`."""
    if shown is None:
        return SUPPRESSED_FROM, SUPPRESSED_TO
    if shown == 0:
        return 0, 0
    return max(SUPPRESSED_TO + 1, shown - ROUND_TO // 2), shown + ROUND_TO // 2


def publishable_total(exact: int, parts: Span) -> int | None:
    """Return a total as it may be published beside other figures, from which it is known to lie in `parts`.

    `parts` is the sum of its published parts, and what other totals say. The total may be larger than the second number
    of `parts`, as some people are in no part. `None`: 1 to 7, or up to 12 where four to seven parts are suppressed.
    Raises `ValueError` below zero.
    """
    shown = publishable_count(exact)
    floor, ceiling = parts
    if shown == 0:
        return 0
    if shown is None or (exact <= JOINED_TO and SUPPRESSED_TO - SLACK < floor <= SUPPRESSED_TO):
        return None
    if possible_counts(shown)[1] - floor < SLACK:
        return _above(shown, floor)
    if shown > 2 * ROUND_TO and 0 <= ceiling - possible_counts(shown)[0] < SLACK:
        return shown - ROUND_TO
    return shown


def _above(shown: int, floor: int) -> int:
    while possible_counts(shown)[1] - floor < SLACK:
        shown += ROUND_TO
    return shown


def possible_totals(shown: int | None, parts: Span) -> Span:
    """Return which exact totals are published as `shown` beside such parts, tried one by one."""
    reach = 2 * ROUND_TO + ROUND_TO // 2
    near = range(JOINED_TO + 1) if shown is None else range(max(0, shown - reach), shown + reach + 1)
    found = [exact for exact in near if exact >= parts[0] and publishable_total(exact, parts) == shown]
    return (found[0], found[-1]) if found else possible_counts(shown)


def publishable_share(shown_part: int | None, shown_rest: int | None) -> int | None:
    """Return a share in whole per cent, of the published counts of a part and of the rest.

    `None` where either is 0 or suppressed: a share of nobody or of everybody says something about each of them.
    """
    if not shown_part or not shown_rest:
        return None
    return round(100 * shown_part / (shown_part + shown_rest))


def publishable_median(days: float | None, shown_base: int | None) -> int | None:
    """Return a median number of days, to the nearest 5 so that it is no one person's.

    Only where the published base is 15 or more: asking the exact one would say on which side of the limit it lies.
    """
    if days is None or shown_base is None or shown_base < MEDIAN_BASE:
        return None
    return MEDIAN_STEP_DAYS * round(days / MEDIAN_STEP_DAYS)


def publishable_percentile(days: float | None, shown_base: int | None) -> int | None:
    """Return a 92nd percentile of days, to the nearest 5, where the published base is 100 or more."""
    if shown_base is None or shown_base < PERCENTILE_BASE:
        return None
    return publishable_median(days, shown_base)


def publishable_sum(total: float, count: int, shown_count: int | None) -> int | None:
    """Return a sum over so many as the published count times the mean in whole units.

    Only where the published count is 15 or more. So it is off by what two of them have on average, and no sum less
    another one is what one of them has.
    """
    if shown_count is None or shown_count < MEDIAN_BASE:
        return None
    return shown_count * round(total / count)


def publishable_ratio(shown: int | None, shown_by: int | None, weeks: int) -> int | None:
    """Return in how many weeks `shown` are `shown_by` in so many `weeks`, in whole weeks: of published counts alone.

    `None` where a count is suppressed, or nobody is to divide by.
    """
    if shown is None or not shown_by:
        return None
    return round(shown * weeks / shown_by)


def publishable_size(exact: int) -> int | None:
    """Return the size of a queue on a past day, to the nearest 10; `None` below 95, which is not published."""
    shown = SIZE_STEP * ((exact + SIZE_STEP // 2) // SIZE_STEP)
    return shown if shown >= SIZE_FROM else None


def possible_sizes(shown: int) -> Span:
    """Return which exact sizes are published as `shown` by `publishable_size`."""
    return shown - SIZE_STEP // 2, shown + SIZE_STEP // 2 - 1


def publishable_time_share(share: float, people: int, shown_bases: Sequence[int | None]) -> int | None:
    """Return the part of a time as per cent, to the nearest 5, from 5 (or less) to 95 (or more).

    Only where the published counts of both services are 20 or more, and 13 people or more share the time: so it is
    nobody's own, and 13 of each are known already. Nobody and everybody are never said.
    """
    if any(shown is None or shown < TIME_SHARE_BASE for shown in shown_bases):
        return None
    if (publishable_count(people) or 0) < MEDIAN_BASE:
        return None
    nearest = TIME_SHARE_STEP * round(100 * share / TIME_SHARE_STEP)
    return min(100 - TIME_SHARE_STEP, max(TIME_SHARE_STEP, nearest))


def publishable_step_share(met: int, counted: int, people: int) -> int | None:
    """Return a share as per cent, to the nearest 5; to the nearest 1 of so many people as are published as 500 or more.

    Only of so many people as are published as 20 or more, and where 8 or more meet it and 8 or more do not. It rests on
    these two counts as they would be published, so that it tells no more of either than they would.
    """
    met_shown, rest_shown = publishable_count(met), publishable_count(max(0, counted - met))
    if not _are_enough(people) or not met_shown or not rest_shown:
        return None
    step = share_step(people)
    return step * round(100 * met_shown / (met_shown + rest_shown) / step)


def share_step(people: int) -> int:
    """Return in what steps a share of so many people is published, in per cent."""
    return FINE_SHARE if (publishable_count(people) or 0) >= FINE_BASE else STEP_SHARE


def publishable_step_count(count: int, people: int) -> int | None:
    """Return a count to the nearest 10, of so many people as are published as 20 or more; else `None`."""
    if not _are_enough(people):
        return None
    return STEP_COUNT * ((count + STEP_COUNT // 2) // STEP_COUNT)


def publishable_step_rate(rate: float, people: int) -> float | None:
    """Return a rate to two digits, where it happened to so many people as are published as 20 or more."""
    return float(f"{rate:.1e}") if _are_enough(people) else None


def publishable_step_days(days: float | None, people: int) -> int | None:
    """Return a median number of days, to the nearest 5, of so many people as are published as 20 or more."""
    if days is None or not _are_enough(people):
        return None
    return MEDIAN_STEP_DAYS * round(days / MEDIAN_STEP_DAYS)


def publishable_ends(low: float, high: float, step: float) -> tuple[float, float]:
    """Return both ends of an interval in whole steps, outwards: how wide it is says roughly how many are behind it."""
    return step * math.floor(low / step), step * math.ceil(high / step)


def _are_enough(people: int) -> bool:
    return (publishable_count(people) or 0) >= STEP_BASE
