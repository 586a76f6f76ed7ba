"""From a court list that rests beside a run to proposals on pages, one a hearing. Runs as the owner of the tables.

The list is kept whole and sealed as well: pages repair and explain it, and show what somebody may not see as taken.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from django.db import transaction

from braid.language.documents import write
from braid.planning.listing.model import Hearing, ListingPlan, Place, Problem, sittings_of
from braid.problems.plans.court_lists import (
    CourtList,
    HearingSheet,
    Parties,
    is_move,
    reference_of_hearing,
    token_of_hearing,
)
from braid.store.place_folder import Place as PlaceFolder
from braid.store.plan_folder import open_plan_key
from braid.trust.roles import COURT_READINESS
from braid.web.care.identities import History
from braid.web.models import AnsweredPerson, Proposal, ProposalAnswer, ProposalChoice, ProposalPerson, ShownPlan
from braid.web.proposals.sealing import seal_plan, seal_sheet
from braid.web.vault.keys import open_key_ring

log = logging.getLogger(__name__)

LISTING = "listing"
COURT_STANDARDS = ("hearing_management", "fpl")
"""Standards of feeds that a family court alone sends, the one that lists are made of first."""


def find_court(place: PlaceFolder) -> str | None:
    """Return the organisation whose list it is: the court that sends hearings; `None` where none does."""
    for standard in COURT_STANDARDS:
        for feed in place.feeds:
            if feed.standard == standard:
                return feed.organisation
    return None


def load_listing(
    shown: ShownPlan, problem: Problem, plan: ListingPlan, people: Mapping[str, Any], place: PlaceFolder
) -> bool:
    """Load a list that its checker passed; in the caller's transaction, with none there. Return whether it is shown.

    `people` gives by case whom it is about, as `people.json` has it. A hearing of which nobody is known stays in the
    list, and is no proposal: whoever may see it cannot be said.
    """
    court = find_court(place)
    if court is None:
        log.error("the plan of %s is not shown: place.toml names no feed of a family court; add it", LISTING)
        return False
    key, ring = open_plan_key(place.lake_folder), open_key_ring()
    parties = {case: _parties(found) for case, found in people.items()}
    places = {each.hearing: each.place for each in plan.placed}
    listed = [each for each in _in_order(problem, places) if parties.get(each.case, Parties()).everybody]
    ids = {each.id: uuid4() for each in listed}
    references = {each.id: reference_of_hearing(key, each.id) for each in problem.hearings}
    kept = CourtList(problem, plan.placed, {str(made): name for name, made in ids.items()}, references)
    with transaction.atomic():
        shown.on_date, shown.organisation = problem.first_date, court
        for column, value in seal_plan(ring, LISTING, write(kept).encode("utf-8")).items():
            setattr(shown, column, value)
        shown.save(force_insert=True)
        Proposal.objects.bulk_create(
            Proposal(
                id=ids[each.id],
                plan_id=LISTING,
                kind=LISTING,
                purpose=COURT_READINESS,
                organisation=court,
                reference=references[each.id],
                position=number,
                is_change=each.present is None or is_move(each, places.get(each.id)),
                levels={},
                **seal_sheet(ring, ids[each.id], _sheet(each, references, parties)),
            )
            for number, each in enumerate(listed, 1)
        )
        ProposalPerson.objects.bulk_create(
            ProposalPerson(proposal_id=ids[each.id], person_id=person_id)
            for each in listed
            for person_id in parties[each.case].everybody
        )
        ProposalChoice.objects.bulk_create(
            ProposalChoice(proposal_id=ids[each.id], token=token_of_hearing(key, each.id)) for each in listed
        )
    return True


def _parties(found: Any) -> Parties:
    """Return who a case is about; people of whom nobody said which part they have are other parties."""
    if isinstance(found, Mapping):
        return Parties(*(tuple(map(str, found.get(part, ()))) for part in ("children", "others")))
    return Parties(others=tuple(map(str, found)))


def _in_order(problem: Problem, places: Mapping[str, Place]) -> Iterator[Hearing]:
    """Yield the hearings by their start, those without a place at the end."""
    sittings = sittings_of(problem)
    starts = {name: sittings.position(place.start) for name, place in places.items()}
    yield from sorted(problem.hearings, key=lambda each: (starts.get(each.id, sittings.count), each.id))


def _sheet(hearing: Hearing, references: Mapping[str, str], parties: Mapping[str, Parties]) -> bytes:
    return write(HearingSheet(references[hearing.id], hearing.id, parties[hearing.case])).encode("utf-8")


def follow_hearings(history: History) -> None:
    """Let answers follow their hearing to its proposal of today, and their people to new ids where two were one."""
    answers = list(ProposalAnswer.objects.filter(kind=LISTING, ended_at__isnull=True))
    if not answers:
        return
    today = dict(ProposalChoice.objects.filter(proposal__kind=LISTING).values_list("token", "proposal_id"))
    people = ProposalPerson.objects.filter(proposal__kind=LISTING)
    living = set(people.values_list("person_id", flat=True))
    for answer in answers:
        rows = AnsweredPerson.objects.filter(answer=answer)
        rename_people(answer, {row.person_id: history.now(row.person_id, living) or row.person_id for row in rows})
        ProposalAnswer.objects.filter(pk=answer.pk).update(proposal=today.get(answer.token))


def rename_people(answer: ProposalAnswer, people: Mapping[str, str]) -> None:
    """Let an answer be about the people of today, by the ids that they had."""
    if all(was == now for was, now in people.items()):
        return
    AnsweredPerson.objects.filter(answer=answer).delete()
    AnsweredPerson.objects.append(
        AnsweredPerson(answer=answer, person_id=person_id) for person_id in sorted(set(people.values()))
    )
