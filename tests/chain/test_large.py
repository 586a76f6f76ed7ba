"""The chain on a larger place and another seed: behind `./braid test --full`."""

from __future__ import annotations

import csv
import datetime as dt
from contextlib import closing
from pathlib import Path

import pytest

from braid.example.write import write_example
from braid.people.decisions import COLUMNS, DECISIONS_FILE
from braid.people.review import propose_row
from braid.pipeline import new_engine, open_run, run_chain
from braid.problems.load import load_statements
from braid.store.lake import Run
from braid.store.place_folder import Place, load_place
from braid.store.restricted import append_restricted
from braid.waits.quality import Score, compare, compare_given_true_links

LAST_DAY = dt.date(2026, 11, 15)


def answer_proposals(place: Place, run: Run) -> int:
    """Say of every pair that linking leaves to a human what is true of it, as two humans; return how many."""
    with (place.folder / "truth" / "people.csv").open(newline="") as file:
        who = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
    with closing(open_run(run)) as engine:
        rows = engine.rows(
            "select a.feed as feed_a, a.partner_record_id as key_a, b.feed as feed_b, b.partner_record_id as key_b"
            " from link_proposal p join person_record a on a.record_id = p.record_a"
            " join person_record b on b.record_id = p.record_b order by all"
        )
    pairs = [((row["feed_a"], row["key_a"]), (row["feed_b"], row["key_b"])) for row in rows]
    told = [(left, right) for left, right in pairs if {left, right} <= who.keys()]  # of some records nobody knows
    for left, right in told:
        same = who[left] == who[right]
        decision = propose_row(left, right, is_same=same, by="ada", day=LAST_DAY, reference="answered with the truth")
        append_restricted(place, DECISIONS_FILE, COLUMNS, {**decision, "approved_by": "bo"})
    return len(told)


def measure(place: Place, run: Run) -> Score:
    """Return how people in two or more backlogs were found."""
    with closing(open_run(run)) as engine:
        return compare(engine, place.folder / "truth").multi_backlog


@pytest.mark.slow
@pytest.mark.parametrize("seed", [31, 32])
def test_fifty_thousand_people_of_a_seed_nobody_tuned_to(seed: int, tmp_path: Path) -> None:
    """By itself linking leaves whoever is protected, or lives with somebody who is, to two humans; once they said what
    is true, nine in ten people are found and more.
    """
    write_example(tmp_path / "place", people=50_000, seed=seed, as_of=LAST_DAY)
    place = load_place(tmp_path / "place")
    report = run_chain(place)
    feeds = report.run.manifest["stages"]["read"]["feeds"]
    assert all(feed["rows_in"] == feed["rows_read"] + feed["rows_rejected"] for feed in feeds)
    rules = [rule for statement in load_statements() for rule in statement.rules]
    with closing(open_run(report.run)) as engine, closing(new_engine()) as spare:
        given = compare_given_true_links(engine, spare, place.folder / "truth", place.calendar, LAST_DAY, rules)
    assert given.multi_backlog.precision >= 0.99
    assert given.multi_backlog.recall >= 0.99
    alone = measure(place, report.run)
    assert alone.precision >= 0.98
    assert alone.recall >= 0.85
    assert answer_proposals(place, report.run) > 0
    answered = measure(place, run_chain(place).run)
    print(f"seed {seed}: {alone.recall:.3f} of people in several backlogs, {answered.recall:.3f} once humans answered")
    assert answered.precision >= 0.98
    assert answered.recall >= 0.92
