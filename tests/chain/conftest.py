"""A small example place, written and run once for the tests of the chain."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import pytest

from braid.example.write import write_example
from braid.extracts.standards.joint_work import COLUMNS
from braid.pipeline import RunReport, run_chain
from braid.store.place_folder import Place, load_place

PEOPLE = 3000
LAST_DAY = dt.date(2026, 11, 15)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An example place of two weeks, run to the last."""
    folder = tmp_path_factory.mktemp("place")
    write_example(folder / "place", people=PEOPLE, seed=5, weeks=2, as_of=LAST_DAY)
    put_joint_work(folder / "place")
    return load_place(folder / "place")


def put_joint_work(folder: Path) -> None:
    """Write a case about the first child of the place's truth that any council sent, as the web app writes it."""
    with (folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        key = next(row for row in csv.DictReader(file) if row["feed"].endswith("-cin"))
    extract = folder / "extracts" / "joint-work" / (LAST_DAY - dt.timedelta(days=8)).isoformat()
    extract.mkdir(parents=True)
    case = [
        "JC-TEST-01",
        "case-1",
        key["feed"],
        key["partner_record_id"],
        "joint_case",
        "placement_panel",
        "2026-11-02",
    ]
    gone = ["JC-TEST-02", "case-2", key["feed"], "no such key", "joint_case", "placement_panel", "2026-11-02"]
    with (extract / "joint_work.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, [*case, "", "open", "", "special"], [*gone, "", "open", "", "special"]])


@pytest.fixture(scope="session")
def first_week(place: Place) -> RunReport:
    """The run of the week before."""
    return run_beside(place, LAST_DAY - dt.timedelta(days=7))


@pytest.fixture(scope="session")
def report(place: Place, first_week: RunReport) -> RunReport:
    """The run of the last week, which follows the run of the week before."""
    return run_beside(place, LAST_DAY)


def run_beside(place: Place, day: dt.date) -> RunReport:
    """Run the chain with feeds read side by side by processes of their own, as where Braid is at home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAID_WORKERS", "2")
        return run_chain(place, day)


@pytest.fixture
def private_place(place: Place, report: RunReport, tmp_path: Path) -> Place:
    """A copy of the place's folder without its lake, for tests that write to it."""
    return _copy_without_runs(place, tmp_path / "place")


@pytest.fixture(scope="session")
def run_once(place: Place, report: RunReport, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A copy of the place's folder with one run, of the last day, that followed none."""
    alone = _copy_without_runs(place, tmp_path_factory.mktemp("alone") / "place")
    run_chain(alone)
    return alone


@pytest.fixture
def ran_place(run_once: Place, tmp_path: Path) -> Place:
    """A copy of that copy with its run, for tests that write to it."""
    return load_place(shutil.copytree(run_once.folder, tmp_path / "place"))


def _copy_without_runs(place: Place, folder: Path) -> Place:
    return load_place(shutil.copytree(place.folder, folder, ignore=shutil.ignore_patterns("lake", "state")))
