"""Risks of a board: what might happen and why, how likely and how bad, before and after what is done about it.

The four responses are those of HM Treasury's Orange Book (2004, 6.1): tolerate, treat, transfer, terminate. Its scales
are each organisation's own; the five steps and the bands here are a usual choice, and no law's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from braid.language.steps import NotPossible

LIKELIHOODS: Mapping[int, str] = {1: "Rare", 2: "Unlikely", 3: "Possible", 4: "Likely", 5: "Almost certain"}
IMPACTS: Mapping[int, str] = {1: "Slight", 2: "Minor", 3: "Moderate", 4: "Major", 5: "Severe"}
RESPONSES: Mapping[str, str] = {
    "tolerate": "Tolerate: accept it as it is",
    "treat": "Treat: make it less likely or less bad",
    "transfer": "Transfer: let somebody else carry it",
    "terminate": "Terminate: stop doing what brings it",
}
BANDS: Mapping[str, tuple[int, str]] = {
    "low": (1, "Low"),
    "moderate": (5, "Moderate"),
    "high": (10, "High"),
    "very_high": (15, "Very high"),
}
"""Each band with the score at which it begins."""
LONGEST_AHEAD = dt.timedelta(days=2 * 366)


@dataclass(frozen=True)
class Level:
    """A likelihood and an impact, each from 1 to 5."""

    likelihood: int
    impact: int

    @property
    def score(self) -> int:
        """Likelihood times impact, 1 to 25."""
        return self.likelihood * self.impact

    @property
    def band(self) -> str:
        """The code of the band in which the score lies."""
        return [code for code, (begins, _) in BANDS.items() if begins <= self.score][-1]


def check_risk(cause: str, event: str, effect: str) -> None:
    """Raise `NotPossible` unless a risk says why, what and what then: a risk without its cause cannot be treated."""
    if not (cause.strip() and event.strip() and effect.strip()):
        raise NotPossible("Enter the cause, the event and the effect")


def check_rating(before: Level, after: Level, response: str, review_date: dt.date, today: dt.date) -> None:
    """Raise `NotPossible` for a rating off the scales, that grows by what is done about it, or that nobody reviews."""
    values = (before.likelihood, before.impact, after.likelihood, after.impact)
    if any(value not in LIKELIHOODS for value in values) or response not in RESPONSES:
        raise NotPossible("Choose likelihood, impact and response from the lists")
    if after.likelihood > before.likelihood or after.impact > before.impact:
        raise NotPossible("A risk is not rated higher after what is done about it. Look at both ratings again")
    if response == "tolerate" and after != before:
        raise NotPossible("A risk that is tolerated stays as it is: rate it alike before and after")
    if not today < review_date <= today + LONGEST_AHEAD:
        raise NotPossible("Choose a day to come, within two years, on which the risk is looked at again")
