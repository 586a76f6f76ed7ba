"""Disks that are full or cannot be written: nothing is half there, somebody is told, and it goes on when there is room.

Posed with a small file system in memory of its own, which needs the right to mount one; skipped, saying so, without.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_run import sample_tables, write_run, write_sample_place

from braid.outbound.model import ChannelNotAvailable
from braid.outbound.spool import put_into_spool
from braid.store.lake import Lake
from braid.web.models import OutboxMessage
from braid.web.watch import known_asker
from faults.chain_ways import write_place
from faults.small_server import BLOCK, FILLER, disk, fill, make_room
from faults.ways import Outbox
from faults.world import World, in_world


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on the disk of a folder, until the block ends."""
    fill(folder)
    try:
        yield
    finally:
        make_room(folder)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write to the disk of a folder, until the block ends."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


@pytest.mark.parametrize("hindered", [filled, read_only])
def test_a_spool_that_cannot_be_written_takes_nothing_and_later_everything(hindered, tmp_path):
    with disk(tmp_path / "disk", 1) as spool:
        put_into_spool(spool, "before", b"a letter")
        with hindered(spool):
            with pytest.raises(ChannelNotAvailable, match="check its disk"):
                put_into_spool(spool, "letter", BLOCK)
            assert not [path for path in spool.iterdir() if path.name not in ("before", FILLER)]
        assert put_into_spool(spool, "letter", BLOCK) == "letter"
        assert sorted(path.name for path in spool.iterdir()) == ["before", "letter"]


@pytest.mark.slow
@pytest.mark.parametrize("hindered", [filled, read_only])
def test_a_lake_that_cannot_be_written_shows_the_run_before(hindered, tmp_path):
    with disk(tmp_path / "disk", 8) as folder:
        place, before = write_sample_place(folder / "place", extra_people=1)
        with hindered(folder):
            with pytest.raises(Exception, match=r"[Nn]o space|[Rr]ead-only"):
                write_run(place, "2026-11-22-sample", sample_tables(2))
            current = Lake(place.lake_folder).current()
            assert current is not None and current.id == before.id
        after = write_run(place, "2026-11-22-sample", sample_tables(2))
        current = Lake(place.lake_folder).current()
        assert current is not None and current.id == after.id


@pytest.mark.slow
def test_a_run_on_a_full_disk_says_so_without_a_traceback(tmp_path):
    with disk(tmp_path / "disk", 4) as folder:
        write_place(folder / "place")
        with filled(folder):
            ran = subprocess.run(
                [sys.executable, "-m", "braid", "run", str(folder / "place")],
                capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
    assert ran.returncode not in (0, 1), ran.stderr
    assert "Traceback" not in ran.stderr and "Next step" in ran.stderr, ran.stderr


@pytest.mark.slow
def test_messages_wait_while_their_spool_has_no_room_and_leave_once_after():
    def work(world: World) -> None:
        way = Outbox(world)
        with disk(world.spool, 1):
            with filled(world.spool):
                way.do()
                with known_asker():
                    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"queued"}
            way.again()
            way.check()
            assert len(world.spooled()) == 3, world.spooled()

    in_world(work)
