"""How many come and how many a service takes up in a week, from counted waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from braid.simulation.calibration.counts import WEEK_DAYS, Counts, Days, Waits, Window
from braid.simulation.model import YEAR, Profile, Weekly, weeks_of_year

PROFILE_WEEKS = 2 * YEAR
"""Of fewer known weeks no week of the year is told from chance."""
Numbers = npt.NDArray[np.float64]
WeeklyOf = Callable[[Waits, Window], Numbers]
"""Counts waits of a kind by week."""


@dataclass(frozen=True)
class Flow:
    """How many a week, with the profile of the year where enough weeks are known; what follows `;` is a count."""

    weekly: Weekly
    profile: Profile | None
    source: str


def additions_by_week(waits: Waits, window: Window) -> Numbers:
    """Return how many waits began in each week of a window, the first week first."""
    return _by_week(waits.started, waits.counts, window)


def removals_by_week(waits: Waits, window: Window) -> Numbers:
    """Return how many waits ended in each week of a window, the first week first."""
    gone = waits.only(~waits.is_open)
    return _by_week(gone.ended, gone.counts, window)


def _by_week(days_ago: Days, counts: Days, window: Window) -> Numbers:
    weeks_ago = days_ago // WEEK_DAYS
    is_known = (weeks_ago >= 0) & (weeks_ago < window.weeks)
    weekly = np.bincount(weeks_ago[is_known], counts[is_known], minlength=window.weeks)
    return np.asarray(weekly[::-1], np.float64)


def sizes_by_week(waits: Waits, window: Window) -> Numbers:
    """Return how many waited at the end of each week of a window."""
    change = additions_by_week(waits, window) - removals_by_week(waits, window)
    return np.asarray(waits.open_count - (change.sum() - np.cumsum(change)), np.float64)


def arrivals_of(pathway: str, waits: Waits, counts: Counts, led: float) -> Flow:
    """Return arrivals from outside a week: those who began, less the `led` a week who come from another pathway."""
    kind = waits.kind
    window = counts.windows[kind]
    weekly = additions_by_week(waits, window)
    if not window.weeks:
        return Flow(Weekly(), None, f"assumed: nobody comes, since no week of kind {kind} is known")
    level = max(float(weekly.mean()) - led, 0.0)
    less = f", less {led:.3g} a week who come from another pathway" if led else ""
    profile = find_profile(f"{pathway}_arrivals", weekly, window.first_date)
    shape = " and by week of the year" if profile else ""
    source = (
        f"measured: person_wait of kind {kind}, those who began in {window.weeks} weeks{shape}{less};"
        f" {int(weekly.sum()):,} waits"
    )
    return Flow(Weekly(level, profile.id if profile else None), profile, source)


def find_profile(name: str, weekly: Numbers, first_date: dt.date) -> Profile | None:
    """Return the profile of a year of weekly counts; `None` of less than two years, or where chance explains it all.

    The mean count of each week of the year by that of all weeks, drawn towards 1 by the part of its variance that
    chance explains where people come at random (James and Stein 1961; Efron and Morris 1973).
    """
    if len(weekly) < PROFILE_WEEKS or not weekly.mean():
        return None
    places = weeks_of_year(first_date, len(weekly))
    seen = np.bincount(places, minlength=YEAR)
    means = np.bincount(places, weekly, minlength=YEAR) / np.maximum(seen, 1)
    raw = np.where(seen > 0, means / weekly.mean(), 1.0)
    by_chance = float((1 / (weekly.mean() * np.maximum(seen, 1))).mean())
    variance = float(raw.var(ddof=1))
    if variance <= by_chance:
        return None
    factors = 1 + (raw - 1) * (1 - by_chance / variance)
    factors = np.maximum(factors, 0.0)
    return Profile(name, tuple(float(round(factor, 4)) for factor in factors / factors.mean()))


@dataclass(frozen=True)
class Capacity:
    """What a service had in a week, and whether its queue was ever empty; what follows `;` is a count."""

    weekly: Weekly
    was_empty: bool
    """At the end of some week nobody waited: the service could have taken more, and nobody knows how many."""
    source: str


def slots_of(each: Sequence[Waits], counts: Counts) -> Capacity:
    """Return slots a week: those who were served, which is all there were as long as somebody waited."""
    level, ended, was_empty, weeks = 0.0, 0, False, 0
    for waits in each:
        window = counts.windows[waits.kind]
        removed = removals_by_week(waits.only(~waits.has_left), window)
        if len(removed) and len(waits.counts):
            level += float(removed.mean())
            ended += int(removed.sum())
            was_empty |= bool((sizes_by_week(waits, window) <= 0).any())
            weeks = max(weeks, window.weeks)
    lower = ", a lower bound as the queue was empty in some week" if was_empty else ""
    if not weeks:
        kinds = ", ".join(sorted(waits.kind for waits in each))
        return Capacity(Weekly(), False, f"assumed: no slots, since no wait of kind {kinds} was seen to end")
    source = f"measured: person_wait, those who were served in {weeks} weeks{lower}; {ended:,} waits"
    return Capacity(Weekly(level), was_empty, source)


def places_of(each: Sequence[Waits]) -> Capacity:
    """Return places: as many as are taken on the as-of date."""
    taken = sum(waits.open_count for waits in each)
    return Capacity(
        Weekly(float(taken)), False, f"measured: person_wait, places taken on the last day; {taken:,} waits"
    )
