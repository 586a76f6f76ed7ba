"""The response to somebody who was harmed, as one plan over what stands elsewhere; and the side of who is accused.

Nothing is copied: actions and readiness items of the case, waits of the published run as `decide()` lets them be seen,
and the events from which clocks and windows are reckoned.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.care import response
from braid.care.cases import Sight as SightOfCase
from braid.care.corrections import CORRECTIONS
from braid.care.response import APART, DECISION, INCIDENT, STRANDS, Event
from braid.care.windows import ACTS, WindowSeen, windows_of
from braid.language.clock_model import Reckoning
from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.decisions import decisions_on
from braid.web.access.joint import find_names
from braid.web.access.projections import WaitSeen
from braid.web.access.sight import NotThere, Sight, visible_waits
from braid.web.access.words import wait_seen
from braid.web.care import actions, cases, readiness
from braid.web.care.actions import ActionSeen
from braid.web.care.cases import CaseSeen
from braid.web.care.kept import acting_of, change, now_of_database, record_step
from braid.web.care.meetings import LineSeen, lines_about
from braid.web.care.readiness import ItemSeen
from braid.web.models import CareAction, JointCase, ResponseEvent
from braid.web.outbound.standing import list_standing


@dataclass(frozen=True)
class EventWrong:
    """What stood there before it was corrected: it starts no clock any more."""

    name: str
    at: dt.datetime
    acts: tuple[str, ...]
    is_enhanced: bool | None
    ended_on: dt.date | None
    reason_name: str
    wrong_by: str
    wrong_at: dt.datetime


@dataclass(frozen=True)
class EventSeen:
    """Something that started a clock, with what the clock says now, and the windows that what happened opens."""

    id: UUID
    name: str
    kind: str
    at: dt.datetime
    acts: tuple[str, ...]
    is_enhanced: bool | None
    ended_on: dt.date | None
    reckoning: Reckoning | None
    windows: tuple[WindowSeen, ...]
    corrections: tuple[EventWrong, ...]
    noun: Event
    version: int


@dataclass(frozen=True)
class WaitOf:
    """A wait of somebody of the case, with whose it is."""

    name: str
    wait: WaitSeen


@dataclass(frozen=True)
class Next:
    """What comes next in a strand: until when, and whose move it is. No day where no law or agreement names one."""

    words: str
    whose: str
    due_on: dt.date | None


@dataclass(frozen=True)
class StrandSeen:
    """A strand of the response, in the order in which it is shown. `done` are the words of what is over."""

    code: str
    name: str
    events: tuple[EventSeen, ...]
    waits: tuple[WaitOf, ...]
    items: tuple[ItemSeen, ...]
    actions: tuple[ActionSeen, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all stands in it."""
        return not (self.events or self.waits or self.items or self.actions)

    @property
    def next(self) -> Next | None:
        """What is to be done first: what is due soonest; what has no day comes last."""
        found = list(_steps_of(self))
        return min(found, key=lambda one: (one.due_on or dt.date.max, one.words), default=None)

    @property
    def done(self) -> tuple[str, ...]:
        """Words of what is over."""
        over = [one.words for one in self.actions if one.state in ("done", "checked")]
        over += [one.words for one in self.items if one.is_settled]
        over += [one.name for one in self.events if one.ended_on]
        return (*over, *(one.wait.kind_name for one in self.waits if one.wait.stop_date))


def _steps_of(strand: StrandSeen) -> Iterable[Next]:
    for action in strand.actions:
        if action.state == "open":
            whose = f"{action.team_name}, {action.owner}" if action.owner else action.team_name
            yield Next(action.words, whose, action.due_on)
    for item in strand.items:
        if not item.is_settled:
            yield Next(item.words, item.agency_name, item.due_on)
    for event in strand.events:
        if event.reckoning is not None and event.ended_on is None:
            yield Next(event.name, "Police and prosecution", event.reckoning.due_date)
        for one in event.windows:
            if one.is_open:
                yield Next(one.window.name, "Sexual assault referral centre", london_date(one.until))
    for one in strand.waits:
        if one.wait.stop_date is None:
            yield Next(one.wait.kind_name, one.wait.organisation, one.wait.due_date)


