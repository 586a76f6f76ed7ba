"""Whether two kinds of requests take the same time: pairs in random order, Welch's t on cropped data, as dudect does.

Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?" (2017): times of two classes, measured interleaved,
are compared on all data and on data cropped at a hundred thresholds, since the slowest runs are the machine's and not
the code's. The threshold of 4.5 is that of test vector leakage assessment.
"""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np

THRESHOLD = 4.5
CROPS = 100


@dataclass(frozen=True)
class Pairs:
    """Seconds of each request, by class."""

    hidden: np.ndarray
    absent: np.ndarray

    @property
    def largest_t(self) -> float:
        """The largest absolute t over all data and every crop."""
        pooled = np.concatenate([self.hidden, self.absent])
        limits = [np.inf, *np.quantile(pooled, [1 - 0.5 ** (10 * (i + 1) / CROPS) for i in range(CROPS)])]
        return max(abs(welch_t(self.hidden[self.hidden <= at], self.absent[self.absent <= at])) for at in limits)

    def quantile(self, share: float) -> float:
        """Seconds below which this share of all requests lies."""
        return float(np.quantile(np.concatenate([self.hidden, self.absent]), share))


def welch_t(first: np.ndarray, second: np.ndarray) -> float:
    """Welch's t of two samples; 0 where either has fewer than two values or neither varies."""
    if min(len(first), len(second)) < 2:
        return 0.0
    spread = first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second)
    return float((first.mean() - second.mean()) / np.sqrt(spread)) if spread else 0.0


def measure(
    ask: Callable[[str], object],
    hidden: Sequence[str],
    absent: Sequence[str],
    pairs: int,
    seed: int = 0,
    around: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Pairs:
    """Ask about somebody hidden and somebody absent in random order; `around` is entered and left untimed."""
    draw = random.Random(seed)
    taken: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(pairs):
        order = [True, False]
        draw.shuffle(order)
        for is_hidden in order:
            person_id = draw.choice(hidden if is_hidden else absent)
            with around():
                start = time.perf_counter()
                ask(person_id)
                taken[is_hidden].append(time.perf_counter() - start)
    return Pairs(np.array(taken[True]), np.array(taken[False]))
