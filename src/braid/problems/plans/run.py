"""From a published run to its plans: posed, solved, checked, kept beside the run."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from braid.language.documents import DocumentInvalid, as_json_document, check_faults, parse, write
from braid.planning.contract import Level, Limits
from braid.planning.kinds import KINDS
from braid.planning.listing.model import ListingPlan
from braid.planning.listing.model import Problem as ListingProblem
from braid.planning.listing.readiness import Signal
from braid.planning.placements.checker import levels_of
from braid.planning.placements.lawfulness import Case, is_lawful
from braid.planning.placements.model import PlacementPlan, Problem
from braid.problems.plans import listing, placements
from braid.problems.plans.decisions import Decided
from braid.problems.plans.listing import NotPosed
from braid.problems.plans.listing_decisions import DecidedHearing, apply_hearing_decisions
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid
from braid.store.plan_folder import plan_folder, put_plan

PROBLEM_FILE, PLAN_FILE, PEOPLE_FILE = "problem.json", "plan.json", "people.json"
SIGNALS_FILE, LEFT_FILE = "signals.json", "left.json"
Open = Callable[[Run, tuple[str, ...]], Engine]
"""Opens tables of a run; the pipeline alone picks engines."""
APlan = TypeVar("APlan", PlacementPlan, ListingPlan)


@dataclass(frozen=True)
class Staying:
    """What it is worth that nobody moves: by level, and how many households live where they may not today."""

    levels: tuple[Level, ...]
    unlawful: int


@dataclass(frozen=True)
class Planned:
    """A plan of a place: what was asked, what was found, what everybody staying where they are would be worth."""

    problem: Problem
    plan: PlacementPlan
    staying: Staying
    left: placements.Left
    folder: Path


@dataclass(frozen=True)
class PlannedList:
    """A court list of a place: what was asked, what was found, who should hear early, what is left to people."""

    problem: ListingProblem
    plan: ListingPlan
    signals: tuple[Signal, ...]
    left: listing.Left
    folder: Path

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many requests are left to people, by why."""
        return dict(sorted(Counter(self.left.requests.values()).items()))


def plan_placements(
    place: Place, run: Run, open_tables: Open, limits: Limits, decided: Sequence[Decided] = ()
) -> Planned:
    """Plan the placements of a published run and keep problem and plan beside it.

    `decided` is what people said to earlier plans, in the order of time. Raises `NotPosed` where the run holds no
    stock, `NoPlan`, `PlanRefused`.
    """
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    engine = open_tables(run, placements.TABLES)
    try:
        posed = placements.pose(engine, as_of, _districts(place), decided)
    finally:
        engine.close()
    kind, folder = KINDS["placements"], plan_folder(place.lake_folder, run, "placements")
    if not posed.problem.units:
        raise NotPosed("the run holds no council's stock: let a council send its units (feed ta_stock)")
    check_faults("the current run", kind.faults(posed.problem))
    plan = kind.solve(posed.problem, limits, _before(folder, PlacementPlan))
    people = json.dumps(posed.people, indent=1, sort_keys=True) + "\n"
    put_plan(folder, {PROBLEM_FILE: write(posed.problem), PLAN_FILE: write(plan), PEOPLE_FILE: people})
    return Planned(posed.problem, plan, _staying(posed.problem), posed.left, folder)


def plan_listing(
    place: Place, run: Run, open_tables: Open, limits: Limits, decided: Sequence[DecidedHearing] = ()
) -> PlannedList:
    """Plan the court list of a published run and keep problem and plan beside it.

    `decided` is what people said to earlier lists, in the order of time. Raises `NotPosed` where the run holds no diary
    of a court or one whose horizon is over, `DocumentInvalid` where the diary or the requests say what cannot be,
    `PlanRefused`.
    """
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    engine = open_tables(run, listing.TABLES)
    try:
        posed = listing.pose(engine, as_of)
    finally:
        engine.close()
    kind, folder = KINDS["listing"], plan_folder(place.lake_folder, run, "listing")
    check_faults("the current run", kind.faults(posed.problem))
    problem, lost = apply_hearing_decisions(posed.problem, decided)
    left = replace(posed.left, decisions_lost=lost)
    plan = kind.solve(problem, limits, _before(folder, ListingPlan))
    documents = {
        PROBLEM_FILE: write(problem),
        PLAN_FILE: write(plan),
        PEOPLE_FILE: _json({case: asdict(parties) for case, parties in posed.people.items()}),
        SIGNALS_FILE: _json([as_json_document(signal) for signal in posed.signals]),
        LEFT_FILE: _json(asdict(left)),
    }
    put_plan(folder, documents)
    return PlannedList(problem, plan, posed.signals, left, folder)


Planner = Callable[[], Planned | PlannedList]
"""Plans a run as one kind."""


def plan_kinds(
    planners: Mapping[str, Planner],
) -> tuple[Mapping[str, Planned | PlannedList], Mapping[str, PlaceInvalid | DocumentInvalid]]:
    """Plan a run as each of some kinds; return the plans, and by kind why the run cannot be planned as it.

    What a partner sent wrongly for one kind hinders that kind alone. Raises `NoPlan`, `PlanRefused`.
    """
    planned: dict[str, Planned | PlannedList] = {}
    hindered: dict[str, PlaceInvalid | DocumentInvalid] = {}
    for kind, plan in planners.items():
        try:
            planned[kind] = plan()
        except (PlaceInvalid, DocumentInvalid) as error:
            hindered[kind] = error
    return planned, hindered


def _json(document: Any) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def list_units(run: Run, open_tables: Open) -> list[str]:
    """Return the units of the stock that a run holds."""
    engine = open_tables(run, ("unit",))
    try:
        return [str(row["unit_ref"]) for row in engine.rows("select distinct unit_ref from unit order by unit_ref")]
    finally:
        engine.close()


def _districts(place: Place) -> Mapping[str, str]:
    return {district.council: district.code for district in place.districts}


def _before(folder: Path, kind: type[APlan]) -> APlan | None:
    """Return the plan made for this run before, so that the new one can say what it changes; None of an older form."""
    path = folder / PLAN_FILE
    try:
        return parse(path.read_bytes(), kind, PLAN_FILE) if path.is_file() else None
    except DocumentInvalid:
        return None


def _staying(problem: Problem) -> Staying:
    case = Case(problem)
    pairs = [(each, case.units[each.current_unit]) for each in problem.households if each.current_unit]
    return Staying(levels_of(case, pairs), sum(not is_lawful(case, *pair) for pair in pairs))
