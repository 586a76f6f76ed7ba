"""The plan of placements of the sample's run, as files beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sample_run import AS_OF, CHILD, ONE_WAIT, person_id, sample_tables, write_run

from braid.language.documents import write
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.planning.placements.model import Child, Household, Prices, Problem, School, Shortlists, Unit
from braid.planning.travel.model import Point
from braid.problems.plans.run import PEOPLE_FILE, PLAN_FILE, PROBLEM_FILE
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.store.plan_folder import plan_folder, put_plan

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
        unit("N/bnb", "bed_and_breakfast", 1, 0.00, night_pence=9_000.0),
        unit("N/1", "leased", 2, 0.01),
        unit("N/2", "leased", 1, 0.02),
        unit("N/3", "council", 3, 0.03),
        unit("N/4", "nightly", 3, 0.30, night_pence=12_000.0),
        unit("S/1", "leased", 2, 0.05, SOUTHWICK),
        unit("S/2", "leased", 2, 0.06, SOUTHWICK),
    )
    family = Household(
        "family", NORTHMERE, 2, children=(child("c1", 11, "school"),), current_unit="N/bnb", bed_and_breakfast_days=36
    )
    pair = Household("pair", NORTHMERE, 1, children=(child("c2", 9, "school"),), current_unit="N/1")
    crowded = Household("crowded", NORTHMERE, 3, children=(child("c3", 15, "school", True),), current_unit="N/2")
    south = Household("south", SOUTHWICK, 2, children=(child("c4", 7, "school"),), current_unit="S/2")
    problem = Problem(
        kind="placements",
        on_date=AS_OF,
        districts=(NORTHMERE, SOUTHWICK),
        schools=(School("school", point(0.0)),),
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


def write_whole_run(
    place: Place, run_id: str, extra_people: int, homes: Mapping[str, list[dict[str, Any]]] = MappingProxyType({})
) -> Run:
    """Write a run of the sample in which everybody of the plan's households is somebody, as in every run.

    `homes` are rows of the tables of households.
    """
    tables = {**sample_tables(extra_people), **homes}
    known = next(row for row in tables["person"] if row["person_id"] == ONE_WAIT)
    tables["person"].append({**known, "person_id": ADULT, "given_name": "Fay"})
    return write_run(place, run_id, tables)


def point(east: float) -> Point:
    return Point(-2.3 + east, 53.5)


def unit(name: str, kind: str, bedrooms: int, east: float, district: str = NORTHMERE, **more) -> Unit:
    return Unit(name, district, kind, bedrooms, more.get("night_pence", 4_000.0), point(east))


def child(name: str, age: int, school: str, is_exam_year: bool = False) -> Child:
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
