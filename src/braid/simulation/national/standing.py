"""Who stands where on the first day: lists of the length that is published or follows, people aged as they would be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from braid.simulation.durations import Duration
from braid.simulation.model import Present

GRID = (np.arange(4000) + 0.5) / 4000
"""Shares at which the quantiles of a duration stand for it."""


def quantile_weeks(duration: Duration) -> np.ndarray:
    """Return weeks of a duration at even shares, the shortest first."""
    lower, upper = duration.quantiles(GRID, 1 - GRID)
    return np.where(GRID < 0.5, lower, upper)


def mean_of_longer(one: Duration, other: Duration, share: float) -> float:
    """Return the mean weeks of two things done beside each other, the other one needed by a share of people."""
    first, second = quantile_weeks(one)[::20], quantile_weeks(other)[::20]
    both = float(np.maximum(first[:, None], second[None, :]).mean())
    return share * both + (1 - share) * float(first.mean())


def in_the_middle(
    pathway: str,
    step: str,
    duration: Duration,
    a_week: float,
    done: Sequence[str],
    before: tuple[float, float],
    longer_than: float = 0.0,
) -> Iterator[Present]:
    """Yield who is in the middle of a step that so many begin a week, if that has long been so.

    So many have been in it from a to b weeks as begin it a week, times the weeks between in which it still lasts.
    `before` are the least and most weeks of their clock when they began it. Only those are given who have been in it
    for more than `longer_than` weeks.
    """
    weeks = quantile_weeks(duration)
    points = np.quantile(weeks, (0.25, 0.5, 0.75, 0.9, 0.97, 1.0))
    edges = [longer_than, *(float(one) for one in points if one > longer_than)]
    for least, most in pairwise(edges):
        count = a_week * float((np.minimum(weeks, most) - np.minimum(weeks, least)).mean())
        if most > least:
            yield Present(
                pathway,
                round(count),
                tuple(done),
                (step,),
                least=least + before[0],
                most=most + before[1],
                begun_least=least,
                begun_most=most,
            )


def in_queue(
    pathway: str,
    count: float,
    done: Sequence[str],
    joined: tuple[float, float],
    before: tuple[float, float] = (0.0, 0.0),
    band: str | None = None,
) -> Present:
    """Return people in the queue of what comes after the steps done, having joined it evenly over some weeks."""
    return Present(
        pathway,
        round(count),
        tuple(done),
        band=band,
        least=joined[0] + before[0],
        most=joined[1] + before[1],
        joined_least=joined[0],
        joined_most=joined[1],
    )


def thinning_queue(
    pathway: str, count: float, joined: Sequence[float], patience: float, band: str | None = None
) -> Iterator[Present]:
    """Yield people in a queue which some of those who joined have left since, at a mean patience in weeks.

    Of those who joined t weeks ago exp(-t / patience) are still there; `joined` are the edges of bands of weeks.
    """
    edges = np.array(joined)
    shares = -np.diff(np.exp(-edges / patience))
    for (least, most), share in zip(pairwise(joined), shares / shares.sum(), strict=True):
        yield in_queue(pathway, count * float(share), (), (least, most), band=band)
