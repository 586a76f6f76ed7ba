"""Until when a place is kept: told by whoever keeps it, never earlier than before, and never more than is kept."""

import datetime as dt
import time

import psycopg
import pytest

from braid.store.journal import SLOT, ask_journal, begin_journal, follow_journal, journal_folder
from braid.store.postgres import EmbeddedPostgres
from braid.web.operating.kept_moments import Passing, find_drill, note_drill, tell_kept

AT = dt.datetime(2026, 11, 30, 2, 30, tzinfo=dt.UTC)
TABLE = "create table braid_keptmoment (kind text primary key, at timestamptz not null)"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with the table alone."""
    home = tmp_path_factory.mktemp("kept-moments")
    for folder in (home, home.parent):
        folder.chmod(0o755)
    with EmbeddedPostgres(home / "state") as made:
        yield made
    EmbeddedPostgres(home / "state").discard()


@pytest.fixture
def owner(server):
    with psycopg.connect(server.url, autocommit=True) as owner:
        owner.execute("drop table if exists braid_keptmoment")
        owner.execute(TABLE)
        yield owner


def moments(owner) -> dict[str, dt.datetime]:
    return dict(owner.execute("select kind, at from braid_keptmoment").fetchall())


def test_the_newest_whole_backup_and_drill_are_told_and_nothing_earlier_takes_their_place(server, owner, tmp_path):
    tell_kept(server.url, tmp_path)
    assert moments(owner) == {}
    for name, is_whole in (("20261129T023000Z", True), ("20261130T023000Z", True), ("20261201T023000Z", False)):
        (tmp_path / name).mkdir()
        if is_whole:
            (tmp_path / name / "manifest.json").write_text("{}")
    note_drill(tmp_path, "20261129T023000Z", AT)
    tell_kept(server.url, tmp_path)
    assert moments(owner) == {"backup": AT, "drill": AT}
    note_drill(tmp_path, "20261129T023000Z", AT - dt.timedelta(days=3))
    (tmp_path / "20261130T023000Z" / "manifest.json").unlink()
    tell_kept(server.url, tmp_path)
    assert moments(owner) == {"backup": AT, "drill": AT}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"at": 3}', '{"at": "yesterday"}', '{"at": "2026-11-30T02:30:00"}'])
def test_what_is_no_drill_is_none(tmp_path, text):
    (tmp_path / "drilled.json").write_text(text)
    assert find_drill(tmp_path) is None


def test_tables_of_a_version_before_are_left_alone(server, owner, tmp_path):
    owner.execute("drop table braid_keptmoment")
    note_drill(tmp_path, "20261129T023000Z", AT)
    tell_kept(server.url, tmp_path)
    Passing(server.url).look()


def test_a_moment_of_the_journal_has_passed_when_all_that_was_written_before_it_is_on_the_disk(server, owner, tmp_path):
    folder = journal_folder(server.url, tmp_path)
    begin_journal(server.url, folder)
    owner.execute("create table noise (words text)")
    try:
        passing = Passing(server.url)
        fetching = follow_journal(server.url, folder)
        until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=120)
        while not moments(owner) and dt.datetime.now(dt.UTC) < until:
            passing.look()
        fetching.kill()
        fetching.wait()
        while ask_journal(owner).is_followed:
            time.sleep(0.05)
        owner.execute("delete from braid_keptmoment")
        passing.waited_for = None
        passing.look()
        asked_at, place = passing.waited_for
        owner.execute("insert into noise select repeat('x', 900) from generate_series(1, 2000)")
        for _ in range(3):
            passing.look()
        assert moments(owner) == {}, "nobody fetches it"
        assert passing.waited_for == (asked_at, place)
        assert ask_journal(owner).behind_bytes > 1_000_000
        fetching = follow_journal(server.url, folder)
        try:
            while not moments(owner) and dt.datetime.now(dt.UTC) < until:
                passing.look()
            assert moments(owner) == {"journal": asked_at}
            assert passing.waited_for[0] > asked_at
        finally:
            fetching.kill()
            fetching.wait()
    finally:
        for _ in range(100):
            if not ask_journal(owner).is_followed:
                break
            time.sleep(0.05)
        owner.execute("select pg_drop_replication_slot(%s) where not %s", [SLOT, ask_journal(owner).is_followed])
