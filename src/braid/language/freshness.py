"""How fresh the word of a source is: the age of its newest extract against how often one comes, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

FEWEST_EXTRACTS = 3
"""Of fewer, the days between them tell no rhythm."""
LATEST_EXTRACTS = 13
"""So many of the latest extracts tell the rhythm: a quarter of a weekly feed, a year of a monthly one."""
_RHYTHMS = {1: "daily", 7: "weekly", 14: "fortnightly"}


@dataclass(frozen=True)
class Freshness:
    """Whether an extract is late against its rhythm, by how many days, and the same in words."""

    is_late: bool
    late_days: int
    words: str


def find_rhythm_days(dates: Sequence[dt.date]) -> int | None:
    """Return the median number of days between the latest extracts, or `None` where there are too few."""
    latest = sorted(set(dates))[-LATEST_EXTRACTS:]
    if len(latest) < FEWEST_EXTRACTS:
        return None
    return median_low((later - earlier).days for earlier, later in pairwise(latest))


def describe_freshness(as_of_date: dt.date, every_days: int | None, today: dt.date) -> Freshness:
    """Return how fresh an extract of `as_of_date` is on the day `today`; `every_days` is the rhythm, where known."""
    age = max(0, (today - as_of_date).days)
    old = "of the same day" if age == 0 else f"{_days(age)} old"
    if every_days is None:
        return Freshness(False, 0, f"How often an extract comes is not known; this one is {old}")
    late = age - every_days
    if late <= 0:
        return Freshness(False, 0, f"Comes {_rhythm(every_days)}; this one is {old}")
    return Freshness(True, late, f"Comes {_rhythm(every_days)}; this one is {old}, {_days(late)} late")


def _rhythm(every_days: int) -> str:
    if 28 <= every_days <= 31:
        return "monthly"
    return _RHYTHMS.get(every_days, f"every {_days(every_days)}")


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
