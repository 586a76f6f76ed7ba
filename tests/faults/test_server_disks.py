"""A full disk under the database server: pages say so, nothing is half written, and it comes back by itself."""

import time
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from braid.web.models import AuditEntry
from braid.web.no_database import cannot_serve
from braid.web.pages_role import PAGES_ROLE
from braid.web.watch import known_asker
from faults.forked import in_fork
from faults.pages_under_fault import Desk, watching
from faults.small_server import disk, fill, give_to_server, make_room, move_log, move_tables
from faults.world import VICTIM_NAME, World, in_world, is_alive, point_at, postmaster_of

MOST_ASKED = 400


def entries(world: World) -> int:
    connections.close_all()
    point_at(world.server.url)
    with known_asker():
        found = AuditEntry.objects.count()
    connections.close_all()
    point_at(world.server.url, VICTIM_NAME, PAGES_ROLE)
    return found


def ask_until_full(desk: Desk) -> None:
    """Ask for pages until the room that tables have left in themselves is used up."""
    for _ in range(MOST_ASKED):
        if desk.ask().status_code != 200:
            return
    raise AssertionError("there was room for everything")


def test_a_table_without_room_shows_nothing_and_says_503_until_there_is_some():
    def work(world: World) -> None:
        data = world.server._find_home() / "data"
        world.folder.chmod(0o755)
        with disk(world.folder / "disk", 8) as small:
            small.chmod(0o755)
            (small / "tables").mkdir()
            give_to_server(small / "tables", data)
            move_tables(world.server.url, small / "tables", ("braid_auditentry",))

            def pages() -> None:
                desk = Desk(world, world.server.url)
                fill(small)
                ask_until_full(desk)
                before, shown = entries(world), desk.shown
                for _ in range(3):
                    answer = desk.ask()
                    assert answer.status_code == 503 and answer["Retry-After"] == "60"
                assert desk.client.post("/reason/", {}).status_code in (200, 400, 503)
                assert watching().get("/health/live/").status_code == 200
                assert (entries(world), desk.shown) == (before, shown), "an entry of a page that was not shown"
                make_room(small)
                desk.settle()

            in_fork(pages)
            connections.close_all()
            point_at(world.server.url)
            world.check_record()
            with psycopg.connect(world.server.url, autocommit=True) as owner:
                owner.execute("alter table braid_auditentry set tablespace pg_default")
                for (index,) in owner.execute(
                    "select indexrelid::regclass::text from pg_index where indrelid = 'braid_auditentry'::regclass"
                ).fetchall():
                    owner.execute(f"alter index {index} set tablespace pg_default")
                owner.execute("drop tablespace small")

    in_world(work)


@pytest.mark.slow
def test_a_log_without_room_stops_the_server_and_what_was_committed_is_there_after():
    def work(world: World) -> None:
        data = world.server._find_home() / "data"
        world.folder.chmod(0o755)
        connections.close_all()
        _stop(world, data)
        with disk(world.folder / "disk", 160) as small:
            small.chmod(0o755)
            move_log(data, small)
            world.server.start()
            try:
                _pose(world, small)
            finally:
                make_room(small)
                world.revive()
                connections.close_all()
                _stop(world, data)

    in_world(work)


def _pose(world: World, small: Path) -> None:
    with psycopg.connect(world.server.url, autocommit=True) as owner:
        owner.execute("create table if not exists noise (number integer, words text)")
        owner.execute("truncate noise")
        owner.execute("checkpoint")

    def pages() -> None:
        desk = Desk(world, world.server.url)
        fill(small)
        committed = 0
        try:
            with psycopg.connect(world.server.url, autocommit=True) as owner:
                for number in range(100_000):
                    owner.execute("insert into noise values (%s, repeat('x', 100000))", [number])
                    committed = number + 1
        except psycopg.Error as fault:
            print(type(fault).__name__)
        else:
            raise AssertionError("there was room for everything")
        end = time.monotonic() + 120
        while desk.ask().status_code != 503 and time.monotonic() < end:
            time.sleep(0.2)
        assert desk.ask().status_code == 503
        ready = watching().get("/health/ready/")
        assert (ready.status_code, ready.json()["missing"]) == (503, ["database_does_not_answer"])
        make_room(small)
        connections.close_all()
        point_at(world.server.url)
        world.revive()
        with psycopg.connect(world.server.url, autocommit=True) as owner:
            kept = owner.execute("select count(*), max(number) from noise").fetchone()
        assert kept in ((committed, committed - 1), (committed + 1, committed)), (kept, committed)
        connections.close_all()
        point_at(world.server.url, VICTIM_NAME, PAGES_ROLE)
        desk.settle()

    in_fork(pages)
    connections.close_all()
    point_at(world.server.url)
    world.revive()
    world.check_record()


def _stop(world: World, data: Path) -> None:
    number = postmaster_of(world.server)
    world.server.stop()
    end = time.monotonic() + 60
    while is_alive(number) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(number), f"the server of {data.name} goes on"


def test_only_what_the_database_cannot_do_for_anybody_is_told_to_be_tried_again():
    full = psycopg.errors.DiskFull()
    wrapped = RuntimeError("a page")
    wrapped.__cause__ = full
    assert cannot_serve(full) and cannot_serve(wrapped) and cannot_serve(psycopg.errors.OutOfMemory())
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect("host=/nowhere/at/all dbname=x")
    assert cannot_serve(refused.value)
    for other in (None, ValueError(), psycopg.errors.AdminShutdown(), psycopg.errors.UniqueViolation(), OSError()):
        assert not cannot_serve(other)
