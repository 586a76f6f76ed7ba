"""The chain on a larger place and another seed: behind `./braid test --full`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from braid.example.write import write_example
from braid.pipeline import new_engine, open_run, run_chain
from braid.problems.load import load_statements
from braid.store.place_folder import load_place
from braid.waits.quality import compare, compare_given_true_links

LAST_DAY = dt.date(2026, 11, 15)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [31, 32])
def test_fifty_thousand_people_of_a_seed_nobody_tuned_to(seed: int, tmp_path: Path) -> None:
    write_example(tmp_path / "place", people=50_000, seed=seed, as_of=LAST_DAY)
    place = load_place(tmp_path / "place")
    report = run_chain(place)
    feeds = report.run.manifest["stages"]["read"]["feeds"]
    assert all(feed["rows_in"] == feed["rows_read"] + feed["rows_rejected"] for feed in feeds)
    rules = [rule for statement in load_statements() for rule in statement.rules]
    engine, spare = open_run(report.run), new_engine()
    given = compare_given_true_links(engine, spare, place.folder / "truth", place.calendar, LAST_DAY, rules)
    found = compare(engine, place.folder / "truth").multi_backlog
    spare.close()
    engine.close()
    assert found.precision is not None
    assert found.recall is not None
    assert found.precision >= 0.98
    assert found.recall >= 0.9
    assert given.multi_backlog.precision is not None
    assert given.multi_backlog.recall is not None
    assert given.multi_backlog.precision >= 0.99
    assert given.multi_backlog.recall >= 0.99
