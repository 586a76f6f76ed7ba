"""How long something takes: laws of a duration in weeks, each by its quantiles.

The quantile of a share is all that an engine needs of a law: a table of them is drawn from, whatever the law.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import NormalDist
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from braid.language.documents import Part

Array = npt.NDArray[np.float64]
Faults = Iterator[tuple[str, str, str]]


@dataclass(frozen=True)
class Fixed(Part):
    """Always the same."""

    law: Literal["fixed"]
    weeks: float

    def quantiles(self, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Return the weeks below which the shares `lower` lie, and above which the shares `upper` lie."""
        return np.full(lower.shape, self.weeks), np.full(upper.shape, self.weeks)

    @property
    def mean(self) -> float:
        """Mean weeks."""
        return self.weeks

    def scaled(self, times: float) -> Fixed:
        """Return the law of what takes so many times as long."""
        return replace(self, weeks=self.weeks * times)

    def faults(self, place: str) -> Faults:
        """Yield what cannot be: place, rule, next step."""
        if self.weeks < 0:
            yield f"{place}.weeks", "no duration is below 0", "give weeks of 0 or more"


@dataclass(frozen=True)
class Exponential(Part):
    """As likely to end in the next week whatever it has lasted."""

    law: Literal["exponential"]
    mean: float

    def quantiles(self, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Return the weeks below which the shares `lower` lie, and above which the shares `upper` lie."""
        return -self.mean * np.log1p(-lower), -self.mean * np.log(upper)

    def scaled(self, times: float) -> Exponential:
        """Return the law of what takes so many times as long."""
        return replace(self, mean=self.mean * times)

    def faults(self, place: str) -> Faults:
        """Yield what cannot be: place, rule, next step."""
        yield from _above_zero(place, mean=self.mean)


@dataclass(frozen=True)
class Weibull(Part):
    """Ends more and more surely the longer it lasts where the shape is above 1, less and less below it."""

    law: Literal["weibull"]
    mean: float
    shape: float

    def quantiles(self, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Return the weeks below which the shares `lower` lie, and above which the shares `upper` lie."""
        scale = self.mean / math.gamma(1 + 1 / self.shape)
        power = 1 / self.shape
        return scale * (-np.log1p(-lower)) ** power, scale * (-np.log(upper)) ** power

    def scaled(self, times: float) -> Weibull:
        """Return the law of what takes so many times as long."""
        return replace(self, mean=self.mean * times)

    def faults(self, place: str) -> Faults:
        """Yield what cannot be: place, rule, next step."""
        yield from _above_zero(place, mean=self.mean)
        if not 0.2 <= self.shape <= 50:
            yield f"{place}.shape", "the shape lies between 0.2 and 50", "give one that was fitted, often 1 to 3"


@dataclass(frozen=True)
class Lognormal(Part):
    """Half are shorter than the median; one in twenty is longer than `p95`."""

    law: Literal["lognormal"]
    median: float
    p95: float

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return math.log(self.p95 / self.median) / NormalDist().inv_cdf(0.95)

    @property
    def mean(self) -> float:
        """Mean weeks."""
        return self.median * math.exp(self.sigma**2 / 2)

    def quantiles(self, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Return the weeks below which the shares `lower` lie, and above which the shares `upper` lie."""
        normal = NormalDist()
        below = np.array([normal.inv_cdf(share) for share in lower])
        above = np.array([-normal.inv_cdf(share) for share in upper])
        return self.median * np.exp(self.sigma * below), self.median * np.exp(self.sigma * above)

    def scaled(self, times: float) -> Lognormal:
        """Return the law of what takes so many times as long."""
        return replace(self, median=self.median * times, p95=self.p95 * times)

    def faults(self, place: str) -> Faults:
        """Yield what cannot be: place, rule, next step."""
        yield from _above_zero(place, median=self.median)
        if not self.median < self.p95 <= 200 * self.median:
            yield (
                f"{place}.p95",
                "it lies above the median, at most 200 times as high",
                "give both from the same sample",
            )


@dataclass(frozen=True)
class Erlang(Part):
    """The sum of as many exponential phases of the same mean."""

    law: Literal["erlang"]
    mean: float
    phases: int

    def quantiles(self, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Return the weeks below which the shares `lower` lie, and above which the shares `upper` lie."""
        scale = self.mean / self.phases
        return scale * self._inverse(lower, above=False), scale * self._inverse(upper, above=True)

    def _inverse(self, shares: Array, *, above: bool) -> Array:
        """Bisect for the quantiles of the sum of phases of mean 1: its tail is a Poisson sum."""
        low, high = np.zeros(shares.shape), np.full(shares.shape, 10.0 * self.phases + 100.0)
        for _ in range(100):
            middle = (low + high) / 2
            tail = self._tail(middle)
            is_below = tail > shares if above else -np.expm1(np.log(tail)) < shares
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return np.asarray((low + high) / 2)

    def _tail(self, weeks: Array) -> Array:
        term = total = np.exp(-weeks)
        for phase in range(1, self.phases):
            term = term * (weeks / phase)
            total = total + term
        return np.asarray(np.minimum(total, 1.0))

    def scaled(self, times: float) -> Erlang:
        """Return the law of what takes so many times as long."""
        return replace(self, mean=self.mean * times)

    def faults(self, place: str) -> Faults:
        """Yield what cannot be: place, rule, next step."""
        yield from _above_zero(place, mean=self.mean)
        if not 1 <= self.phases <= 20:
            yield f"{place}.phases", "there are 1 to 20 phases", "use fixed for something that hardly varies"


@dataclass(frozen=True)
class Uniform(Part):
    """Anything between two ends, all as likely."""

    law: Literal["uniform"]
    low: float
    high: float

    @property
    def mean(self) -> float:
        """Mean weeks."""
        return (self.low + self.high) / 2

    def quantiles(self, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Return the weeks below which the shares `lower` lie, and above which the shares `upper` lie."""
        width = self.high - self.low
        return self.low + width * lower, self.high - width * upper

    def scaled(self, times: float) -> Uniform:
        """Return the law of what takes so many times as long."""
        return replace(self, low=self.low * times, high=self.high * times)

    def faults(self, place: str) -> Faults:
        """Yield what cannot be: place, rule, next step."""
        if not 0 <= self.low < self.high:
            yield place, "low is 0 or more and below high", "give two different ends"


@dataclass(frozen=True)
class Quantiles(Part):
    """As it was measured: the weeks below which each share lies, straight lines between; the last share is 1.

    What calibration writes, from a sample or from a survival curve (Kaplan and Meier 1958).
    """

    law: Literal["quantiles"]
    shares: tuple[float, ...]
    weeks: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean weeks: the area under the straight lines."""
        return float(np.trapezoid(self.weeks, self.shares))

    def quantiles(self, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Return the weeks below which the shares `lower` lie, and above which the shares `upper` lie."""
        return np.interp(lower, self.shares, self.weeks), np.interp(1 - upper, self.shares, self.weeks)

    def scaled(self, times: float) -> Quantiles:
        """Return the law of what takes so many times as long."""
        return replace(self, weeks=tuple(each * times for each in self.weeks))

    def faults(self, place: str) -> Faults:
        """Yield what cannot be: place, rule, next step."""
        shares, weeks = self.shares, self.weeks
        if len(shares) != len(weeks) or len(shares) < 2:
            yield (
                place,
                "each share has its weeks, and there are two or more",
                "give as many of the one as of the other",
            )
        elif shares[0] != 0 or shares[-1] != 1 or any(a >= b for a, b in pairwise(shares)):
            yield f"{place}.shares", "shares rise from 0 to 1", "sort them, begin with 0 and end with 1"
        elif weeks[0] < 0 or any(a > b for a, b in pairwise(weeks)):
            yield f"{place}.weeks", "weeks are 0 or more and never fall", "sort them as their shares"


Duration = Annotated[
    Fixed | Exponential | Weibull | Lognormal | Erlang | Uniform | Quantiles, Field(discriminator="law")
]


def _above_zero(place: str, **numbers: float) -> Faults:
    for name, number in numbers.items():
        if not number > 0:
            yield f"{place}.{name}", "it is above 0", "give weeks above 0"
