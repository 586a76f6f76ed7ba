"""From a published run to its plans: posed, solved, checked, kept beside the run."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from braid.planning.contract import Level, Limits
from braid.planning.documents import PlanFileInvalid, check_faults, parse, write
from braid.planning.kinds import KINDS
from braid.planning.placements.checker import levels_of
from braid.planning.placements.lawfulness import Case, is_lawful
from braid.planning.placements.model import PlacementPlan, Problem
from braid.problems.plans import placements
from braid.problems.plans.decisions import Decided
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.store.plan_folder import plan_folder, put_plan

PROBLEM_FILE, PLAN_FILE, PEOPLE_FILE = "problem.json", "plan.json", "people.json"
Open = Callable[[Run, tuple[str, ...]], Engine]
"""Opens tables of a run; the pipeline alone picks engines."""


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


def plan_placements(
    place: Place, run: Run, open_tables: Open, limits: Limits, decided: Sequence[Decided] = ()
) -> Planned:
    """Plan the placements of a published run and keep problem and plan beside it. Raises `NoPlan`, `PlanRefused`.

    `decided` is what people said to earlier plans, in the order of time.
    """
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    engine = open_tables(run, placements.TABLES)
    try:
        posed = placements.pose(engine, as_of, _districts(place), decided)
    finally:
        engine.close()
    kind, folder = KINDS["placements"], plan_folder(place.lake_folder, run, "placements")
    check_faults("the current run", kind.faults(posed.problem))
    plan = kind.solve(posed.problem, limits, _before(folder))
    people = json.dumps(posed.people, indent=1, sort_keys=True) + "\n"
    put_plan(folder, {PROBLEM_FILE: write(posed.problem), PLAN_FILE: write(plan), PEOPLE_FILE: people})
    return Planned(posed.problem, plan, _staying(posed.problem), posed.left, folder)


def list_units(run: Run, open_tables: Open) -> list[str]:
    """Return the units of the stock that a run holds."""
    engine = open_tables(run, ("unit",))
    try:
        return [str(row["unit_ref"]) for row in engine.rows("select distinct unit_ref from unit order by unit_ref")]
    finally:
        engine.close()


def _districts(place: Place) -> Mapping[str, str]:
    return {district.council: district.code for district in place.districts}


def _before(folder: Path) -> PlacementPlan | None:
    """Return the plan made for this run before, so that the new one can say what it changes; None of an older form."""
    path = folder / PLAN_FILE
    try:
        return parse(path.read_bytes(), PlacementPlan, PLAN_FILE) if path.is_file() else None
    except PlanFileInvalid:
        return None


def _staying(problem: Problem) -> Staying:
    case = Case(problem)
    pairs = [(each, case.units[each.current_unit]) for each in problem.households if each.current_unit]
    return Staying(levels_of(case, pairs), sum(not is_lawful(case, *pair) for pair in pairs))