@dataclass(frozen=True)
class ContactRule:
    """Whether a safe way to reach somebody is known. Of the way itself nothing: it is opened on its own page."""

    person_id: str
    name: str
    is_confirmed: bool


@dataclass(frozen=True)
class ResponseSeen:
    """The plan of one case for a seat that is shown anything of whoever was harmed."""

    case: CaseSeen
    contacts: tuple[ContactRule, ...]
    contact_item: ItemSeen | None
    strands: tuple[StrandSeen, ...]
    withdrawn: tuple[EventWrong, ...]
    """What was written down and did not happen here."""
    teams: Mapping[str, str]
    sees_incident: bool
    sees_apart: bool
    may_edit: bool


@dataclass(frozen=True)
class ApartSeen:
    """The side of who is apart: no name, id or page of whoever was harmed is in it."""

    case_id: UUID
    reference: str
    type_name: str
    names: tuple[str, ...]
    actions: tuple[ActionSeen, ...]
    lines: tuple[LineSeen, ...]
    teams: Mapping[str, str]
    may_edit: bool


def _get(sight: Sight, case_id: UUID) -> tuple[CaseSeen, JointCase]:
    seen, row = cases.get_case(sight, case_id), cases.get_row(case_id)
    if row.purpose != VICTIM_RESPONSE or seen.mine.sight is not SightOfCase.WHOLE:
        raise NotThere
    return seen, row


def get_case_of_harmed(sight: Sight, case_id: UUID) -> tuple[CaseSeen, JointCase]:
    """Return a case whose response the viewer's seat is shown. Raises `NotThere` for every other."""
    seen, row = _get(sight, case_id)
    if not response.sees_response(seen.case_type, seen.mine.agency):
        raise NotThere
    return seen, row


def get_response(sight: Sight, case_id: UUID) -> ResponseSeen:
    """Return the response as the viewer sees it, and record the look. Raises `NotThere`."""
    seen, row = get_case_of_harmed(sight, case_id)
    names = find_names(sight, cases.people_of(row))
    items = readiness.see_readiness(seen, row).items
    events, withdrawn = _events(sight, row)
    by_strand = _gather(sight, row, names, items, events)
    return ResponseSeen(
        case=seen,
        contacts=_contacts(sight, names),
        contact_item=next((one for one in items if one.code == "safe_contact"), None),
        strands=by_strand,
        withdrawn=withdrawn,
        teams=actions.teams_at_table(row),
        sees_incident=response.sees_incident(seen.case_type, seen.mine.agency),
        sees_apart=response.sees_apart(seen.case_type, seen.mine.agency),
        may_edit=may_edit(seen),
    )


def may_edit(seen: CaseSeen) -> bool:
    """Whether the viewer may work on an open case."""
    return seen.state == "open" and seen.mine.right == "edit"


def _contacts(sight: Sight, names: Mapping[str, str]) -> tuple[ContactRule, ...]:
    confirmed = {one.person_id for one in list_standing(sight.now) if one.kind == "contact" and one.is_confirmed}
    return tuple(ContactRule(person_id, name, person_id in confirmed) for person_id, name in names.items())


def _gather(
    sight: Sight,
    row: JointCase,
    names: Mapping[str, str],
    items: Iterable[ItemSeen],
    events: Mapping[str, list[EventSeen]],
) -> tuple[StrandSeen, ...]:
    waits = _waits(sight, names)
    of_items, of_actions = defaultdict(list), defaultdict(list)
    for item in items:
        of_items[response.strand_of_seat(item.agency)].append(item)
    for strand, action in _actions(sight, row):
        of_actions[strand].append(action)
    found = (
        StrandSeen(
            code,
            one.name,
            tuple(events.get(code, ())),
            tuple(waits[code]),
            tuple(of_items[code]),
            tuple(of_actions[code]),
        )
        for code, one in STRANDS.items()
    )
    return tuple(strand for strand in found if strand.code != "other" or not strand.is_empty)


def _actions(sight: Sight, row: JointCase) -> list[tuple[str, ActionSeen]]:
    """Return the actions that are not of the side apart, each with its strand."""
    kept = CareAction.objects.filter(case=row).exclude(strand=APART).select_related("team")
    rows = list(actions.with_names(kept).order_by("ended_at", "due_on", "pk"))
    strands = [response.strand_of_action(one.strand, one.team.services) for one in rows]
    return list(zip(strands, actions.see(sight, rows), strict=True))


