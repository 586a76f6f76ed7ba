"""Ways to school in a problem of placements: routed where streets lead, with what it rests on, else an estimate."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from braid.language.documents import read_document, write
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.planning.placements.journeys import route_journeys
from braid.planning.placements.model import Child, Household, Journey, Problem, School, Unit, faults
from braid.planning.travel.run import read_networks
from cli.forked import braid
from planning.travel.towns import corner, grid, write_town


@pytest.fixture
def problem() -> Problem:
    """A child whose school is five streets from one unit, and far from all streets from another."""
    return Problem(
        kind="placements",
        on_date=dt.date(2027, 1, 11),
        districts=("north",),
        schools=(School("school", corner(5, 0)), School("other", corner(7, 7))),
        units=(
            Unit("near", "north", "leased", 2, 4000.0, corner(0, 0)),
            Unit("away", "north", "leased", 2, 4000.0, corner(40, 0)),
        ),
        households=(Household("h", "north", 2, children=(Child("c", 9, "school"),)),),
    )


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_town(tmp_path / "town.osm", 8, grid(8))


def test_a_way_over_streets_is_within_and_what_no_street_reaches_is_not_known(problem: Problem, town: Path) -> None:
    routed = route_journeys(problem, read_networks(town, None, problem.on_date, dt.time(8, 45)))
    (journey,) = routed.journeys
    assert (journey.unit, journey.school) == ("near", "school")
    assert journey.metres == pytest.approx(500, abs=3)
    plan = KINDS["placements"].solve(routed, Limits(seconds=1))
    (way,) = plan.placements[0].journeys
    assert (way.reach, way.walking, way.reckoned) == ("within", "within", "routed on foot: streets of town.osm")
    before = KINDS["placements"].solve(problem, Limits(seconds=1)).placements[0].journeys[0]
    assert (before.reach, before.walking, before.reckoned) == ("not_known", "not_known", "estimate")


def test_half_a_route_leaves_the_other_half_an_estimate(problem: Problem) -> None:

    timed = replace(problem, journeys=(Journey("near", "school", 80.0, None, "timetable"),), units=problem.units[:1])
    (way,) = KINDS["placements"].solve(timed, Limits(seconds=1)).placements[0].journeys
    assert (way.minutes, way.reach, way.walking) == (80.0, "beyond", "not_known")
    assert way.reckoned == "timetable; the rest is an estimate"
    neither = replace(problem, journeys=(Journey("near", "school", None, None, "nothing"),))
    assert [place for place, _, _ in faults(neither)] == ["journeys[0]"]


def test_the_command_writes_a_problem_with_its_journeys(problem: Problem, town: Path, tmp_path: Path) -> None:
    path, out = tmp_path / "problem.json", tmp_path / "routed.json"
    path.write_text(write(problem), encoding="utf-8")
    asking = ("plan", "journeys", path, "--out", out)
    done = braid(*asking, "--streets", town)
    assert done.returncode == 0, done.stderr
    assert len(read_document(out, Problem).journeys) == 1
    refused = braid(*asking)
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    wrong = braid(*asking, "--streets", path)
    assert (wrong.returncode, "it is no OpenStreetMap extract" in wrong.stderr) == (3, True)
