"""A night of the whole chain links what changed; killed anywhere, it leaves the run before and ends the same."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from braid.example.write import write_example
from braid.people.decisions import COLUMNS, DECISIONS_FILE
from braid.people.night import DOUBTS, FILES, GAPS, JOINS
from braid.pipeline import run_chain
from braid.store.lake import Lake, Run
from braid.store.place_folder import PlaceInvalid, load_place
from braid.store.restricted import append_restricted, read_restricted
from chain.conftest import LAST_DAY
from chain.test_chain import _clusters
from shared import REPOSITORY

PEOPLE = 500
WEEK_BEFORE = LAST_DAY.replace(day=LAST_DAY.day - 7)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small place of two weeks of extracts, run to the first."""
    folder = tmp_path_factory.mktemp("evening") / "place"
    write_example(folder, people=PEOPLE, seed=6, weeks=2, as_of=LAST_DAY)
    run_chain(load_place(folder), WEEK_BEFORE)
    return folder


@pytest.fixture(scope="module")
def night(evening: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, float]:
    """The run of the night after, which nobody killed, and how many seconds it took."""
    folder = tmp_path_factory.mktemp("night") / "place"
    shutil.copytree(evening, folder)
    begun = time.monotonic()
    assert _start(folder).wait(600) in (0, 1)
    lasted = time.monotonic() - begun
    run = Lake(folder / "lake").current()
    assert run is not None and len(Lake(folder / "lake").runs()) == 2
    return run, lasted


def _start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "braid", "run", str(folder)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "BRAID_WORKERS": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _persons(run: Run) -> dict[str, str]:
    links = pq.read_table(run.table("person_link"), columns=["person_record_id", "person_id"])
    return dict(zip(links.column(0).to_pylist(), links.column(1).to_pylist(), strict=True))


def _kept(run: Run, name: str) -> object:
    """Return what a run kept for the night after; the first record of a person stands for its id, which is drawn."""
    table = pq.read_table(run.table(name))
    if name not in (JOINS, GAPS):
        return table
    first: dict[str, str] = {}
    for record, person in sorted(_persons(run).items()):
        first.setdefault(person, record)
    ends = {"person_id": "share", "other_person_id": "other_share"}
    return sorted(
        (
            sorted((first[row[end]], row.get(share, 0.0)) for end, share in ends.items() if end in row),
            [row[column] for column in ("source_a", "source_b", "pairs", "chance")],
        )
        for row in table.to_pylist()
    )


def _kill_at(evening: Path, folder: Path, seconds: float) -> bool:
    """Run the night and kill it; return whether it was still running. What is visible is whole either way."""
    shutil.copytree(evening, folder)
    run = _start(folder)
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.wait(seconds)
    was_running = run.poll() is None
    if was_running:
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    visible = Lake(folder / "lake").current()
    assert visible is not None and pq.read_table(visible.table("person_link")).num_rows > 0
    return was_running


def _kill_at_points(evening: Path, night: tuple[Run, float], tmp_path: Path, points: int) -> int:
    clean, lasted = night
    before = next(run for run in Lake(evening / "lake").runs())
    killed = 0
    for point in range(1, points + 1):
        folder = tmp_path / str(point)
        killed += _kill_at(evening, folder, lasted * point / (points + 1))
        lake = Lake(folder / "lake")
        if len(lake.runs()) == 1:
            visible = lake.current()
            assert visible is not None and _persons(visible) == _persons(before), "the last good state"
        assert _start(folder).wait(600) in (0, 1)
        ended = lake.current()
        assert ended is not None and ended.id == clean.id and len(lake.runs()) == 2
        assert _clusters(ended) == _clusters(clean)
        known = set(_persons(before).values())
        ours, theirs = ({r: p for r, p in _persons(run).items() if p in known} for run in (ended, clean))
        assert ours == theirs, "whoever had an id has it"
        for name in FILES:
            assert _kept(ended, name) == _kept(clean, name), name
        assert ended.manifest["stages"]["link"]["compared"] == clean.manifest["stages"]["link"]["compared"]
        shutil.rmtree(folder)
    return killed


def test_the_night_links_what_changed_as_a_full_run_does(
    evening: Path, night: tuple[Run, float], tmp_path: Path
) -> None:
    run, _ = night
    stage = run.manifest["stages"]["link"]
    assert stage["compared"] == "night"
    assert 0 < stage["records_changed"] < stage["records"] / 4
    shutil.copytree(evening, tmp_path / "place")
    full = run_chain(load_place(tmp_path / "place"), full=True).run
    assert full.manifest["stages"]["link"]["compared"] == "full"
    assert _clusters(full) == _clusters(run)
    for name in FILES:
        assert _kept(full, name) == _kept(run, name), name


@pytest.mark.slow
def test_a_night_killed_anywhere_ends_like_one_that_was_not(
    evening: Path, night: tuple[Run, float], tmp_path: Path
) -> None:
    assert _kill_at_points(evening, night, tmp_path, 3) > 0


@pytest.mark.slow
def test_a_night_killed_at_a_hundred_points_ends_like_one_that_was_not(
    evening: Path, night: tuple[Run, float], tmp_path: Path
) -> None:
    assert _kill_at_points(evening, night, tmp_path, 100) > 50


def _texts(path: Path) -> set[str]:
    """Return every text of a table, of lists too."""
    columns = pq.read_table(path).columns
    flat = (pc.list_flatten(column) if pa.types.is_list(column.type) else column for column in columns)
    return {value for column in flat if pa.types.is_string(column.type) for value in column.to_pylist() if value}


def test_a_withdrawn_record_is_in_no_table_of_the_run(evening: Path, tmp_path: Path) -> None:
    folder = tmp_path / "place"
    shutil.copytree(evening, folder)
    place = load_place(folder)
    before = next(run for run in Lake(folder / "lake").runs())
    columns = ["record_id", "feed", "partner_record_id"]
    gone = pq.read_table(before.table("person_record"), columns=columns).to_pylist()[5]
    path = folder / "restricted" / "withdrawn.csv"
    path.write_text(
        "feed,partner_record_id,cause,decided_date,reference\n"
        f"{gone['feed']},{gone['partner_record_id']},erasure,2026-11-14,ER-1\n",
        encoding="utf-8",
    )
    other = pq.read_table(before.table("person_record"), columns=columns).to_pylist()[9]
    cells = (gone["feed"], gone["partner_record_id"], other["feed"], other["partner_record_id"], "different")
    row = dict(zip(COLUMNS, (*cells, "one", "two", "2026-11-14", "LR-1"), strict=True))
    append_restricted(place, DECISIONS_FILE, COLUMNS, row)
    run = run_chain(place).run
    rows = read_restricted(place, DECISIONS_FILE, COLUMNS)
    line, kept = rows[-1]
    assert (line, kept["decision"]) == (len(rows) + 1, "different"), "lines keep their numbers"
    assert kept["partner_record_id_b"] == other["partner_record_id"]
    assert kept["partner_record_id_a"].startswith("withdrawn ")
    assert run.manifest["stages"]["link"]["withdrawn"] == 1
    assert [path.name for path in sorted(run.folder.glob("*.parquet")) if gone["record_id"] in _texts(path)] == []
    assert any(pa.types.is_list(column.type) for column in pq.read_table(run.table(DOUBTS)).columns), "lists too"
    path.unlink()
    with pytest.raises(PlaceInvalid, match="is gone or empty"):
        run_chain(place, again=True)
