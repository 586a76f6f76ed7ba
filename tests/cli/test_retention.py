"""`braid retention` as a user types it: the schedule, a plan that removes nothing, and whom it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from braid.language.records import SOURCE_TABLES
from braid.people.withdrawals import STOPPED_COLUMNS
from braid.store.lake import Lake, Run
from braid.store.place_folder import load_place
from cli.forked import braid


def test_the_schedule_is_listed_with_its_laws() -> None:
    listed = json.loads(braid("retention", "list", "--json").stdout)
    assert {"rule": "searches", "days": 28, "from": "the search", "law": "UK GDPR article 5(1)(e)"} in listed
    assert all(rule["law"] for rule in listed)


def test_a_sweep_is_planned_until_somebody_says_yes_and_by_a_lead_alone(served, place) -> None:
    lead = ("--by", "demo-ig-lead", "--reference", "IG-2026-17", "--json")
    for verb in (("plan",), ("sweep",), ("sweep", "--yes")):
        ended = served.braid("retention", *verb[:1], str(place), *verb[1:], *lead)
        assert ended.returncode == 0, ended.stderr
        assert {row["rule"] for row in json.loads(ended.stdout)} >= {"message_words", "gathered_words", "drafts"}
    refused = served.braid("retention", "plan", str(place), "--by", "demo-analyst", "--reference", "IG-2026-17")
    assert refused.returncode == 5


@pytest.mark.slow
def test_who_is_restricted_is_in_no_table_of_the_next_run_and_comes_back_with_their_id(place, served) -> None:
    first = run(served, place)
    records = pq.read_table(first.table("person_record"), columns=["record_id", "feed", "partner_record_id"])
    one = next(row for row in records.to_pylist() if len(row["partner_record_id"]) > 6)
    person = person_of(first, one["record_id"])
    stopped(place, one, ended="")
    second = run(served, place)
    for table in second.folder.glob("*.parquet"):
        names = pq.read_schema(table).names
        for name in ("record_id", "person_record_id", "other_person_record_id"):
            if name in names and table.stem in {each.name for each in SOURCE_TABLES} | {"person_link"}:
                assert one["record_id"] not in pq.read_table(table, columns=[name]).column(0).to_pylist(), table.stem
    stopped(place, one, ended="2026-11-20")
    third = run(served, place)
    assert person_of(third, one["record_id"]) == person, "who they were is remembered"


def run(served, place: Path) -> Run:
    ended = served.braid("run", str(place))
    assert ended.returncode in (0, 1), ended.stderr
    found = Lake(load_place(place).lake_folder).current()
    assert found is not None
    return found


def person_of(found: Run, record_id: str) -> str:
    filters = [("person_record_id", "==", record_id)]
    (row,) = pq.read_table(found.table("person_link"), columns=["person_id"], filters=filters).to_pylist()
    return str(row["person_id"])


def stopped(place: Path, one: dict[str, str], ended: str) -> None:
    folder = place / "restricted"
    folder.mkdir(exist_ok=True)
    row = f"{one['feed']},{one['partner_record_id']},2026-11-16,{ended},RR-TEST-1"
    (folder / "stopped.csv").write_text(f"{','.join(STOPPED_COLUMNS)}\n{row}\n", encoding="utf-8")
