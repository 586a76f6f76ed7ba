"""A place whose database is lost, or was spoilt by a mistake, comes back from base and journal, by the verbs alone."""

import datetime as dt
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from test_backup import rows_of

from braid.cli.backup import _read_time
from braid.store.engine import EngineNotAvailable
from braid.store.journal import ask_journal
from braid.store.place_folder import load_place
from braid.store.postgres import EmbeddedPostgres
from braid.web.operating.backups import check_outside, drop_older
from braid.web.operating.kept_moments import find_drill
from braid.web.operating.restoring import NEWEST, choose_backup
from lent_database import lend_database, without_place


def braid(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "braid", *map(str, arguments)]
    return subprocess.run(command, env=without_place(), capture_output=True, text=True, check=False, timeout=1200)


def test_a_time_is_read_with_its_zone_alone():
    assert _read_time("2026-11-30T10:15:00Z") == dt.datetime(2026, 11, 30, 10, 15, tzinfo=dt.UTC)
    assert _read_time(NEWEST) == NEWEST and _read_time(None) is None
    for wrong in ("2026-11-30T10:15:00", "yesterday", ""):
        with pytest.raises(Exception, match="zone"):
            _read_time(wrong)


def with_manifests(folder: Path, marked: dict[str, str | None]) -> Path:
    for name, at in marked.items():
        base = {"journal": "1", "first_segment": f"{int(name):016X}", "mark": "0/1", "marked_at": at}
        (folder / name / "base").mkdir(parents=True)
        document = {"place": "here", "roles": [], "files": [], "tables": {}, **({"base": base} if at else {})}
        (folder / name / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_for_a_time_the_newest_base_before_it_is_chosen(tmp_path):
    folder = with_manifests(tmp_path, {"1": "2026-11-01T02:00:00+00:00", "2": "2026-11-02T02:00:00+00:00", "3": None})
    assert choose_backup(folder, "", None) == "3" and choose_backup(folder, "1", None) == "1"
    assert choose_backup(folder, "", NEWEST) == "2"
    assert choose_backup(folder, "", dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC)) == "1"
    for name, to in (("", dt.datetime(2026, 10, 31, tzinfo=dt.UTC)), ("3", NEWEST)):
        with pytest.raises(EngineNotAvailable, match="Next step"):
            choose_backup(folder, name, to)


def test_older_backups_go_with_the_journal_that_they_alone_need(tmp_path):
    folder = with_manifests(tmp_path, {"1": "2026-11-01T02:00:00+00:00", "2": "2026-11-02T02:00:00+00:00", "3": None})
    journal = folder / "journal" / "1"
    journal.mkdir(parents=True)
    for number in (1, 2, 3):
        (journal / f"00000001{number:016X}").touch()
    assert drop_older(folder, None, 2) == 1
    assert sorted(path.name[-1] for path in journal.iterdir()) == ["2", "3"]
    assert drop_older(folder, None, 1) == 1
    assert sorted(path.name[-1] for path in journal.iterdir()) == ["2", "3"], "without a base nothing says what may go"


def test_what_a_killed_backup_left_goes_once_it_is_old_and_none_that_runs(tmp_path):
    """It holds everybody, and no list of backups names it."""
    now = dt.datetime.now(dt.UTC)
    killed, runs = ((now - dt.timedelta(hours=hours)).strftime("%Y%m%dT%H%M%SZ") for hours in (60, 1))
    for home in (tmp_path / "backups", tmp_path / "keys"):
        for name in (killed, runs):
            (home / name).mkdir(parents=True)
    (tmp_path / "backups" / killed / "database.dump").write_bytes(b"everybody")
    (tmp_path / "backups" / "files").mkdir()
    assert drop_older(tmp_path / "backups", tmp_path / "keys", 14) == 0
    for home in (tmp_path / "backups", tmp_path / "keys"):
        assert not (home / killed).exists() and (home / runs).exists()


def test_a_journal_inside_the_place_is_refused(tmp_path):
    sys.path.insert(0, str(Path(__file__).parents[1] / "web"))
    from sample_run import write_sample_place

    write_sample_place(tmp_path / "place")
    with pytest.raises(EngineNotAvailable, match="Next step"):
        check_outside(load_place(tmp_path / "place"), tmp_path / "place" / "backups")


@pytest.mark.slow
def test_what_was_written_after_the_backup_comes_back(tmp_path):
    sys.path.insert(0, str(Path(__file__).parents[1] / "web"))
    from sample_run import write_sample_place

    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o755)
    place, backups, keys = tmp_path / "place", tmp_path / "backups", tmp_path / "keys"
    write_sample_place(place)
    lend_database(place / "state")
    journal = subprocess.Popen(
        [sys.executable, "-m", "braid", "journal", str(place), "--to", str(backups)],
        env=without_place(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with EmbeddedPostgres(place / "state") as server:
        made = braid("backup", place, "--to", backups, "--keys-to", keys, "--with-journal", "--json")
        assert made.returncode == 0, made.stderr
        with psycopg.connect(server.url, autocommit=True) as owner:
            owner.execute("create table kept_since (number integer)")
            owner.execute("insert into kept_since select generate_series(1, 500)")
            moment = owner.execute("select clock_timestamp()").fetchone()[0]
            time.sleep(0.05)
            owner.execute("truncate kept_since")  # the mistake
            owner.execute("insert into kept_since values (0)")
            end = owner.execute("select pg_current_wal_flush_lsn()::text").fetchone()[0]
            until = time.monotonic() + 300
            asked = "select restart_lsn >= %s::pg_lsn from pg_replication_slots"
            while owner.execute(asked, [end]).fetchone() != (True,) and time.monotonic() < until:
                time.sleep(0.1)
            assert ask_journal(owner).is_followed
            moments = "select kind, at from braid_keptmoment"
            while not {"backup", "journal"} <= dict(owner.execute(moments).fetchall()).keys():
                assert time.monotonic() < until
                time.sleep(0.5)
            while dict(owner.execute(moments).fetchall())["journal"] < moment:
                assert time.monotonic() < until
                time.sleep(0.5)
    journal.send_signal(signal.SIGTERM)
    assert journal.wait(timeout=300) == 0
    EmbeddedPostgres(place / "state").discard()
    shutil.rmtree(place)

    told = braid("restore", backups, "--keys", keys, "--to", "newest", "--drill", "--json")
    found = json.loads(told.stdout)
    assert (told.returncode, found["faults"]) == (0, []), told.stderr
    drilled = find_drill(backups)
    assert dt.datetime.now(dt.UTC) - drilled < dt.timedelta(minutes=30)
    assert dt.datetime.fromisoformat(found["until"]) > moment
    into = tmp_path / "again"
    told = braid("restore", backups, "--keys", keys, "--to", moment.isoformat(), "--into", into, "--json")
    assert told.returncode == 0, told.stderr
    with EmbeddedPostgres(into / "state") as server:
        assert len(rows_of(server.url)["public.kept_since"]) == 500
    EmbeddedPostgres(into / "state").discard()
    assert not list(into.rglob("recovery*")) and not (into / "state" / "database.dump").exists()
    manifest = next(backups.glob("*/manifest.json"))
    document = json.loads(manifest.read_text())
    document["tables"]["public.braid_publishedrun"]["hashes"] = "1"
    manifest.write_text(json.dumps(document))
    told = braid("restore", backups, "--keys", keys, "--to", "newest", "--drill", "--json")
    assert find_drill(backups) == drilled, "a drill that finds something otherwise is none"
    assert told.returncode == 5 and "public.braid_publishedrun" in str(json.loads(told.stdout)["faults"])
