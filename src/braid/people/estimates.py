"""How many of many pairs are wrong, by those of a stratified sample that humans looked at, with intervals at 95 %.

The number in a stratum is its size times the share that was found wrong: what Horvitz and Thompson (1952) estimate
where every pair of a stratum is drawn with the same chance. Pairs of each stratum, those below the threshold too, are
drawn and reviewed as Boyd and others do for record linkage ("A simple sampling method for estimating the accuracy of
large scale record linkage projects", Methods of Information in Medicine 55, 2016). One stratum has exact limits: those
numbers of wrong pairs by which what was found, or something further off, is no rarer than one in forty (Clopper and
Pearson, Biometrika 26, 1934; of finite populations Wright, Exact Confidence Bounds when Sampling from Small Finite
Universes, 1991). Strata are added as Zou, Huang and Zhang do for sums of proportions (Computational Statistics and Data
Analysis 53, 2009): distances of the ends add as squares. Drawn pairs that nobody decided are no chance: they are all
right at the lower end, and all wrong at the upper one (worst-case bounds of what is missing, as Horowitz and Manski,
Journal of the American Statistical Association 95, 2000). Where errors are rare, the usual interval by a variance says
zero, give or take nothing, as soon as no error is found, and Wilson's holds nine times in ten; these hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

TAIL = 0.025
"""Either side of 95 %."""


@dataclass(frozen=True)
class Cell:
    """Pairs of one stratum, or those of a group in it: how many there are, were reviewed, and were found wrong.

    `undecided` were drawn as well, and nobody came to an answer. `share_elsewhere` is what the whole stratum found, for
    a group of which no pair was reviewed; `None` where none of the stratum was. Raises `ValueError` where the numbers
    cannot be.
    """

    pairs: int
    reviewed: int
    wrong: int
    share_elsewhere: float | None = None
    undecided: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.wrong <= self.reviewed <= self.drawn <= self.pairs:
            raise ValueError("no more pairs are wrong than were reviewed, and no more reviewed than there are")

    @property
    def drawn(self) -> int:
        """Pairs that were drawn, decided or not."""
        return self.reviewed + self.undecided

    @property
    def share(self) -> float:
        """The share found wrong; of a group without a reviewed pair, that of its stratum; of a stratum without one,
        a half, since nothing says which."""
        if self.reviewed:
            return self.wrong / self.reviewed
        return 0.5 if self.share_elsewhere is None else self.share_elsewhere

    @property
    def shares_open(self) -> tuple[float, float]:
        """The share where every undecided pair is right, and where every one is wrong. Where no pair was drawn and
        nothing else says so, it may be none or all."""
        if self.drawn:
            return self.wrong / self.drawn, (self.wrong + self.undecided) / self.drawn
        return (0.0, 1.0) if self.share_elsewhere is None else (self.share_elsewhere, self.share_elsewhere)

    @property
    def limits(self) -> tuple[int, int]:
        """The fewest and the most wrong pairs there may be, whatever the undecided ones are."""
        low, _ = number_limits(self.pairs, self.drawn, self.wrong)
        _, high = number_limits(self.pairs, self.drawn, self.wrong + self.undecided)
        return low, high


@dataclass(frozen=True)
class Estimate:
    """How many, and between which numbers in 95 of 100 samples."""

    number: float
    low: float
    high: float


@lru_cache(maxsize=4096)
def number_limits(pairs: int, reviewed: int, wrong: int) -> tuple[int, int]:
    """Return the fewest and the most wrong pairs there may be among `pairs`, of which `reviewed` were drawn and `wrong`
    found wrong. Of nothing reviewed it may be any number; of everything, it is known.
    """
    least, most = wrong, pairs - reviewed + wrong

    def at_most(whole: int) -> float:
        return _chance(pairs, whole, reviewed, range(max(0, reviewed - pairs + whole), wrong + 1))

    def at_least(whole: int) -> float:
        return _chance(pairs, whole, reviewed, range(wrong, min(reviewed, whole) + 1))

    return _first(least, most, lambda whole: at_least(whole) > TAIL), (
        _first(least, most + 1, lambda whole: whole > most or at_most(whole) <= TAIL) - 1
    )


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the first number from `low` to `high` that something holds of; it holds of all after it, and of `high`."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _chance(pairs: int, wrong: int, drawn: int, found: range) -> float:
    """Return the chance to draw so many wrong pairs as are in `found`, of a hypergeometric distribution."""
    return math.fsum(math.exp(_log_chance(pairs, wrong, drawn, number)) for number in found)


def _log_chance(pairs: int, wrong: int, drawn: int, found: int) -> float:
    return _log_choose(wrong, found) + _log_choose(pairs - wrong, drawn - found) - _log_choose(pairs, drawn)


def _log_choose(many: int, few: int) -> float:
    return math.lgamma(many + 1) - math.lgamma(few + 1) - math.lgamma(many - few + 1)


def estimate(cells: Iterable[Cell]) -> Estimate:
    """Return how many pairs of all cells are wrong.

    What chance leaves open adds as squares; what nobody decided is the same for all cells at either end, and adds up.
    """
    number, fewest, most, below, above = 0.0, 0.0, 0.0, 0.0, 0.0
    for cell in cells:
        if not cell.pairs:
            continue
        low, high = cell.limits
        few, many = (cell.pairs * share for share in cell.shares_open)
        number += cell.pairs * cell.share
        fewest, most = fewest + few, most + many
        below += max(0.0, few - low) ** 2
        above += max(0.0, high - many) ** 2
    return Estimate(number, max(0.0, fewest - math.sqrt(below)), most + math.sqrt(above))


def share_of(part: Estimate, whole: float) -> Estimate:
    """Return what share of a whole that is known a number is."""
    if not whole:
        return Estimate(0.0, 0.0, 1.0)
    return Estimate(*(min(1.0, each / whole) for each in (part.number, part.low, part.high)))


def share_missed(missed: Estimate, joined: int, false: Estimate) -> Estimate:
    """Return what share of the true pairs is missed: of the missed ones and those that are `joined` and not false.

    Its ends take the worst of both ends, which can only make the interval wider than 95 % asks.
    """

    def share(few: float, right: float) -> float:
        return few / (few + right) if few + right else 0.0

    return Estimate(
        share(missed.number, joined - false.number),
        share(missed.low, joined - false.low),
        share(missed.high, max(0.0, joined - false.high)),
    )


def allocate(sizes: Sequence[int], shares: Sequence[float], pairs: int, least: int) -> list[int]:
    """Return how many pairs of each stratum to draw: `least` of each, or all where there are fewer, and of `pairs` the
    rest as Neyman (1934) does: by size times the standard deviation of what is expected to be wrong there.
    """
    found = [min(size, least) for size in sizes]
    weights = [size * math.sqrt(share * (1 - share)) for size, share in zip(sizes, shares, strict=True)]
    left = max(0, pairs - sum(found))
    total = math.fsum(weights)
    if not total:
        return found
    return [
        min(size, base + math.floor(left * weight / total))
        for size, base, weight in zip(sizes, found, weights, strict=True)
    ]
