"""Intervals of means from independent replications, by Student's distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from braid.language.documents import Part

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval(Part):
    """A mean, null where nobody was measured, and between which ends it lies; ends null where there is one value."""

    mean: float | None
    low: float | None
    high: float | None
    replications: int
    """In how many replications there was somebody to measure: the mean is of these alone."""

    @property
    def is_always_the_same(self) -> bool:
        """Whether several replications gave the very same value: that says that chance did not move it, no more."""
        return self.replications > 1 and self.low is not None and self.low == self.high

    @property
    def excludes_nought(self) -> bool:
        """Whether nought lies outside, so that there is a difference one way."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def interval(values: Values, level: float, among: int = 1) -> Interval:
    """Return the interval of the mean of values at a level, wide enough for `among` intervals to hold together.

    Bonferroni: each of them is taken at 1 - (1 - level) / among, so that all hold at once with the level at least.
    Values that are not a number, where a replication had nobody, are left out.
    """
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return Interval(None, None, None, 0)
    mean = float(values.mean())
    if len(values) == 1:
        return Interval(mean, None, None, 1)
    half = half_width(values, level, among)
    return Interval(mean, mean - half, mean + half, len(values))


def within(found: Interval, least: float, most: float) -> Interval:
    """Return an interval without the part of it that no value can lie in."""
    if found.low is None or found.high is None:
        return found
    return Interval(found.mean, max(found.low, least), min(found.high, most), found.replications)


def half_width(values: Values, level: float, among: int = 1) -> float:
    """Return half the width of the interval of a mean. Values: one for each replication, two or more."""
    reach = float(stdtrit(len(values) - 1, 1 - (1 - level) / (2 * among)))
    return reach * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
