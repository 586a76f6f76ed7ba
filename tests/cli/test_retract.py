"""`braid retract` as a user types it: what a partner takes back is in no table of the next run, nor in the database."""

from __future__ import annotations

import copy
import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from braid.store.lake import Lake, Run
from cli.one_process import Ended, Opened

LEAD = ("--by", "demo-ig-lead", "--reference", "IG-2026-17")
ANALYST = ("--by", "demo-analyst", "--reference", "IG-2026-17")
CANARY = "Zzcanary"
KEY = "PZZCANARY1"
REMEMBERED = {"person_history", "person_lineage"}
"""Tables that keep a person's random id, which leads to nobody, so that what became of it can be told."""


def register(place: Path) -> Path:
    """Return the file of the first housing register."""
    return sorted((place / "extracts").glob("*-housing-register/*/register.json"))[0]


def put_canary(path: Path, space: str = "") -> int:
    """Add an application of somebody whom no other file knows, as a corrected file; return its place in it."""
    applications = json.loads(path.read_text(encoding="utf-8"))
    one = copy.deepcopy(
        next(each for each in applications if each["status"] == "Active" and not each.get("otherMembers"))
    )
    one["id"], one["reference"] = "app-zz", "HRZZ1"
    one["mainApplicant"]["person"] |= {
        "id": KEY, "firstName": "Zzfirst", "surname": CANARY, "dateOfBirth": "1971-01-31",
        "nationalInsuranceNumber": "",
    }  # fmt: skip
    kept = [each for each in applications if each["id"] != "app-zz"]
    path.write_text(json.dumps([*kept, one]) + space, encoding="utf-8")
    return len(kept)


def run(served: Opened, place: Path) -> tuple[Run, Ended]:
    ended = served.braid("run", str(place))
    assert ended.returncode in (0, 1), ended.stderr[-1500:]
    found = Lake(place / "lake").current()
    assert found is not None
    return found, ended


def in_lake(found: Run, text: str) -> set[str]:
    """Return the tables of a run that hold a text in any column."""
    return {
        path.stem
        for path in sorted(found.folder.glob("*.parquet"))
        for column in pq.read_table(path).columns
        if str(column.type) == "string" and any(value and text in value for value in column.unique().to_pylist())
    }


def in_database(served: Opened, text: str) -> set[str]:
    """Return the tables of the database that hold a text in any column, once the visible run is published."""
    assert served.braid("link", "proposals", str(served.folder), *ANALYST, "--json").returncode == 0
    names = served.database.execute(
        "select table_schema as s, table_name as n from information_schema.tables"
        " where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
    ).fetchall()
    return {
        row["n"]
        for row in names
        if served.database.execute(
            f'select 1 as found from "{row["s"]}"."{row["n"]}" t where strpos(t::text, %s) > 0 limit 1', [text]
        ).fetchone()
    }


def person_of(found: Run) -> str:
    records = pq.read_table(found.table("person_record"), columns=["record_id", "partner_record_id"]).to_pylist()
    record = next(row["record_id"] for row in records if row["partner_record_id"] == KEY)
    links = pq.read_table(found.table("person_link"), columns=["person_record_id", "person_id"]).to_pylist()
    return str(next(row["person_id"] for row in links if row["person_record_id"] == record))


