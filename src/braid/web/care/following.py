"""What others did at a meeting, as it happens: who wrote, answered or decided what, and none of its words."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from braid.care.meetings import ITEM_MACHINE, RETURN_MACHINE
from braid.web.models import AgencyNote, AgendaItem, CareAction, Dissent, Meeting, MeetingReturn

MOST_SHOWN = 50


@dataclass(frozen=True)
class Change:
    """Something that somebody did, at a moment, in a case on the agenda."""

    at: dt.datetime
    what: str
    by: str
    item_id: UUID
    case_reference: str


def list_changes(meeting: Meeting) -> list[Change]:
    """Return what was done in the cases of a meeting in which the viewer takes part, the latest first.

    It names no person and tells no words, so that a page which looks again and again leaves no look at anybody.
    """
    items = AgendaItem.objects.filter(meeting=meeting).exclude(state="taken_off").select_related("case")
    by_id = {item.pk: item for item in items}
    found = [change for change in _changes(by_id) if change.at is not None]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST_SHOWN]


def _changes(items: dict[UUID, AgendaItem]) -> Iterator[Change]:
    for item in items.values():
        if item.decided_at is not None:
            yield _change(item, item.decided_at, f"Decision: {ITEM_MACHINE.states[item.state].name}", item.decided_by)
    for row in MeetingReturn.objects.filter(item__in=items, answered_at__isnull=False):
        stands = RETURN_MACHINE.states[row.state].name.lower()
        yield _change(items[row.item_id], row.answered_at, f"Return of {row.organisation}: {stands}", row.answered_by)
    for note in AgencyNote.objects.filter(item__in=items):
        yield _change(items[note.item_id], note.written_at, f"{note.organisation} wrote what it said", note.written_by)
    for one in Dissent.objects.filter(item__in=items):
        yield _change(items[one.item_id], one.recorded_at, f"{one.organisation} does not agree", one.recorded_by)
    for action in CareAction.objects.filter(item__in=items).select_related("team"):
        yield _change(items[action.item_id], action.made_at, f"Action for {action.team.name}", action.made_by)


def _change(item: AgendaItem, at: dt.datetime, what: str, by: str) -> Change:
    return Change(at, what, by, item.pk, item.case.reference)
