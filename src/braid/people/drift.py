"""Whether tonight's edges still look like those that the release was made with.

For each comparison the shares of its levels are held against those of the release by the population stability index,
the sum of (tonight - then) x ln(tonight / then). From 0.25 on the difference is taken for a shift, as in the scoring of
credit (Siddiqi, Credit Risk Scorecards, 2006), where the index comes from; it must also be larger than chance makes it:
(1/N + 1/M) times the 99.9 % point of chi-square with one degree of freedom less than there are levels (Yurdakul,
Statistical Properties of Population Stability Index, Western Michigan University, 2018).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

SHIFT = 0.25
"""The index from which a shift is said."""
HALF_A_PAIR = 0.5
"""What a level counts at least, of either side, so that an empty one has a logarithm."""
NORMAL_999 = 3.0902
"""The 99.9 % point of the normal distribution."""

LevelCounts = Mapping[str, Mapping[str, int]]
"""By comparison and level: how many edges. What is missing counts for nothing."""


def stability_index(then: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Return the population stability index of two sets of counts over the same levels."""
    levels = sorted(then.keys() | now.keys())
    before, after = _shares(then, levels), _shares(now, levels)
    return math.fsum((b - a) * math.log(b / a) for a, b in zip(before, after, strict=True))


def chance_bound(levels: int, then: int, now: int) -> float:
    """Return what the index stays under in 999 of 1,000 nights on which nothing has shifted."""
    return (1 / then + 1 / now) * _chi_square_999(levels - 1)


def find_drift(then: LevelCounts, now: LevelCounts) -> dict[str, float]:
    """Return the comparisons whose levels have shifted, each with its index; none where either side holds no edge."""
    found: dict[str, float] = {}
    for comparison in then.keys() & now.keys():
        before, after = then[comparison], now[comparison]
        sizes = sum(before.values()), sum(after.values())
        if not all(sizes):
            continue
        index = stability_index(before, after)
        if index >= SHIFT and index > chance_bound(len(before.keys() | after.keys()), *sizes):
            found[comparison] = round(index, 3)
    return dict(sorted(found.items()))


def describe_drift(drift: Mapping[str, float]) -> list[str]:
    """Return the alarm in words, one sentence a comparison that has shifted."""
    return [
        f"{comparison}: records agree otherwise than when the linkage release was made (stability index {index:.2f});"
        " look at the feeds, and if they are right make a new release with `braid link train`"
        for comparison, index in drift.items()
    ]


def _shares(counts: Mapping[str, int], levels: list[str]) -> list[float]:
    held = [max(counts.get(level, 0), HALF_A_PAIR) for level in levels]
    return [count / math.fsum(held) for count in held]


def _chi_square_999(freedom: int) -> float:
    """Return the 99.9 % point of chi-square, by the cube-root transformation of Wilson and Hilferty (1931)."""
    if freedom < 1:
        return 0.0
    part = 2 / (9 * freedom)
    return float(freedom * (1 - part + NORMAL_999 * math.sqrt(part)) ** 3)
