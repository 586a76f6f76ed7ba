"""The chain over a place whose police send referrals to the risk conference and whose councils send the daily feed."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from braid.cli.trace import RECORDS_OF_WAIT, WAITS_OF_RECORD
from braid.example.desk import RETENTION_DAYS
from braid.example.errors import NONE
from braid.example.write import write_example
from braid.pipeline import open_run, run_chain
from braid.store.lake import Run
from braid.store.place_folder import load_place

PEOPLE = 500
FEED, CENSUS = "-social-care-feed", "-cin"
SAID_BY_BOTH = ("cin_decision", "cf_assessment", "icpc")
AS_OF = dt.date(2026, 11, 15)
HALF_YEAR = dt.timedelta(days=RETENTION_DAYS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("further") / "place"
    write_example(folder, people=PEOPLE, seed=5, errors=NONE, also=("marac", "csc_api"))
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return run_chain(load_place(folder)).run


def rows(run: Run, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(run.table(table)).to_pylist()
    return found


def persons_of_records(run: Run) -> dict[str, str]:
    return {row["person_record_id"]: row["person_id"] for row in rows(run, "person_link")}


def test_every_row_of_the_further_feeds_is_read(run: Run) -> None:
    feeds = run.manifest["stages"]["read"]["feeds"]
    asked = {one["feed"]: one for one in feeds if one["feed"] == "marac" or one["feed"].endswith(FEED)}
    assert len(asked) == 6
    for feed in asked.values():
        assert feed["rows_in"] == feed["rows_read"] > 2, feed["feed"]
        assert not feed["unmapped"] and not feed["unreadable"], feed["feed"]


def test_whom_the_conference_speaks_of_is_located_nowhere(run: Run) -> None:
    """Victims and children, whoever else says where they live."""
    link, persons = persons_of_records(run), {row["person_id"]: row for row in rows(run, "person")}
    named = {
        link[row["record_id"]]
        for row in rows(run, "person_record")
        if row["feed"] == "marac" and row["role"] in ("victim", "child")
    }
    assert len(named) > 1
    for person in named:
        assert persons[person]["location_withheld"] and persons[person]["district_code"] is None


def test_a_perpetrator_is_tied_to_the_victim_and_to_no_address(run: Run) -> None:
    records = {row["record_id"]: row for row in rows(run, "person_record") if row["feed"] == "marac"}
    perpetrators = {key for key, row in records.items() if row["partner_record_id"].startswith("perpetrator/")}
    assert perpetrators
    assert not perpetrators & {row["person_record_id"] for row in rows(run, "stay") if row["feed"] == "marac"}
    ties = [row for row in rows(run, "relationship") if row["feed"] == "marac" and row["kind"] == "victim_of"]
    assert {row["person_record_id"] for row in ties} == perpetrators
    assert all(records[row["other_person_record_id"]]["role"] == "victim" for row in ties)
    assert all(row["sensitivity"] == "safe_address" for row in records.values())


def test_a_child_of_the_feed_is_the_child_of_the_census_with_the_same_clocks(run: Run) -> None:
    link = persons_of_records(run)
    records = rows(run, "person_record")
    keys = {
        (row["feed"].removesuffix(ending), row["partner_record_id"], ending): link[row["record_id"]]
        for ending in (FEED, CENSUS)
        for row in records
        if row["feed"].endswith(ending)
    }
    both = [(one, key) for one, key, ending in keys if ending == CENSUS and (one, key, FEED) in keys]
    assert len(both) > 5
    assert all(keys[one, key, FEED] == keys[one, key, CENSUS] for one, key in both)
    told: dict[str, Counter[tuple[Any, ...]]] = {FEED: Counter(), CENSUS: Counter()}
    for row in rows(run, "wait"):
        for ending, waits in told.items():
            if row["feed"].endswith(ending) and row["kind"] in SAID_BY_BOTH and row["start_date"] <= AS_OF:
                waits[link[row["person_record_id"]], row["kind"], row["start_date"], row["stop_date"]] += 1
    assert told[FEED] == told[CENSUS] and set(told[FEED].values()) == {1}, "each feed tells of a clock once"
    once = Counter(
        (row["person_id"], row["kind"], row["start_date"], row["stop_date"])
        for row in rows(run, "person_wait")
        if row["kind"] in SAID_BY_BOTH
    )
    assert once == told[FEED], "and the place has it once"


def test_a_wait_that_two_feeds_tell_is_one_with_both_behind_it(run: Run, folder: Path) -> None:
    """As many as there are in truth, each under the record of the daily feed; what both say is counted by feed."""
    with (folder / "truth" / "waits.csv").open(encoding="utf-8") as stream:
        truth = Counter(
            (row["kind"], row["start_date"], row["stop_date"])
            for row in csv.DictReader(stream)
            if row["kind"] in SAID_BY_BOTH
        )
    found = [row for row in rows(run, "person_wait") if row["kind"] in SAID_BY_BOTH]
    recent = [row for row in found if row["stop_date"] is None or row["stop_date"] > AS_OF - HALF_YEAR]
    assert truth == Counter((row["kind"], str(row["start_date"]), str(row["stop_date"] or "")) for row in recent)
    told = {row["record_id"]: row for row in rows(run, "wait")}
    assert {told[row["wait_id"]]["standard"] for row in found} == {"csc_api"}
    waits = run.manifest["stages"]["waits"]
    by_feed = waits["told_again_by_feed"]
    assert sum(count for feed, count in by_feed.items() if feed.endswith(CENSUS)) == len(found)
    assert waits["told_again"] >= len(found) and all(not feed.startswith("marac") for feed in by_feed)
    with closing(open_run(run, names=("wait", "person_link", "person_wait"))) as engine:
        for row in found[:5]:
            records = engine.rows(RECORDS_OF_WAIT, [row["wait_id"]])
            assert sorted(one["standard"] for one in records) == ["cin", "csc_api"]
            assert [one["holds"] for one in records] == [True, False]
            for one in records:
                assert [wait["wait_id"] for wait in engine.rows(WAITS_OF_RECORD, [one["record_id"]])] == [
                    row["wait_id"]
                ]
