"""Minutes as kept: read by each seat, corrected until they are agreed, and sent by the chair to who takes part."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from braid.care import minutes
from braid.care.case_types import CaseType
from braid.care.cases import Member, Right
from braid.care.meetings import PRESENT, Reader, minutes_due_at
from braid.care.minutes import AgreedAction, Minuted, Said
from braid.care.model import Escalation, escalation_of
from braid.care.sides import abouts_of
from braid.language.dates import london_date
from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound import Draft, Text
from braid.web.access.sight import NotThere, Sight
from braid.web.care import cases
from braid.web.care.cases import CaseSeen, SubjectSeen
from braid.web.care.kept import acting_of, case_type_of, name_of_user, now_of_database, record_step
from braid.web.care.meetings import get_item, get_row
from braid.web.care.shares import check_law
from braid.web.models import (
    AgencyNote,
    AgendaItem,
    Attendance,
    CareAction,
    Dissent,
    Meeting,
    MinutesAmendment,
    OutboxMessage,
)
from braid.web.outbound.disclosures import Grounds
from braid.web.outbound.outbox import STATE_NAMES, queue_message
from braid.web.published import name_of_organisation
from braid.web.written_once import written_once

HELD_CLASSES = frozenset({Sensitivity.SPECIAL, Sensitivity.EXISTENCE})
"""What minutes hold, whatever is in them: that somebody has a joint case is told by the first line."""


@dataclass(frozen=True)
class ItemMinuted:
    """A case of the minutes as one who takes part in it reads it."""

    id: UUID
    case_id: UUID
    subjects: tuple[SubjectSeen, ...]
    minuted: Minuted
    may_amend: bool
    abouts: tuple[tuple[str, str], ...]
    """Whom a correction of the viewer's seat may be about: codes with words."""
    receivers: tuple[str, ...]
    """Organisations to which the chair sends the minutes of this case."""


@dataclass(frozen=True)
class SentSeen:
    """A copy that the chair sent: of which case, to whom, and how it stands. Of a refusal nothing that tells."""

    case_reference: str
    receiver: str
    state_name: str
    at: dt.datetime


@dataclass(frozen=True)
class MinutesSeen:
    """The minutes of a meeting as one who takes part in some of its cases reads them: those cases."""

    id: UUID
    reference: str
    case_type: CaseType
    starts_at: dt.datetime
    chair: str
    is_chair: bool
    state: str
    is_held: bool
    due_at: dt.datetime | None
    agreed_at: dt.datetime | None
    attendances: tuple[tuple[str, str, str], ...]
    """Seat, attendance, and why the meeting went on without it, as codes."""
    items: tuple[ItemMinuted, ...]
    sent: tuple[SentSeen, ...]
    version: int

    @property
    def receivers(self) -> tuple[str, ...]:
        """The organisations that get the minutes of any of the cases."""
        return tuple(sorted({one for item in self.items for one in item.receivers}))


def _chair_of(meeting: Meeting) -> str:
    """Return who chairs a meeting, by name and with the organisation that holds it."""
    return f"{name_of_user(meeting.chair)}, {name_of_organisation(meeting.organisation)}"


def get_minutes(sight: Sight, meeting_id: UUID) -> MinutesSeen:
    """Return the minutes as the viewer sees them, and record the look at their people. Raises `NotThere`."""
    meeting = get_row(meeting_id)
    is_held, is_chair = meeting.state in minutes.STATES, meeting.chair == sight.viewer.username
    kind = case_type_of(meeting.case_type)
    rows = _items(meeting) if is_held else []
    seen = {one.id: one for one in cases.see_cases(sight, [row.case for row in rows])}
    whole = _whole(rows, kind)
    return MinutesSeen(
        id=meeting.pk,
        reference=meeting.reference,
        case_type=kind,
        starts_at=meeting.starts_at,
        chair=_chair_of(meeting),
        is_chair=is_chair,
        state=meeting.state,
        is_held=is_held,
        due_at=minutes_due_at(meeting.ended_at, kind) if meeting.ended_at else None,
        agreed_at=meeting.agreed_at,
        attendances=_attendances(meeting) if is_held else (),
        items=tuple(_seen(row, seen[row.case_id], whole[row.pk], meeting) for row in rows if row.case_id in seen),
        sent=_sent(rows) if is_chair else (),
        version=meeting.version,
    )


