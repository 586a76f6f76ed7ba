"""Proposals of placements for people of the sample: as rows about one person, and as the files of a plan of a run."""

import datetime as dt
import hashlib
import json
import uuid
from dataclasses import dataclass
from pathlib import Path

from sample_run import AS_OF, CHILD, ONE_WAIT, person_id

from braid.planning.contract import Limits
from braid.planning.documents import write
from braid.planning.kinds import KINDS
from braid.planning.placements.model import Child, Household, Prices, Problem, School, Shortlists, Unit
from braid.planning.travel.model import Point
from braid.problems.plans.placement_sheets import HouseholdSheet, sheets_of
from braid.problems.plans.run import PEOPLE_FILE, PLAN_FILE, PROBLEM_FILE
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.store.plan_folder import plan_folder, put_plan
from braid.web.models import AnsweredPerson, Proposal, ProposalAnswer, ProposalChoice, ProposalPerson, ShownPlan
from braid.web.proposals.sealing import seal_sheet
from braid.web.vault.keys import open_key_ring
from braid.web.watch import known_asker

KEY = b"sample" * 6
NORTHMERE, SOUTHWICK = "E08990001", "E08990002"
ADULT = "a" * 32
"""An adult of a household who waits for nothing: no person of the published set."""
UNITS = ("N/bnb", "N/1", "N/2", "N/3", "N/4", "S/1", "S/2")


def sample_problem() -> tuple[Problem, dict[str, tuple[str, ...]]]:
    """Return a problem with who its households are: a family in bed and breakfast, a chain of two, one of each council.

    The family needs the unit of a pair, who need that of a family that is crowded in it: a chain of three.
    """
    units = (
        _unit("N/bnb", "bed_and_breakfast", 1, 0.00, night_pence=9_000.0),
        _unit("N/1", "leased", 2, 0.01),
        _unit("N/2", "leased", 1, 0.02),
        _unit("N/3", "council", 3, 0.03),
        _unit("N/4", "nightly", 3, 0.30, night_pence=12_000.0),
        _unit("S/1", "leased", 2, 0.05, SOUTHWICK),
        _unit("S/2", "leased", 2, 0.06, SOUTHWICK),
    )
    family = Household(
        "family", NORTHMERE, 2, children=(_child("c1", 11, "school"),), current_unit="N/bnb", bed_and_breakfast_days=36
    )
    pair = Household("pair", NORTHMERE, 1, children=(_child("c2", 9, "school"),), current_unit="N/1")
    crowded = Household("crowded", NORTHMERE, 3, children=(_child("c3", 15, "school", True),), current_unit="N/2")
    south = Household("south", SOUTHWICK, 2, children=(_child("c4", 7, "school"),), current_unit="S/2")
    problem = Problem(
        kind="placements",
        on_date=AS_OF,
        districts=(NORTHMERE, SOUTHWICK),
        schools=(School("school", _point(0.0)),),
        units=units,
        households=(family, pair, crowded, south),
        prices=Prices(bed_and_breakfast=3_000.0),
        shortlists=Shortlists(quiet_km=0.0, blank_share=0.0, left_out_share=0.0),
    )
    people = {
        "family": (CHILD, ONE_WAIT, ADULT),
        "c1": (CHILD,),
        "pair": (person_id(12),),
        "c2": (person_id(12),),
        "crowded": (person_id(15),),
        "c3": (person_id(15),),
        "south": (person_id(13),),
        "c4": (person_id(13),),
    }
    return problem, people


def _point(east: float) -> Point:
    return Point(-2.3 + east, 53.5)


def _unit(name: str, kind: str, bedrooms: int, east: float, district: str = NORTHMERE, **more) -> Unit:
    return Unit(name, district, kind, bedrooms, more.get("night_pence", 4_000.0), _point(east))


def _child(name: str, age: int, school: str, is_exam_year: bool = False) -> Child:
    return Child(name, age, school, is_exam_year)


def write_plan(place: Place, run: Run, problem: Problem | None = None) -> Path:
    """Write the sample's plan beside the run, as `braid plan place` would; return its folder."""
    asked, people = sample_problem()
    asked = problem or asked
    plan = KINDS["placements"].solve(asked, Limits(seconds=1.0))
    folder = plan_folder(place.lake_folder, run, "placements")
    put_plan(
        folder, {PROBLEM_FILE: write(asked), PLAN_FILE: write(plan), PEOPLE_FILE: json.dumps({**people}, indent=1)}
    )
    return folder


@dataclass(frozen=True)
class About:
    """The ids of a proposal about somebody, and of an answer to it."""

    proposal: str
    answer: str


def put_proposal(person: str, organisation: str, purpose: str = "school_from_ta") -> About:
    """Put a proposal about one person, with a refusal of it, into the tables as their owner."""
    sheet = _sheet(person)
    with known_asker():
        plan, _ = ShownPlan.objects.get_or_create(
            kind="placements",
            defaults={
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
            **seal_sheet(open_key_ring(), number, write(sheet).encode()),
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


def _sheet(person: str) -> HouseholdSheet:
    """A sheet of one child in a unit whose name no other sheet has."""
    mark = hashlib.sha256(person.encode()).hexdigest()[:8]
    names = (f"unit-{mark}-today", f"unit-{mark}-next", f"unit-{mark}-other")
    units = tuple(_unit(name, "leased", number + 1, number / 100) for number, name in enumerate(names))
    household = Household("one", NORTHMERE, 2, children=(_child("child", 8, "school"),), current_unit=names[0])
    problem = Problem(
        kind="placements",
        on_date=AS_OF,
        districts=(NORTHMERE,),
        schools=(School("school", _point(0.0)),),
        units=units,
        households=(household,),
        shortlists=Shortlists(quiet_km=0.0, blank_share=0.0, left_out_share=0.0),
    )
    plan = KINDS["placements"].solve(problem, Limits(seconds=1.0))
    (sheet,) = sheets_of(problem, plan, {"one": (person,), "child": (person,)}, KEY)
    return sheet


def unit_of(person: str) -> str:
    """Return what the units of the sheet of `put_proposal` about somebody begin with."""
    return f"unit-{hashlib.sha256(person.encode()).hexdigest()[:8]}"
