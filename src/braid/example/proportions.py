"""How large each queue is for the number of people who live in the place.

National figures for England (England and Wales for the courts), scaled to the size of the place: housing register 1.33
million and temporary accommodation 131,000 of 24 million households; 7.4 million hospital pathways, median wait 13.4
weeks, 8 % over 42; 78,000 Crown Court cases; care proceedings of some 40 weeks; half of EHC plans within 20 weeks; of
57 million people. A town of 20,000 would have three care cases, so `intensity` multiplies the rarest services, and its
square root the rare ones; at 1 the place has the national proportions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HOUSEHOLDS, PEOPLE = 24_000_000, 57_000_000


@dataclass(frozen=True)
class Sizes:
    """Numbers of open cases, closed ones in the last half year, and referrals, rounded, each with a floor."""

    register: int
    lettings: int
    accommodation: int
    homeless: int
    pathways: int
    family_cases: int
    crown_cases: int
    abuse: int
    sexual_violence: int


def scale(people: int, intensity: float) -> Sizes:
    """Return the sizes for a place of `people` people. `intensity` multiplies the rarest services."""
    share, homes = people / PEOPLE, people / 2.3 / HOUSEHOLDS
    rare = math.sqrt(intensity)
    return Sizes(
        register=max(20, round(1_330_000 * homes)),
        lettings=max(6, round(131_000 * homes)),
        accommodation=max(15, round(131_000 * homes * rare)),
        homeless=max(10, round(330_000 * 0.6 * homes)),
        pathways=max(50, round(7_400_000 * share)),
        family_cases=max(6, round(8_000 * share * intensity)),
        crown_cases=max(10, round(78_000 * share * rare)),
        abuse=max(15, round(340_000 * share)),
        sexual_violence=max(6, round(30_000 * share * rare)),
    )
