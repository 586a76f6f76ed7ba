"""How long something takes, from waits of which many have not ended and the oldest that ended are not shown.

The estimate is that of Kaplan and Meier ("Nonparametric estimation from incomplete observations", Journal of the
American Statistical Association 53, 1958): of those who had waited so many days, which part ended on the next. Whoever
still waits counts as long as they waited (a censored wait), and so does whoever ended otherwise. An extract shows what
ended since some day alone; whoever began before it is counted only from the age that they had on it (late entry). To
leave either out is to count the short waits, or the long ones.

Days are whole: whoever began on a day waits at its end, whoever ended on it does not. A wait of d days lasts from d - 1
to d + 1 days, so its end is put at d + 1/2 where a share has ended by d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from braid.simulation.durations import Quantiles

Days = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
WEEK_DAYS = 7
TAIL_SHARE, TAIL_ENDS = 0.1, 24
"""The rate of the tail is that of the last tenth of the ends, and of no fewer than 24 where there are as many."""
TAIL_STEP = 0.8
"""Between two points of the tail, so much of those who are left is left."""
TAIL_END = 1e-4
"""When no more than this are left, they end together."""


@dataclass(frozen=True)
class Spells:
    """Waits as they were seen, in whole days of age; all arrays have one length."""

    entered: Days
    """Age from which a wait would have been seen to end."""
    left: Days
    """Age at which it ended, or was last seen."""
    counts: Days
    """How many waits are alike."""
    ended: npt.NDArray[np.bool_]
    """Whether it ended by what is asked about; otherwise it was last seen."""

    @property
    def ends(self) -> int:
        """How many ended."""
        return int(self.counts[self.ended].sum())

    @property
    def waits(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    @property
    def exposure_weeks(self) -> float:
        """Weeks in which they would have been seen to end, all together; the day of an end counts half."""
        days = self.left - self.entered + 0.5
        return float((days * self.counts).sum()) / WEEK_DAYS


@dataclass(frozen=True)
class Curve:
    """By whole days of age, from 0: who was there, who ended, and which share had not ended after that day."""

    at_risk: Days
    ends: Days
    survival: Numbers


def kaplan_meier(spells: Spells) -> Curve:
    """Return the survival curve of some spells. Where nobody was at risk, nobody ended.

    Where all who were at risk ended while others were seen at a greater age, the share that is left is that of Nelson
    and Aalen, 1/e, and not nought: few were seen so young, and the others show that some last longer.
    """
    size = int(spells.left.max(initial=0)) + 2
    entered = np.bincount(spells.entered, spells.counts, size)
    gone = np.bincount(spells.left + 1, spells.counts, size)
    at_risk = np.rint(np.cumsum(entered - gone)).astype(np.int64)
    ends = np.rint(np.bincount(spells.left[spells.ended], spells.counts[spells.ended], size)).astype(np.int64)
    hazard = np.divide(ends, at_risk, out=np.zeros(size), where=at_risk > 0)
    is_emptied = (ends > 0) & (ends == at_risk) & (np.cumsum(at_risk[::-1])[::-1] > at_risk)
    hazard[is_emptied] = 1.0 - math.exp(-1.0)
    return Curve(at_risk, ends, np.cumprod(1.0 - hazard, dtype=np.float64))


def as_quantiles(curve: Curve, knot_ends: int, longest_weeks: float) -> Quantiles:
    """Return a curve as quantiles: a point after each `knot_ends` ends, and an exponential tail.

    So no point rests on fewer ends than that. The tail begins at the last point. Its rate is that of the last tenth of
    the ends, by the time in which they could have been seen; whoever would last longer than `longest_weeks` ends then.
    Raises `ValueError` where there are fewer than `knot_ends` ends.
    """
    knots = _knots(curve, knot_ends)
    if not knots:
        raise ValueError("too few ends for a curve")
    first = max(int(np.flatnonzero(curve.ends)[0]) - 0.5, 0.0) / WEEK_DAYS
    shares, weeks = [0.0], [min(first, longest_weeks)]
    for day in knots:
        _add(shares, weeks, 1.0 - float(curve.survival[day]), min((day + 0.5) / WEEK_DAYS, longest_weeks))
    _add_tail(shares, weeks, tail_rate(curve, _tail_day(curve)), longest_weeks)
    return Quantiles("quantiles", tuple(shares), tuple(weeks))


def _tail_day(curve: Curve) -> int:
    """Return the last day beyond which enough ended to tell a rate; -1, before all, where fewer ended at all."""
    beyond = int(curve.ends.sum()) - np.cumsum(curve.ends)
    enough = np.flatnonzero(beyond >= max(TAIL_SHARE * float(curve.ends.sum()), TAIL_ENDS))
    return int(enough[-1]) if len(enough) else -1


def _knots(curve: Curve, knot_ends: int) -> list[int]:
    """Return days on each of which, since the one before, `knot_ends` ended or more.

    Not the very last end, unless so many shared its day: it would say how long one of them waited.
    """
    knots, since = [], 0
    for day in np.flatnonzero(curve.ends):
        since += int(curve.ends[day])
        if since >= knot_ends:
            knots.append(int(day))
            since = 0
    if len(knots) > 1 and since == 0 and curve.ends[knots[-1]] < knot_ends:
        knots.pop()
    return knots


def tail_rate(curve: Curve, after_day: int) -> float:
    """Return ends a week of waiting beyond a day: the exponential's most likely rate."""
    exposed = float(curve.at_risk[after_day + 1 :].sum()) / WEEK_DAYS
    return float(curve.ends[after_day + 1 :].sum()) / exposed if exposed else 0.0


def _add_tail(shares: list[float], weeks: list[float], rate: float, longest_weeks: float) -> None:
    last, left = weeks[-1], 1.0 - shares[-1]
    step = -math.log(TAIL_STEP) / rate if rate else math.inf
    while left > TAIL_END and last + step < longest_weeks:
        left, last = left * TAIL_STEP, last + step
        _add(shares, weeks, 1.0 - left, last)
    if last + step >= longest_weeks and left > TAIL_END:
        reached = left * math.exp(-rate * (longest_weeks - last))
        _add(shares, weeks, 1.0 - reached, longest_weeks)
        last = longest_weeks
    if shares[-1] < 1.0:
        shares.append(1.0)
        weeks.append(max(last, weeks[-1]))


def _add(shares: list[float], weeks: list[float], share: float, at_weeks: float) -> None:
    """Add a point, unless its share is no more than the last one's."""
    if shares[-1] < share <= 1.0:
        shares.append(share)
        weeks.append(max(at_weeks, weeks[-1]))
