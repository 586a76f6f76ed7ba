"""The page of one hearing of a court list: where it is and could be, what it waits for, and what was decided."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from braid.language.documents import parse
from braid.planning.listing.model import SESSIONS_A_WEEK, Case, Hearing, Place, Problem, listed_from
from braid.planning.listing.reasons import why_not_earlier
from braid.problems.plans.answers import ACCEPTED
from braid.problems.plans.court_lists import HearingSheet, without_unseen_people
from braid.problems.plans.listing_answers import MOVE_REASONS, VETO_REASONS
from braid.web.access.joint import find_names, find_with_page
from braid.web.access.sight import Sight
from braid.web.care.kept import name_of_user
from braid.web.models import Proposal, ProposalAnswer
from braid.web.proposals.court import Court, get_court_list
from braid.web.proposals.listing_board import marks_of
from braid.web.proposals.listing_words import (
    PARTS,
    binding_lines,
    change_lines,
    decided_words,
    length_words,
    place_words,
    role_words,
    session_words,
    type_words,
)
from braid.web.proposals.sealing import open_sheet
from braid.web.vault.keys import get_key_ring


@dataclass(frozen=True)
class Decision:
    """What was answered, by whom and when, what the next list takes of it, and what became of this one."""

    id: UUID
    is_accepted: bool
    given: str
    reason: str
    words: str
    by: str
    at: dt.datetime
    lines: tuple[str, ...]
    is_current: bool
    """Whether it was given on the list that is shown; an earlier one has been taken as given by it."""


@dataclass(frozen=True)
class HearingSeen:
    """The page of one hearing."""

    row: Proposal
    hearing: Hearing
    case: Case
    reference: str
    kind: str
    length: str
    marks: tuple[str, ...]
    today: str
    planned: str
    """Where the plan put it; empty where it still is there."""
    now: str
    place: Place | None
    people: tuple[tuple[str, str, bool, bool], ...]
    """Id, name, whether a child of the case, whether their page may be opened; of who has no name here none."""
    ready: str
    spread: str
    listed_from: str
    late_from: str
    attending: tuple[tuple[str, str], ...]
    """Role and part of each who must attend."""
    not_earlier: tuple[str, ...]
    decisions: tuple[Decision, ...]
    is_accepted: bool
    is_locked: bool
    is_held: bool
    version: int


def get_hearing(sight: Sight, proposal_id: UUID) -> tuple[Court, HearingSeen]:
    """Return the page of one hearing. Raises `NotPermitted`, `NotThere`, `VaultKeyNotAvailable`, `VaultSealBroken`."""
    court = get_court_list(sight, proposal_id)
    planned = court.hearing_of(proposal_id)
    row = court.rows[planned.id]
    hearing = court.decided[planned.id]
    place = court.standing.places.get(hearing.id)
    was = next((each.place for each in court.planned.placed if each.hearing == hearing.id), None)
    decisions = _decisions(court, row)
    quantile = court.types[hearing.type].list_at_quantile
    from_session = court.sittings.name(max(0, listed_from(court.sittings, hearing, quantile)))
    reasons = why_not_earlier(_as_seen(court), court.standing.places, hearing.id)
    return court, HearingSeen(
        row=row,
        hearing=hearing,
        case=court.cases[hearing.case],
        reference=court.planned.references[hearing.id],
        kind=type_words(hearing.type),
        length=length_words(hearing.length_sessions),
        marks=marks_of(court, planned),
        today=place_words(court.sittings, hearing, planned.present),
        planned="" if was == place else place_words(court.sittings, hearing, was),
        now=place_words(court.sittings, hearing, place),
        place=place,
        people=_people(sight, proposal_id),
        ready=session_words(hearing.ready),
        spread=_spread_words(hearing.ready_spread_sessions),
        listed_from=session_words(from_session),
        late_from=session_words(court.cases[hearing.case].late_from),
        attending=tuple((role_words(court.roles[each.person]), PARTS[each.part]) for each in hearing.attendance),
        not_earlier=tuple(binding_lines(reasons.bindings, court.roles, court.planned.references, court.rows)),
        decisions=decisions,
        is_accepted=any(one.is_accepted for one in decisions),
        is_locked=hearing.hold == "locked",
        is_held=hearing.hold != "free",
        version=court.version,
    )


def _as_seen(court: Court) -> Problem:
    """Return the list's problem without who attends what the viewer may not see: a reason would name them."""
    return without_unseen_people(court.standing.problem, court.rows)


def _people(sight: Sight, proposal_id: UUID) -> tuple[tuple[str, str, bool, bool], ...]:
    row = Proposal.objects.get(pk=proposal_id)
    parties = parse(open_sheet(get_key_ring(), row), HearingSheet, "sheet").parties
    names, pages = find_names(sight, parties.everybody), find_with_page(sight, parties.everybody)
    return tuple((one, names[one], one in parties.children, one in pages) for one in parties.everybody if one in names)


def _spread_words(sessions: float) -> str:
    """Return the spread as days of the week on either side, within which it is ready in two of three cases."""
    days = round(sessions * 7 / SESSIONS_A_WEEK)
    return "" if sessions == 0 else f"in two of three such cases within {max(1, days)} {'day' if days < 2 else 'days'}"


def _decisions(court: Court, row: Proposal) -> tuple[Decision, ...]:
    rows = ProposalAnswer.objects.filter(proposal=row, ended_at__isnull=True).order_by("answered_at")
    return tuple(_decision(court, one) for one in rows if one.pk in court.changes)


def _decision(court: Court, one: ProposalAnswer) -> Decision:
    change = court.changes[one.pk]
    lines = change_lines(change, court.sittings, court.hearings, court.planned.references, court.rows)
    return Decision(
        id=one.pk,
        is_accepted=one.answer == ACCEPTED,
        given=decided_words(change.decided),
        reason=(MOVE_REASONS if one.answer == ACCEPTED else VETO_REASONS).get(one.reason, ""),
        words=one.words,
        by=name_of_user(one.answered_by),
        at=one.answered_at,
        lines=tuple(lines),
        is_current=one.plan_fingerprint == court.shown.fingerprint,
    )
