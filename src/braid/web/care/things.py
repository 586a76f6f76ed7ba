"""What somebody has to do, as things with a due time: for reminders, calendars and what is overdue.

Without a name of anybody: kinds, references and due times alone, so that no look is taken. The database says whose
move each is and to whom its silence rises, past the edge of a case (`rising.sql`); the rules of care say when it is
due. Runs inside `asking_as`, as the role of the pages.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from braid.care import moves, readiness, referrals, response, reviews
from braid.care.actions import Action
from braid.care.calendar_feed import Appointment, CaseDay
from braid.care.case_types import CaseType
from braid.care.meetings import minutes_due_at
from braid.care.model import Owner, escalation_of
from braid.care.moves import Move, Notice
from braid.care.readiness import DAYS_FOR, NOT_IN_TIME, Item
from braid.care.reminders import Kind, Thing
from braid.care.response import Event
from braid.care.reviews import SOON, Listing
from braid.care.windows import windows_of
from braid.language.dates import end_of_day, london_date
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.case_type_files import case_types
from braid.web.models import Meeting, ReadinessDay, ResponseEvent
from braid.web.owner_functions import ask_rows
from braid.web.written_once import written_once

FEED_BACK = dt.timedelta(days=31)
"""How long meetings that are over stay in a calendar."""
COLUMNS = "kind id reference case_type at on_day more is_asked leads_asked is_asker page".split()


@dataclass(frozen=True)
class _Waiting:
    """Something that waits, as the database tells it: what its clock begins with, and as whose this human has it."""

    kind: str
    id: str
    reference: str
    case_type: str
    at: dt.datetime | None
    on_day: dt.date | None
    words: str | None
    is_asked: bool
    leads_asked: bool
    is_asker: bool
    page: object

    @property
    def more(self) -> Any:
        """What else its clock begins with; the driver hands a document over as text."""
        return json.loads(self.words or "{}")

    @property
    def type(self) -> CaseType | None:
        """Its kind of case; `None` for one that is not there any more."""
        return case_types().get(self.case_type)

    def thing(self, due_at: dt.datetime, known_by: str = "", seat: tuple[bool, bool] = (False, False)) -> Thing:
        """Return it as a thing due then; with a `seat` it is also that of who sits there, and of who leads them."""
        owners = (
            (Owner.INBOX, self.is_asked or seat[0]),
            (Owner.TEAM_LEAD, self.leads_asked or seat[1]),
            (Owner.ASKER_LEAD, self.is_asker),
        )
        mine = frozenset(owner for owner, holds in owners if holds)
        page = str(self.page) if self.page else ""
        return Thing(Kind(self.kind), known_by or self.id, self.reference, due_at, mine, page)


def list_things(now: dt.datetime) -> list[Thing]:
    """Return what whoever this transaction is for has to do or has risen to them, for its purpose, those due first.

    Of what they stand outside, only what is overdue and theirs by then.
    """
    rows = [_Waiting(*row) for row in ask_rows("braid_rising", COLUMNS)]
    found = [*(thing for row in rows for thing in DUE[Kind(row.kind)](row, now)), *_windows(now)]
    return sorted((one for one in found if _is_theirs(one, now)), key=lambda one: (one.due_at, one.kind, one.reference))


def _is_theirs(thing: Thing, now: dt.datetime) -> bool:
    if thing.page:
        return bool(thing.mine)
    silence = escalation_of(thing.due_at, now)
    return silence.is_overdue and bool(thing.mine & set(silence.owners))


def _at(row: _Waiting, _now: dt.datetime) -> Iterable[Thing]:
    if row.at is not None:
        yield row.thing(row.at)


def _look_again(row: _Waiting, now: dt.datetime) -> Iterable[Thing]:
    if row.at is not None:
        day = referrals.look_again_day(row.at, row.on_day)
        if day - SOON <= london_date(now):
            yield row.thing(end_of_day(day))


def _action(row: _Waiting, _now: dt.datetime) -> Iterable[Thing]:
    if row.on_day is not None:
        yield row.thing(Action("", row.on_day).due_at)


def _review(row: _Waiting, now: dt.datetime) -> Iterable[Thing]:
    listings = [
        Listing(
            one["state"],
            one["meeting_state"],
            dt.datetime.fromisoformat(one["starts_at"]),
            dt.datetime.fromisoformat(one["ends_at"]),
            _day(one["review_on"]),
        )
        for one in row.more
    ]
    last = reviews.last_time(listings, row.type, now) if row.type else None
    if last is not None and last.review_on is not None and reviews.is_on_work_list(last, london_date(now)):
        yield row.thing(end_of_day(last.review_on))


def _minutes(row: _Waiting, _now: dt.datetime) -> Iterable[Thing]:
    if row.at is not None:
        yield row.thing(minutes_due_at(row.at, row.type) if row.type else row.at)


def _meeting_to_hold(row: _Waiting, now: dt.datetime) -> Iterable[Thing]:
    """A meeting whose day is over, and that nobody began, ended or called off; before, it is a meeting to come."""
    if row.at is not None and (due := end_of_day(london_date(row.at))) <= now:
        yield row.thing(due)


def _plan_review(row: _Waiting, now: dt.datetime) -> Iterable[Thing]:
    if row.on_day is not None and row.on_day - SOON <= london_date(now):
        yield row.thing(end_of_day(row.on_day))


def _readiness(row: _Waiting, now: dt.datetime) -> Iterable[Thing]:
    """The items that are not in time, or due by tomorrow. One whose seat nobody fills is its lead's alone."""
    more, today = row.more, london_date(now)
    kept = {one["item"]: one for one in more["kept"]}
    for spec in row.type.readiness if row.type else ():
        item, due = _item(Item(spec), kept.get(spec.id)), readiness.due_on(spec, row.on_day)
        if item.is_settled or due is None:
            continue
        if readiness.timing_of(item, due, today) in NOT_IN_TIME or due <= today + dt.timedelta(days=1):
            seat = more["seats"].get(spec.agency, (False, False))
            yield row.thing(end_of_day(due), f"{row.id}:{spec.id}", tuple(seat))


