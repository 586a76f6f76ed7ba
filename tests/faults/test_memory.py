"""No memory left: what was being done is taken back, and done again when there is some."""

import contextlib
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

ROOM = (64, 1024, 30 * 1024)
"""Kilobytes that a publication is given, beyond what it holds."""
MOST = 32 * 1024 * 1024
SIZES = (1 << 20, 1 << 16, 1 << 12, 1 << 8)
"""Of the blocks by which all else is taken: what a process freed it keeps, and would go on with."""


def shown_run() -> str:
    with known_asker():
        return str(PublishedRun.objects.get().run_id)


def publish_within(world: World, kilobytes: int) -> None:
    """Publish the later run with so many kilobytes of room; in a fork, since the limit cannot be lifted."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MOST
    hoard: dict[int, list[bytes]] = {size: [] for size in SIZES}
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for size, blocks in hoard.items():
        with contextlib.suppress(MemoryError):
            while True:
                blocks.append(bytes(size))
    wanted = kilobytes * 1024
    for size, blocks in hoard.items():
        while blocks and wanted >= size:
            blocks.pop()
            wanted -= size
    publish(world.runs[1], world.place)
    hoard.clear()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="how much memory a process holds is read from /proc")
def test_a_publication_without_memory_is_taken_back_whole():
    def work(world: World) -> list[int]:
        codes = []
        for kilobytes in ROOM:
            world.put_back()
            connections.close_all()
            codes.append(end_of(begin(lambda kilobytes=kilobytes: publish_within(world, kilobytes))))
            shown = shown_run()
            assert shown == world.runs[1 if codes[-1] == 0 else 0].id, (codes, shown)
            world.check_record()
            publish(world.runs[1], world.place)
            assert shown_run() == world.runs[1].id
        return codes

    codes = in_world(work)
    assert any(code != 0 for code in codes), "there was room enough each time"
