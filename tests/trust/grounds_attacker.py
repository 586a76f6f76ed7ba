"""An attacker who has all published figures of grounds at once, and works out what can stand behind them.

One part of a district each is an unknown whole number; what is published is that sums of some of them lie in ranges.
The ranges are found by trying every number in the rule as the manual words it (`table_attacker.behind`), and an integer
program (HiGHS) then finds the least and the most of whatever the attacker asks. Nothing of the code attacked is used
but, as anybody could who has it, the question which numbers would be shown so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from scipy.optimize import LinearConstraint, milp

from trust.table_attacker import FAR, Span

Known = tuple[Sequence[int], Span]
"""Unknowns, by number, whose sum is known to lie in a range."""


def attack(unknowns: int, known: Sequence[Known], asked: Sequence[float]) -> Span | None:
    """Return the least and the most of a sum of unknowns with these factors; `None` where nothing fits."""
    rows = numpy.zeros((len(known), unknowns))
    for row, (members, _) in enumerate(known):
        rows[row, list(members)] = 1
    lows, highs = [low for _, (low, _) in known], [min(high, FAR) for _, (_, high) in known]
    limits = LinearConstraint(rows, lows, highs)
    factors = numpy.asarray(asked, dtype=float)
    found = []
    for sign in (1, -1):
        answer = milp(sign * factors, constraints=limits, integrality=numpy.ones(unknowns))
        if answer.x is None:
            return None
        found.append(round(sign * answer.fun))
    return found[0], found[1]
