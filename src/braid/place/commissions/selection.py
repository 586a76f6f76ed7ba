"""Whom a provider leaves out, beside what it achieves: refusals, drop-outs and scores by how much people need.

Shares and their intervals are of published counts alone, so that they tell no more than those do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from braid.trust.disclosure import publishable_share
from braid.trust.fairness import wilson_interval

COUNTS: Mapping[str, str] = {
    "referred": "Referred",
    "answered": "Answered by the service",
    "refused": "Refused by the service",
    "declined": "Declined by the person",
    "attached": "Service begun",
    "dropped": "Ended early",
    "concluded": "Concluded",
    "sessions": "Sessions attended",
    "scored": "Scores settled",
    "achieved": "Outcomes achieved",
}
"""What is counted of a lot and band. `achieved` is of confirmed scores, `scored` of all that are settled."""
SHARES: Mapping[str, tuple[str, str, str]] = {
    "refusals": ("Refused, of answered", "refused", "answered"),
    "dropouts": ("Ended early, of begun", "dropped", "attached"),
    "achieved": ("Achieved, of scores settled", "achieved", "scored"),
}


@dataclass(frozen=True)
class Rate:
    """A share in whole per cent with its 95 % interval (Wilson)."""

    percent: int
    low: int
    high: int


def rate_of(shown_part: int | None, shown_whole: int | None) -> Rate | None:
    """Return a rate of published counts; `None` where one is suppressed, or everybody or nobody would be told."""
    if not shown_part or not shown_whole or shown_part >= shown_whole:
        return None
    percent = publishable_share(shown_part, shown_whole - shown_part)
    if percent is None:
        return None
    low, high = wilson_interval(shown_part, shown_whole)
    return Rate(percent, round(100 * low), round(100 * high))


def rates_of(shown: Mapping[str, int | None]) -> dict[str, Rate | None]:
    """Return the rates of one lot and band, by code of `SHARES`."""
    return {code: rate_of(shown.get(part), shown.get(whole)) for code, (_, part, whole) in SHARES.items()}


def leaves_out(rates: Mapping[str, Rate | None]) -> bool:
    """Whether a provider refuses those of higher need more often than those of lower need, beyond chance.

    `rates` are of refusals by band. The two intervals must lie apart: a cautious test.
    """
    low, high = rates.get("low"), rates.get("high")
    return low is not None and high is not None and high.low > low.high