def list_to_agree(sight: Sight) -> list[tuple[Meeting, dt.datetime, Escalation]]:
    """Return the meetings that the viewer chairs whose minutes are to be agreed, by when, and where that stands."""
    rows, now = _held_by(sight.viewer.username), sight.now
    due = [(row, minutes_due_at(row.ended_at, case_type_of(row.case_type))) for row in rows]
    return [(row, at, escalation_of(at, now)) for row, at in due]


@written_once
def _held_by(chair: str) -> QuerySet[Meeting]:
    return Meeting.objects.filter(chair=chair, state="held", ended_at__isnull=False).order_by("ended_at")


def _items(meeting: Meeting) -> list[AgendaItem]:
    rows = AgendaItem.objects.filter(meeting=meeting, state__in=("decided", "put_off"))
    return list(rows.select_related("case").order_by("position", "pk"))


def _attendances(meeting: Meeting) -> tuple[tuple[str, str, str], ...]:
    """Return each seat once, however many organisations fill it: they are written down together."""
    rows = Attendance.objects.filter(meeting=meeting).order_by("agency")
    return tuple(rows.values_list("agency", "attendance", "excused_because").distinct())


def _seen(row: AgendaItem, case: CaseSeen, whole: Minuted, meeting: Meeting) -> ItemMinuted:
    mine = case.mine
    return ItemMinuted(
        id=row.pk,
        case_id=row.case_id,
        subjects=case.subjects,
        minuted=minutes.seen_by(whole, Reader(mine.organisation, mine.agency, mine.sight), case.case_type),
        may_amend=meeting.state == "held" and mine.right is Right.EDIT,
        abouts=abouts_of(case.case_type, mine.agency),
        receivers=minutes.receivers_of(case.members, mine.organisation),
    )


def _whole(rows: Iterable[AgendaItem], kind: CaseType) -> dict[UUID, Minuted]:
    """Return what was said and decided on each case, as far as the policies let the viewer see it.

    As many statements for many cases as for one. An action's words are those that were agreed: pages cannot change
    them.
    """
    listed = list(rows)
    ids = [row.pk for row in listed]
    notes, amendments = (_said(model, ids) for model in (AgencyNote, MinutesAmendment))
    dissents: dict[UUID, list[Said]] = defaultdict(list)
    for one in Dissent.objects.filter(item__in=ids).order_by("recorded_at", "pk"):
        dissents[one.item_id].append(Said(one.organisation, "", one.words, one.recorded_by, one.recorded_at))
    actions: dict[UUID, list[AgreedAction]] = defaultdict(list)
    for do in CareAction.objects.filter(item__in=ids).select_related("team").order_by("due_on", "pk"):
        agreed = AgreedAction(do.words, do.team.name, do.team.organisation, do.due_on, do.strand)
        actions[do.item_id].append(agreed)
    return {
        row.pk: Minuted(
            row.case.reference,
            row.state == "put_off",
            kind.decisions[row.decision].words if row.decision in kind.decisions else row.decision,
            row.reason,
            row.decided_by,
            tuple(notes[row.pk]),
            tuple(dissents[row.pk]),
            tuple(amendments[row.pk]),
            tuple(actions[row.pk]),
            row.apart,
        )
        for row in listed
    }


def _said(model: type[AgencyNote] | type[MinutesAmendment], ids: list[UUID]) -> dict[UUID, list[Said]]:
    found: dict[UUID, list[Said]] = defaultdict(list)
    for row in model.objects.filter(item__in=ids).order_by("written_at", "pk"):
        found[row.item_id].append(
            Said(row.organisation, row.agency, row.words, row.written_by, row.written_at, row.about)
        )
    return found


def amend(sight: Sight, item_id: UUID, words: str, about: str) -> None:
    """Correct the minutes of a case for one's agency, with who and when, and whom it is about (a part, or everybody).

    Raises `NotPossible`, `NotThere`.
    """
    item = get_item(item_id)
    member = cases.noun_of(item.case).member(acting_of(sight).username)
    if member is None or member.organisation != sight.organisation:
        raise NotThere
    minutes.check_amendment(member, item.meeting.state, words)
    minutes.check_about(case_type_of(item.case.case_type), member.agency, about)
    MinutesAmendment.objects.append_one(
        MinutesAmendment(
            item=item,
            organisation=member.organisation,
            agency=member.agency,
            words=words.strip(),
            about=about,
            written_by=member.username,
            written_at=now_of_database(),
        )
    )
    record_step(sight, "minutes corrected", cases.people_of(item.case), "case", case=item.case.reference)


