"""What others did at a meeting, as it happens: who wrote, answered or decided what, and none of its words."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from braid.care.meetings import ITEM_MACHINE, RETURN_MACHINE
from braid.web.models import AgencyNote, AgendaItem, CareAction, Dissent, Meeting, MeetingReturn
from braid.web.written_once import written_once

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
    by_id = {item.pk: item for item in _items(meeting.pk)}
    found = [change for change in _changes(by_id) if change.at is not None]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST_SHOWN]


def _changes(items: dict[UUID, AgendaItem]) -> Iterator[Change]:
    for item in items.values():
        if item.decided_at is not None:
            yield _change(item, item.decided_at, f"Decision: {ITEM_MACHINE.states[item.state].name}", item.decided_by)
    listed = list(items)
    for row in _answered(listed):
        stands = RETURN_MACHINE.states[row.state].name.lower()
        yield _change(items[row.item_id], row.answered_at, f"Return of {row.organisation}: {stands}", row.answered_by)
    for note in _notes(listed):
        yield _change(items[note.item_id], note.written_at, f"{note.organisation} wrote what it said", note.written_by)
    for one in _dissents(listed):
        yield _change(items[one.item_id], one.recorded_at, f"{one.organisation} does not agree", one.recorded_by)
    for action in _actions(listed):
        yield _change(items[action.item_id], action.made_at, f"Action for {action.team.name}", action.made_by)


@written_once
def _items(meeting_id: UUID) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.filter(meeting_id=meeting_id).exclude(state="taken_off").select_related("case")


@written_once
def _answered(item_ids: list[UUID]) -> QuerySet[MeetingReturn]:
    return MeetingReturn.objects.filter(item_id__among=item_ids, answered_at__isnull=False)


@written_once
def _notes(item_ids: list[UUID]) -> QuerySet[AgencyNote]:
    return AgencyNote.objects.filter(item_id__among=item_ids)


@written_once
def _dissents(item_ids: list[UUID]) -> QuerySet[Dissent]:
    return Dissent.objects.filter(item_id__among=item_ids)


@written_once
def _actions(item_ids: list[UUID]) -> QuerySet[CareAction]:
    return CareAction.objects.filter(item_id__among=item_ids).select_related("team")


def _change(item: AgendaItem, at: dt.datetime, what: str, by: str) -> Change:
    return Change(at, what, by, item.pk, item.case.reference)
