"""Laws of a duration beside the same laws of SciPy, which derives them apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from braid.simulation.durations import Duration, Erlang, Exponential, Lognormal, Quantiles, Uniform, Weibull

SHARES, WEEKS = (0.0, 0.25, 0.5, 0.9, 1.0), (0.5, 1.0, 2.0, 4.0, 12.0)


class Measured(stats.rv_continuous):
    """Straight lines between measured quantiles."""

    def _ppf(self, share: Any) -> Any:
        return np.interp(share, SHARES, WEEKS)

    def _cdf(self, weeks: Any) -> Any:
        return np.interp(weeks, WEEKS, SHARES)

    def _pdf(self, weeks: Any) -> Any:
        slopes = np.diff(SHARES) / np.diff(WEEKS)
        return slopes[np.clip(np.searchsorted(WEEKS, weeks, side="right") - 1, 0, len(slopes) - 1)]

    def _stats(self) -> tuple[float, float, float, float]:
        pieces = list(zip(np.diff(SHARES), WEEKS[:-1], WEEKS[1:], strict=True))
        mean = sum(share * (low + high) / 2 for share, low, high in pieces)
        square = sum(share * (low * low + low * high + high * high) / 3 for share, low, high in pieces)
        return mean, square - mean * mean, 0.0, 0.0


def _weibull(mean: float, shape: float) -> tuple[Duration, Any]:
    return Weibull("weibull", mean, shape), stats.weibull_min(shape, scale=mean / math.gamma(1 + 1 / shape))


def _lognormal(median: float, p95: float) -> tuple[Duration, Any]:
    sigma = math.log(p95 / median) / float(stats.norm.ppf(0.95))
    return Lognormal("lognormal", median, p95), stats.lognorm(sigma, scale=median)


def _erlang(mean: float, phases: int) -> tuple[Duration, Any]:
    return Erlang("erlang", mean, phases), stats.gamma(phases, scale=mean / phases)


LAWS: dict[str, tuple[Duration, Any]] = {
    "exponential": (Exponential("exponential", 2.0), stats.expon(scale=2.0)),
    "Weibull 0.7": _weibull(3.0, 0.7),
    "Weibull 2": _weibull(3.0, 2.0),
    "Weibull 50": _weibull(3.0, 50.0),
    "lognormal": _lognormal(2.0, 8.0),
    "lognormal narrow": _lognormal(20.0, 22.0),
    "Erlang 1": _erlang(1.0, 1),
    "Erlang 3": _erlang(4.0, 3),
    "Erlang 20": _erlang(4.0, 20),
    "uniform": (Uniform("uniform", 1.0, 5.0), stats.uniform(1.0, 4.0)),
    "uniform from 0": (Uniform("uniform", 0.0, 0.5), stats.uniform(0.0, 0.5)),
}
MEASURED: dict[str, tuple[Duration, Any]] = {
    "measured": (Quantiles("quantiles", SHARES, WEEKS), Measured(a=WEEKS[0], b=WEEKS[-1])())
}
"""Lines that bend between two points of a table, which cuts the corner: off by what lies within that one cell."""
HEAVY: dict[str, tuple[Duration, Any]] = {"Weibull 0.3": _weibull(3.0, 0.3), "lognormal wide": _lognormal(1.0, 30.0)}
"""So long in the tail that a table, which ends at one in 8.6 thousand million, cannot hold all of its spread, and so
short at the other end that whole ticks show."""
ALL = {**LAWS, **MEASURED, **HEAVY}
