"""The nouns of outcomes: frameworks, outcomes, how one is measured, its baseline, target and what was changed when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from braid.problems.model import Cohort

FIGURES: Mapping[str, str] = {
    "share": "a share, in per cent",
    "rate": "a rate for each 100 people",
    "median": "a median number of days",
    "count": "a count",
}
"""What a measure is. Its interval: Wilson's for shares, Garwood's for rates and counts, ranks for medians."""

COUNTED: Mapping[str, str] = {
    "waits_ended": "waits that ended in the period",
    "waits_began": "waits that began in the period",
    "waits_open": "waits open at the end of the period",
    "people": "people at the end of the period",
    "events": "events of the period, one a person, kind and day",
    "pupils": "pupils with school sessions in the period",
}
"""What is counted. Each is one observation of one person, with the day on which conditions are asked about them."""

WITH_DAYS = ("waits_ended", "waits_open")
"""What is counted in these has a length in days."""

PERIODS: Mapping[str, str] = {
    "week": "week, Monday to Sunday",
    "month": "calendar month",
    "quarter": "calendar quarter",
}
PATHS = ("linear", "stepped")
SHIPPED, OWN = "supporting_families", "own"


@dataclass(frozen=True)
class Counted:
    """What is observed, and of whom: `kinds` are kinds of wait or event; `among` is whom conditions leave in."""

    of: str
    kinds: tuple[str, ...] = ()
    among: Cohort | None = None


@dataclass(frozen=True)
class Met:
    """What an observation must meet to be in the numerator: all that is said here.

    `within_limit`: inside the limit in law, and then only what has a limit is counted. `statuses` and `causes` are an
    event's. `attended_percent`: of the sessions that a pupil could attend. `who`: conditions on the person that day.
    """

    within_limit: bool = False
    days_at_most: int | None = None
    days_at_least: int | None = None
    statuses: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    attended_percent: int | None = None
    who: Cohort | None = None


@dataclass(frozen=True)
class Measure:
    """How an outcome is measured: the figure, what is counted, what of it is met, and for a rate among whom.

    A share is met of counted; a rate is met by the people of `per`; a count is what is met; a median is of days.
    """

    figure: str
    period: str
    counted: Counted
    met: Met = field(default_factory=Met)
    per: Cohort | None = None
    known_from: dt.date | None = None
    """From when on partners say that their extracts are whole, where that is later than what they show."""


@dataclass(frozen=True)
class Baseline:
    """Where an outcome stood: a value with its source, or the mean of the periods from one day to another."""

    value: float | None = None
    source: str = ""
    first_date: dt.date | None = None
    last_date: dt.date | None = None


@dataclass(frozen=True)
class Step:
    """What is to be reached by a day."""

    by_date: dt.date
    value: float


@dataclass(frozen=True)
class Target:
    """Where an outcome is to stand, and the way there: in a straight line from the baseline, or by steps."""

    steps: tuple[Step, ...]
    """In order of day; the last is the target. A straight line has that one alone."""
    path: str
    from_date: dt.date | None = None
    """Where a straight line begins, at the baseline; none where the way is by steps."""

    @property
    def last(self) -> Step:
        """The target itself."""
        return self.steps[-1]


@dataclass(frozen=True)
class Change:
    """What was begun on a day, where, and what else changed about then, as the place says it.

    `districts` is empty for the whole place. `recalculates` says with its reason that the limits of the control chart
    are agreed to be worked out anew from that day; empty where they are not.
    """

    what: str
    from_date: dt.date
    districts: tuple[str, ...]
    else_changed: str
    recalculates: str = ""


@dataclass(frozen=True)
class Outcome:
    """One outcome that is measured.

    `statement` is the problem statement that it proves, `declared` that one's own id of it; both empty where none.
    """

    id: str
    name: str
    why: str
    better: str
    framework: str
    headline: str
    measure: Measure
    statement: str = ""
    declared: str = ""
    baseline: Baseline | None = None
    target: Target | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Gap:
    """What is not measured here, and why: a headline of a framework, or an outcome that a statement declares."""

    framework: str
    headline: str
    because: str


@dataclass(frozen=True)
class Headline:
    """One of the outcomes that a framework names."""

    id: str
    name: str
    about: str


@dataclass(frozen=True)
class Framework:
    """What outcomes are ordered by, and who published it."""

    id: str
    name: str
    source: str
    headlines: tuple[Headline, ...]


@dataclass(frozen=True)
class Outcomes:
    """All that a place measures and does not."""

    frameworks: tuple[Framework, ...]
    outcomes: tuple[Outcome, ...]
    gaps: tuple[Gap, ...]

    def find(self, outcome_id: str) -> Outcome | None:
        """Return the outcome of an id; `None` where there is none."""
        return next((outcome for outcome in self.outcomes if outcome.id == outcome_id), None)
