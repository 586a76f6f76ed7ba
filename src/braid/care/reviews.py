"""When a case that was decided on is looked at again, and which cases come to the next meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from braid.care.case_types import CaseType
from braid.care.model import Escalation, escalation_of
from braid.language.calendars import LAST_DAY, Calendar
from braid.language.dates import end_of_day, london_date

SOON = dt.timedelta(days=14)
"""How long before its day a review is on the work list."""
COMING = frozenset({"planned", "gathering", "in_session"})
"""States of a meeting that is not over."""


@dataclass(frozen=True)
class LastTime:
    """A case as a meeting last left it: its state on that agenda, its day of review, and whether it is listed again."""

    state: str
    review_on: dt.date | None
    is_listed_again: bool = False


@dataclass(frozen=True)
class Listing:
    """A case on the agenda of one meeting: its state there, that of the meeting, and from when to when that is held."""

    state: str
    meeting_state: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    review_on: dt.date | None = None


def is_to_come(meeting_state: str, ends_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a meeting may still be held: it is planned or begun, and its day is not over.

    One that nobody began or ended holds no case beyond its day: otherwise what was to come up there never would.
    """
    return meeting_state in COMING and now < end_of_day(london_date(ends_at))


def last_time(listings: Iterable[Listing], case_type: CaseType, now: dt.datetime) -> LastTime | None:
    """Return how a case was last left, by its listings in the order of their meetings; `None` where none has left it.

    A meeting that was called off, or was not held on its day, leaves a case as one that puts it off. A case put off
    keeps the day of review that it had; without one it is due as if it had been decided on that day.
    """
    found, is_listed = None, False
    for one in listings:
        if one.state == "decided":
            found = LastTime("decided", one.review_on)
        elif one.state == "listed" and is_to_come(one.meeting_state, one.ends_at, now):
            is_listed = True
        elif one.state in ("listed", "put_off"):
            before = found.review_on if found else None
            found = LastTime("put_off", before or review_day(one.starts_at, case_type))
    return replace(found, is_listed_again=is_listed) if found else None


def review_day(decided_at: dt.datetime, case_type: CaseType) -> dt.date:
    """Return the day by which a case is looked at again: so many days after the decision, or the working day before."""
    day = london_date(decided_at) + dt.timedelta(days=case_type.review_after_days)
    return Calendar().working_day_on_or_before(day) if day <= LAST_DAY else day


def is_on_work_list(last: LastTime, today: dt.date) -> bool:
    """Whether the review of a case is somebody's to arrange: it is soon or over, and on no agenda."""
    return last.review_on is not None and not last.is_listed_again and last.review_on - SOON <= today


def is_carried_over(last: LastTime, meets_on: dt.date) -> bool:
    """Whether a case belongs on the agenda of a meeting on a day: it was put off, or its review is due by then."""
    if last.is_listed_again:
        return False
    return last.state == "put_off" or (last.review_on is not None and last.review_on <= meets_on)


def silence_on_review(review_on: dt.date, now: dt.datetime) -> Escalation:
    """Return where a review stands against its day; it is overdue from the end of that day in UK time."""
    return escalation_of(end_of_day(review_on), now)
