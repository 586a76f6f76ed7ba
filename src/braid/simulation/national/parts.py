"""What the parts of the national example have in common: names that others use, and durations by their assumptions."""

from __future__ import annotations

from braid.simulation.durations import Exponential, Fixed, Lognormal
from braid.simulation.model import Pathway, Present, Service
from braid.simulation.national.figures import assumption as assumed

Part = tuple[tuple[Service, ...], tuple[Pathway, ...], tuple[Present, ...]]
"""Services, pathways and who is there, of one kind of public service."""
SCHOOL = "school_move"
COURT = "crown_court"
CHARGED = "victim_charged"
AT_ONCE = Fixed("fixed", 0.0)


def weeks_of(what: str) -> float:
    """Return the assumed weeks of something. Raises `KeyError`."""
    return assumed(f"{what}_weeks")


def lognormal_of(what: str) -> Lognormal:
    """Return a lognormal of the assumed median and 95th percentile of something. Raises `KeyError`."""
    return Lognormal("lognormal", assumed(f"{what}_median_weeks"), assumed(f"{what}_p95_weeks"))


def exponential_of(weeks: float) -> Exponential:
    """Return the exponential of a mean: somebody's patience, who is as likely to leave in any week."""
    return Exponential("exponential", weeks)
