"""Returns asked of a seat that joins a case once the others were asked."""

from braid.care import meetings
from braid.care.cases import Member
from braid.web.access.sight import Sight
from braid.web.care.kept import case_type_of, now_of_database, record_step
from braid.web.models import AgendaItem, JointCase, MeetingReturn


def ask_newcomer(sight: Sight, row: JointCase, member: Member) -> None:
    """Ask the seat of somebody who has just joined for its return at each meeting that gathers or discusses the case.

    A seat that was asked already is not asked twice.
    """
    items = AgendaItem.objects.filter(case=row, state="listed", meeting__state__in=("gathering", "in_session"))
    mine = {"organisation": member.organisation, "agency": member.agency}
    asked = set(MeetingReturn.objects.filter(item__in=items, **mine).values_list("item_id", flat=True))
    new = [item for item in items.select_related("meeting") if item.pk not in asked]
    if not new or member.agency not in case_type_of(row.case_type).agencies:
        return
    now = now_of_database()
    MeetingReturn.objects.append(
        MeetingReturn(
            item=item,
            due_at=meetings.late_return_due_at(item.meeting.starts_at, case_type_of(item.meeting.case_type), now),
            **mine,
        )
        for item in new
    )
    for item in new:
        record_step(sight, "return asked", [], meeting=item.meeting.reference, case=row.reference)
