"""From which day on the extracts show all that an outcome counts.

Extracts show whoever waits now, and whose wait ended from some day on; of the time before that day only what lasted
beyond it is known. The same holds of stays and episodes. A period before that day is measured and marked as not known.

The first end shown can mislead: a feed that shows old ends of those alone who are still there looks whole further back
than it is. Whoever knows better says so in `known_from` of the outcome.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from braid.place.outcomes.model import Measure
from braid.place.outcomes.periods import Period, period_of
from braid.problems.model import Cohort, InEpisode, StaysIn, WaitsFor
from braid.store.engine import Engine

AT_END = ("waits_open", "people")
"""What is counted at the end of a period, not over it."""

_FIRST = {
    "wait": "select kind, min(stop_date) as day from person_wait group by kind",
    "stay": "select kind, min(end_date) as day from stay group by kind",
    "episode": "select kind, min(end_date) as day from episode group by kind",
    "event": "select kind, min(start_date) as day from event group by kind",
    "pupils": "select 'pupils' as kind, min(result_date) as day from outcome where measure = 'attendance:sessions'",
}


@dataclass(frozen=True)
class FirstDays:
    """The first day that extracts show of each kind: of waits, stays and episodes an end, of events the event."""

    days: Mapping[tuple[str, str], dt.date]
    as_of: dt.date

    def since(self, measure: Measure) -> dt.date:
        """Return the day from which all that a measure counts is known: that of a run where nothing ended yet."""
        shown = (self.days.get(each, self.as_of) for each in _rests_on(measure))
        return max((measure.known_from or dt.date.min, *shown))


def find_first_days(engine: Engine, as_of: dt.date) -> FirstDays:
    """Return the first days of all kinds, from the tables of a run."""
    found = {
        (table, str(row["kind"])): row["day"]
        for table, sql in _FIRST.items()
        for row in engine.rows(sql)
        if row["day"] is not None
    }
    return FirstDays(found, as_of)


def is_known(period: Period, measure: Measure, since: dt.date) -> bool:
    """Whether all that a measure counts in a period is known, given the day since which it is."""
    if measure.counted.of in AT_END:
        return period.last + dt.timedelta(days=1) >= since
    return period.first >= since


def first_due(measure: Measure, as_of: dt.date) -> Period:
    """Return the first period, not over at the end of `as_of`, of which all that a measure counts may be known.

    It is, where extracts show everybody from its first day on; what is counted at its end is known in any case.
    """
    period = period_of(measure.period, as_of + dt.timedelta(days=1))
    while not is_known(period, measure, measure.known_from or dt.date.min):
        period = period_of(measure.period, period.last + dt.timedelta(days=1))
    return period


def _rests_on(measure: Measure) -> Iterator[tuple[str, str]]:
    counted = measure.counted
    if counted.of == "pupils":
        yield "pupils", "pupils"
    for kind in counted.kinds:
        yield ("event" if counted.of == "events" else "wait"), kind
    for cohort in (counted.among, measure.met.who, measure.per):
        yield from _conditions(cohort)


def _conditions(cohort: Cohort | None) -> Iterator[tuple[str, str]]:
    for condition in cohort.conditions if cohort else ():
        if isinstance(condition, WaitsFor):
            yield from (("wait", kind) for kind in condition.kinds)
        if isinstance(condition, StaysIn):
            yield from (("stay", kind) for kind in condition.kinds)
        if isinstance(condition, InEpisode):
            yield from (("episode", kind) for kind in condition.kinds)
