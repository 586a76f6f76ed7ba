"""The agenda of a meeting as its chair packs it: the order, by hand or as proposed, what is held, minutes and length.

The chair sees the cases in which they take part, and orders these among the places that they have. What else is on the
agenda keeps its place, and changes no time, sum or proposal that the chair is shown.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from braid.care import agendas
from braid.care.agenda_order import propose_order
from braid.care.agenda_spans import Discussed
from braid.care.agendas import Slot
from braid.care.cases import Member
from braid.care.meetings import check_chair
from braid.language.steps import NotPossible
from braid.web.access.sight import Sight
from braid.web.care import cases
from braid.web.care.kept import ChangedMeanwhile, change, now_of_database, record_step
from braid.web.care.meetings import get_row, put_on_agenda
from braid.web.models import AgendaItem, Meeting

NOT_ON_IT = "The case is not on the agenda any more. Look at it again"


def rows_of(meeting: Meeting) -> list[AgendaItem]:
    """Return the cases on an agenda that the human of this transaction sees, in their order."""
    rows = AgendaItem.objects.filter(meeting=meeting).exclude(state="taken_off").select_related("case")
    return sorted(rows, key=lambda row: (row.position, str(row.pk)))


def slots_of(meeting: Meeting, rows: Sequence[AgendaItem]) -> tuple[Slot, ...]:
    """Return the cases on an agenda as the rules know them, numbered as the reader sees them.

    What is held at a place is held where it stands among these, not at the number that it had when somebody put it
    there: a number beyond its place would tell of a case that is kept from the reader, as one that was taken off does.
    """
    return tuple(
        Slot(
            str(row.pk),
            place,
            row.minutes,
            place if row.held_rank else None,
            agendas.minutes_until(row.not_before, meeting.starts_at, meeting.length_minutes),
        )
        for place, row in enumerate(rows, 1)
    )


def list_lapsed(meeting: Meeting) -> list[AgendaItem]:
    """Return the cases held until a time at which the meeting does not last: it was moved, or is shorter now."""
    rows = rows_of(meeting)
    held = zip(rows, slots_of(meeting, rows), strict=True)
    return [row for row, slot in held if row.not_before and not slot.from_minute]


def count_put_off(case_ids: Iterable[UUID], meeting: Meeting) -> Counter[UUID]:
    """Return how often each of these cases was put off, at other meetings than this one."""
    earlier = AgendaItem.objects.filter(case__in=list(case_ids), state="put_off").exclude(meeting=meeting)
    return Counter(earlier.values_list("case_id", flat=True))


def discussed_of(
    meeting: Meeting, rows: Sequence[AgendaItem], members: Mapping[UUID, Sequence[Member]]
) -> tuple[Discussed, ...]:
    """Return these cases of an agenda as the rules know them, in their order."""
    put_off = count_put_off([row.case_id for row in rows], meeting)
    return tuple(
        Discussed(
            slot,
            frozenset(member.organisation for member in members[row.case_id]),
            put_off[row.case_id],
        )
        for row, slot in zip(rows, slots_of(meeting, rows), strict=True)
    )


def mark_of(order: Iterable[str]) -> str:
    """Return what an order is known by: the SHA-256 of the ids of its cases."""
    return hashlib.sha256("\0".join(order).encode()).hexdigest()


def _open_meeting(sight: Sight, meeting_id: UUID, seen: int, **values: object) -> Meeting:
    """Return a meeting whose agenda the viewer packs. Raises `NotPossible`, `NotThere`.

    The version of the meeting is that of its agenda too: of two who pack it at once, one is told.
    """
    meeting = get_row(meeting_id)
    check_chair(sight.viewer.username, meeting.chair)
    agendas.check_open(meeting.state)
    change(meeting, seen, **values)
    return meeting


def _put_in_order(rows: Sequence[AgendaItem], slots: Iterable[Slot]) -> None:
    """Keep an order of these cases in the places that they have, so that what stands between them stays there."""
    by_item, last = {str(row.pk): row for row in rows}, 0
    places = []
    for row in rows:
        last = max(row.position, last + 1)
        places.append(last)
    for place, slot in zip(places, slots, strict=True):
        if by_item[slot.item].position != place:
            AgendaItem.objects.filter(pk=slot.item).update(position=place)


def move_case(sight: Sight, meeting_id: UUID, seen: int, item_id: UUID, step: str) -> None:
    """Move a case `up` or `down` to the next free place, and hold it there. Raises `NotPossible`, `NotThere`."""
    meeting = _open_meeting(sight, meeting_id, seen)
    rows = rows_of(meeting)
    _hold(sight, meeting, rows, agendas.move(slots_of(meeting, rows), str(item_id), step), item_id)


def place_case(sight: Sight, meeting_id: UUID, seen: int, item_id: UUID, to: int) -> None:
    """Put a case at a place, from 1 on, and hold it there. Raises `NotPossible`, `NotThere`."""
    meeting = _open_meeting(sight, meeting_id, seen)
    rows = rows_of(meeting)
    _hold(sight, meeting, rows, agendas.place(slots_of(meeting, rows), str(item_id), to), item_id)


def _hold(sight: Sight, meeting: Meeting, rows: Sequence[AgendaItem], slots: Sequence[Slot], item_id: UUID) -> None:
    _put_in_order(rows, slots)
    rank = next(slot.position for slot in slots if slot.item == str(item_id))
    row = _change_item(meeting, item_id, held_rank=rank, held_by=sight.viewer.username)
    _record(sight, "case held at a place", meeting, row, place=rank)


def hold_until(sight: Sight, meeting_id: UUID, seen: int, item_id: UUID, time: dt.time) -> None:
    """Say before which time of the day a case does not begin. Raises `NotPossible`, `NotThere`."""
    meeting = _open_meeting(sight, meeting_id, seen)
    agendas.check_not_before(time, meeting.starts_at, meeting.length_minutes)
    row = _change_item(meeting, item_id, not_before=time, not_before_by=sight.viewer.username)
    _record(sight, "case held until a time", meeting, row, time=f"{time:%H:%M}")


def take_back(sight: Sight, meeting_id: UUID, seen: int, item_id: UUID, what: str) -> None:
    """Hold a case no longer: of `what`, its `place` or its `time`. Raises `NotPossible`, `NotThere`."""
    fields = {"place": "held_rank", "time": "not_before"}
    if what not in fields:
        raise NotPossible("There is nothing of that kind to take back. Look at the agenda again")
    meeting = _open_meeting(sight, meeting_id, seen)
    row = _change_item(meeting, item_id, **{fields[what]: None})
    _record(sight, f"case no longer held: {what}", meeting, row)


def give_minutes(sight: Sight, meeting_id: UUID, seen: int, item_id: UUID, minutes: int) -> None:
    """Say how long a case is discussed. Raises `NotPossible`, `NotThere`."""
    meeting = _open_meeting(sight, meeting_id, seen)
    agendas.check_minutes(minutes)
    row = _change_item(meeting, item_id, minutes=minutes)
    _record(sight, "minutes of a case", meeting, row, minutes=minutes)


def _change_item(meeting: Meeting, item_id: UUID, **values: object) -> AgendaItem:
    rows = AgendaItem.objects.filter(pk=item_id, meeting=meeting).exclude(state="taken_off")
    if not rows.update(**values):
        raise NotPossible(NOT_ON_IT)
    return rows.select_related("case").get()


def _record(sight: Sight, what: str, meeting: Meeting, row: AgendaItem, **details: str | int) -> None:
    """Write down a step on a case of an agenda, for each person whom the case is about."""
    people = cases.people_of(row.case)
    record_step(sight, what, people, "case", case=row.case.reference, meeting=meeting.reference, **details)


def accept_order(sight: Sight, meeting_id: UUID, seen: int, order: Sequence[str]) -> None:
    """Put the cases into the order that was proposed, by their ids. Raises `NotPossible`, `NotThere`.

    It is proposed anew: where that is another by now, because somebody joined a case or one was put on, the viewer is
    told and sees it.
    """
    meeting = _open_meeting(sight, meeting_id, seen)
    rows = rows_of(meeting)
    _put_in_order(rows, _proposed(meeting, rows, order))
    record_step(sight, "proposed order accepted", [], meeting=meeting.reference)


def refuse_order(sight: Sight, meeting_id: UUID, seen: int, order: Sequence[str], reason: str) -> None:
    """Refuse the order that was proposed, with why. Nothing is planned from it. Raises `NotPossible`, `NotThere`."""
    agendas.check_refusal(reason)
    refused = {"refused_because": reason, "refused_by": sight.viewer.username, "refused_at": now_of_database()}
    meeting = _open_meeting(sight, meeting_id, seen, refused_order=mark_of(order), **refused)
    _proposed(meeting, rows_of(meeting), order)
    record_step(sight, "proposed order refused", [], meeting=meeting.reference, reason=reason)


def _proposed(meeting: Meeting, rows: Sequence[AgendaItem], order: Sequence[str]) -> tuple[Slot, ...]:
    members = cases.members_by_case([row.case_id for row in rows])
    slots = propose_order(discussed_of(meeting, rows, members)).slots
    if [slot.item for slot in slots] != list(order):
        raise ChangedMeanwhile
    return slots


def give_length(sight: Sight, meeting_id: UUID, seen: int, minutes: int) -> None:
    """Say how long the meeting lasts. Raises `NotPossible`, `NotThere`."""
    agendas.check_length(minutes)
    meeting = _open_meeting(sight, meeting_id, seen)
    Meeting.objects.filter(pk=meeting.pk).update(length_minutes=minutes)
    record_step(sight, "length of a meeting", [], meeting=meeting.reference, minutes=minutes)


def put_case(sight: Sight, meeting_id: UUID, seen: int, case_id: UUID) -> None:
    """Put a case that waits on the agenda of a meeting, of this version. Raises `NotPossible`, `NotThere`."""
    item = put_on_agenda(sight, meeting_id, case_id)
    change(item.meeting, seen)
