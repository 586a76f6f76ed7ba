"""Processes and servers ended in the middle of what Braid does: nothing lost, nothing twice, nothing half done.

A few at each change. `BRAID_KILLS` and `BRAID_SERVER_KILLS` say how many of each way the slow tests end, from the seed
`BRAID_SEED`; a fault that is found says how to pose that one again.
"""

import os
import shutil
import subprocess
import sys

import pytest

from faults.chain_ways import AllButVisible, Ingest, LinkingNight, Visible, make_evening, make_until, write_place
from faults.forked import in_fork
from faults.killing import KILL, ONE, Course, end_often
from faults.strikes import STRIKES
from faults.ways import WAYS
from faults.world import in_world

SEED = int(os.environ.get("BRAID_SEED", "20261130"))
KILLS = int(os.environ.get("BRAID_KILLS", "100"))
SERVER_KILLS = int(os.environ.get("BRAID_SERVER_KILLS", "10"))
FEW = 2
QUICK = ("publication", "outbox", "case edit by API")


def ended(name: str, kind: str, seed: int, times: int) -> Course:
    """End a way so many times, in a world of its own."""

    def work(world):
        strike = {"strike": STRIKES[kind](world)} if kind != KILL else {}
        return end_often(WAYS[name](world), seed, times, kind, **strike)

    return in_world(work)


def check(courses: list[Course]) -> None:
    """Say what was done, and fail with every fault and how to pose it again."""
    for course in courses:
        print("ended:", course.line())
    faults = [fault for course in courses for fault in course.faults]
    assert not faults, "\n".join(faults)
    assert ONE in os.environ or sum(course.ended for course in courses) > 0, "nothing was ended in the middle"


def test_a_few_ends_lose_nothing_and_do_nothing_twice():
    """In a process that did nothing before: threads of a library that was used do not outlive a fork."""
    apart = f"{__file__}::test_a_few_of_each_way_in_this_process"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "slow", apart]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.slow
def test_a_few_of_each_way_in_this_process():
    check(in_world(lambda world: [end_often(WAYS[name](world), SEED, FEW) for name in QUICK]))


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_many_killed_processes_lose_nothing_and_do_nothing_twice(name):
    check([ended(name, KILL, SEED, KILLS)])


@pytest.mark.slow
@pytest.mark.parametrize("kind", STRIKES)
@pytest.mark.parametrize("name", WAYS)
def test_many_ended_sessions_and_servers_lose_nothing_and_do_nothing_twice(name, kind):
    check([ended(name, kind, SEED, SERVER_KILLS)])


def test_a_few_ends_of_reading_partners_files_lose_no_row_and_read_none_twice(tmp_path):
    write_place(tmp_path / "made")
    check([in_fork(lambda: end_often(Ingest(tmp_path / "made", tmp_path), SEED, FEW))])


@pytest.mark.slow
def test_many_ends_of_a_run_leave_the_run_before_and_end_like_one_that_was_not(tmp_path):
    evening = make_evening(tmp_path / "evening")
    read = make_until(Ingest, evening, tmp_path / "read")
    whole = tmp_path / "all but visible"
    shutil.copytree(make_until(AllButVisible, read, tmp_path / "rest"), whole)
    ways = (Ingest(evening, tmp_path), LinkingNight(read, tmp_path), Visible(whole, tmp_path))
    check([in_fork(lambda way=way: end_often(way, SEED, KILLS)) for way in ways])
