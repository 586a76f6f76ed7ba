"""A chain of reviews as clocks: each review held ends one and begins the next.

The first review has a limit of its own, and so may the second; every later one counts from the review before it. Where
reviewing ends on the day of a review, nothing begins after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PROTECTION = ("cpp_review", "cpp_review_later")
"""Working Together: within 3 months of the initial conference, then within 6 months of each other."""
LOOKED_AFTER = ("cla_review", "cla_review_second", "cla_review_later")
"""SI 2010/959 reg. 33: within 20 working days, then 3 months after the first, then within 6 months of each other."""


@dataclass(frozen=True)
class ReviewClock:
    """One clock of a chain. `is_first`: it began with what is reviewed; `is_held`: a review ended it."""

    kind: str
    start: dt.date
    stop: dt.date | None
    is_first: bool
    is_held: bool


def chain_reviews(
    kinds: Sequence[str], start: dt.date, end: dt.date | None, reviews: Iterable[dt.date]
) -> list[ReviewClock]:
    """Return the clocks from `start`, the day what is reviewed began, to `end`, which may be open.

    `kinds` are the kinds of the first clock and of those after it, the last of them for all that follow.
    """
    held = sorted({day for day in reviews if start <= day and (end is None or day <= end)})
    starts = [start, *held]
    clocks = []
    for number, begun in enumerate(starts):
        is_held = number < len(held)
        if number and begun == end:
            break
        stop = held[number] if is_held else end
        clocks.append(ReviewClock(kinds[min(number, len(kinds) - 1)], begun, stop, number == 0, is_held))
    return clocks


def chain_later_reviews(kind: str, end: dt.date | None, reviews: Iterable[dt.date]) -> list[ReviewClock]:
    """Return the clocks from the first review known, where nobody knows how many were held before it."""
    days = sorted(reviews)
    chain = chain_reviews((kind,), days[0], end, days[1:]) if days and days[0] != end else []
    return [ReviewClock(clock.kind, clock.start, clock.stop, False, clock.is_held) for clock in chain]