def _item(fresh: Item, kept: Mapping[str, str] | None) -> Item:
    if kept is None:
        return fresh
    return Item(fresh.kind, kept["state"], _day(kept["since"]), _day(kept["expected_on"]))


def _notice(row: _Waiting, now: dt.datetime) -> Iterable[Thing]:
    given = row.more
    move = Move(
        planned_on=row.on_day or london_date(now),
        leaves_district=True,
        movers=(),
        available_on=_day(given["available_on"]),
        agreement=given["agreement"],
        agreed_on=_day(given["agreed_on"]),
        details_on=_day(given["details_on"]),
    )
    found = moves.reckon_notice(Notice(given["kind"], given["body"], given["state"]), move, london_date(now))
    if found is not None and found[1].due_date is not None:
        yield row.thing(end_of_day(found[1].due_date))


def _move(row: _Waiting, now: dt.datetime) -> Iterable[Thing]:
    """A move whose day has come: was the accommodation made available, or is it called off?"""
    if row.on_day is not None and row.on_day <= london_date(now):
        yield row.thing(end_of_day(row.on_day))


def _clock(row: _Waiting, now: dt.datetime) -> Iterable[Thing]:
    if row.at is not None:
        more = row.more
        event = Event(more["kind"], row.at, is_enhanced=more["is_enhanced"])
        reckoned = response.reckon_event(event, london_date(now))
        if reckoned is not None and reckoned.due_date is not None:
            yield row.thing(end_of_day(reckoned.due_date))


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


DUE: Mapping[Kind, Callable[[_Waiting, dt.datetime], Iterable[Thing]]] = {
    Kind.REFERRAL: _at,
    Kind.LOOK_AGAIN: _look_again,
    Kind.OFFER: _at,
    Kind.RETURN: _at,
    Kind.ACTION: _action,
    Kind.REVIEW: _review,
    Kind.MINUTES: _minutes,
    Kind.MEETING_TO_HOLD: _meeting_to_hold,
    Kind.APPROVAL: _at,
    Kind.PLAN_REVIEW: _plan_review,
    Kind.READINESS: _readiness,
    Kind.NOTICE: _notice,
    Kind.MOVE: _move,
    Kind.CLOCK: _clock,
    Kind.APPOINTMENT: _at,
}
"""When each kind of thing is due."""


def _windows(now: dt.datetime) -> Iterable[Thing]:
    """The window of each incident that closes next, for seats that are shown what happened.

    A window closes by itself, and nobody is told that it is too late: it is due, and never overdue.
    """
    for row in _incidents():
        untils = [one.until for one in windows_of(row.acts, row.at, now) if one.until > now]
        if untils:
            mine = frozenset({Owner.INBOX})
            yield Thing(Kind.CLOCK, str(row.pk), row.case.reference, min(untils), mine, str(row.case_id))


@written_once
def _incidents() -> QuerySet[ResponseEvent]:
    rows = ResponseEvent.objects.filter(kind=response.INCIDENT, wrong_at__isnull=True, case__state="open")
    return rows.filter(case__purpose=VICTIM_RESPONSE).select_related("case")


def list_meetings(now: dt.datetime) -> list[Thing]:
    """Return the meetings to come of whoever this transaction is for."""
    rows = Meeting.objects.filter(state__in=reviews.COMING, starts_at__gt=now).order_by("starts_at", "pk")
    mine = frozenset({Owner.INBOX})
    return [Thing(Kind.MEETING, str(row.pk), row.reference, row.starts_at, mine, str(row.pk)) for row in rows]


def list_meeting_changes(username: str, now: dt.datetime) -> list[Thing]:
    """Return the meetings to come of whoever this transaction is for that somebody else moved or called off."""
    rows = Meeting.objects.filter(Q(moved_at__isnull=False) | Q(state="cancelled"), starts_at__gt=now)
    mine = frozenset({Owner.INBOX})
    return [
        Thing(
            Kind.MEETING_CALLED_OFF if row.state == "cancelled" else Kind.MEETING_MOVED,
            *(str(row.pk), row.reference, row.starts_at, mine, str(row.pk)),
        )
        for row in rows.exclude(chair=username).order_by("starts_at", "pk")
    ]


def list_appointments(now: dt.datetime) -> list[Appointment]:
    """Return the meetings of whoever this transaction is for, for a calendar: those to come, and of the last month."""
    rows = Meeting.objects.filter(starts_at__gt=now - FEED_BACK).order_by("starts_at", "pk")
    return [
        Appointment(
            str(row.pk), row.reference, row.starts_at, row.length_minutes, row.state == "cancelled", row.version
        )
        for row in rows
    ]


def list_case_days(now: dt.datetime) -> list[CaseDay]:
    """Return the days of hearings and meetings of the cases of whoever this transaction is for, of the last month on.

    One that was vacated is called off; one that was moved or written down by mistake is followed by another, or none.
    """
    rows = ReadinessDay.objects.filter(Q(ended_at__isnull=True) | Q(ended_because="vacated"))
    rows = rows.filter(day__gt=london_date(now - FEED_BACK)).order_by("day", "pk")
    return [
        CaseDay(str(row.pk), f"{DAYS_FOR[row.what]} of a case", row.day, row.ended_at is not None, row.version)
        for row in rows
    ]
