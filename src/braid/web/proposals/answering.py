"""Answers to proposals: accepted, another unit chosen, refused, taken back; and what the next plan takes as decided."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.problems.plans.answers import ACCEPTED, REFUSED, check_answer, check_decides
from braid.problems.plans.decisions import Decided
from braid.problems.plans.placement_sheets import token_of
from braid.web.access.proposals import permitted_proposals
from braid.web.access.sight import NotThere, Sight
from braid.web.care.kept import ChangedMeanwhile, now_of_database, record_step
from braid.web.models import AnsweredPerson, Proposal, ProposalAnswer, ProposalChoice
from braid.web.proposals.board import KIND, HouseholdSeen, find_plan, get_household
from braid.web.published import ANSWER_LOCK, take_turn
from braid.web.watch import known_asker

TAKEN = "That unit cannot be let just now. Look at what is offered now"
ACCEPTED_BEFORE = "Another answer stands: take the acceptance back first, and then refuse"
NOT_A_CHOICE = "That unit is not offered for this household. Choose one that the page shows"


def answer_proposal(
    sight: Sight, proposal_id: UUID, version: str, answer: str, token: str, reason: str = "", words: str = ""
) -> None:
    """Keep an answer to a proposal. Raises `NotPossible`, `NotThere`, `ChangedMeanwhile`.

    Refusals stand beside each other and beside an acceptance of another unit. An acceptance takes the place of the one
    before, and of a refusal of its own unit. `version` is that of the page which was answered.
    """
    seen = _begin(sight, proposal_id, version)
    proposed = seen.sheet.proposed.token if seen.sheet.proposed else ""
    check_decides(seen.row.organisation, sight.organisation)
    check_answer(answer, token == proposed, reason, words)
    check_words(words)
    if not ProposalChoice.objects.filter(proposal=seen.row, token=token).exists():
        raise NotPossible(NOT_A_CHOICE)
    standing = ProposalAnswer.objects.filter(proposal=seen.row, ended_at__isnull=True)
    if answer == REFUSED and standing.filter(answer=ACCEPTED).exists():
        raise NotPossible(ACCEPTED_BEFORE)
    _end(sight, standing.filter(token=token))
    _end(sight, standing.filter(answer=ACCEPTED))
    _add(sight, seen.row, seen.sheet.people, answer, token, token == proposed, reason, words)


def _begin(sight: Sight, proposal_id: UUID, version: str) -> HouseholdSeen:
    """Return a household as it stands, nobody else answering. Raises `NotThere`, `ChangedMeanwhile`."""
    take_turn(ANSWER_LOCK)
    seen = get_household(sight, proposal_id)
    if version != seen.version:
        raise ChangedMeanwhile
    return seen


def accept_chain(sight: Sight, proposal_id: UUID, version: str) -> int:
    """Accept what is proposed for each household of a chain that the viewer's organisation decides on; return how many.

    Raises `NotPossible`, `NotThere`. Of those that were answered before none is touched.
    """
    seen = _begin(sight, proposal_id, version)
    check_decides(seen.row.organisation, sight.organisation)
    if seen.row.chain is None:
        raise NotPossible("This household waits for nobody else's move. Accept its own")
    rows = Proposal.objects.filter(kind=KIND, chain=seen.row.chain, organisation=sight.organisation, is_change=True)
    answered = ProposalAnswer.objects.filter(ended_at__isnull=True).values("proposal")
    accepted = 0
    for row in permitted_proposals(sight, rows.exclude(pk__in=answered).order_by("position")):
        sheet = get_household(sight, row.pk).sheet
        if sheet.proposed is not None:
            _add(sight, row, sheet.people, ACCEPTED, sheet.proposed.token, is_proposed=True)
            accepted += 1
    if not accepted:
        raise NotPossible("Everything of this chain that is yours was answered already")
    return accepted


def take_back(sight: Sight, proposal_id: UUID, answer_id: UUID) -> None:
    """End an answer: the next plan is free again. Raises `NotPossible`, `NotThere`."""
    take_turn(ANSWER_LOCK)
    seen = get_household(sight, proposal_id)
    check_decides(seen.row.organisation, sight.organisation)
    if not _end(sight, ProposalAnswer.objects.filter(pk=answer_id, proposal=seen.row, ended_at__isnull=True)):
        raise NotPossible("That answer was taken back already. Look at the page again")


def _add(
    sight: Sight,
    row: Proposal,
    people: Sequence[str],
    answer: str,
    token: str,
    is_proposed: bool,
    reason: str = "",
    words: str = "",
) -> None:
    plan = find_plan()
    if plan is None:
        raise NotThere
    made = ProposalAnswer(
        proposal=row,
        kind=KIND,
        purpose=row.purpose,
        organisation=row.organisation,
        answer=answer,
        token=token,
        is_proposed=is_proposed,
        reason=reason,
        words=words.strip(),
        run_id=plan.run_id,
        plan_fingerprint=plan.fingerprint,
        answered_by=sight.viewer.username,
        answered_at=now_of_database(),
    )
    try:
        with transaction.atomic():
            ProposalAnswer.objects.append_one(made)
            AnsweredPerson.objects.append(AnsweredPerson(answer=made, person_id=one) for one in people)
    except IntegrityError:
        raise NotPossible(TAKEN) from None
    _record(sight, row, f"proposal {answer}", people)


def _end(sight: Sight, rows: QuerySet[ProposalAnswer]) -> int:
    ended = list(rows)
    now = now_of_database()
    for one in ended:
        ProposalAnswer.objects.filter(pk=one.pk).update(ended_by=sight.viewer.username, ended_at=now)
        people = list(AnsweredPerson.objects.filter(answer=one).values_list("person_id", flat=True))
        _record(sight, one.proposal, "answer taken back", sorted(people))
    return len(ended)


def _record(sight: Sight, row: Proposal, what: str, people: Sequence[str]) -> None:
    record_step(sight, what, list(people), proposal=row.reference, plan=row.kind)


def read_decided(key: bytes, units: Sequence[str]) -> list[Decided]:
    """Return what people decided and still holds, in the order of time, for the next plan; as the owner of the tables.

    `units` are the stock: a decision on a unit that is in it no longer names one that nobody knows.
    """
    by_token = {token_of(key, unit): unit for unit in units}
    people: dict[UUID, set[str]] = {}
    with known_asker():
        standing = ProposalAnswer.objects.filter(kind=KIND, ended_at__isnull=True).order_by("answered_at", "pk")
        rows = list(standing)
        for answer_id, person_id in AnsweredPerson.objects.filter(answer__in=rows).values_list("answer", "person_id"):
            people.setdefault(answer_id, set()).add(person_id)
    return [
        Decided(frozenset(people.get(one.pk, ())), by_token.get(one.token, one.token), one.answer != REFUSED)
        for one in rows
    ]
