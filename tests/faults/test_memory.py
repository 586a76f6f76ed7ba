"""No memory left: what was being done is taken back, and done again when there is some."""

import os
import resource
from pathlib import Path

import pytest
from django.db import connections

from braid.web.models import PublishedRun
from braid.web.publish import publish
from braid.web.watch import known_asker
from faults.forked import begin, end_of
from faults.world import World, in_world

ROOM = (1, 4, 16)
"""Megabytes that a publication is given beyond what the process holds already."""


def shown_run() -> str:
    with known_asker():
        return str(PublishedRun.objects.get().run_id)


def publish_within(world: World, megabytes: int) -> None:
    """Publish the later run with so many megabytes of room; in a fork, since the limit cannot be lifted."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    held = [bytes(1024 * 1024) for _ in range(max(megabytes - 1, 0))]
    publish(world.runs[1], world.place)
    held.clear()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="how much memory a process holds is read from /proc")
def test_a_publication_without_memory_is_taken_back_whole():
    def work(world: World) -> list[int]:
        codes = []
        for megabytes in ROOM:
            world.put_back()
            connections.close_all()
            codes.append(end_of(begin(lambda megabytes=megabytes: publish_within(world, megabytes))))
            shown = shown_run()
            assert shown == world.runs[1 if codes[-1] == 0 else 0].id, (codes, shown)
            world.check_record()
            publish(world.runs[1], world.place)
            assert shown_run() == world.runs[1].id
        return codes

    codes = in_world(work)
    assert any(code != 0 for code in codes), "there was room enough each time"
