"""The agenda of a meeting as its chair packs it: order, by hand or as planning finds it, minutes of a case, length."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from braid.care import agendas
from braid.care.agenda_order import Discussed, minutes_in_room, order_by_attendance
from braid.care.agendas import Slot
from braid.care.meetings import check_chair
from braid.language.steps import NotPossible
from braid.web.access.sight import Sight
from braid.web.care import cases
from braid.web.care.kept import change, record_step
from braid.web.care.meetings import get_row, put_on_agenda
from braid.web.models import AgendaItem, Meeting


def _slots(meeting: Meeting) -> list[Slot]:
    rows = AgendaItem.objects.filter(meeting=meeting).exclude(state="taken_off")
    return [Slot(str(row.pk), row.position, row.minutes) for row in rows]


def _open_meeting(sight: Sight, meeting_id: UUID, seen: int) -> Meeting:
    """Return a meeting whose agenda the viewer packs. Raises `NotPossible`, `NotThere`.

    The version of the meeting is that of its agenda too: of two who pack it at once, one is told.
    """
    meeting = get_row(meeting_id)
    check_chair(sight.viewer.username, meeting.chair)
    agendas.check_open(meeting.state)
    change(meeting, seen)
    return meeting


def move_case(sight: Sight, meeting_id: UUID, seen: int, item_id: UUID, step: str) -> None:
    """Move a case one place `up` or `down`. Raises `NotPossible`, `NotThere`."""
    meeting = _open_meeting(sight, meeting_id, seen)
    before = {one.item: one for one in _slots(meeting)}
    for slot in agendas.move(before.values(), str(item_id), step):
        if slot.position != before[slot.item].position:
            AgendaItem.objects.filter(pk=slot.item).update(position=slot.position)
    record_step(sight, "agenda ordered", [], meeting=meeting.reference)


def order_cases(sight: Sight, meeting_id: UUID, seen: int) -> None:
    """Put the cases that the chair sees into the order in which all are in the room shortest. Raises `NotPossible`,
    `NotThere`."""
    meeting = _open_meeting(sight, meeting_id, seen)
    cases = _discussed(meeting)
    places = sorted(case.slot.position for case in cases)
    slots = order_by_attendance(cases)
    for place, slot in zip(places, slots, strict=True):
        AgendaItem.objects.filter(pk=slot.item).update(position=place)
    record_step(sight, "agenda ordered", [], meeting=meeting.reference)


def count_minutes_in_room(meeting: Meeting) -> int:
    """Return how long the organisations are in the room together, over the cases that the viewer sees."""
    return minutes_in_room(_discussed(meeting))


def _discussed(meeting: Meeting) -> Sequence[Discussed]:
    rows = list(AgendaItem.objects.filter(meeting=meeting).exclude(state="taken_off"))
    members = cases.members_by_case([row.case_id for row in rows])
    earlier = AgendaItem.objects.filter(case__in=list(members), state="put_off").exclude(meeting=meeting)
    put_off = Counter(earlier.values_list("case_id", flat=True))
    return [
        Discussed(
            Slot(str(row.pk), row.position, row.minutes),
            frozenset(member.organisation for member in members[row.case_id]),
            put_off[row.case_id],
        )
        for row in rows
    ]


def give_minutes(sight: Sight, meeting_id: UUID, seen: int, item_id: UUID, minutes: int) -> None:
    """Say how long a case is discussed. Raises `NotPossible`, `NotThere`."""
    meeting = _open_meeting(sight, meeting_id, seen)
    agendas.check_minutes(minutes)
    if not AgendaItem.objects.filter(pk=item_id, meeting=meeting).update(minutes=minutes):
        raise NotPossible("The case is not on the agenda any more. Look at it again")
    record_step(sight, "minutes of a case", [], meeting=meeting.reference, minutes=minutes)


def give_length(sight: Sight, meeting_id: UUID, seen: int, minutes: int) -> None:
    """Say how long the meeting lasts. Raises `NotPossible`, `NotThere`."""
    agendas.check_length(minutes)
    meeting = _open_meeting(sight, meeting_id, seen)
    Meeting.objects.filter(pk=meeting.pk).update(length_minutes=minutes)
    record_step(sight, "length of a meeting", [], meeting=meeting.reference, minutes=minutes)


def carry_over(sight: Sight, meeting_id: UUID, case_id: UUID) -> AgendaItem:
    """Put a case on the agenda that was put off, or whose review is due. Raises `NotPossible`, `NotThere`."""
    return put_on_agenda(sight, meeting_id, case_id)
