"""A run on a run before reckons anew only whom something touches, and finds what a full run finds."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from braid.example.write import write_example
from braid.language.priority_findings import RANK_CHANGE
from braid.pipeline import TABLES_OF_STAGE, run_chain
from braid.problems import delta
from braid.problems.delta import Delta
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place, load_place
from chain.conftest import LAST_DAY

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small place of two weeks of extracts, run to the first."""
    folder = tmp_path_factory.mktemp("nights") / "place"
    write_example(folder, people=500, seed=5, weeks=2, as_of=LAST_DAY)
    run_chain(load_place(folder), LAST_DAY - 7 * DAY)
    return folder


@pytest.fixture
def place(evening: Path, tmp_path: Path) -> Place:
    """A copy of the place with the run of the first week."""
    shutil.copytree(evening, tmp_path / "place")
    return load_place(tmp_path / "place")


def assert_same_findings(one: Run, other: Run) -> None:
    """Every table of both stages holds the same rows, whatever their order in the file, and the same was counted."""
    for stage in ("waits", "problems", "place"):
        for table in TABLES_OF_STAGE[stage]:
            if table is RANK_CHANGE:  # a run made again changes no rank of the one before
                continue
            ours, theirs = (
                pq.read_table(run.table(table.name)).sort_by([(name, "ascending") for name in table.key])
                for run in (one, other)
            )
            assert ours.to_pylist() == theirs.to_pylist(), table.name
        assert _counted(one, stage) == _counted(other, stage)


def _counted(run: Run, stage: str) -> dict[str, Any]:
    return {name: count for name, count in run.manifest["stages"][stage].items() if name not in ("reckoned", "rows")}


def reckoned(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = run.manifest["reckoned"]
    return found


def test_the_run_after_a_week_of_extracts_is_a_full_run_row_for_row(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "MOST_TOUCHED", 1.0)
    (before,) = Lake(place.lake_folder).runs()
    night = run_chain(place, LAST_DAY).run
    full = run_chain(place, LAST_DAY, again=True).run
    assert reckoned(before) == {"engine": "duckdb", "how": "full", "why": "no run before"}
    assert (reckoned(night)["how"], reckoned(night)["of"], reckoned(night)["days"]) == ("delta", before.id, 7)
    assert reckoned(night)["rows_changed"] > 0
    assert 0 < reckoned(night)["persons"] < reckoned(night)["persons_in_all"]
    assert reckoned(full)["why"] == "asked for"
    assert_same_findings(night, full)


@pytest.mark.slow
def test_days_without_extracts_touch_few_and_an_interrupted_night_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = LAST_DAY - 6 * DAY, LAST_DAY - 5 * DAY
    with monkeypatch.context() as broken:
        broken.setattr(Delta, "run_problems", lambda _self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_chain(place, first)
    assert len(Lake(place.lake_folder).runs()) == 1, "what was interrupted is not there"
    nights = [run_chain(place, day).run for day in (first, second)]
    for night in nights:
        assert (reckoned(night)["how"], reckoned(night)["days"], reckoned(night)["rows_changed"]) == ("delta", 1, 0)
        assert reckoned(night)["persons"] < 0.1 * reckoned(night)["persons_in_all"]
    assert_same_findings(nights[-1], run_chain(place, second, full=True, again=True).run)


@pytest.mark.slow
def test_everybody_is_reckoned_where_many_are_touched_the_rules_are_others_or_somebody_asks(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as few:
        few.setattr(delta, "MOST_TOUCHED", 0.0)
        assert "people are touched" in reckoned(run_chain(place, LAST_DAY).run)["why"]
    assert reckoned(run_chain(place, LAST_DAY + DAY, full=True).run)["why"] == "asked for"
    path = place.folder / "place.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n# another line\n", encoding="utf-8")
    others = run_chain(place, LAST_DAY + 2 * DAY).run
    assert reckoned(others)["why"] == "the rules are not those of the run before"
    assert reckoned(run_chain(place, LAST_DAY).run)["why"] == "the run before speaks of a later day"
