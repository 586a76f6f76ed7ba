"""A real server, its base and its journal: every moment comes back, and what is damaged or missing is said."""

import datetime as dt
import shutil
import signal
import threading
import time

import psycopg
import pytest

from braid.store import journal as journals
from braid.store.database_copy import dump_database, hash_tables
from braid.store.engine import EngineNotAvailable
from braid.store.journal import (
    ask_journal,
    begin_journal,
    drop_journal_before,
    first_segment,
    follow_journal,
    journal_folder,
    mark_moment,
    missing_segments,
    reach,
    take_base,
)
from braid.store.postgres import EmbeddedPostgres
from braid.store.recovery import Recovery, Target, last_moment

TABLE = "create table public.kept (number bigint primary key, at timestamptz default clock_timestamp())"


def numbers(url):
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("select number from kept order by 1").fetchall()]


def add(url, *new):
    with psycopg.connect(url, autocommit=True) as connection:
        for number in new:
            connection.execute("insert into kept (number) values (%s)", [number])
        return connection.execute("select clock_timestamp()").fetchone()[0]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A server whose journal was fetched while a base was taken and rows were written by somebody else all the time."""
    home = tmp_path_factory.mktemp("journal")
    for folder in (home, home.parent):
        folder.chmod(0o755)
    with EmbeddedPostgres(home / "server") as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(TABLE)
            assert ask_journal(connection) is None
        folder = journal_folder(server.url, home)
        begin_journal(server.url, folder)
        begin_journal(server.url, folder)  # once is enough, twice does no harm
        fetching, stop = follow_journal(server.url, folder), threading.Event()
        writing = threading.Thread(target=_write, args=(server.url, stop))
        writing.start()
        take_base(server.url, home / "base")
        marks = []

        def mark(reader):
            snapshot, found = mark_moment(server.url, reader)
            marks.append(found)
            return snapshot

        hashes = dump_database(server.url, home / "dump", mark)
        stop.set()
        writing.join()
        before = add(server.url, 1_000_001)
        time.sleep(0.05)
        with psycopg.connect(server.url) as connection:
            connection.execute("delete from kept")  # somebody's mistake
        last = add(server.url, 7)
        with psycopg.connect(server.url, autocommit=True) as connection:
            end = connection.execute("select (pg_current_wal_flush_lsn() - 1)::text").fetchone()[0]
            reach(server.url, folder, journals.Mark(end, end, last))
            state = ask_journal(connection)
        fetching.send_signal(signal.SIGINT)
        fetching.wait(20)
    EmbeddedPostgres(home / "server").discard()  # the disk is lost
    return {
        "home": home, "folder": folder, "mark": marks[0], "hashes": hashes, "before": before, "last": last,
        "state": state,
    }  # fmt: skip


def _write(url, stop):
    with psycopg.connect(url, autocommit=True) as connection:
        number = 0
        while not stop.is_set():
            number += 1
            connection.execute("insert into kept (number) values (%s)", [number])


def recovery(kept, folder, **other):
    base, segments = other.get("base", kept["home"] / "base"), other.get("segments", kept["folder"])
    return Recovery(folder, base, segments, database="braid", user="braid")


def test_rows_at_the_mark_are_those_that_were_hashed_and_the_end_is_the_last_change(kept, tmp_path):
    assert kept["state"].is_followed and kept["state"].behind_bytes < 1 << 24 and not kept["state"].is_lost
    with recovery(kept, tmp_path / "r") as played:
        url = played.play_to(Target(lsn=kept["mark"].lsn))
        assert hash_tables(url) == kept["hashes"] and kept["hashes"]["public.kept"].rows > 0
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from kept")
        url = played.play_to(Target())
        assert numbers(url) == [7]
        assert abs(last_moment(url) - kept["last"]) < dt.timedelta(seconds=2)
    assert not list(tmp_path.rglob("postmaster.pid"))


def test_a_time_before_the_mistake_brings_back_what_it_took(kept, tmp_path):
    with recovery(kept, tmp_path / "r") as played:
        found = numbers(played.play_to(Target(time=kept["before"])))
    rows = kept["hashes"]["public.kept"].rows
    assert found[-1] == 1_000_001 and found[:rows] == list(range(1, rows + 1))


def test_a_time_that_the_journal_does_not_reach_is_refused(kept, tmp_path):
    late = kept["last"] + dt.timedelta(hours=1)
    with (
        recovery(kept, tmp_path / "r") as played,
        pytest.raises(EngineNotAvailable, match=r"ends before that time.*Next step"),
    ):
        played.play_to(Target(time=late))


def test_a_base_with_one_byte_changed_is_refused(kept, tmp_path):
    import gzip

    damaged = tmp_path / "base"
    shutil.copytree(kept["home"] / "base", damaged)
    packed = bytearray(gzip.decompress((damaged / "base.tar.gz").read_bytes()))
    packed[packed.index(b"PG_VERSION") + 512] ^= 1
    (damaged / "base.tar.gz").write_bytes(gzip.compress(bytes(packed), 1))
    with (
        pytest.raises(EngineNotAvailable, match=r"not what it was.*Next step"),
        recovery(kept, tmp_path / "r", base=damaged),
    ):
        pass
    assert not list((tmp_path / "r").rglob("PG_VERSION"))


def test_a_journal_that_lacks_its_first_piece_is_refused(kept, tmp_path):
    segments = tmp_path / "segments"
    segments.mkdir()
    with (
        recovery(kept, tmp_path / "r", segments=segments) as played,
        pytest.raises(EngineNotAvailable, match="Next step"),
    ):
        played.play_to(Target(lsn=kept["mark"].lsn))


def test_what_no_base_needs_is_dropped_and_what_one_needs_stays(kept, tmp_path):
    first = first_segment(kept["home"] / "base")
    names = sorted(path.name for path in kept["folder"].iterdir())
    assert f"00000001{first}" in {name.removesuffix(".partial") for name in names}
    folder = tmp_path / "journal"
    shutil.copytree(kept["folder"], folder)
    old = "000000010000000000000000"
    (folder / old).touch()
    (folder / "notes").touch()
    assert drop_journal_before(folder, first) == len([name for name in [*names, old] if name[8:24] < first]) >= 1
    assert (folder / "notes").exists() and not (folder / old).exists()
    assert {name for name in names if name[8:24] >= first} <= {path.name for path in folder.iterdir()}


def test_an_owner_who_is_no_superuser_needs_replication_alone(tmp_path):
    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o755)
    with EmbeddedPostgres(tmp_path / "server") as server:
        url = server.url.replace("//braid@/braid", "//keeper@/place")
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("create role keeper login nosuperuser")
            connection.execute("create database place owner keeper")
            with psycopg.connect(url) as owner:
                owner.execute(TABLE)
            folder = journal_folder(url, tmp_path)
            with pytest.raises(EngineNotAvailable, match="may not replicate"):
                begin_journal(url, folder)
            connection.execute("alter role keeper replication")
        begin_journal(url, folder)
        add(url, 1, 2, 3)
        take_base(url, tmp_path / "base")
        add(url, 4)
        with psycopg.connect(url) as reader:
            reader.execute("set transaction isolation level repeatable read read only")
            _, mark = mark_moment(url, reader)
        add(url, 5)
        reach(url, folder, mark)  # nobody follows it: it is fetched now
    EmbeddedPostgres(tmp_path / "server").discard()
    with Recovery(tmp_path / "r", tmp_path / "base", folder, database="place", user="keeper") as played:
        assert numbers(played.play_to(Target(lsn=mark.lsn))) == [1, 2, 3, 4]


def test_what_is_written_between_a_base_and_the_first_fetching_is_kept(tmp_path):
    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o755)
    with EmbeddedPostgres(tmp_path / "server") as server:
        url = server.url
        _make_table(url)
        folder = journal_folder(url, tmp_path)
        begin_journal(url, folder)
        take_base(url, tmp_path / "base")
        for number in (1, 2, 3):
            _fill_a_segment(url, number)
        with psycopg.connect(url) as reader:
            reader.execute("set transaction isolation level repeatable read read only")
            _, mark = mark_moment(url, reader)
        _fill_a_segment(url, 4)
        first = first_segment(tmp_path / "base")
        assert missing_segments(folder, first, mark) >= 4
        reach(url, folder, mark)
        assert missing_segments(folder, first, mark) == 0
        with psycopg.connect(url) as connection:
            row = connection.execute("select restart_lsn from pg_replication_slots").fetchone()
            assert row != (None,)
    EmbeddedPostgres(tmp_path / "server").discard()
    with Recovery(tmp_path / "r", tmp_path / "base", folder, database="braid", user="braid") as played:
        assert numbers(played.play_to(Target(lsn=mark.lsn))) == [1, 2, 3]


def _make_table(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)


def _fill_a_segment(url, number):
    """Add a row, begin a new piece of the journal, and let the server throw away what it need not keep."""
    add(url, number)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_switch_wal()")
        connection.execute("checkpoint")


def test_a_slot_that_keeps_nothing_yet_is_made_anew(tmp_path):
    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o755)
    with EmbeddedPostgres(tmp_path / "server") as server, psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("select pg_create_physical_replication_slot('braid_journal')")
        begin_journal(server.url, tmp_path / "journal")
        kept = connection.execute("select restart_lsn from pg_replication_slots").fetchall()
        begin_journal(server.url, tmp_path / "journal")
        assert connection.execute("select restart_lsn from pg_replication_slots").fetchall() == kept != [(None,)]
    EmbeddedPostgres(tmp_path / "server").discard()


def test_somebody_who_writes_too_long_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(journals, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(journals, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(journals, "LOCK_TRIES", 2)
    with EmbeddedPostgres(tmp_path / "server") as server, psycopg.connect(server.url) as writer:
        writer.execute(TABLE)
        writer.commit()
        writer.execute("insert into kept values (1)")
        with psycopg.connect(server.url) as reader, pytest.raises(EngineNotAvailable, match="Next step"):
            reader.execute("set transaction isolation level repeatable read read only")
            mark_moment(server.url, reader)
    EmbeddedPostgres(tmp_path / "server").discard()
