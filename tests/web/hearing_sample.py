"""A court list over whoever of the sample is asked about, as rows: one hearing each, refused where it was."""

import datetime as dt
import hashlib
import uuid
from dataclasses import replace

from sample_run import AS_OF

from braid.language.documents import parse, write
from braid.planning.listing.model import Attendance, Case, Hearing, HearingType, Judge, Person, Place, Placed, Problem
from braid.problems.plans.court_lists import Change, CourtList, HearingSheet, Moved, Parties
from braid.problems.plans.listing_decisions import DecidedHearing
from braid.trust.roles import COURT_READINESS
from braid.web.models import (
    AnsweredPerson,
    ListingChange,
    Proposal,
    ProposalAnswer,
    ProposalChoice,
    ProposalPerson,
    ShownPlan,
)
from braid.web.proposals.listing_publishing import LISTING
from braid.web.proposals.sealing import open_plan, seal_change, seal_plan, seal_sheet
from braid.web.vault.keys import open_key_ring
from braid.web.watch import known_asker

FINGERPRINT = "e" * 64
FIRST, LAST = AS_OF + dt.timedelta(days=1), AS_OF + dt.timedelta(days=180)
NOBODY = Problem(
    "listing",
    FIRST,
    LAST,
    (Judge("Judge Ash"), Judge("Judge Birch")),
    (Person("G1", "guardian"),),
    (HearingType("final", is_final=True, starts_in_morning=True),),
    (),
    (),
)
CERTIFICATE = {"gap": 0.0, "bound_method": "", "engine": "first come", "versions": {}, "seed": 1, "repeatable": True}


def case_of(person: str) -> str:
    """Return the number of the case of `put_hearing` about somebody."""
    return f"case-{hashlib.sha256(person.encode()).hexdigest()[:8]}"


def put_hearing(person: str, organisation: str) -> str:
    """Put a hearing of a case about one person into the list of an organisation; return the id of its proposal.

    Each time the list grows by a day; somebody of the organisation refused the hearing where it was.
    """
    ring, number = open_key_ring(), uuid.uuid4()
    with known_asker():
        shown = ShownPlan.objects.filter(kind=LISTING).first()
        before = parse(open_plan(ring, shown), CourtList, "list") if shown else CourtList(NOBODY, (), {}, {})
        name = f"hearing {len(before.placed) + 1}"
        planned = _with_hearing(before, name, person, number)
        values = {
            "organisation": organisation,
            "run_id": "2026-11-15-sample",
            "on_date": FIRST,
            "fingerprint": FINGERPRINT,
            "certificate": {**CERTIFICATE, "prices": {}},
            **seal_plan(ring, LISTING, write(planned).encode()),
        }
        shown, _ = ShownPlan.objects.update_or_create(kind=LISTING, defaults=values)
        sheet = HearingSheet(planned.references[name], name, Parties((person,)))
        row = Proposal.objects.create(
            id=number,
            plan=shown,
            kind=LISTING,
            purpose=COURT_READINESS,
            organisation=organisation,
            reference=sheet.reference,
            position=len(planned.placed),
            is_change=True,
            levels={},
            **seal_sheet(ring, number, write(sheet).encode()),
        )
        ProposalPerson.objects.create(proposal=row, person_id=person)
        token = hashlib.sha256(name.encode()).hexdigest()
        ProposalChoice.objects.create(proposal=row, token=token)
        answer = ProposalAnswer.objects.create(
            proposal=row,
            kind=LISTING,
            purpose=COURT_READINESS,
            organisation=organisation,
            answer="refused",
            token=token,
            is_proposed=False,
            reason="other",
            words="words of an answer",
            run_id=shown.run_id,
            plan_fingerprint=FINGERPRINT,
            answered_by="somebody else",
            answered_at=dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC),
        )
        AnsweredPerson.objects.create(answer=answer, person_id=person)
        change, made = _change(planned, name), uuid.uuid4()
        ListingChange.objects.create(
            id=made,
            answer=answer,
            organisation=organisation,
            plan_fingerprint=FINGERPRINT,
            number=len(planned.placed),
            **seal_change(ring, made, write(change).encode()),
        )
    return str(row.pk)


def _with_hearing(planned: CourtList, name: str, person: str, number: uuid.UUID) -> CourtList:
    days = [FIRST + dt.timedelta(days=day) for day in range(180) if (FIRST + dt.timedelta(days=day)).weekday() < 5]
    start = f"{days[len(planned.placed)]} am"
    case = Case(f"{case_of(person)}, {name}", "Northmere", "Judge Ash", FIRST, f"{LAST} am")
    hearing = Hearing(name, case.id, "final", 1, 5, f"{FIRST} am", (Attendance("G1"),))
    problem = planned.problem
    return CourtList(
        replace(problem, cases=(*problem.cases, case), hearings=(*problem.hearings, hearing)),
        (*planned.placed, Placed(name, Place("Judge Ash", start))),
        {**planned.hearings, str(number): name},
        {**planned.references, name: f"HE-{hashlib.sha256(name.encode()).hexdigest()[:6].upper()}"},
    )


def _change(planned: CourtList, name: str) -> Change:
    """A refusal that changes nothing: it is not heard before the first day."""
    place = next(each.place for each in planned.placed if each.hearing == name)
    return Change(DecidedHearing(name, not_before=f"{FIRST} am"), (Moved(name, place, place),))
