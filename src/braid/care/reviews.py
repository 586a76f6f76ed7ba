"""When a case that was decided on is looked at again, and which cases come to the next meeting."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from braid.care.case_types import CaseType
from braid.care.model import Escalation, escalation_of
from braid.language.calendars import LAST_DAY, Calendar
from braid.language.dates import LONDON, london_date

SOON = dt.timedelta(days=14)
"""How long before its day a review is on the work list."""


@dataclass(frozen=True)
class LastTime:
    """A case as a meeting last left it: its state on that agenda, its day of review, and whether it is listed again."""

    state: str
    review_on: dt.date | None
    is_listed_again: bool = False


def review_day(decided_at: dt.datetime, case_type: CaseType, calendar: Calendar | None = None) -> dt.date:
    """Return the day by which a case is looked at again: so many days after the decision, or the working day before."""
    day = london_date(decided_at) + dt.timedelta(days=case_type.review_after_days)
    return (calendar or Calendar()).working_day_on_or_before(day) if day <= LAST_DAY else day


def is_on_work_list(last: LastTime, today: dt.date) -> bool:
    """Whether the review of a case is somebody's to arrange: it is soon or over, and on no agenda."""
    return last.review_on is not None and not last.is_listed_again and last.review_on - SOON <= today


def is_carried_over(last: LastTime, meets_on: dt.date) -> bool:
    """Whether a case belongs on the agenda of a meeting on a day: it was put off, or its review is due by then."""
    if last.is_listed_again:
        return False
    return last.state == "put_off" or (last.review_on is not None and last.review_on <= meets_on)


def silence_on_review(review_on: dt.date, now: dt.datetime, calendar: Calendar | None = None) -> Escalation:
    """Return where a review stands against its day; it is overdue from the end of that day in UK time."""
    due = dt.datetime.combine(review_on + dt.timedelta(days=1), dt.time(), LONDON).astimezone(dt.UTC)
    return escalation_of(due, now, calendar)
