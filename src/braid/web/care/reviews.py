"""Reviews as kept: the day on which a case is looked at again, on the list of its lead and before the next meeting."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from braid.care import reviews
from braid.care.model import Escalation
from braid.care.reviews import LastTime, Listing
from braid.language.dates import london_date
from braid.web.access.sight import Sight
from braid.web.care.kept import case_type_of, now_of_database
from braid.web.care.meetings import cases_to_list
from braid.web.models import AgendaItem, CaseMember, JointCase, Meeting
from braid.web.written_once import written_once


@dataclass(frozen=True)
class ReviewSeen:
    """A case that is to be looked at again, for its lead. Of whom it is about, nothing."""

    case_id: UUID
    case_reference: str
    review_on: dt.date
    silence: Escalation


def last_times(cases: Mapping[UUID, JointCase], now: dt.datetime) -> dict[UUID, LastTime]:
    """Return how a meeting last left each of these cases, of those that a meeting has left."""
    listings: dict[UUID, list[Listing]] = defaultdict(list)
    for row in _listings(list(cases)):
        starts_at = row.meeting.starts_at
        ends_at = starts_at + dt.timedelta(minutes=row.meeting.length_minutes)
        listings[row.case_id].append(Listing(row.state, row.meeting.state, starts_at, ends_at, row.review_on))
    found = (
        (case_id, reviews.last_time(listed, case_type_of(cases[case_id].case_type), now))
        for case_id, listed in listings.items()
    )
    return {case_id: last for case_id, last in found if last is not None}


@written_once
def _listings(case_ids: list[UUID]) -> QuerySet[AgendaItem]:
    rows = AgendaItem.objects.filter(case_id__among=case_ids).select_related("meeting")
    return rows.order_by("meeting__starts_at", "pk")


def led_and_listed(username: str) -> dict[UUID, JointCase]:
    """Return the open cases that somebody leads and that were ever on an agenda, by id: of others none is reviewed."""
    return {row.pk: row for row in _led_and_listed(username)}


@written_once
def _led_and_listed(username: str) -> QuerySet[JointCase]:
    mine = CaseMember.objects.filter(username=username, is_lead=True, left_at__isnull=True)
    listed = AgendaItem.objects.filter(case=OuterRef("pk"))
    return JointCase.objects.filter(Exists(listed), pk__in=mine.values("case_id"), state="open")


def list_reviews(sight: Sight) -> list[ReviewSeen]:
    """Return the reviews of cases that the viewer leads which are soon or over and on no agenda, those due first."""
    rows, now = led_and_listed(sight.viewer.username), sight.now
    found = [
        ReviewSeen(case_id, rows[case_id].reference, last.review_on, reviews.silence_on_review(last.review_on, now))
        for case_id, last in (last_times(rows, now) if rows else {}).items()
        if last.review_on is not None and reviews.is_on_work_list(last, london_date(now))
    ]
    return sorted(found, key=lambda one: (one.review_on, one.case_reference))


def cases_to_carry(meeting: Meeting) -> list[tuple[JointCase, LastTime]]:
    """Return the cases that belong on an agenda: put off before, or to be looked at again by the day of the meeting."""
    rows = {row.pk: row for row in cases_to_list(meeting)}
    day, now = london_date(meeting.starts_at), now_of_database()
    return [
        (rows[case_id], last)
        for case_id, last in sorted(last_times(rows, now).items(), key=lambda one: rows[one[0]].reference)
        if reviews.is_carried_over(last, day)
    ]