def _waits(sight: Sight, names: Mapping[str, str]) -> dict[str, list[WaitOf]]:
    found: dict[str, list[WaitOf]] = defaultdict(list)
    if not names:
        return found
    rows = visible_waits(sight).filter(person__in=names).order_by("stop_date", "start_date", "wait_id")
    for wait in decisions_on(sight, sorted(names)).permitted_waits(rows):
        strand = response.strand_of_wait(wait.kind, wait.backlog)
        if strand:
            found[strand].append(WaitOf(names[wait.person_id], wait_seen(wait)))
    return found


def _noun(row: ResponseEvent) -> Event:
    return Event(row.kind, row.at, frozenset(row.acts), row.is_enhanced, row.ended_on)


def _events(sight: Sight, row: JointCase) -> tuple[dict[str, list[EventSeen]], tuple[EventWrong, ...]]:
    """Return what holds, by strand, each with what stood there before; and what did not happen here at all."""
    now, found = sight.now, defaultdict(list)
    rows = list(ResponseEvent.objects.filter(case=row).order_by("at", "pk"))
    before = {one.instead_of: one for one in rows if one.instead_of}
    wrong: dict[UUID, list[EventWrong]] = defaultdict(list)
    for one in sorted((one for one in rows if one.wrong_at), key=lambda one: one.wrong_at):
        wrong[_last_of(one, before)].append(_wrong_seen(one))
    for one in rows:
        if one.wrong_at is not None:
            continue
        noun = _noun(one)
        seen = EventSeen(
            id=one.pk,
            name=response.EVENTS[one.kind],
            kind=one.kind,
            at=one.at,
            acts=_acts_seen(noun),
            is_enhanced=one.is_enhanced,
            ended_on=one.ended_on,
            reckoning=response.reckon_event(noun, london_date(now)),
            windows=windows_of(noun.acts, one.at, now) if one.kind == INCIDENT else (),
            corrections=tuple(wrong.pop(one.pk, ())),
            noun=noun,
            version=one.version,
        )
        found[response.STRAND_OF_EVENT[one.kind]].append(seen)
        if one.kind == DECISION:
            found["court"].append(seen)
    return found, tuple(one for listed in wrong.values() for one in listed)


def _last_of(row: ResponseEvent, before: Mapping[UUID, ResponseEvent]) -> UUID:
    """Return the id of what came in place of a row in the end; its own where nothing did."""
    while row.pk in before:
        row = before[row.pk]
    return row.pk


def _acts_seen(event: Event) -> tuple[str, ...]:
    return tuple(ACTS[act] for act in ACTS if act in event.acts)


def _wrong_seen(row: ResponseEvent) -> EventWrong:
    reason = CORRECTIONS.get(row.wrong_because, "")
    name, acts = response.EVENTS[row.kind], _acts_seen(_noun(row))
    return EventWrong(name, row.at, acts, row.is_enhanced, row.ended_on, reason, row.wrong_by, row.wrong_at)


def add_event(sight: Sight, case_id: UUID, event: Event) -> None:
    """Write down what starts a clock, by a seat that is shown as much. Raises `NotPossible`, `NotThere`."""
    seen, row = get_case_of_harmed(sight, case_id)
    cases.cases.check_edits(acting_of(sight), cases.noun_of(row))
    response.check_event(event, now_of_database())
    if event.kind == INCIDENT and not response.sees_incident(seen.case_type, seen.mine.agency):
        raise NotPossible("What happened is written down by a seat that is shown it. Ask the advocate")
    ResponseEvent.objects.append_one(
        ResponseEvent(
            case=row,
            kind=event.kind,
            at=event.at,
            acts=sorted(event.acts),
            is_enhanced=event.is_enhanced,
            entered_by=sight.viewer.username,
        )
    )
    record_step(sight, "response: clock begun", cases.people_of(row), "case", case=row.reference, event=event.kind)


