"""From the plan that rests beside a run to proposals on pages: checked once more, sealed, and nothing of it that is not
passed by its checker. Runs as the owner of the tables.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now

from braid.language.documents import DocumentInvalid, write
from braid.language.findings import PERSON
from braid.planning.contract import Plan
from braid.planning.kinds import KINDS
from braid.planning.placements.model import PlacementPlan, Problem
from braid.problems.plans.answers import ACCEPTED
from braid.problems.plans.decisions import find_household
from braid.problems.plans.placement_sheets import HouseholdSheet, sheets_of
from braid.problems.plans.run import PEOPLE_FILE, PLAN_FILE, PROBLEM_FILE
from braid.problems.plans.why_not import stock_of
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.store.plan_folder import open_plan_key, plan_folder
from braid.store.vault_keys import KeyRing
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.care.identities import PUBLICATION, read_history
from braid.web.copying import rows_of
from braid.web.models import (
    AnsweredPerson,
    BoardPaper,
    Proposal,
    ProposalAnswer,
    ProposalChoice,
    ProposalPerson,
    ShownPlan,
)
from braid.web.proposals.listing_publishing import LISTING, follow_hearings, load_listing, rename_people
from braid.web.proposals.sealing import seal_plan, seal_sheet
from braid.web.published import ANSWER_LOCK, take_turn
from braid.web.recording import Facts, record
from braid.web.vault.keys import open_key_ring
from braid.web.watch import known_asker

log = logging.getLogger(__name__)

KIND = "placements"
SHOW_LOCK = 7_303_006
ROWS_AT_ONCE = 500
FORMS = {KIND: b"2"}
"""By kind, the form of what is sealed, where it is not the first: what was shown in an older one is shown anew."""


def forget_proposals() -> None:
    """Delete what pages show of plans; answers stay, about no proposal until there is one of the same people again.

    Whoever is answering is waited for, and whoever answers next waits until the transaction ends: no answer goes to a
    proposal that is gone.
    """
    take_turn(ANSWER_LOCK)
    ProposalAnswer.objects.filter(proposal__isnull=False).update(proposal=None)
    for model in (BoardPaper, ProposalChoice, ProposalPerson, Proposal, ShownPlan):
        model.objects.all().delete()


def show_plans(run: Run, place: Place) -> bool:
    """Show the plan that rests beside the run unless pages show it; return whether anything changed."""
    with known_asker(), transaction.atomic():
        take_turn(SHOW_LOCK)
        shown = {(row.kind, row.run_id, row.fingerprint) for row in ShownPlan.objects.defer("sealed", "wrapped")}
        there = {
            (kind, run.id, _fingerprint(kind, folder))
            for kind in LOADERS
            if (folder := plan_folder(place.lake_folder, run, kind)).joinpath(PLAN_FILE).is_file()
        }
        if shown == there:
            return False
        forget_proposals()
        return load_plans(run, place)


def load_plans(run: Run, place: Place) -> bool:
    """Load the plans of a run that their checkers pass; in the caller's transaction, with none there.

    A plan that does not pass is not shown and is named in the log: a night's publication does not wait for it.
    """
    loaded = [_load_plan(run, place, kind) for kind in LOADERS]
    return any(loaded)


def _load_plan(run: Run, place: Place, name: str) -> bool:
    folder, kind = plan_folder(place.lake_folder, run, name), KINDS[name]
    if not (folder / PLAN_FILE).is_file():
        return False
    try:
        problem, plan = kind.read_problem(folder / PROBLEM_FILE), kind.read_plan(folder / PLAN_FILE)
        people = json.loads((folder / PEOPLE_FILE).read_text("utf-8"))
        is_sound = kind.check(problem, plan).passes
    except (DocumentInvalid, OSError, ValueError) as error:
        log.error("the plan of %s is not shown: %s; plan again with: braid plan place", name, type(error).__name__)
        return False
    if not is_sound:
        log.error("the plan of %s is not shown: its checker does not pass it; plan again with: braid plan place", name)
        return False
    shown = ShownPlan(kind=name, run_id=run.id, fingerprint=_fingerprint(name, folder), certificate=_certificate(plan))
    return LOADERS[name](shown, problem, plan, people, run, place)


def _load_placements(
    shown: ShownPlan, problem: Problem, plan: PlacementPlan, people: Mapping[str, list[str]], run: Run, place: Place
) -> bool:
    shown.on_date = problem.on_date
    key = open_plan_key(place.lake_folder)
    for column, value in seal_plan(open_key_ring(), KIND, write(stock_of(problem, plan, key)).encode("utf-8")).items():
        setattr(shown, column, value)
    shown.save(force_insert=True)
    known = {name: tuple(ids) for name, ids in people.items()}
    _load(sheets_to_show(run, problem, plan, known, key), place)
    _follow(run)
    _record_shown(KIND, run, households=len(plan.placements))
    return True


def _load_list(shown: ShownPlan, problem: Any, plan: Any, people: Mapping[str, Any], run: Run, place: Place) -> bool:
    if not load_listing(shown, problem, plan, people, place):
        return False
    follow_hearings(read_history(run))
    _record_shown(LISTING, run, hearings=len(plan.placed))
    return True


LOADERS: Mapping[str, Callable[[ShownPlan, Any, Any, Mapping[str, Any], Run, Place], bool]] = {
    KIND: _load_placements,
    LISTING: _load_list,
}
"""By kind of plan that pages show, how it becomes proposals; whether it did."""


def _record_shown(kind: str, run: Run, **counts: int) -> None:
    details = {"what": "plan shown", "plan": kind, "run": run.id, **counts}
    record("changed", PUBLICATION, facts=Facts(details=details))


def _fingerprint(kind: str, folder: Path) -> str:
    return hashlib.sha256((folder / PLAN_FILE).read_bytes() + FORMS.get(kind, b"")).hexdigest()


def _certificate(plan: Plan) -> dict[str, object]:
    """Return how the plan was made and how good it is proved to be: no sum over households."""
    known = plan.certificate
    return {
        "gap": known.gap,
        "bound_method": known.bound_method,
        "engine": known.engine,
        "versions": dict(known.versions),
        "seed": known.seed,
        "repeatable": known.repeatable,
        "prices": {level.name: level.price for level in known.levels},
    }


def sheets_to_show(
    run: Run, problem: Problem, plan: PlacementPlan, people: Mapping[str, tuple[str, ...]], key: bytes
) -> list[HouseholdSheet]:
    """Return the sheets that pages may show, the most pressing first.

    Nobody protected is in a plan; that it holds of this very run is asked again here, household by household.
    """
    rows = list(rows_of(run, PERSON.name, ("person_id", "protected", "location_withheld")))
    protected = {row["person_id"] for row in rows if row["protected"]}
    withheld = {row["person_id"] for row in rows if row["location_withheld"]}
    sheets = sheets_of(problem, plan, people, key, withheld)
    return sorted((sheet for sheet in sheets if not protected & set(sheet.people)), key=_urgency)


def _load(sheets: list[HouseholdSheet], place: Place) -> None:
    ring = open_key_ring()
    councils = {district.code: district.council for district in place.districts}
    for start in range(0, len(sheets), ROWS_AT_ONCE):
        batch = list(_rows(sheets[start : start + ROWS_AT_ONCE], start, councils, ring))
        Proposal.objects.bulk_create(row for row, _ in batch)
        ProposalPerson.objects.bulk_create(
            ProposalPerson(proposal=row, person_id=person_id) for row, sheet in batch for person_id in sheet.people
        )
        ProposalChoice.objects.bulk_create(
            ProposalChoice(proposal=row, token=choice.token) for row, sheet in batch for choice in sheet.choices
        )


def _urgency(sheet: HouseholdSheet) -> tuple[object, ...]:
    """Families in bed and breakfast by the days that are left, then who is where they may not be, then who moves."""
    left = sheet.days_left
    return (left is None, left or 0, not sheet.today_broken, not sheet.is_move, sheet.reference)


def _rows(
    sheets: list[HouseholdSheet], start: int, councils: Mapping[str, str], ring: KeyRing
) -> Iterator[tuple[Proposal, HouseholdSheet]]:
    for number, sheet in enumerate(sheets, start + 1):
        made = uuid4()
        row = Proposal(
            id=made,
            plan_id=KIND,
            kind=KIND,
            purpose=SCHOOL_FROM_TA,
            organisation=councils[sheet.district],
            reference=sheet.reference,
            position=number,
            is_change=sheet.is_move,
            chain=sheet.chain,
            levels={name: [round(was), round(now)] for name, (was, now) in sheet.levels.items()},
            **seal_sheet(ring, made, write(sheet).encode("utf-8")),
        )
        yield row, sheet


def _follow(run: Run) -> None:
    """Let answers follow the people they are about: to new ids where two were one, to the proposal about them today.

    An acceptance ends with the household's place in the plan: its unit would stand accepted for somebody whom nobody
    sees, and could be taken back by nobody.
    """
    answers = list(ProposalAnswer.objects.filter(kind=KIND, ended_at__isnull=True))
    if not answers:
        return
    history = read_history(run)
    proposals: dict[str, list[str]] = {}
    rows = ProposalPerson.objects.filter(proposal__kind=KIND)
    for proposal_id, person_id in rows.values_list("proposal_id", "person_id"):
        proposals.setdefault(str(proposal_id), []).append(person_id)
    living = {person_id for people in proposals.values() for person_id in people}
    for answer in answers:
        answered = AnsweredPerson.objects.filter(answer=answer)
        people = {row.person_id: history.now(row.person_id, living) or row.person_id for row in answered}
        rename_people(answer, people)
        found = find_household(set(people.values()), proposals)
        gone = {"ended_at": Now()} if found is None and answer.answer == ACCEPTED else {}
        ProposalAnswer.objects.filter(pk=answer.pk).update(proposal=found, **gone)
