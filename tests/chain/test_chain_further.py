"""The chain over a place whose police send referrals to the risk conference and whose councils send the daily feed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from braid.example.errors import NONE
from braid.example.write import write_example
from braid.pipeline import run_chain
from braid.store.lake import Run
from braid.store.place_folder import load_place

PEOPLE = 500
FEED, CENSUS = "-social-care-feed", "-cin"


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
    for row in rows(run, "person_wait"):
        for ending, waits in told.items():
            if row["feed"].endswith(ending) and row["kind"] in ("cin_decision", "cf_assessment", "icpc"):
                waits[row["person_id"], row["kind"], row["start_date"], row["stop_date"]] += 1
    assert told[FEED] == told[CENSUS] and set(told[FEED].values()) == {1}, "each feed tells of a clock once"
