"""A place that was served is kept, put back and held to what it was; what was changed since is told."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from braid.store.copied_files import hash_of
from braid.store.engine import EngineNotAvailable
from braid.store.place_folder import load_place
from braid.store.postgres import EmbeddedPostgres
from braid.web.operating.backups import _check_apart
from lent_database import lend_database, without_place


def braid(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "braid", *map(str, arguments)]
    return subprocess.run(command, env=without_place(), capture_output=True, text=True, check=False, timeout=120)


def rows_of(url: str) -> dict[str, list[tuple]]:
    """Every row of every table, read the plain way: what the hashes of a drill stand for."""
    found = {}
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('public', 'vault') order by 1, 2"
        ).fetchall()
        for names in tables:
            rows = connection.execute(sql.SQL("select * from {}").format(sql.Identifier(*names))).fetchall()
            found[".".join(names)] = sorted(map(repr, rows))
    return found


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A place that a worker brought up, and a backup of it: place, backups, keys."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "web"))
    from sample_run import write_sample_place

    home = tmp_path_factory.mktemp("kept")
    place, backups, keys = home / "place", home / "backups", home / "keys"
    write_sample_place(place)
    lend_database(place / "state")
    work = subprocess.Popen(
        [sys.executable, "-m", "braid", "work", str(place)],
        env=without_place(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 90
    while not (place / "state" / "audit_key").exists() and time.monotonic() < end:
        time.sleep(0.3)
    made = braid("backup", place, "--to", backups, "--keys-to", keys, "--json")
    work.send_signal(signal.SIGTERM)
    assert work.wait(timeout=60) == 0
    assert made.returncode == 0, made.stderr
    return place, backups, keys, json.loads(made.stdout)


def test_a_place_comes_back_row_by_row_and_byte_by_byte(kept, tmp_path):
    place, backups, keys, made = kept
    found = braid("restore", backups, "--keys", keys, "--into", tmp_path / "again", "--json")
    told = json.loads(found.stdout)
    assert (found.returncode, told["faults"]) == (0, []), found.stderr
    assert (told["rows"], told["tables"], told["files"]) == (made["rows"], made["tables"], made["files"])
    with EmbeddedPostgres(place / "state") as before, EmbeddedPostgres(tmp_path / "again" / "state") as after:
        was, now = rows_of(before.url), rows_of(after.url)
    anew = {"public.braid_caseopening", "public.braid_roleright"}  # a start writes them from the roles and case types
    since = {"public.braid_keptmoment"}  # of the backup, once it is whole
    changing = {"public.braid_auditcheckpoint", "public.braid_auditentry", "public.braid_auditnode", *anew, *since}
    assert was.keys() == now.keys() and len(was) > 150
    assert [name for name in was if name not in changing and was[name] != now[name]] == []
    lake = [path for path in (place / "lake" / "runs").rglob("*") if path.is_file()]
    assert lake and all(hash_of(path) == hash_of(tmp_path / "again" / path.relative_to(place)) for path in lake)
    EmbeddedPostgres(tmp_path / "again" / "state").discard()


def test_the_keys_are_not_with_what_they_open(kept):
    _, backups, keys, made = kept
    secrets = [path.read_bytes() for path in (keys / made["backup"]).iterdir()]
    assert len(secrets) == 3
    everything = b"".join(path.read_bytes() for path in backups.rglob("*") if path.is_file())
    assert not [one for one in secrets if one.strip() in everything]
    assert not list(backups.rglob("*_key"))


def test_a_second_backup_copies_what_is_new_alone_and_the_oldest_goes(kept):
    place, backups, keys, _ = kept
    (place / "teams.toml").write_text("# none\n", encoding="utf-8")
    time.sleep(1.1)  # a backup is named by its second
    again = json.loads(braid("backup", place, "--to", backups, "--keys-to", keys, "--keep", 1, "--json").stdout)
    assert (again["new_files"], again["dropped"]) == (1, 1)
    assert [path.parent.name for path in backups.glob("*/manifest.json")] == [again["backup"]]


def test_a_drill_finds_what_was_changed_and_leaves_nothing(kept):
    _, backups, keys, _ = kept
    manifest = next(backups.glob("*/manifest.json"))
    document = json.loads(manifest.read_text())
    run = next(one for one in document["files"] if one["path"].endswith("manifest.json"))
    bytes_of_run = backups / "files" / run["sha256"][:2] / run["sha256"]
    before = bytes_of_run.read_bytes()
    bytes_of_run.write_bytes(before[:-1] + b"?")
    table = "public.braid_publishedrun"
    document["tables"][table]["hashes"] = "1"
    manifest.write_text(json.dumps(document))
    found = braid("restore", backups, "--keys", keys, "--drill", "--json")
    faults = json.loads(found.stdout)["faults"]
    assert found.returncode == 5
    assert any(run["path"] in fault for fault in faults) and any(table in fault for fault in faults)
    assert len(faults) == 2


def test_what_would_put_everything_in_one_basket_is_refused(tmp_path, kept):
    place, *_ = kept
    loaded = load_place(place)
    keys = tmp_path / "keys"
    for backups, apart in ((place / "backups", None), (tmp_path, keys), (keys / "backups", keys)):
        with pytest.raises(EngineNotAvailable, match="Next step"):
            _check_apart(loaded, backups, apart)
    _check_apart(loaded, tmp_path / "backups", keys)
    assert braid("restore", tmp_path / "nothing", "--drill").returncode == 4
    assert braid("restore", tmp_path / "nothing").returncode == 2
