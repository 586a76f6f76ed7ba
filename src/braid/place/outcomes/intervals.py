"""Intervals at 95 per cent: Wilson's of a share, Garwood's of a count or rate, order statistics of a median.

Sources: E. B. Wilson, "Probable inference", JASA 22 (1927); F. Garwood, "Fiducial limits for the Poisson distribution",
Biometrika 28 (1936); for medians W. J. Conover, Practical Nonparametric Statistics (1999), chapter 3. The first two are
what the Office for Health Improvement and Disparities uses for public health indicators.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, gammaincinv, ndtri, stdtr

LEVEL = 0.95
TAIL = (1 - LEVEL) / 2
Z = float(ndtri(1 - TAIL))

Ends = tuple[float, float]


def share_interval(met: int, counted: int) -> Ends:
    """Return Wilson's interval of `met` of `counted`, as parts of one. Raises `ValueError` of nothing."""
    if not 0 <= met <= counted or counted == 0:
        raise ValueError("a share is of something: met lies between 0 and what was counted")
    part, square = met / counted, Z * Z
    centre = (part + square / (2 * counted)) / (1 + square / counted)
    half = Z * math.sqrt(part * (1 - part) / counted + square / (4 * counted * counted)) / (1 + square / counted)
    return max(0.0, centre - half), min(1.0, centre + half)


def count_interval(count: int) -> Ends:
    """Return Garwood's exact interval of a Poisson count."""
    low = float(gammaincinv(count, TAIL)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1 - TAIL))


def rate_interval(count: int, among: float, each: float) -> Ends:
    """Return the interval of a rate: so many for `each` of `among`. Raises `ValueError` where there is nobody."""
    if among <= 0:
        raise ValueError("a rate is among somebody")
    low, high = count_interval(count)
    return low * each / among, high * each / among


def median_rank(counted: int) -> int:
    """Return the rank k, from 1, for which the k-th smallest and the k-th largest enclose the median; 0 where none do.

    The largest k with P(B <= k - 1) under 2.5 per cent, B binomial of so many throws of a fair coin.
    """
    rank = max(0, math.floor(counted / 2 - Z * math.sqrt(counted) / 2) - 2)
    while rank < counted and float(bdtr(rank, counted, 0.5)) < TAIL:
        rank += 1
    while rank > 0 and float(bdtr(rank - 1, counted, 0.5)) >= TAIL:
        rank -= 1
    return rank


def student_below(freedom: int, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return of each value how likely a Student's t of so many degrees of freedom is at most that."""
    below: npt.NDArray[np.float64] = stdtr(freedom, values)
    return below
