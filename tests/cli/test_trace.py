"""`braid trace` and `braid reject-report` as a data officer's colleagues type them, on a place that was run."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pyarrow.parquet as pq
import pytest

from braid.extracts.reject_report import VALUES_WITHHELD
from braid.store.lake import Lake, Run
from cli.forked import braid as fork
from cli.one_process import Opened

ANALYST = ("--by", "demo-analyst", "--reference", "DQ-2026-7")
LEAD = ("--by", "demo-ig-lead", "--reference", "DQ-2026-7")
FOR_SCHOOL = ("--purpose", "school_from_ta")


def current(place: Path) -> Run:
    run = Lake(place / "lake").current()
    assert run is not None
    return run


def rows(place: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(current(place).table(table)).to_pylist()
    return found


def people(place: Path, *, withheld: bool) -> set[str]:
    return {row["person_id"] for row in rows(place, "person") if row["location_withheld"] is withheld}


def records_of(place: Path, person_ids: set[str]) -> list[dict[str, Any]]:
    linked = {row["person_record_id"] for row in rows(place, "person_link") if row["person_id"] in person_ids}
    return [row for row in rows(place, "person_record") if row["record_id"] in linked]


def shown(served: Opened, place: Path, record: str, *asked: str) -> list[dict[str, Any]]:
    ended = served.braid("trace", record, str(place), *asked, "--json")
    assert ended.returncode == 0, ended.stderr
    found: list[dict[str, Any]] = json.loads(ended.stdout)["records"]
    return found


def find_shown(served: Opened, place: Path) -> dict[str, Any]:
    """Return a record of a child at school whose row an analyst is shown."""
    waiting = {row["person_id"] for row in rows(place, "person_wait") if row["backlog"] == "school_place"}
    for row in records_of(place, waiting & people(place, withheld=False)):
        if row["standard"] == "school" and row["sensitivity"] in ("normal", "special"):
            found = shown(served, place, row["record_id"], *ANALYST, *FOR_SCHOOL)
            if found and found[0]["source"]:
                return {**row, "found": found[0]}
    pytest.fail("no child's row may be shown to an analyst at all")


def test_an_analyst_sees_the_row_of_the_file_and_the_look_is_recorded(place: Path, served: Opened) -> None:
    row = find_shown(served, place)
    found = row["found"]
    path = place / found["lineage"]["file"]
    bounds = slice(found["source"]["first_byte"], found["source"]["last_byte"] + 1)
    assert path.read_bytes()[bounds].decode().rstrip() == found["source"]["text"]
    assert row["partner_record_id"] in found["source"]["text"] and found["file_state"] == "unchanged"
    assert found["runs"] == [current(place).id] and found["lineage"]["row_ref"] == row["row_ref"]
    entry = served.entries()[-1]
    assert (entry["kind"], entry["page"], entry["purpose"]) == ("look", "trace", "school_from_ta")
    assert entry["person_id"] == found["person_ids"][0] and entry["item_classes"] == "N S I L"
    told = served.braid("trace", row["record_id"], str(place), *ANALYST, *FOR_SCHOOL).stdout
    assert row["partner_record_id"] in told and found["lineage"]["file_sha256"][:12] in told


def test_without_a_purpose_or_for_a_lead_no_row_is_shown(place: Path, served: Opened) -> None:
    row = find_shown(served, place)
    for asked in (ANALYST, LEAD):
        (found,) = shown(served, place, row["record_id"], *asked)
        assert found["source"] is None and not found["waits"] and found["lineage"]["row_ref"] == row["row_ref"]
        assert served.entries()[-1]["item_classes"] == "N"
    refused = served.braid("trace", row["record_id"], str(place), *LEAD, *FOR_SCHOOL)
    assert refused.returncode == 5 and served.entries()[-1]["kind"] == "refused"
    officer = ("--by", "demo-practitioner", "--reference", "DQ-2026-7")
    assert served.braid("trace", row["record_id"], str(place), *officer, *FOR_SCHOOL).returncode == 5


def test_of_the_protected_not_even_the_file_is_named(place: Path, served: Opened) -> None:
    protected = [
        row for row in records_of(place, people(place, withheld=True)) if row["sensitivity"] in ("normal", "special")
    ]
    assert protected
    for row in protected[:6]:
        for asked in ((*ANALYST, *FOR_SCHOOL), LEAD):
            ended = served.braid("trace", row["record_id"], str(place), *asked, "--json")
            for secret in (row["feed"], row["organisation_id"], row["file_sha256"], row["partner_record_id"]):
                assert secret not in ended.stdout


def test_records_of_victims_and_of_people_kept_away_are_as_if_not_there(place: Path, served: Opened) -> None:
    safe = [row for row in rows(place, "person_record") if row["sensitivity"] == "safe_address"]
    assert safe and shown(served, place, safe[0]["record_id"], *ANALYST, *FOR_SCHOOL) == []
    assert shown(served, place, "0" * 20, *ANALYST, *FOR_SCHOOL) == []
    row = find_shown(served, place)
    person = row["found"]["person_ids"][0]
    assert {one["table"] for one in shown(served, place, person, *ANALYST)} >= {"person_record"}
    bar = ("--bar-user", "demo-analyst", "--reason", "relative", *LEAD)
    assert served.braid("overlay", "add", person, *bar, str(place)).returncode == 0
    for asked in (row["record_id"], person):
        assert shown(served, place, asked, *ANALYST, *FOR_SCHOOL) == []
        assert row["feed"] not in served.braid("trace", asked, str(place), *ANALYST).stdout
    assert len(shown(served, place, row["record_id"], *LEAD)) == 1


def test_a_file_that_changed_or_is_gone_is_said_and_shows_nothing(place: Path, served: Opened) -> None:
    row = find_shown(served, place)
    path = place / row["found"]["lineage"]["file"]
    content = path.read_bytes()
    try:
        path.write_bytes(content + b"more\n")
        (changed,) = shown(served, place, row["record_id"], *ANALYST, *FOR_SCHOOL)
        path.unlink()
        (gone,) = shown(served, place, row["record_id"], *ANALYST, *FOR_SCHOOL)
    finally:
        path.write_bytes(content)
    assert changed["file_state"].startswith("changed") and changed["source"] is None
    assert gone["file_state"] == "gone" and gone["source"] is None


def test_of_a_unit_or_a_request_of_a_court_no_row_is_shown(place: Path, served: Opened) -> None:
    """They name no person of ours, and say where somebody is put, or who comes to a hearing."""
    for table in ("unit", "hearing_request"):
        row = rows(place, table)[0]
        for found in shown(served, place, row["record_id"], *ANALYST, *FOR_SCHOOL):
            assert found["source"] is None and found["lineage"]["row_ref"] == row["row_ref"]


def test_nothing_is_shown_that_cannot_be_recorded(place: Path, served: Opened) -> None:
    row = find_shown(served, place)
    with served.no_entry():
        ended = served.braid("trace", row["record_id"], str(place), *ANALYST, *FOR_SCHOOL)
    assert ended.returncode not in (0, 1) and row["partner_record_id"] not in ended.stdout + ended.stderr


def find_refused(place: Path) -> dict[str, Any]:
    return next(
        row for row in rows(place, "reject") if row["feed"].endswith("-schools") and row["file_name"] == "roll.csv"
    )


def test_a_report_names_each_refused_row_once_and_no_value(place: Path, tmp_path: Path) -> None:
    refused = rows(place, "reject")
    for feed in sorted({row["feed"] for row in refused})[:4]:
        out = tmp_path / f"{feed}.csv"
        ended = fork("reject-report", place, feed, "--out", out, "--json")
        assert ended.returncode == 1, ended.stderr
        told = json.loads(ended.stdout)
        mine = [row for row in refused if row["feed"] == feed]
        assert told["rows_refused"] == len(mine) == sum(r["times"] for r in told["rules"] if r["outcome"] == "reject")
        with out.open(encoding="utf-8-sig", newline="") as file:
            listed = list(csv.DictReader(file))
        named = {(row["file"], row["part"], row["row"]) for row in listed if row["outcome"] == "row not read"}
        assert named == {(row["file_name"], row["part"], row["position"]) for row in mine}
        assert all(row["what to do"] for row in listed)
        written = "".join(path.read_text("utf-8-sig") for path in tmp_path.glob(f"{feed}*.csv"))
        keys = {row["partner_record_id"] for row in rows(place, "person_record") if row["feed"] == feed}
        assert not [key for key in keys if len(key) > 3 and key in written]


def test_what_nobody_mapped_is_counted_in_the_report(place: Path, tmp_path: Path) -> None:
    feeds = current(place).manifest["stages"]["read"]["feeds"]
    feed = next(one for one in feeds if one["unmapped"])
    out = tmp_path / "report.xlsx"
    assert fork("reject-report", place, feed["feed"], "--out", out).returncode in (0, 1)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Rows", "By rule", "Not mapped", "About"]
    listed = dict(book["Not mapped"].iter_rows(min_row=2, values_only=True))
    assert listed == feed["unmapped"]
    assert fork("reject-report", place, feed["feed"], "--out", out).returncode == 2, "a file is never written over"
    assert fork("reject-report", place, feed["feed"], "--out", tmp_path / "a.txt").returncode == 2
    assert fork("reject-report", place, "nowhere", "--out", tmp_path / "b.csv").returncode == 2


def test_values_are_added_through_trust_alone_and_the_export_is_recorded(
    place: Path, served: Opened, tmp_path: Path
) -> None:
    row = find_refused(place)
    asking = ("reject-report", str(place), row["feed"], "--with-values")
    out = tmp_path / "values.csv"
    assert served.braid(*asking, "--out", str(out), *ANALYST).returncode == 2, "a purpose is needed"
    for asked in (LEAD, ("--by", "nobody", "--reference", "DQ-1")):
        assert served.braid(*asking, "--out", str(out), *asked, *FOR_SCHOOL).returncode == 5
    assert not out.exists()
    ended = served.braid(*asking, "--out", str(out), *ANALYST, *FOR_SCHOOL)
    assert ended.returncode == 1, ended.stderr
    with out.open(encoding="utf-8-sig", newline="") as file:
        listed = {(one["file"], one["row"]): one["row as it stands"] for one in csv.DictReader(file)}
    assert listed[row["file_name"], row["position"]] in (row["row"], VALUES_WITHHELD)
    entry = served.entries()[-1]
    assert (entry["kind"], entry["page"], entry["row_count"]) == ("exported", "reject report", len(listed))
    unseen = str(tmp_path / "v.csv")
    asked = ("reject-report", str(place), "victim-service", "--with-values", "--out", unseen)
    closed = served.braid(*asked, *ANALYST, *FOR_SCHOOL)
    assert closed.returncode == 5 and not (tmp_path / "v.csv").exists()
