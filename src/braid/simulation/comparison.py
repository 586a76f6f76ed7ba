"""What a decision would change: paired differences over the same people, wide enough for all measures together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from braid.language.documents import Part
from braid.simulation.intervals import Interval, interval
from braid.simulation.measures import Measure, level_of
from braid.simulation.run import Runs

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Difference(Part):
    """One measure as it is, as it would be, and the difference."""

    measure: Measure
    now: Interval
    then: Interval
    difference: Interval
    """Of `then` less `now`, in the same replications; its ends hold for all measures of the comparison together."""

    @property
    def is_found(self) -> bool:
        """Whether there is a difference at the level that was asked for."""
        return self.difference.excludes_nought

    @property
    def is_gain(self) -> bool | None:
        """Whether it is found and for the better; None where it is not found, or neither way is better."""
        if not self.is_found or self.measure.fewer_is_better is None or self.difference.mean is None:
            return None
        return (self.difference.mean < 0) == self.measure.fewer_is_better


@dataclass(frozen=True)
class Comparison(Part):
    """A scenario against the network as it is."""

    scenario: str
    level: float
    replications: int
    differences: tuple[Difference, ...]

    def gains(self) -> list[Difference]:
        """Return the measures that get better, and surely."""
        return [one for one in self.differences if one.is_gain]

    def losses(self) -> list[Difference]:
        """Return the measures that get worse, and surely: who pays for it by waiting longer."""
        return [one for one in self.differences if one.is_gain is False]


def compare(base: Runs, other: Runs, scenario: str, level: float = 0.95) -> Comparison:
    """Return the paired differences of all measures of two runs with the same seed and replications."""
    if base.seed != other.seed or len(base.records) != len(other.records):
        raise ValueError("runs are compared that have the same seed and as many replications")
    now, then = base.values(), other.values()
    measures = [one for one in base.reading.measures if one.id in then]
    told = [
        Difference(
            measure=one,
            now=level_of(one, now[one.id], level),
            then=level_of(one, then[one.id], level),
            difference=interval(then[one.id] - now[one.id], level, among=len(measures)),
        )
        for one in measures
    ]
    return Comparison(scenario, level, len(base.records), tuple(told))


def variance_reduction(base: Values, other: Values) -> float:
    """Return how many times as many independent pairs would be needed as pairs with the same luck."""
    paired = float(np.var(other - base, ddof=1))
    independent = float(np.var(base, ddof=1) + np.var(other, ddof=1))
    return independent / paired if paired > 0 else float("inf")
