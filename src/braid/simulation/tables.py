"""Quantile tables: what an engine draws durations from, in whole ticks, so that no engine needs a logarithm.

A draw is a number of 64 bits. Its lowest bit says on which side of the median the duration lies, the other 63 how far
out: as `share = bits / 2**64`, below one half, counted from the near end of that side. Every halving of the share, an
octave, has `CELLS` cells of its own, so that both tails are as fine as the middle; between two points the line is
straight. Engines draw by whole numbers alone and so agree to the last digit on every machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

TICKS = 1 << 24
"""Ticks of a week: one is 36 milliseconds."""
OCTAVES, CELLS = 32, 64
SIDE = OCTAVES * CELLS + 1
"""Points of one side, the last of them the median."""
LONGEST_WEEKS = 1 << 20
Table = npt.NDArray[np.int64]


def shares() -> npt.NDArray[np.float64]:
    """Return the share at each point of a side, from 2**-33 to one half."""
    octave, cell = np.divmod(np.arange(SIDE - 1), CELLS)
    below = np.ldexp(1.0 + cell / CELLS, octave - (OCTAVES + 1))
    return np.append(below, 0.5)


SHARES = shares()


def table_of(duration: Any) -> Table:
    """Return the table of a duration: both sides of `SIDE` points, in ticks. Its mean is the duration's own.

    Straight lines between the points lie a little above a convex curve, about two in a hundred thousand; the table is
    scaled by as much.
    """
    lower, upper = duration.quantiles(SHARES, SHARES)
    mean = (_area(lower) + _area(upper)) if duration.mean > 0 else 0.0
    scale = TICKS * (duration.mean / mean if mean > 0 else 1.0)
    both = np.concatenate([lower, upper])
    table: Table = np.rint(np.clip(both, 0.0, LONGEST_WEEKS) * scale).astype(np.int64)
    return table


def _area(side: npt.NDArray[np.float64]) -> float:
    """Return the mean that straight lines between the points of a side add, its far end as its first point."""
    return float(np.trapezoid(side, SHARES) + side[0] * SHARES[0])


def fixed_ticks(table: Table) -> int:
    """Return the ticks of a table that is the same everywhere; -1 where it is not."""
    return int(table[0]) if (table == table[0]).all() else -1


def draw(table: list[int], bits: int) -> int:
    """Return the ticks that 64 bits draw from a table. The slow obvious twin of the engine's own."""
    return at(table, bits & 1, bits >> 1)


def at(table: list[int], side: int, share: int) -> int:
    """Return the ticks at a share of a side, in units of 2**-64, below 2**63."""
    length = share.bit_length()
    octave = length - (63 - OCTAVES) - 1
    start = side * SIDE
    if octave < 0:
        return table[start]
    rest = length - 1 - 6
    cell = (share >> rest) & (CELLS - 1)
    part = (share >> (rest - 16)) & 0xFFFF
    point = start + octave * CELLS + cell
    low = table[point]
    return low + ((table[point + 1] - low) * part + (1 << 15) >> 16)


def remaining(table: list[int], begun: int, bits: int) -> int:
    """Return the ticks that are left of something that has lasted `begun` ticks, drawn from those that last longer."""
    left = survival(table, begun) * bits >> 64
    drawn = at(table, 1, left) if left < 1 << 63 else at(table, 0, (1 << 64) - 1 - left)
    return max(drawn - begun, 0)


def survival(table: list[int], begun: int) -> int:
    """Return which share lasts longer than `begun` ticks, in units of 2**-64."""
    if begun < table[SIDE - 1]:
        return (1 << 64) - 1 - _share_at(table, 0, begun)
    return _share_at(table, SIDE, begun)


def _share_at(table: list[int], start: int, ticks: int) -> int:
    """Bisect for the share of a side whose quantile is `ticks`. Sides fall (upper) or rise (lower) with the share."""
    sign = 1 if start == 0 else -1
    low, high = 0, SIDE - 1
    if sign * table[start] >= sign * ticks:
        return 1 << (63 - OCTAVES)
    while high - low > 1:
        middle = (low + high) >> 1
        if sign * table[start + middle] <= sign * ticks:
            low = middle
        else:
            high = middle
    octave, cell = divmod(low, CELLS)
    rest = octave + (63 - OCTAVES) - 6
    width = sign * (table[start + low + 1] - table[start + low])
    part = (sign * (ticks - table[start + low]) << 16) // width if width > 0 else 0
    return (1 << (rest + 6)) + (cell << rest) + (min(part, 1 << 16) << rest >> 16)
