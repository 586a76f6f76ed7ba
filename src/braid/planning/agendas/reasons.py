"""Why an item is late, at no meeting or moved: who was away, and how often a slot was taken, meeting by meeting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from braid.planning.agendas.checker import Place, View
from braid.planning.agendas.model import AgendasPlan, AgendasProblem, Item, Meeting
from braid.planning.contract import Binding, Reason

Cause = tuple[str, str, str]


def reasons_of(problem: AgendasProblem, plan: AgendasPlan) -> tuple[Reason, ...]:
    """Return why each item that is late, at no meeting or moved has nothing better, in the order of the problem."""
    view = View(problem, plan)
    found = []
    for item in problem.items:
        place = view.places.get(item.id)
        if item.agreed_meeting is not None and (place is None or place.meeting.id != item.agreed_meeting):
            found.append(_reason(view, item, "moved", [view.meetings[item.agreed_meeting]]))
        if place is None:
            found.append(_reason(view, item, "unscheduled", problem.meetings))
        elif place.meeting.date > item.deadline_date:
            in_time = [meeting for meeting in problem.meetings if meeting.date <= item.deadline_date]
            found.append(_reason(view, item, "late", in_time))
    return tuple(found)


def _reason(view: View, item: Item, about: str, meetings: Sequence[Meeting]) -> Reason:
    causes: Counter[Cause] = Counter()
    for meeting in meetings:
        if meeting.date < item.ready_date:
            causes["not_ready", "", meeting.id] += 1
            continue
        if _is_held_elsewhere(view, item, meeting):
            causes["held_elsewhere", "", meeting.id] += 1
            continue
        length = view.problem.slots_of(item)
        if length > meeting.slots:
            causes["too_long", "", meeting.id] += 1
        for first in range(meeting.slots - length + 1):
            causes[_cause(view, Place(item, meeting, first, length))] += 1
    told = sorted(causes.items(), key=lambda each: (-each[1], each[0]))
    return Reason(item.id, about, tuple(Binding(rule, who, when, count) for (rule, who, when), count in told))


def _is_held_elsewhere(view: View, item: Item, meeting: Meeting) -> bool:
    return any(held.item == item.id and held.meeting != meeting.id for held in view.problem.held)


def _cause(view: View, place: Place) -> Cause:
    slot = view.problem.slot_minutes
    for held in view.problem.held:
        if held.item == place.item.id and place.first * slot < held.from_minute:
            return "held_from", "", place.meeting.id
    for away in view.problem.away:
        is_needed = away.meeting == place.meeting.id and away.person in place.item.people
        if is_needed and place.first * slot < away.until_minute and away.from_minute < place.end * slot:
            return "person_away", away.person, place.meeting.id
    for other in view.places.values():
        is_other = other.item.id != place.item.id and other.meeting.id == place.meeting.id
        if is_other and place.first < other.end and other.first < place.end:
            return "slot_taken", "", place.meeting.id
    return "worth_less", "", place.meeting.id
