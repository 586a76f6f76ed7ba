"""The agenda of a meeting as its chair sees it: as it stands and as proposed, who is there when, and what waits.

References, organisations and times: nobody is named. All of it is reckoned from the cases that the chair sees.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from braid.care import reviews
from braid.care.agenda_order import Proposed, propose_order
from braid.care.agenda_packing import WHY, Room, Waiting, pack
from braid.care.agenda_spans import (
    Discussed,
    Timed,
    compare,
    minutes_in_room,
    minutes_sitting_through,
    time_cases,
)
from braid.care.agendas import OPEN_STATES, REFUSALS, USUAL_MINUTES, held_ranks
from braid.care.case_types import CaseType
from braid.care.cases import Member
from braid.care.meetings import MACHINE
from braid.care.reviews import LastTime
from braid.language.dates import london_date
from braid.web.access.sight import NotThere, Sight
from braid.web.care import agendas_unseen, cases
from braid.web.care.agenda_pictures import SpanPicture, draw_spans
from braid.web.care.agendas import count_put_off, discussed_of, mark_of, rows_of
from braid.web.care.kept import case_type_of, now_of_database
from braid.web.care.meetings import cases_to_list, get_row
from braid.web.care.reviews import last_times
from braid.web.models import AgendaItem, CaseSubject, JointCase, Meeting

MOST_MEETINGS = 6
"""So many meetings, this one among them, are packed together."""


@dataclass(frozen=True)
class There:
    """An organisation that takes part in a case: the names of its seats, and whether one of them must attend."""

    organisation: str
    seats: tuple[str, ...]
    must_attend: bool


@dataclass(frozen=True)
class Line:
    """A case at its time. `was` is its place as the agenda stands; `held_at` the place at which it is held."""

    item_id: UUID
    reference: str
    place: int
    was: int
    begins_at: dt.datetime
    ends_at: dt.datetime
    minutes: int
    pause: int
    """Minutes between the end of the case before it and its beginning."""
    there: tuple[There, ...]
    times_put_off: int
    held_at: int | None
    held_by: str
    not_before: dt.time | None
    not_before_by: str
    lapsed: dt.time | None
    """The time until which it was held, where the meeting does not last at that time any more: it holds nothing."""


@dataclass(frozen=True)
class OrderSeen:
    """The cases in an order, with what it costs: minutes in the room of all organisations together."""

    lines: tuple[Line, ...]
    minutes_in_room: int
    sitting_through: int
    ends_at: dt.datetime
    picture: SpanPicture


@dataclass(frozen=True)
class SpanLine:
    """From when to when an organisation is there as the agenda stands, and as proposed where an order is."""

    organisation: str
    begins_at: dt.datetime
    ends_at: dt.datetime
    minutes: int
    waited: int
    then_begins_at: dt.datetime
    then_ends_at: dt.datetime
    then_minutes: int
    then_waited: int
    more: int
    """By how many minutes longer it is in the room than proposed."""


@dataclass(frozen=True)
class WaitingSeen:
    """A case that waits: since what, and to which meeting it is proposed, or why to none."""

    case_id: UUID
    reference: str
    last: LastTime | None
    meeting: Meeting | None
    why: str


@dataclass(frozen=True)
class AgendaSeen:
    """An agenda for the chair. `proposed` is there until the meeting begins, for two cases or more."""

    meeting: Meeting
    case_type: CaseType
    state_name: str
    is_open: bool
    unseen: int
    now: OrderSeen
    proposed: OrderSeen | None
    is_proved: bool
    is_as_proposed: bool
    order: str
    """The ids of the cases in the order proposed, as a form sends them back."""
    refused: str
    """Why this very order was refused, or nothing."""
    spans: tuple[SpanLine, ...]
    held_cost: int
    """Minutes in the room that what is held by hand costs, against the order proposed without it."""
    held_later: int
    """By how many minutes the meeting ends later for it."""
    waiting: tuple[WaitingSeen, ...]
    series: tuple[Meeting, ...]

    @property
    def gained(self) -> int:
        """By how many minutes in the room the order as it stands costs more than the one proposed."""
        return self.now.minutes_in_room - self.proposed.minutes_in_room if self.proposed else 0

    @property
    def ends_earlier(self) -> int:
        """By how many minutes the meeting ends earlier as proposed."""
        return int((self.now.ends_at - self.proposed.ends_at).total_seconds()) // 60 if self.proposed else 0

    @property
    def put_off_earlier(self) -> tuple[str, ...]:
        """The cases that were put off before and come earlier as proposed."""
        return self._put_off(lambda now, then: then < now)

    @property
    def put_off_later(self) -> tuple[str, ...]:
        """The cases that were put off before and come later as proposed."""
        return self._put_off(lambda now, then: then > now)

    def _put_off(self, is_meant: Callable[[dt.datetime, dt.datetime], bool]) -> tuple[str, ...]:
        then = {one.item_id: one.begins_at for one in self.proposed.lines} if self.proposed else {}
        return tuple(
            one.reference
            for one in self.now.lines
            if one.times_put_off and one.item_id in then and is_meant(one.begins_at, then[one.item_id])
        )

    @property
    def minutes_over(self) -> int:
        """By how many minutes the last case ends after the meeting."""
        ends_at = self.meeting.starts_at + dt.timedelta(minutes=self.meeting.length_minutes)
        return max(0, int((self.now.ends_at - ends_at).total_seconds()) // 60)

    @property
    def held(self) -> tuple[Line, ...]:
        """The cases that are held by hand."""
        return tuple(one for one in self.now.lines if one.held_at or one.not_before)


def get_chaired(sight: Sight, meeting_id: UUID) -> Meeting:
    """Return a meeting that the viewer chairs. Raises `NotThere`: its agenda is for nobody else."""
    meeting = get_row(meeting_id)
    if meeting.chair != sight.viewer.username:
        raise NotThere
    return meeting


def get_agenda(sight: Sight, meeting_id: UUID) -> AgendaSeen:
    """Return the agenda of a meeting that the viewer chairs. Raises `NotThere`."""
    meeting = get_chaired(sight, meeting_id)
    kind, rows = case_type_of(meeting.case_type), rows_of(meeting)
    members = cases.members_by_case([row.case_id for row in rows])
    present = discussed_of(meeting, rows, members)
    is_open = meeting.state in OPEN_STATES
    drawn = _Drawing(meeting, kind, rows, members, present)
    proposed = propose_order(present) if is_open and len(rows) > 1 else None
    order = [slot.item for slot in proposed.slots] if proposed else []
    waiting, series = _waiting(sight, meeting, rows) if is_open else ((), ())
    held_cost, held_later = _held_cost(present, proposed) if proposed else (0, 0)
    return AgendaSeen(
        meeting=meeting,
        case_type=kind,
        state_name=MACHINE.states[meeting.state].name,
        is_open=is_open,
        unseen=agendas_unseen.count_left(meeting),
        now=drawn.order(present),
        proposed=drawn.order(_put(present, proposed)) if proposed else None,
        is_proved=bool(proposed and proposed.is_proved),
        is_as_proposed=order == [str(row.pk) for row in rows],
        order=",".join(order),
        refused=_refused(meeting, order),
        spans=drawn.spans(present, _put(present, proposed) if proposed else present),
        held_cost=held_cost,
        held_later=held_later,
        waiting=waiting,
        series=series,
    )


def _refused(meeting: Meeting, order: Sequence[str]) -> str:
    """Return why this very order was refused; of another that was, nothing: this one is new."""
    is_refused = bool(order) and meeting.refused_order == mark_of(order)
    return REFUSALS.get(meeting.refused_because, "") if is_refused else ""


def _put(present: Sequence[Discussed], proposed: Proposed) -> tuple[Discussed, ...]:
    by_item = {slot.item: slot for slot in proposed.slots}
    return tuple(replace(case, slot=by_item[case.slot.item]) for case in present)


def _held_cost(present: Sequence[Discussed], proposed: Proposed) -> tuple[int, int]:
    """Return the minutes in the room that what is held costs, and by how many the meeting ends later for it."""
    if not any(case.slot.rank or case.slot.from_minute for case in present):
        return 0, 0
    free = tuple(replace(case, slot=replace(case.slot, rank=None, from_minute=0)) for case in present)
    held, without = time_cases(_put(present, proposed)), time_cases(_put(free, propose_order(free)))
    return max(0, minutes_in_room(held) - minutes_in_room(without)), held[-1].end - without[-1].end


class _Drawing:
    """What is the same of every order of an agenda."""

    def __init__(
        self,
        meeting: Meeting,
        kind: CaseType,
        rows: Sequence[AgendaItem],
        members: Mapping[UUID, Sequence[Member]],
        present: Sequence[Discussed],
    ) -> None:
        self.meeting = meeting
        self.rows = {str(row.pk): row for row in rows}
        self.was = {str(row.pk): place for place, row in enumerate(rows, 1)}
        self.there = {str(row.pk): _there(members[row.case_id], kind) for row in rows}
        self.held_at = held_ranks(case.slot for case in present)

    def order(self, placed: Sequence[Discussed]) -> OrderSeen:
        """Return the cases in the order of their places."""
        timed = time_cases(placed)
        ends = [0, *(one.end for one in timed)]
        lines = tuple(
            self._line(one, place, one.begin - before)
            for place, (one, before) in enumerate(zip(timed, ends, strict=False), 1)
        )
        return OrderSeen(
            lines=lines,
            minutes_in_room=minutes_in_room(timed),
            sitting_through=minutes_sitting_through(timed),
            ends_at=self._at(ends[-1]),
            picture=draw_spans(timed, self.meeting.starts_at, self.meeting.length_minutes),
        )

    def _line(self, one: Timed, place: int, pause: int) -> Line:
        item = one.case.slot.item
        row = self.rows[item]
        return Line(
            item_id=row.pk,
            reference=row.case.reference,
            place=place,
            was=self.was[item],
            begins_at=self._at(one.begin),
            ends_at=self._at(one.end),
            minutes=row.minutes,
            pause=pause,
            there=self.there[item],
            times_put_off=one.case.times_put_off,
            held_at=self.held_at.get(item),
            held_by=row.held_by,
            not_before=row.not_before if one.case.slot.from_minute else None,
            not_before_by=row.not_before_by,
            lapsed=None if one.case.slot.from_minute else row.not_before,
        )

    def spans(self, now: Sequence[Discussed], then: Sequence[Discussed]) -> tuple[SpanLine, ...]:
        """Return each organisation in two orders of the same cases."""
        return tuple(
            SpanLine(
                one.organisation,
                self._at(one.now.begin),
                self._at(one.now.end),
                one.now.minutes,
                one.now.waited,
                self._at(one.then.begin),
                self._at(one.then.end),
                one.then.minutes,
                one.then.waited,
                one.more,
            )
            for one in compare(time_cases(now), time_cases(then))
        )

    def _at(self, minute: int) -> dt.datetime:
        return self.meeting.starts_at + dt.timedelta(minutes=minute)


def _there(members: Sequence[Member], kind: CaseType) -> tuple[There, ...]:
    seats: dict[str, dict[str, bool]] = {}
    for member in members:
        agency = kind.agencies.get(member.agency)
        name = agency.name if agency else member.agency
        seats.setdefault(member.organisation, {})[name] = bool(agency and agency.must_attend)
    return tuple(There(name, tuple(sorted(held)), any(held.values())) for name, held in sorted(seats.items()))


def _waiting(
    sight: Sight, meeting: Meeting, rows: Sequence[AgendaItem]
) -> tuple[tuple[WaitingSeen, ...], tuple[Meeting, ...]]:
    """Return the cases that wait for a meeting of this kind, and the meetings over which they are packed."""
    series = _series(sight, meeting)
    waiting = _list_waiting(meeting)
    if not waiting:
        return (), series
    members = cases.members_by_case([row.pk for row, _ in waiting])
    put_off = count_put_off(members, meeting)
    packed = pack(
        _rooms(series, meeting, rows),
        tuple(
            Waiting(
                str(row.pk),
                frozenset(member.organisation for member in members[row.pk]),
                USUAL_MINUTES,
                put_off[row.pk],
                last.review_on if last else None,
            )
            for row, last in waiting
        ),
    )
    by_id = {str(one.pk): one for one in series}
    found = zip(waiting, packed, strict=True)
    return tuple(
        WaitingSeen(row.pk, row.reference, last, by_id.get(one.meeting or ""), WHY.get(one.why, ""))
        for (row, last), one in found
    ), series


def _series(sight: Sight, meeting: Meeting) -> tuple[Meeting, ...]:
    """Return this meeting and the next of its kind with the same chair, as far as their agendas are open."""
    rows = Meeting.objects.filter(
        chair=sight.viewer.username,
        case_type=meeting.case_type,
        state__in=OPEN_STATES,
        starts_at__gte=meeting.starts_at,
    ).exclude(pk=meeting.pk)
    return (meeting, *rows.order_by("starts_at", "pk")[: MOST_MEETINGS - 1])


def _rooms(series: Sequence[Meeting], meeting: Meeting, rows: Sequence[AgendaItem]) -> tuple[Room, ...]:
    taken = {one.pk: 0 for one in series} | {meeting.pk: sum(row.minutes for row in rows)}
    others = AgendaItem.objects.filter(meeting__in=[one.pk for one in series[1:]]).exclude(state="taken_off")
    for meeting_id, minutes in others.values_list("meeting_id", "minutes"):
        taken[meeting_id] += minutes
    return tuple(Room(str(one.pk), london_date(one.starts_at), one.length_minutes - taken[one.pk]) for one in series)


def _list_waiting(meeting: Meeting) -> list[tuple[JointCase, LastTime | None]]:
    """Return the cases of the chair that were on no agenda, were put off, or whose review is due by then."""
    rows, now = {row.pk: row for row in cases_to_list(meeting)}, now_of_database()
    last, day = last_times(rows, now), london_date(meeting.starts_at)
    listed = AgendaItem.objects.filter(case__in=list(rows), state="listed").select_related("meeting")
    to_come = {one.case_id for one in listed if _is_to_come(one.meeting, now)}
    return [
        (row, last.get(case_id))
        for case_id, row in rows.items()
        if case_id not in to_come and (case_id not in last or reviews.is_carried_over(last[case_id], day))
    ]


def _is_to_come(meeting: Meeting, now: dt.datetime) -> bool:
    return reviews.is_to_come(meeting.state, meeting.starts_at + dt.timedelta(minutes=meeting.length_minutes), now)


def list_times(sight: Sight, meeting_id: UUID) -> tuple[Meeting, list[Line], list[str]]:
    """Return the times of the cases of a meeting that the viewer chairs, and whom they are about. Raises `NotThere`."""
    meeting = get_chaired(sight, meeting_id)
    rows = rows_of(meeting)
    members = cases.members_by_case([row.case_id for row in rows])
    present = discussed_of(meeting, rows, members)
    drawn = _Drawing(meeting, case_type_of(meeting.case_type), rows, members, present)
    subjects = CaseSubject.objects.filter(case__in=[row.case_id for row in rows], ended_at__isnull=True)
    people = set(subjects.exclude(person_id="").values_list("person_id", flat=True))
    return meeting, list(drawn.order(present).lines), sorted(people)
