"""The lake: a run is there whole or not at all, whatever is killed when."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from braid.store.lake import Lake, LakeBusy, fingerprint_of
from shared import REPOSITORY

WRITER = """
import sys, time
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from braid.store.lake import Lake
lake = Lake(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    with lake.writing():
        # Not from `current`: a kill may have come after the folder moved and before the pointer did.
        number = max((run.manifest["number"] for run in lake.runs()), default=0) + 1
        work = lake.begin(f"run{number}")
        for name in ("a", "b", "c"):
            if not work.is_done(name):
                pq.write_table(pa.table({"n": [number] * 2000}), work.table(name))
                work.mark_done(name, {"number": number})
        lake.publish(work, f"run-{number:06}", {"number": number, "tables": ["a", "b", "c"]})
"""


def _make(lake: Lake, number: int) -> None:
    work = lake.begin(f"work{number}")
    work.table("a").write_bytes(b"x" * number)
    work.mark_done("a", {"rows": number})
    lake.publish(work, f"run-{number}", {"number": number})


def test_nothing_is_visible_before_publication(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    work = lake.begin("one")
    work.table("a").write_bytes(b"x")
    work.mark_done("a", {})
    assert lake.current() is None
    assert lake.runs() == []
    lake.publish(work, "run-1", {"number": 1})
    assert lake.current().id == "run-1"
    assert lake.current().table("a").read_bytes() == b"x"


def test_an_interrupted_run_is_taken_up_and_other_leftovers_go(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    old = lake.begin("old")
    old.mark_done("a", {})
    work = lake.begin("new")
    work.mark_done("a", {"rows": 3})
    again = lake.begin("new")
    assert again.is_done("a")
    assert again.summary("a") == {"rows": 3}
    assert not again.is_done("b")
    assert not old.folder.exists()


def test_runs_are_listed_and_an_older_one_can_be_shown_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _make(lake, 1)
    _make(lake, 2)
    assert [run.id for run in lake.runs()] == ["run-1", "run-2"]
    assert lake.current().manifest == {"number": 2}
    lake.show("run-1")
    assert lake.current().id == "run-1"
    with pytest.raises(FileNotFoundError):
        lake.show("run-3")
    assert lake.current().id == "run-1"


def test_two_writers_never_meet(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.writing(), pytest.raises(LakeBusy, match="another run"), Lake(tmp_path).writing():
        pass
    with lake.writing():
        pass


def test_fingerprints_do_not_depend_on_order_of_keys() -> None:
    assert fingerprint_of({"a": 1, "b": [1, 2]}) == fingerprint_of({"b": [1, 2], "a": 1})
    assert fingerprint_of({"a": 1}) != fingerprint_of({"a": 2})


def test_kill_at_any_moment_leaves_a_whole_run_or_none(tmp_path: Path) -> None:
    """Kill a writer again and again with SIGKILL: what is visible is whole, in order, and never goes back."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    seen = 0
    for attempt in range(60):
        if attempt >= 8 and seen > 0:
            break  # on a machine that is busy with much else, the first ones are killed before they have written a run
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        writer = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        writer.stdout.readline()  # it has loaded its libraries, which takes long on a busy machine
        time.sleep(0.1 + 0.037 * attempt)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        current = Lake(tmp_path).current()
        number = current.manifest["number"] if current else 0
        assert number >= seen
        seen = number
        for run in Lake(tmp_path).runs():
            sizes = {name: run.table(name).stat().st_size for name in run.manifest["tables"]}
            assert min(sizes.values()) > 100
        numbers = [run.manifest["number"] for run in Lake(tmp_path).runs()]
        assert numbers == list(range(1, len(numbers) + 1))
    assert seen > 0
    assert json.loads((Lake(tmp_path).current().folder / "manifest.json").read_text())["number"] == seen


def test_a_run_whose_pointer_never_moved_is_whole_and_can_be_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path)
    _make(lake, 1)
    with monkeypatch.context() as killed:
        killed.setattr(Lake, "show", lambda *_: None)
        _make(lake, 2)
    assert (lake.current().id, [run.id for run in lake.runs()]) == ("run-1", ["run-1", "run-2"])
    assert lake.show("run-2").table("a").read_bytes() == b"xx"
    _make(lake, 3)
    assert lake.current().id == "run-3"


def test_a_new_lake_is_for_its_own_user_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "place" / "lake")
    with lake.writing():
        assert lake.folder.stat().st_mode & 0o777 == 0o700