def test_a_row_taken_back_leaves_nothing_derived_from_it(place: Path, served: Opened) -> None:
    """One story, because each step needs the one before."""
    path = register(place)
    feed, name = path.parts[-3], "/".join(path.parts[-2:])
    number = put_canary(path)
    first, told = run(served, place)
    assert f"corrected: {name}" in " ".join(told.stdout.split())
    person = person_of(first)
    assert {"person_record", "stay"} & in_lake(first, CANARY)
    assert {"person_wait", "person", "membership"} <= in_lake(first, person)
    assert in_database(served, CANARY) and "braid_personwait" in in_database(served, person)

    verb = ("retract", feed, str(place), "--file", name, "--row", f"/{number}")
    refused = served.braid(*verb, *ANALYST)
    assert refused.returncode == 5 and "may not take back" in refused.stderr
    assert not (place / "restricted" / "retracted.csv").exists()
    newest = served.newest()
    done = served.braid(*verb, *LEAD)
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout and KEY not in done.stdout
    with (place / "restricted" / "retracted.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["kind"] == "row" and {row["kind"] for row in rows[1:]} == {"record"}
    entries = [row for row in served.entries(newest) if row["kind"] == "changed"]
    assert len(entries) == len(rows)
    assert {(row["username"], row["reference"]) for row in entries} == {("demo-ig-lead", "IG-2026-17")}
    assert entries[0]["person_id"] == person
    assert {tuple(sorted(row["details"])) for row in entries} == {("feed", "kind", "line", "what")}

    put_canary(path, " ")  # the next extract holds the row again, in a file of another hash
    second, _ = run(served, place)
    for text in (CANARY, KEY, "Zzfirst", "HRZZ1"):
        assert in_lake(second, text) == set(), text
        assert in_database(served, text) == set(), text
    assert in_lake(second, person) <= REMEMBERED
    assert in_database(served, person) <= {"braid_auditentry"}
    assert second.manifest["stages"]["read"]["retracted"] == len(rows)

    (place / "restricted" / "retracted.csv").rename(place / "restricted" / "elsewhere.csv")
    gone = served.braid("run", str(place))
    assert gone.returncode == 2 and "is gone or empty" in gone.stderr
    (place / "restricted" / "elsewhere.csv").rename(place / "restricted" / "retracted.csv")
    put_canary(path, "  ")
    third, _ = run(served, place)
    assert third.id != second.id and in_lake(third, CANARY) == set(), "every later run holds as little"


def test_wrong_use_is_said_and_writes_nothing(place: Path, served: Opened) -> None:
    feed = register(place).parts[-3]
    before = {path.name: path.read_bytes() for path in (place / "restricted").iterdir()}
    for arguments, words in (
        (("nowhere", str(place), "--extract", "2026-11-15"), "no feed of that name"),
        ((feed, str(place)), "one of --extract"),
        ((feed, str(place), "--extract", "2026-11-15", "--person", "X"), "one of --extract"),
        ((feed, str(place), "--extract", "2026-11-14"), "no such file"),
        ((feed, str(place), "--file", "2026-11-15/../../../place.toml"), "no such file"),
        ((feed, str(place), "--file", "../../place.toml"), "named by its day"),
        ((feed, str(place), "--person", "X", "--row", "line 1"), "named with its file"),
    ):
        ended = served.braid("retract", *arguments, *LEAD)
        assert ended.returncode == 2, arguments
        assert words in " ".join(ended.stderr.replace("│", " ").split()), (arguments, ended.stderr)
    assert {path.name: path.read_bytes() for path in (place / "restricted").iterdir()} == before


@pytest.mark.slow
def test_an_extract_and_a_person_taken_back_are_gone_from_the_next_run(place: Path, served: Opened) -> None:
    path = register(place)
    feed, date = path.parts[-3], path.parts[-2]
    found, _ = run(served, place)
    others = pq.read_table(found.table("person_record"), columns=["feed", "partner_record_id"]).to_pylist()
    other = next(row for row in others if row["feed"] != feed and len(row["partner_record_id"]) > 6)
    taken = served.braid("retract", other["feed"], str(place), "--person", other["partner_record_id"], *LEAD)
    assert taken.returncode == 0, taken.stderr
    assert served.braid("retract", feed, str(place), "--extract", date, *LEAD).returncode == 0
    after, told = run(served, place)
    assert f"taken back: {date}/register.json" in " ".join(told.stdout.split())
    rows: list[dict[str, Any]] = pq.read_table(after.table("person_record")).to_pylist()
    assert not [row for row in rows if row["feed"] == feed]
    assert not [row for row in rows if row["partner_record_id"] == other["partner_record_id"]]
    assert not any(
        row["feed"] == feed for name in ("stay", "wait") for row in pq.read_table(after.table(name)).to_pylist()
    )
    memory = pq.read_table(after.table("record_memory"), columns=["person_record_id"]).column(0).to_pylist()
    before = pq.read_table(found.table("person_record"), columns=["record_id", "feed"]).to_pylist()
    assert not {row["record_id"] for row in before if row["feed"] == feed} & set(memory)
