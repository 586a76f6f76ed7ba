"""Moves and their notices as a member who sees the whole case sees them, and those due for a work list."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from braid.care import moves
from braid.care.corrections import CORRECTIONS
from braid.care.model import Escalation
from braid.care.moves import AGREEMENT_MACHINE, MACHINE, NOTICE_MACHINE, NOTICES, Move
from braid.care.notice_drafts import DraftFacts, Paragraph, draft_notice
from braid.language.clock_model import Reckoning
from braid.language.dates import london_date
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.access.joint import find_located, find_names
from braid.web.access.projections import NOT_KNOWN
from braid.web.access.sight import Sight
from braid.web.care import cases
from braid.web.care.cases import CaseSeen
from braid.web.care.moves import get_case_of_moves, move_noun, notice_noun
from braid.web.care.notices import applicant_of, children_of, receivers_by_body
from braid.web.models import District, MoveCorrection, MoveNotice, Mover, OutboxMessage, PlannedMove
from braid.web.outbound.outbox import STATE_NAMES
from braid.web.published import names_of_organisations
from braid.web.written_once import written_once

NOT_SAID = "Not said"
"""Where a district may be shown, and nobody entered one."""


@dataclass(frozen=True)
class MoverSeen:
    """Somebody who moves, as the viewer sees them."""

    person_id: str
    name: str
    school_name: str
    exam_year: bool
    is_applicant: bool


@dataclass(frozen=True)
class CorrectionSeen:
    """What stood before it was corrected."""

    words: str
    was: dt.date
    reason_name: str
    corrected_by: str
    corrected_at: dt.datetime


@dataclass(frozen=True)
class NoticeSeen:
    """A notice with its clock and its draft. `would_be` is the day by a rule that is not in force: it binds nothing."""

    id: UUID
    kind: str
    name: str
    body: str
    body_name: str
    child_name: str
    state: str
    state_name: str
    reason_name: str
    sent_on: dt.date | None
    missing: tuple[str, ...]
    began_on: dt.date | None
    reckoning: Reckoning | None
    silence: Escalation | None
    draft: tuple[Paragraph, ...]
    message_state: str
    steps: tuple[tuple[str, str], ...]
    may_correct: bool
    version: int


@dataclass(frozen=True)
class MoveSeen:
    """A move as a member who sees the whole case sees it. `is_held`: the district of not everybody may be
    shown, so that a notice goes to the information governance lead and not out."""

    id: UUID
    state: str
    state_name: str
    planned_on: dt.date
    available_on: dt.date | None
    leaves_district: bool
    from_words: str
    to_words: str
    application: str
    movers: tuple[MoverSeen, ...]
    agreement: str
    agreement_name: str
    asked_of: str
    agreed_on: dt.date | None
    details_on: dt.date | None
    agreement_steps: tuple[tuple[str, str], ...]
    facts: Mapping[str, str]
    """Facts that are written down and may be corrected, by code."""
    corrections: tuple[CorrectionSeen, ...]
    notices: tuple[NoticeSeen, ...]
    advice: tuple[str, ...]
    is_held: bool
    version: int

    @property
    def children(self) -> dict[str, str]:
        """The names of the children who move, by id."""
        return {one.person_id: one.name for one in self.movers if one.school_name}


@dataclass(frozen=True)
class MovesSeen:
    """The moves of a case, newest first, and what the form of another one offers.

    `people` are the names of whom the case is about by id; `districts` names by code, none where they may not be
    written down of everybody; `receivers` who may receive a notice, by body, each with the laws that agreements name.
    """

    case: CaseSeen
    moves: tuple[MoveSeen, ...]
    may_edit: bool
    people: Mapping[str, str]
    districts: Mapping[str, str]
    receivers: Mapping[str, Mapping[str, Collection[str]]]
    names: Mapping[str, str]
    """What organisations are called, by id."""


def get_moves(sight: Sight, case_id: UUID) -> MovesSeen:
    """Return the moves of a case, with as many statements for many as for one. Raises `NotThere`."""
    seen, case = get_case_of_moves(sight, case_id)
    rows = list(PlannedMove.objects.filter(case=case).order_by("-made_at", "pk"))
    movers, notices = defaultdict(list), defaultdict(list)
    for one in Mover.objects.filter(move__in=rows).order_by("pk"):
        movers[one.move_id].append(one)
    for notice in MoveNotice.objects.filter(move__in=rows).select_related("mover").order_by("kind", "mover", "body"):
        notices[notice.move_id].append(notice)
    corrections = defaultdict(list)
    for one in MoveCorrection.objects.filter(move__in=rows).select_related("notice").order_by("corrected_at", "pk"):
        corrections[one.move_id].append(_correction_seen(one))
    subjects = cases.people_of(case)
    people = {one.person_id for listed in movers.values() for one in listed} | set(subjects)
    about = _About(sight, people, [one.message_id for listed in notices.values() for one in listed])
    may_edit = seen.state == "open" and seen.mine.right == "edit"
    bodies = {one.body for listed in notices.values() for one in listed} if may_edit else set()
    return MovesSeen(
        case=seen,
        moves=tuple(
            about.move_seen(row, movers[row.pk], notices[row.pk], corrections[row.pk], may_edit) for row in rows
        ),
        may_edit=may_edit,
        people={person_id: about.name_of(person_id) for person_id in subjects},
        districts=about.districts_of(subjects),
        receivers=receivers_by_body(sight, bodies),
        names=about.names_of_organisations,
    )


def _correction_seen(row: MoveCorrection) -> CorrectionSeen:
    body = NOTICES[row.notice.kind].bodies.get(row.notice.body, row.notice.body) if row.notice else ""
    words = f"Sent to: {body}" if row.notice else moves.FACTS[row.fact]
    reasons = moves.SENT_WRONGLY if row.notice else CORRECTIONS
    return CorrectionSeen(words, row.was, reasons.get(row.reason, ""), row.corrected_by, row.corrected_at)


class _About:
    """What the moves of a case are shown with: names, districts as far as they may be shown, and the outbox."""

    def __init__(self, sight: Sight, people: Collection[str], messages: Iterable[UUID | None]) -> None:
        self._sight, self._now = sight, sight.now
        self._names = find_names(sight, people)
        self.names_of_organisations = names_of_organisations()
        self._sender = self.names_of_organisations.get(sight.organisation, sight.organisation)
        self._located = find_located(sight, people)
        self._districts = dict(District.objects.order_by("name").values_list("code", "name"))
        wanted = [one for one in messages if one]
        rows = OutboxMessage.objects.filter(pk__in=wanted).values_list("pk", "state") if wanted else ()
        self._messages = {number: STATE_NAMES[state] for number, state in rows}

    def name_of(self, person_id: str) -> str:
        """Return who somebody is, as far as it is shown."""
        return self._names.get(person_id, "Not shown")

    def districts_of(self, people: Collection[str]) -> dict[str, str]:
        """Return the districts to choose from for a move of these people."""
        return self._districts if people and set(people) <= self._located else {}

    def move_seen(
        self,
        row: PlannedMove,
        movers: list[Mover],
        notices: Iterable[MoveNotice],
        corrections: Iterable[CorrectionSeen],
        may_edit: bool,
    ) -> MoveSeen:
        """Return a move as it is shown."""
        noun, people = move_noun(row, movers), [one.person_id for one in movers]
        is_held = not set(people) <= self._located
        steps = AGREEMENT_MACHINE.steps_from(row.agreement) if may_edit and row.state != "called_off" else ()
        return MoveSeen(
            id=row.pk,
            state=row.state,
            state_name=MACHINE.states[row.state].name,
            planned_on=row.planned_on,
            available_on=row.available_on,
            leaves_district=row.leaves_district,
            from_words=self._where(row.from_district, is_held),
            to_words=self._where(row.to_district, is_held),
            application=row.application,
            movers=tuple(
                MoverSeen(
                    one.person_id,
                    self.name_of(one.person_id),
                    moves.SCHOOLS.get(one.school, ""),
                    one.exam_year,
                    one.is_applicant,
                )
                for one in movers
            ),
            agreement=row.agreement,
            agreement_name=AGREEMENT_MACHINE.states[row.agreement].name,
            asked_of=moves.ASKED_OF[noun.asked_of],
            agreed_on=row.agreed_on,
            details_on=row.details_on,
            agreement_steps=tuple((code, AGREEMENT_MACHINE.steps[code].name) for code in steps),
            facts={code: name for code, name in moves.FACTS.items() if may_edit and getattr(row, code) is not None},
            corrections=tuple(corrections),
            notices=tuple(self._notice_seen(one, noun, row, movers, may_edit) for one in notices),
            advice=moves.advice_on(noun),
            is_held=is_held,
            version=row.version,
        )

    def _where(self, code: str, is_held: bool) -> str:
        return NOT_KNOWN if is_held else self._districts.get(code, NOT_SAID)

    def _notice_seen(
        self, row: MoveNotice, noun: Move, move: PlannedMove, movers: list[Mover], may_edit: bool
    ) -> NoticeSeen:
        notice, kind, today = notice_noun(row), NOTICES[row.kind], london_date(self._now)
        found = moves.reckon_notice(notice, noun, today)
        facts = DraftFacts(
            self._sender,
            applicant=applicant_of(movers, self._names),
            child=children_of(row, movers, self._names),
            is_in_force=moves.is_in_force(row.kind, today),
            reference=move.application,
        )
        steps = NOTICE_MACHINE.steps_from(row.state) if may_edit else ()
        return NoticeSeen(
            id=row.pk,
            kind=row.kind,
            name=moves.name_on(row.kind, today),
            body=row.body,
            body_name=kind.bodies.get(row.body, row.body),
            child_name=self.name_of(notice.child) if notice.child else "",
            state=row.state,
            state_name=NOTICE_MACHINE.states[row.state].name,
            reason_name=moves.NOT_SENT.get(row.reason, ""),
            sent_on=row.sent_on,
            missing=moves.what_is_missing(row.kind, noun),
            began_on=found[0] if found else None,
            reckoning=found[1] if found else None,
            silence=moves.silence_on(notice, noun, self._now),
            draft=draft_notice(row.kind, row.body, noun, facts),
            message_state=self._messages.get(row.message_id, ""),
            steps=tuple((code, NOTICE_MACHINE.steps[code].name) for code in steps),
            may_correct=may_edit and row.state == "sent",
            version=row.version,
        )


@dataclass(frozen=True)
class NoticeDue:
    """A notice that has not left, of a case of the viewer's, for their work list."""

    case_id: UUID
    case_reference: str
    name: str
    body_name: str
    due_on: dt.date
    silence: Escalation


