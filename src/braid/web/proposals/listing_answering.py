"""Answers to a court list: accepted, refused, moved, taken back. The list is repaired with each, or nothing is kept."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from braid.care.words import check_words
from braid.language.documents import parse, write
from braid.language.steps import NotPossible
from braid.planning.listing.model import Hearing, Place
from braid.problems.plans import court_lists
from braid.problems.plans.answers import ACCEPTED, REFUSED
from braid.problems.plans.court_lists import Change, stand
from braid.problems.plans.listing_answers import JUDGE, check_move, check_veto
from braid.problems.plans.listing_decisions import DecidedHearing
from braid.web.access.proposals import people_of
from braid.web.access.sight import Sight
from braid.web.care.kept import ChangedMeanwhile, now_of_database, record_step
from braid.web.models import AnsweredPerson, ListingChange, Proposal, ProposalAnswer, ProposalChoice
from braid.web.proposals.court import Court, get_court_list, hold_list
from braid.web.proposals.listing_publishing import LISTING
from braid.web.proposals.sealing import open_change, seal_change
from braid.web.vault.keys import get_key_ring, open_key_ring
from braid.web.watch import known_asker

NO_PLACE = "It has no place in the list. Choose one for it first"
IS_ACCEPTED = "It was accepted where it is. Take that back first"
LONGEST_AHEAD = dt.timedelta(days=366)
IS_LOCKED = "It is locked in this list. The next list can move it again, unless the court itself locks it"
NOT_ALLOWED = "The rules do not let it be heard there now. Choose from what the page offers"
NO_REPAIR = (
    "The list cannot be repaired around that: something that is held stands in the way. Choose another day, another"
    " judge, or move what is held first"
)
BUILT_ON = "Something that was decided since builds on it. Take that back first"


def accept_hearing(sight: Sight, proposal_id: UUID, version: int) -> None:
    """Keep that a hearing stays where the list has it. Raises `NotPossible`, `NotThere`."""
    court, hearing = _begin(sight, proposal_id, version)
    if hearing.hold != "free":
        raise NotPossible("It is held where it is already")
    if hearing.id not in court.standing.places:
        raise NotPossible(NO_PLACE)
    _add(sight, court, hearing, court_lists.lock(court.standing, hearing.id), ACCEPTED, is_proposed=True)


def refuse_hearing(
    sight: Sight, proposal_id: UUID, version: int, reason: str, day: dt.date | None = None, words: str = ""
) -> None:
    """Keep that a hearing is refused where it is, and repair the list. Raises `NotPossible`, `NotThere`.

    The judge of now does not hear its case, or it is not heard before a day; without one, not before its next session.
    """
    court, hearing = _begin(sight, proposal_id, version)
    check_veto(reason, words, day is not None)
    check_words(words)
    place = court.standing.places.get(hearing.id)
    if place is None:
        raise NotPossible(NO_PLACE)
    _check_free_to_refuse(court, hearing)
    decided = _decided(court, hearing, place, reason, day)
    change = court_lists.veto(court.standing, set(court.rows), decided)
    if change is None:
        raise NotPossible(NO_REPAIR)
    _add(sight, court, hearing, change, REFUSED, reason=reason, words=words)


def _check_free_to_refuse(court: Court, hearing: Hearing) -> None:
    if hearing.hold != "locked":
        return
    is_ours = any(change.decided.hearing == hearing.id and change.decided.place for change in court.changes.values())
    raise NotPossible(IS_ACCEPTED if is_ours else IS_LOCKED)


def _decided(court: Court, hearing: Hearing, place: Place, reason: str, day: dt.date | None) -> DecidedHearing:
    if reason == JUDGE:
        return DecidedHearing(hearing.id, excluded_judge=place.judge)
    start = court.sittings.position(place.start)
    if day is not None and day > court.sittings.days[-1] + LONGEST_AHEAD:
        raise NotPossible("That day is more than a year after the list ends. Correct it")
    wanted = start + 1 if day is None else court.sittings.position(f"{day.isoformat()} am")
    if wanted <= start:
        raise NotPossible("It starts on that day or later already. Choose a day after it")
    return DecidedHearing(hearing.id, not_before=court.sittings.name(wanted))


def move_hearing(sight: Sight, proposal_id: UUID, version: int, place: Place, reason: str, words: str = "") -> None:
    """Keep that a hearing is heard elsewhere and stays there; give its sessions away. Raises as `refuse_hearing`."""
    court, hearing = _begin(sight, proposal_id, version)
    check_move(reason, words)
    check_words(words)
    if hearing.hold != "free":
        raise NotPossible("It is held where it is. Refuse it there, or take back that it was accepted, first")
    try:
        change = court_lists.move(court.standing, set(court.rows), hearing.id, place)
    except (KeyError, ValueError):
        raise NotPossible(NOT_ALLOWED) from None
    _add(sight, court, hearing, change, ACCEPTED, reason=reason, words=words)


def take_hearing_back(sight: Sight, proposal_id: UUID, version: int, answer_id: UUID) -> None:
    """End an answer: what it changed of the list is undone, and the next plan is free again.

    Raises `NotPossible`, `NotThere`; also where a later change no longer holds without it.
    """
    court, hearing = _begin(sight, proposal_id, version)
    answer = ProposalAnswer.objects.filter(pk=answer_id, proposal_id=proposal_id, ended_at__isnull=True).first()
    if answer is None or answer.pk not in court.changes:
        raise NotPossible("That answer was taken back already. Look at the page again")
    gone = court.changes[answer.pk]
    rest = [change for change in court.current if change is not gone]
    if len(rest) < len(court.current) and stand(court.planned, rest) is None:
        raise NotPossible(BUILT_ON)
    now = now_of_database()
    ProposalAnswer.objects.filter(pk=answer.pk).update(ended_by=sight.viewer.username, ended_at=now)
    ListingChange.objects.filter(answer=answer).update(ended_at=now)
    people = list(AnsweredPerson.objects.filter(answer=answer).values_list("person_id", flat=True))
    _record(sight, court, hearing, "answer taken back", sorted(people))


def _begin(sight: Sight, proposal_id: UUID, version: int) -> tuple[Court, Hearing]:
    """Return list and hearing as they stand, nobody else changing them. Raises `NotThere`, `ChangedMeanwhile`."""
    hold_list()
    court = get_court_list(sight, proposal_id)
    name = court.hearing_of(proposal_id).id
    if version != court.version:
        raise ChangedMeanwhile
    return court, court.decided[name]


def _add(
    sight: Sight,
    court: Court,
    hearing: Hearing,
    change: Change,
    answer: str,
    *,
    is_proposed: bool = False,
    reason: str = "",
    words: str = "",
) -> None:
    """Keep an answer with its change, unless the list with it does not pass the checker."""
    if stand(court.planned, [*court.current, change]) is None:
        raise NotPossible(NO_REPAIR)
    row = court.rows[hearing.id]
    now = now_of_database()
    made = ProposalAnswer(
        proposal=row,
        kind=LISTING,
        purpose=row.purpose,
        organisation=row.organisation,
        answer=answer,
        token=ProposalChoice.objects.values_list("token", flat=True).get(proposal=row),
        is_proposed=is_proposed,
        reason=reason,
        words=words.strip(),
        run_id=court.shown.run_id,
        plan_fingerprint=court.shown.fingerprint,
        answered_by=sight.viewer.username,
        answered_at=now,
    )
    people = sorted(people_of([row])[row.pk])
    try:
        with transaction.atomic():
            ProposalAnswer.objects.append_one(made)
            AnsweredPerson.objects.append(AnsweredPerson(answer=made, person_id=one) for one in people)
            ListingChange.objects.append_one(_sealed(court, made, change, now))
    except IntegrityError:
        raise ChangedMeanwhile from None
    _record(sight, court, hearing, f"proposal {answer}", people)


def _sealed(court: Court, answer: ProposalAnswer, change: Change, now: dt.datetime) -> ListingChange:
    made = uuid4()
    number = ListingChange.objects.filter(plan_fingerprint=court.shown.fingerprint).count() + 1
    return ListingChange(
        id=made,
        answer=answer,
        organisation=answer.organisation,
        plan_fingerprint=court.shown.fingerprint,
        number=number,
        made_at=now,
        **seal_change(get_key_ring(), made, write(change).encode("utf-8")),
    )


def _record(sight: Sight, court: Court, hearing: Hearing, what: str, people: Sequence[str]) -> None:
    row: Proposal = court.rows[hearing.id]
    record_step(sight, what, list(people), proposal=row.reference, plan=row.kind)


def read_decided_hearings() -> list[DecidedHearing]:
    """Return what people decided of court lists and still holds, in the order of time, for the next plan.

    As the owner of the tables. Raises `VaultKeyNotAvailable` where something was decided and the key is not there.
    """
    with known_asker():
        rows = list(ListingChange.objects.filter(ended_at__isnull=True).order_by("made_at", "number"))
    ring = open_key_ring() if rows else None
    return [parse(open_change(ring, row), Change, "change").decided for row in rows] if ring else []