def send_minutes(sight: Sight, meeting_id: UUID, wanted: Iterable[str], grounds: Grounds) -> int:
    """Put the agreed minutes into the outbox, one copy for each case and organisation; return how many.

    `wanted` are organisations; none stands for all that take part. Each copy is a message of its own, which the guard
    decides on when it leaves: one that it holds back holds back no other. Raises `NotPossible`, `NotThere`, and
    `VaultKeyNotAvailable` where the words cannot be sealed.
    """
    meeting = get_row(meeting_id)
    minutes.check_send(sight.viewer.username, meeting.chair, meeting.state)
    kind, rows = case_type_of(meeting.case_type), _items(meeting)
    check_law(kind, grounds.gateway)
    whole, on_way, now = _whole(rows, kind), _on_way(rows), now_of_database()
    nouns = {row.pk: cases.noun_of(row.case) for row in rows}
    for noun in nouns.values():
        minutes.check_sender(noun, sight.viewer.username, kind)
    members = {item_id: noun.members for item_id, noun in nouns.items()}
    receivers = {row.pk: minutes.receivers_of(members[row.pk], sight.organisation) for row in rows}
    everybody = sorted({one for of_case in receivers.values() for one in of_case})
    chosen = sorted(set(wanted)) or everybody
    gone = {one for one in everybody if all((row, one) in on_way for row in receivers if one in receivers[row])}
    minutes.check_to_send(chosen, everybody, gone)
    count = 0
    for row in rows:
        for receiver in (one for one in receivers[row.pk] if one in chosen and (row.pk, one) not in on_way):
            _queue(sight, meeting, row, whole[row.pk], members[row.pk], receiver, grounds, now)
            count += 1
    return count


def _queue(
    sight: Sight,
    meeting: Meeting,
    row: AgendaItem,
    whole: Minuted,
    members: tuple[Member, ...],
    receiver: str,
    grounds: Grounds,
    now: dt.datetime,
) -> None:
    kind = case_type_of(row.case.case_type)
    copy = minutes.copy_for(whole, receiver, members, kind)
    people = cases.people_of(row.case)
    if copy is None or not people:
        raise NotPossible("The case is about nobody any more, or they take no part. Look at it again")
    seats = {seat.id: seat.name for seat in kind.agencies.values()}
    head = Text(
        "", f"Meeting {meeting.reference}. Chair: {_chair_of(meeting)}.\n\n{_there(meeting, kind)}", HELD_CLASSES
    )
    pieces = [Text(title, words, HELD_CLASSES) for title, words in minutes.pieces_of(copy, seats)]
    draft = Draft(
        sight.viewer.reference,
        "minutes",
        sight.viewer.username,
        frozenset(people),
        (head, *pieces),
        now,
        mark=minutes.mark_of(meeting.reference, receiver, london_date(now)),
    )
    queue_message(sight.viewer, draft, [("organisation", receiver)], grounds=grounds, item_id=row.pk)


def _there(meeting: Meeting, kind: CaseType) -> str:
    """Return who was there, by seat: of a meeting of several cases the same in each copy."""
    there = [
        kind.agencies[agency].name
        for agency, attendance, _ in _attendances(meeting)
        if attendance in PRESENT and agency in kind.agencies
    ]
    return f"There: {', '.join(there)}." if there else "Nobody is written down as there."


def _messages(rows: Iterable[AgendaItem]) -> Iterable[OutboxMessage]:
    ids = [row.pk for row in rows]
    return OutboxMessage.objects.filter(item_id__in=ids).prefetch_related("recipients").order_by("created_at", "pk")


def _on_way(rows: Iterable[AgendaItem]) -> set[tuple[UUID, str]]:
    """Return the cases and organisations of which a copy has left or waits; one that was refused may be sent again."""
    return {
        (message.item_id, one.party_id)
        for message in _messages(rows)
        if message.item_id and message.state in ("queued", "sent")
        for one in message.recipients.all()
    }


def _sent(rows: list[AgendaItem]) -> tuple[SentSeen, ...]:
    references: Mapping[UUID, str] = {row.pk: row.case.reference for row in rows}
    return tuple(
        SentSeen(references[message.item_id], one.party_id, STATE_NAMES[message.state], message.created_at)
        for message in _messages(rows)
        if message.item_id
        for one in message.recipients.all()
    )
