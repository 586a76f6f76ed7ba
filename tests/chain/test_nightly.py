"""A run on a run before reckons anew only whom something touches, and finds what a full run finds."""

from __future__ import annotations

import datetime as dt

import pyarrow.parquet as pq
import pytest

from braid.pipeline import TABLES_OF_STAGE, RunReport, run_chain
from braid.problems import delta
from braid.store.lake import Run
from braid.store.place_folder import Place
from chain.conftest import LAST_DAY

RECKONED = (*TABLES_OF_STAGE["waits"], *TABLES_OF_STAGE["problems"])


def tables(run: Run) -> dict[str, object]:
    """Every table that the two stages made, its rows in the order of its key."""
    read = {table: pq.read_table(run.table(table.name)) for table in RECKONED}
    return {table.name: rows.sort_by([(name, "ascending") for name in table.key]) for table, rows in read.items()}


def assert_same_findings(one: Run, other: Run) -> None:
    ours, theirs = tables(one), tables(other)
    assert [name for name in ours if not ours[name].equals(theirs[name])] == []
    counts = [
        {
            stage: {k: v for k, v in run.manifest["stages"][stage].items() if k != "reckoned"}
            for stage in ("waits", "problems")
        }
        for run in (one, other)
    ]
    assert counts[0] == counts[1]


@pytest.fixture
def evening(private_place: Place) -> RunReport:
    """A run of the week before, in a lake of its own."""
    return run_chain(private_place, LAST_DAY - dt.timedelta(days=7))


def test_the_run_after_a_week_of_extracts_is_a_full_run_row_for_row(
    private_place: Place, evening: RunReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "MOST_TOUCHED", 1.0)
    night = run_chain(private_place, LAST_DAY).run
    full = run_chain(private_place, LAST_DAY, full=True, again=True).run
    assert evening.run.manifest["reckoned"] == {"engine": "duckdb", "how": "full", "why": "no run before"}
    reckoned = night.manifest["reckoned"]
    assert (reckoned["how"], reckoned["of"], reckoned["days"]) == ("delta", evening.run.id, 7)
    assert reckoned["rows_changed"] > 0 and 0 < reckoned["persons"] < reckoned["persons_in_all"]
    assert full.manifest["reckoned"]["why"] == "asked for"
    assert_same_findings(night, full)


def test_a_day_on_which_no_extract_came_touches_few_and_a_second_night_follows_the_first(
    private_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_chain(private_place, LAST_DAY)
    nights = [run_chain(private_place, LAST_DAY + dt.timedelta(days=days)).run for days in (1, 2)]
    for night in nights:
        reckoned = night.manifest["reckoned"]
        assert (reckoned["how"], reckoned["days"], reckoned["rows_changed"]) == ("delta", 1, 0)
        assert reckoned["persons"] < 0.1 * reckoned["persons_in_all"]
    full = run_chain(private_place, LAST_DAY + dt.timedelta(days=2), again=True).run
    assert_same_findings(nights[-1], full)


def test_where_most_people_are_touched_or_the_rules_are_others_everybody_is_reckoned(
    private_place: Place, evening: RunReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "MOST_TOUCHED", 0.0)
    assert "people are touched" in run_chain(private_place, LAST_DAY).run.manifest["reckoned"]["why"]
    path = private_place.folder / "place.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n# another line\n", encoding="utf-8")
    other_rules = run_chain(private_place, LAST_DAY + dt.timedelta(days=1)).run
    assert other_rules.manifest["reckoned"]["why"] == "the rules are not those of the run before"
