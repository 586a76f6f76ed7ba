"""What queueing theory says of one waiting list at once: from demand, capacity, variability, size and target.

Rates are waits a week, times are weeks. The formulas are those of Fong, Mushtaq, House, Gordon, Chen, Griffiths, Ahmad
and Walton, "Understanding Waiting Lists Pressures" (medRxiv 2022.08.23.22279117), and of the NHS-R Community's package
NHSRwaitinglist that computes them; names are theirs. They are exact where the list is M/M/1: people come at random and
are seen one after the other, each in a random time, first come first served. A real list is not. Where people are taken
by need, or leave unseen, the figures say which way a list goes and how large a step would turn it, and no more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

TARGET_FACTOR = 4.0
"""The mean wait aimed at is the target by this. On an M/M/1 list 1 in e^4, or 1.8 per cent, then wait beyond it."""

RELIEF_WEEKS = 26
"""In which time relief brings a list to its target size, unless said otherwise."""

RELIEF_RATIO = 2.0
"""A list of more than so many times its target size needs relief: capacity for a time beyond what keeps it steady."""


def index_of_dispersion(counts: Sequence[int]) -> float | None:
    """Return the variance of weekly counts by their mean; `None` of fewer than two weeks, or where all are 0.

    For events one after the other it is, over long enough a time, the squared coefficient of variation of the time
    between two (Cox, "Renewal Theory", 1962, chapter 4): 1 at random, 0 at even steps. The paper works with the latter;
    weekly counts are what a place has, and days with many starts do not distort them.
    """
    if len(counts) < 2 or not any(counts):
        return None
    mean = sum(counts) / len(counts)
    return sum((count - mean) ** 2 for count in counts) / (len(counts) - 1) / mean


def variability(demand_dispersion: float, capacity_dispersion: float) -> float:
    """Return F, half the sum of the two dispersions: 1 where demand and capacity are random, 0 where both are even."""
    _check(demand_dispersion=demand_dispersion, capacity_dispersion=capacity_dispersion)
    return (demand_dispersion + capacity_dispersion) / 2


def queue_load(demand: float, capacity: float) -> float:
    """Return demand by capacity, which queueing theory calls traffic intensity. From 1 on, the list grows without end.

    Below 1 it is the part of the time in which the list is not empty. Raises `ValueError` where there is no capacity.
    """
    _check(demand=demand)
    _check_positive(capacity=capacity)
    return demand / capacity


def average_wait(demand: float, capacity: float, variability: float = 1.0) -> float | None:
    """Return the mean wait, until it ends, of a list that has settled; `None` where capacity is not above demand.

    F / (capacity - demand), after Kingman ("The single server queue in heavy traffic", 1961). Exact for M/M/1; of M/G/1
    it exceeds Pollaczek and Khinchine's formula by (c² - 1) / (2 capacity) weeks, where c² is capacity's dispersion:
    where removals come at even steps it falls short by half the time between two of them.
    """
    _check(demand=demand, capacity=capacity, variability=variability)
    return variability / (capacity - demand) if capacity > demand else None


def average_size(demand: float, wait: float) -> float:
    """Return the mean size of a list that has settled, from demand and mean wait: Little's law."""
    _check(demand=demand, wait=wait)
    return demand * wait


def share_past(wait: float, target: float) -> float:
    """Return what part waits longer than the target where waits have this mean: e^(-target / mean), exact for M/M/1."""
    _check(target=target)
    _check_positive(wait=wait)
    return math.exp(-target / wait)


def target_mean_wait(target: float, factor: float = TARGET_FACTOR) -> float:
    """Return the mean wait at which nearly everybody is seen within the target."""
    _check(target=target)
    _check_positive(factor=factor)
    return target / factor


def target_queue_size(demand: float, target: float, factor: float = TARGET_FACTOR) -> float:
    """Return the size of a list on which nearly everybody is seen within the target: demand by target mean wait."""
    return average_size(demand, target_mean_wait(target, factor))


def target_capacity(demand: float, target: float, variability: float = 1.0, factor: float = TARGET_FACTOR) -> float:
    """Return the capacity that keeps a list at its target size: `average_wait` solved for capacity."""
    _check(demand=demand, variability=variability)
    _check_positive(target=target, factor=factor)
    return demand + variability / target_mean_wait(target, factor)


def needs_relief(size: float, target_size: float) -> bool:
    """Return whether a list is more than twice its target size, so that a steady capacity would take too long."""
    _check(size=size, target_size=target_size)
    return size > RELIEF_RATIO * target_size


def relief_capacity(demand: float, size: float, target_size: float, weeks: float = RELIEF_WEEKS) -> float:
    """Return the capacity that brings a list from its size to its target size in so many weeks, demand unchanged.

    Below demand where the list is shorter than its target; never below 0.
    """
    _check(demand=demand, size=size, target_size=target_size)
    _check_positive(weeks=weeks)
    return max(0.0, demand + (size - target_size) / weeks)


def waiting_list_pressure(mean_wait: float, target: float) -> float:
    """Return twice the mean wait by the target. Above 1 the list will most likely miss its target."""
    _check(mean_wait=mean_wait)
    _check_positive(target=target)
    return 2 * mean_wait / target


def clearance_time(size: float, removals: float) -> float | None:
    """Return in how many weeks as many leave as wait now, were nobody to come; `None` where nobody leaves."""
    _check(size=size, removals=removals)
    return size / removals if removals else None


def time_to_clear(size: float, demand: float, capacity: float, left: float = 0.0) -> float | None:
    """Return in how many weeks the list falls to `left`, people still coming; `None` where it does not fall.

    0 where it is no longer than that now.
    """
    _check(size=size, demand=demand, capacity=capacity, left=left)
    if size <= left:
        return 0.0
    return (size - left) / (capacity - demand) if capacity > demand else None


def _check(**numbers: float) -> None:
    for name, number in numbers.items():
        if not (math.isfinite(number) and number >= 0):
            raise ValueError(f"{name.replace('_', ' ')} is a number from 0 on")


def _check_positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not (math.isfinite(number) and number > 0):
            raise ValueError(f"{name.replace('_', ' ')} is a number above 0")
