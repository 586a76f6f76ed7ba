"""A place that was served is kept, put back and held to what it was; what was changed since is told."""

import base64
import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from braid.store.copied_files import FileStore, hash_of
from braid.store.engine import EngineNotAvailable
from braid.store.place_folder import load_place
from braid.store.postgres import EmbeddedPostgres
from braid.web.operating.backups import _check_apart, read_manifest
from lent_database import lend_database, without_place


def braid(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command, settings = [sys.executable, "-m", "braid", *map(str, arguments)], {**without_place(), **environment}
    return subprocess.run(command, env=settings, capture_output=True, text=True, check=False, timeout=120)


def victim() -> str:
    """The id of the one protected person of the sample."""
    from sample_run import VICTIM

    return VICTIM


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


def test_who_was_erased_since_does_not_come_back_and_the_place_that_is_served_is_not_touched(kept, tmp_path):
    """An older state holds them still; the newest backup's list says so. Restored beside a server with DATABASE_URL."""
    place, backups, keys, made = kept
    columns = "feed,partner_record_id,cause,decided_date,reference"
    (place / "restricted").mkdir(exist_ok=True)
    withdrawn = place / "restricted" / "withdrawn.csv"
    withdrawn.write_text(
        f"{columns}\nnorthmere-housing-register,A-1,erasure,2026-11-29,RR-7K2M-4QXD\n", encoding="utf-8"
    )
    time.sleep(1.1)  # a backup is named by its second
    assert braid("backup", place, "--to", backups, "--keys-to", keys).returncode == 0
    again, vault = tmp_path / "again", "select wrapped <> '' from vault.data_key where person_id = %s"
    with EmbeddedPostgres(place / "state") as before, EmbeddedPostgres(tmp_path / "served") as served:
        with psycopg.connect(before.url) as connection:
            assert connection.execute(vault, [victim()]).fetchone() == (True,)
        found = braid(
            "restore", backups, "--name", made["backup"], "--keys", keys, "--into", again, "--json",
            DATABASE_URL=served.url,
        )  # fmt: skip
        assert rows_of(served.url) == {}, "a restore goes into a database of its own"
    told = json.loads(found.stdout)
    assert (found.returncode, told["faults"]) == (0, []), found.stderr
    assert told["taken_back"]["erased"] == 1
    with EmbeddedPostgres(again / "state") as after, psycopg.connect(after.url) as connection:
        assert connection.execute(vault, [victim()]).fetchone() == (False,)
        assert connection.execute("select 1 from braid_person where person_id = %s", [victim()]).fetchone() is None
        entry = "select details ->> 'what' from braid_auditentry where person_id = %s order by id desc limit 1"
        assert connection.execute(entry, [victim()]).fetchone() == ("erased again after restore",)
    assert (again / "restricted" / "withdrawn.csv").read_bytes() == withdrawn.read_bytes()
    assert (again / "state" / "restored").read_text() == made["backup"]
    for state in (again / "state", tmp_path / "served"):
        EmbeddedPostgres(state).discard()


def test_a_key_that_opens_nothing_is_found_by_a_drill(kept, tmp_path):
    _, backups, keys, made = kept
    others = tmp_path / "keys"
    shutil.copytree(keys, others)
    ring = others / made["backup"] / "vault_key"
    name = ring.read_text(encoding="ascii").split()[0]
    ring.write_text(f"{name} {base64.b64encode(bytes(32)).decode()}\n", encoding="ascii")
    found = braid("restore", backups, "--name", made["backup"], "--keys", others, "--drill", "--json")
    assert (found.returncode, len(json.loads(found.stdout)["faults"])) == (5, 1)
    assert "vault" in json.loads(found.stdout)["faults"][0]
    none = braid("restore", backups, "--keys", tmp_path, "--drill")
    assert none.returncode == 4 and "Next step" in none.stderr and "Traceback" not in none.stderr


def test_a_manifest_that_is_none_or_leads_out_of_the_folder_is_refused(tmp_path):
    home = tmp_path / "backups" / "20261130T023000Z"
    home.mkdir(parents=True)
    for text in ("[]", "{}", '{"place": "x", "tables": {}'):
        (home / "manifest.json").write_text(text, encoding="utf-8")
        with pytest.raises(EngineNotAvailable, match="no whole backup"):
            read_manifest(tmp_path / "backups", home.name)
    store = FileStore(tmp_path / "files")
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "one").write_text("one")
    kept_file = store.keep(tmp_path / "place", [tmp_path / "place" / "one"], {})[0]
    out = replace(kept_file, path="../out")
    assert store.put_back([kept_file, out], tmp_path / "again") == ["../out"]
    assert (tmp_path / "again" / "one").is_file() and not (tmp_path / "out").exists()


def test_a_second_backup_copies_what_is_new_alone_and_the_oldest_goes(kept):
    place, backups, keys, _ = kept
    (place / "teams.toml").write_text("# none\n", encoding="utf-8")
    time.sleep(1.1)  # a backup is named by its second
    again = json.loads(braid("backup", place, "--to", backups, "--keys-to", keys, "--keep", 1, "--json").stdout)
    assert (again["new_files"], again["dropped"]) == (1, 2)
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