def list_to_confirm(sight: Sight) -> list[tuple[UUID, str, dt.date]]:
    """Return the planned moves whose day has come, of open cases of the viewer's: case, its reference, and the day.

    Was the accommodation made available, or is the move called off? The clocks of the notices begin with the answer.
    """
    if sight.viewer.purpose != SCHOOL_FROM_TA:
        return []
    return _moves_by(london_date(sight.now))


@written_once
def _moves_by(today: dt.date) -> QuerySet[PlannedMove, Any]:
    rows = PlannedMove.objects.filter(state="planned", planned_on__lte=today, case__state="open")
    return rows.order_by("planned_on", "pk").values_list("case_id", "case__reference", "planned_on")


@written_once
def _notices_that_wait() -> QuerySet[MoveNotice]:
    rows = MoveNotice.objects.filter(state__in=sorted(moves.WAITING), move__case__state="open")
    return rows.select_related("move", "move__case", "mover")


def list_due(sight: Sight) -> list[NoticeDue]:
    """Return the notices whose clock runs, of open cases that the viewer works on, those due first."""
    if sight.viewer.purpose != SCHOOL_FROM_TA:
        return []
    rows, now, found = _notices_that_wait(), sight.now, []
    for row in rows:
        # Who moves bears on which notices there are, and not on when they are due.
        notice, noun = notice_noun(row), move_noun(row.move, ())
        silence, reckoned = moves.silence_on(notice, noun, now), moves.reckon_notice(notice, noun, london_date(now))
        if silence is None or reckoned is None or reckoned[1].due_date is None:
            continue
        kind = NOTICES[row.kind]
        found.append(
            NoticeDue(
                row.move.case_id,
                row.move.case.reference,
                moves.name_on(row.kind, london_date(now)),
                kind.bodies.get(row.body, row.body),
                reckoned[1].due_date,
                silence,
            )
        )
    return sorted(found, key=lambda one: (one.due_on, one.case_reference, one.body_name))
