"""Priority over the whole chain: two weeks of the example place, and what the command line says of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from braid.cli import priority
from braid.pipeline import RunReport, run_chain
from braid.problems.priority.groups import NAMES
from braid.problems.priority.load import shipped_texts
from braid.store.place_folder import Place, load_place
from braid.trust.disclosure import ROUND_TO
from chain.conftest import LAST_DAY


def rows(report: RunReport, table: str) -> list[dict]:
    return pq.read_table(report.run.table(table)).to_pylist()


def test_everybody_of_a_cohort_is_ranked_once_and_by_reasons_that_add_up(report: RunReport) -> None:
    ranks = {(row["problem"], row["person_id"]): row for row in rows(report, "priority_rank")}
    assert ranks.keys() == {(row["problem"], row["person_id"]) for row in rows(report, "cohort")}
    points: dict[tuple[str, str], int] = dict.fromkeys(ranks, 0)
    for row in rows(report, "priority_reason"):
        points[row["problem"], row["person_id"]] += row["points"] or 0
    assert points == {key: row["points"] for key, row in ranks.items()}
    assert {row["band_position"] for row in ranks.values()} == {1, 2, 3}


def test_between_two_weeks_every_change_of_place_has_a_cause(first_week: RunReport, report: RunReport) -> None:
    before = {(row["problem"], row["person_id"]): row["position"] for row in rows(first_week, "priority_rank")}
    now = {(row["problem"], row["person_id"]): row["position"] for row in rows(report, "priority_rank")}
    moved = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
    changes = rows(report, "rank_change")
    assert moved and moved <= {(row["problem"], row["person_id"]) for row in changes}
    assert {"joined", "reasons_changed", "others_moved"} <= {row["cause"] for row in changes}
    assert "rule_changed" not in {row["cause"] for row in changes}


@pytest.mark.slow
def test_a_run_that_is_repeated_tells_the_changes_of_its_day_again(
    place: Place, report: RunReport, tmp_path: Path
) -> None:
    copy = load_place(shutil.copytree(place.folder, tmp_path / "copy"))
    for _ in range(2):
        again = run_chain(copy, LAST_DAY, again=True)
    assert again.run.id != report.run.id

    def told(run: RunReport) -> list[tuple]:
        return sorted(tuple(str(value) for value in row.values()) for row in rows(run, "rank_change"))

    assert told(report)
    assert told(again) == told(report)
    assert rows(again, "priority_reach") and {str(row) for row in rows(again, "priority_reach")} == {
        str(row) for row in rows(report, "priority_reach")
    }


def test_what_was_reached_in_the_first_week_stays_reached(first_week: RunReport, report: RunReport) -> None:
    def reached(run: RunReport) -> set:
        return {(r["problem"], r["person_id"]) for r in rows(run, "priority_reach") if r["reached_date"]}

    gone = {row["person_id"] for row in rows(report, "person_history") if row["change"] in ("merged", "retired")}
    assert {key for key in reached(first_week) if key[1] not in gone} <= reached(report)


def test_the_verbs_show_rules_what_others_would_do_and_whom_they_never_reach(
    place: Place, report: RunReport, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priority.show(place.folder, as_json=True) == 0
    assert {each["problem"] for each in json.loads(capsys.readouterr().out)["rules"]} == {
        "school_from_ta",
        "victim_response",
        "court_readiness",
    }
    same = tmp_path / "same.toml"
    same.write_text(shipped_texts()["school_from_ta.toml"], encoding="utf-8")
    assert priority.simulate_rules(same, place.folder, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["moves"]["earlier"], found["moves"]["later"], found["entering"]) == (0, 0, 0)
    assert all(row["first"] == row["first_proposed"] for row in found["groups"])
    other = tmp_path / "other.toml"
    other.write_text(same.read_text(encoding="utf-8").replace("points = 20", "points = 200"), encoding="utf-8")
    assert priority.simulate_rules(other, place.folder) == 0
    assert "Who would be among the first 20" in capsys.readouterr().out
    assert priority.fairness(place.folder, as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    problems = document["problems"]
    assert {each["by"] for each in document["linking"]} == {*NAMES.values(), "Pair of standards"}
    cells = [group for each in document["linking"] for group in each["groups"]]
    assert any(cell["missed"] for cell in cells) and any(cell["missed"] is None for cell in cells)
    counts = [
        group[name]
        for shown in problems.values()
        for each in shown
        for group in each["groups"]
        for name in ("reached", "never_reached", "in_doubt")
    ]
    assert any(count for count in counts)
    assert all(count is None or count % ROUND_TO == 0 for count in counts)


def test_a_place_that_adopts_other_rules_reads_in_each_change_that_the_rules_did_it(
    place: Place, report: RunReport, tmp_path: Path
) -> None:
    copied = load_place(shutil.copytree(place.folder, tmp_path / "place", symlinks=True))
    adopted = copied.folder / "priority" / "court_readiness.toml"
    adopted.parent.mkdir()
    text = shipped_texts()["court_readiness.toml"]
    adopted.write_text(text.replace("points = 30", "points = 1"), encoding="utf-8")
    assert priority.check(copied.folder) == 0
    again = run_chain(copied, LAST_DAY)
    assert again.fresh
    changes = rows(again, "rank_change")
    assert {row["cause"] for row in changes if row["from_points"] != row["to_points"]} == {"rule_changed"}
    assert {row["problem"] for row in changes} == {"court_readiness"}