def end_event(sight: Sight, case_id: UUID, event_id: UUID, seen: int, day: dt.date | None) -> None:
    """Write down on which day what a clock asks for was done. Raises `NotPossible`, `NotThere`."""
    _, row = get_case_of_harmed(sight, case_id)
    cases.cases.check_edits(acting_of(sight), cases.noun_of(row))
    kept = ResponseEvent.objects.filter(case=row, pk=event_id, wrong_at__isnull=True).first()
    if kept is None:
        raise NotPossible("There is no such clock. Look at the page again")
    ended_on = response.check_ended(_noun(kept), day, now_of_database())
    change(kept, seen, ended_on=ended_on)
    record_step(sight, "response: clock ended", cases.people_of(row), "case", case=row.reference, event=kept.kind)


def correct_event(sight: Sight, case_id: UUID, event_id: UUID, seen: int, right: Event | None, reason: str) -> None:
    """Correct something that started a clock: the row that was wrong ends and stays, another takes its place.

    Without `right` it did not happen here. Raises `NotPossible`, `NotThere`.
    """
    _, row = get_case_of_harmed(sight, case_id)
    cases.cases.check_edits(acting_of(sight), cases.noun_of(row))
    kept = ResponseEvent.objects.filter(case=row, pk=event_id, wrong_at__isnull=True).first()
    if kept is None:
        raise NotPossible("There is no such clock. Look at the page again")
    now = now_of_database()
    response.check_correction(_noun(kept), right, reason, now)
    change(kept, seen, wrong_at=now, wrong_by=sight.viewer.username, wrong_because=reason)
    if right is not None:
        made = ResponseEvent(
            case=row,
            kind=right.kind,
            at=right.at,
            acts=sorted(right.acts),
            is_enhanced=right.is_enhanced,
            entered_by=sight.viewer.username,
            instead_of=kept.pk,
        )
        ResponseEvent.objects.append_one(made)
        if right.ended_on is not None:
            change(made, made.version, ended_on=right.ended_on)
    people, details = cases.people_of(row), {"event": kept.kind, "reason": reason}
    record_step(sight, "response: corrected", people, "case", case=row.reference, **details)


def make_action(sight: Sight, case_id: UUID, strand: str, words: str, team_id: str, due_on: dt.date) -> None:
    """Make an action of a strand. Raises `NotPossible`, `NotThere`."""
    _, row = get_case_of_harmed(sight, case_id)
    if strand not in STRANDS:
        raise NotPossible("Choose a strand from the list")
    actions.make_action(sight, row, words, team_id, due_on, strand=strand)


def get_case_of_apart(sight: Sight, case_id: UUID) -> tuple[CaseSeen, JointCase]:
    """Return a case whose side apart the viewer's seat is shown. Raises `NotThere` for every other."""
    seen, row = _get(sight, case_id)
    if not response.sees_apart(seen.case_type, seen.mine.agency):
        raise NotThere
    return seen, row


def get_apart(sight: Sight, case_id: UUID) -> ApartSeen:
    """Return the side of who is apart, for a seat that is shown anything of them. Raises `NotThere`."""
    seen, row = get_case_of_apart(sight, case_id)
    rows = actions.with_names(CareAction.objects.filter(case=row, strand=APART))
    apart = [part.id for part in seen.case_type.parts.values() if part.apart]
    return ApartSeen(
        case_id=row.pk,
        reference=row.reference,
        type_name=seen.case_type.name,
        names=tuple(one.name for one in seen.subjects if one.apart),
        actions=tuple(actions.see(sight, rows.order_by("ended_at", "due_on", "pk"))),
        lines=lines_about(row, seen.mine, seen.case_type, apart),
        teams=actions.teams_at_table(row),
        may_edit=may_edit(seen),
    )


def take_step_apart(sight: Sight, case_id: UUID, action_id: UUID, seen: int, step: str, code: str) -> None:
    """Take a step of an action of the side apart. Raises `NotPossible`, `NotThere`."""
    _, row = get_case_of_apart(sight, case_id)
    if not CareAction.objects.filter(case=row, strand=APART, pk=action_id).exists():
        raise NotPossible("There is no such action. Look at the page again")
    actions.take_step(sight, action_id, seen, step, code)


def make_action_apart(sight: Sight, case_id: UUID, words: str, team_id: str, due_on: dt.date) -> None:
    """Make an action of the side apart. Raises `NotPossible`, `NotThere`."""
    _, row = get_case_of_apart(sight, case_id)
    actions.make_action(sight, row, words, team_id, due_on, strand=APART)
