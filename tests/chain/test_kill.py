"""Kill -9 in the middle of a run, then run again: nothing lost, nothing twice."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from braid.pipeline import run_chain
from braid.store.lake import Lake
from braid.store.place_folder import Place
from chain.test_chain import FINDINGS, _clusters
from shared import REPOSITORY

KILLS = 7
RESTS_ON_THE_RUN_BEFORE = (
    *("person_history", "membership", "person_lineage", "kept_apart"),
    *("rank_change", "priority_reach", "priority_fairness"),
    *("household_member", "household_event", "household_history"),  # days on which something was shown
    *("link_sample", "link_sample_group", "link_frame", "link_review_field"),  # a sample of the quarter is carried
)
WITHOUT_IDS = ("backlog_measure", "area_measure", "service_measure", "service_week", "service_overlap")


def _start(place: Place) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "braid", "run", str(place.folder)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "BRAID_WORKERS": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_like_one_that_was_not(private_place: Place, place: Place, report) -> None:
    lake = Lake(private_place.lake_folder)
    for kill in range(KILLS):
        run = _start(private_place)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(1.0 + 1.3 * kill)
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        current = lake.current()
        assert current is None or pq.read_table(current.table("multi_backlog")).num_rows > 0
    ended = _start(private_place)
    assert ended.wait(300) in (0, 1)
    clean = report.run
    killed = lake.current()
    assert len(lake.runs()) == 1
    assert _clusters(killed) == _clusters(clean)
    for name in FINDINGS:
        if name not in RESTS_ON_THE_RUN_BEFORE:
            rows = [pq.read_table(run.table(name)).num_rows for run in (killed, clean)]
            assert rows[0] == rows[1], name
    for name in WITHOUT_IDS:
        assert pq.read_table(killed.table(name)).equals(pq.read_table(clean.table(name)))
    assert not run_chain(private_place).fresh
