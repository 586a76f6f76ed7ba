"""Proposals of placements about people of the sample, as rows."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from django.utils import timezone
from plan_sample import KEY, NORTHMERE, child, point, unit
from sample_run import AS_OF

from braid.language.documents import write
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.planning.placements.model import Household, Problem, School, Shortlists
from braid.problems.plans.placement_sheets import HouseholdSheet, sheets_of
from braid.problems.plans.why_not import StockSheet, stock_of
from braid.web.models import (
    AnsweredPerson,
    BoardPaper,
    Proposal,
    ProposalAnswer,
    ProposalChoice,
    ProposalPerson,
    ShownPlan,
)
from braid.web.proposals.papers import PaperContent, PaperPart
from braid.web.proposals.sealing import seal_paper, seal_plan, seal_sheet
from braid.web.vault.keys import open_key_ring
from braid.web.watch import known_asker


@dataclass(frozen=True)
class About:
    """The ids of a proposal about somebody, and of an answer to it."""

    proposal: str
    answer: str


def put_proposal(person: str, organisation: str, purpose: str = "school_from_ta") -> About:
    """Put a proposal about one person, with a refusal of it, into the tables as their owner."""
    sheet, stock = _sheets(person)
    with known_asker():
        ring = open_key_ring()
        plan, _ = ShownPlan.objects.update_or_create(
            kind="placements",
            defaults={
                **seal_plan(ring, "placements", write(stock).encode()),
                "run_id": "2026-11-15-sample",
                "on_date": AS_OF,
                "fingerprint": "f" * 64,
                "certificate": {
                    "gap": 0.0,
                    "bound_method": "",
                    "engine": "exact assignment",
                    "versions": {},
                    "seed": 1,
                    "repeatable": True,
                    "prices": {},
                },
            },
        )
        number = uuid.uuid4()
        row = Proposal.objects.create(
            id=number,
            plan=plan,
            kind="placements",
            purpose=purpose,
            organisation=organisation,
            reference=sheet.reference,
            position=1,
            is_change=sheet.is_move,
            levels={name: [round(was), round(now)] for name, (was, now) in sheet.levels.items()},
            **seal_sheet(ring, number, write(sheet).encode()),
        )
        ProposalPerson.objects.create(proposal=row, person_id=person)
        ProposalChoice.objects.bulk_create(ProposalChoice(proposal=row, token=one.token) for one in sheet.choices)
        answer = ProposalAnswer.objects.create(
            proposal=row,
            kind="placements",
            purpose=purpose,
            organisation=organisation,
            answer="refused",
            token=sheet.choices[0].token,
            is_proposed=True,
            reason="other",
            words="words of an answer",
            run_id=plan.run_id,
            plan_fingerprint=plan.fingerprint,
            answered_by="somebody else",
            answered_at=dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC),
        )
        AnsweredPerson.objects.create(answer=answer, person_id=person)
    return About(str(row.pk), str(answer.pk))


def put_paper(proposal: str, person: str, username: str, organisation: str, purpose: str) -> str:
    """Put a paper of a proposal about one person that somebody asked for, as the guard let it go; return its id."""
    number, content = uuid.uuid4(), PaperContent("words of an answer", (), (PaperPart(unit_of(person)),))
    now = timezone.now()
    with known_asker():
        BoardPaper.objects.create(
            id=number,
            kind="placements",
            purpose=purpose,
            organisation=organisation,
            reference="MTG-2026-041",
            made_by=username,
            asked_at=now,
            proposals=[proposal],
            people=[person],
            state="passed",
            checked_at=now,
            sha256="0" * 64,
            **seal_paper(open_key_ring(), number, write(content).encode()),
        )
    return str(number)


def _sheets(person: str) -> tuple[HouseholdSheet, StockSheet]:
    """A sheet of one child in a unit whose name no other sheet has, and that of the stock with its units."""
    mark = hashlib.sha256(person.encode()).hexdigest()[:8]
    names = (f"unit-{mark}-today", f"unit-{mark}-next", f"unit-{mark}-other")
    units = tuple(unit(name, "leased", number + 1, number / 100) for number, name in enumerate(names))
    household = Household("one", NORTHMERE, 2, children=(child("child", 8, "school"),), current_unit=names[0])
    problem = Problem(
        kind="placements",
        on_date=AS_OF,
        districts=(NORTHMERE,),
        schools=(School("school", point(0.0)),),
        units=units,
        households=(household,),
        shortlists=Shortlists(quiet_km=0.0, blank_share=0.0, left_out_share=0.0),
    )
    plan = KINDS["placements"].solve(problem, Limits(seconds=1.0))
    (sheet,) = sheets_of(problem, plan, {"one": (person,), "child": (person,)}, KEY)
    return sheet, stock_of(problem, plan, KEY)


def unit_of(person: str) -> str:
    """Return what the units of the sheet of `put_proposal` about somebody begin with."""
    return f"unit-{hashlib.sha256(person.encode()).hexdigest()[:8]}"
