"""Disks that are full or cannot be written: nothing is half there, somebody is told, and it goes on when there is room.

Posed with a small file system in memory of its own, which needs the right to mount one; skipped, saying so, without.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from sample_run import sample_tables, write_run, write_sample_place

from braid.outbound.model import ChannelNotAvailable
from braid.outbound.spool import put_into_spool
from braid.store.lake import Lake
from braid.store.postgres import EmbeddedPostgres
from braid.web.models import OutboxMessage, PublishedRun
from braid.web.publish import publish
from braid.web.watch import known_asker
from faults.chain_ways import write_place
from faults.forked import in_fork
from faults.ways import Outbox
from faults.world import World, in_world, open_world, point_at

BLOCK = b"0" * 65536


@contextlib.contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a file system of so many megabytes at a new folder, until the block ends."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("nobody lets us mount a small disk here: run as root to pose a full one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on the disk of a folder, until the block ends."""
    path = folder / "somebody else's"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(BLOCK):
            pass
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"0"):
            pass
    try:
        yield
    finally:
        path.unlink()


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
            assert not [path for path in spool.iterdir() if path.name not in ("before", "somebody else's")]
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


@pytest.mark.slow
@pytest.mark.parametrize("part", ["data", "log"])
def test_a_database_whose_disk_is_full_loses_nothing(part, tmp_path, monkeypatch):
    """All of a server on a small disk, or its log alone: it fails, and what was not done is done when there is room."""
    with disk(tmp_path / "disk", 240) as folder:
        folder.chmod(0o755)
        if part == "data":
            monkeypatch.setattr(tempfile, "tempdir", str(folder))

        def work() -> None:
            with open_world(EmbeddedPostgres if part == "data" else partial(with_log_on, folder)) as world:
                _work_without_room(world, folder)

        in_fork(work)


def with_log_on(folder: Path, state_folder: Path) -> EmbeddedPostgres:
    """Return the server of a state folder, with its log moved to another disk."""
    server = EmbeddedPostgres(state_folder)
    log = server._find_home() / "data" / "pg_wal"
    owner = log.stat()
    shutil.move(log, folder / "pg_wal")
    log.symlink_to(folder / "pg_wal")
    for path in (folder / "pg_wal", *(folder / "pg_wal").rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    return server


def _work_without_room(world: World, folder: Path) -> None:
    """Publish on and on without room until it fails; then with room, after which all of it stands."""
    with filled(folder), pytest.raises((OperationalError, InterfaceError, psycopg.Error)):
        for number in range(200):
            publish(world.runs[number % 2], world.place)
            with connection.cursor() as cursor:
                cursor.execute("select pg_switch_wal()")
                cursor.execute("create table if not exists filler (words text)")
                cursor.execute("insert into filler select repeat(md5(n::text), 100) from generate_series(1, 5000) n")
    connections.close_all()
    point_at(world.server.url)
    world.revive()
    with known_asker():
        assert PublishedRun.objects.get().run_id in {run.id for run in world.runs}
    world.check_record()
    for run in world.runs:
        publish(run, world.place)
        with known_asker():
            assert PublishedRun.objects.get().run_id == run.id
    world.check_record()
