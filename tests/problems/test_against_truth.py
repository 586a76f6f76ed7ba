"""On an example place with a known truth: what the extracts show is found, and nothing that is not true is."""

from __future__ import annotations

import pytest

from braid.example.write import write_example
from braid.pipeline import new_engine, open_run, run_chain
from braid.problems.load import shipped_statements
from braid.store.place_folder import load_place
from braid.waits.quality import TruthReport, compare, compare_given_true_links

BOUNDARY = "school_place_without_outcome"
"""The example counts school days elapsed, the rule the last day inside the limit: they differ over a weekend."""
UNSEEN = {"crown_trial", "trial_has_no_date", "in_year_admission"}
"""Victims without a referral, and applications in rows that were refused, are in no extract that could be read."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[TruthReport, TruthReport]:
    """As linked, and given true links."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAID_WORKERS", "1")
        write_example(folder, 2000, 3)
        place = load_place(folder)
        engine = open_run(run_chain(place).run)
        spare = new_engine()
        rules = [rule for statement in shipped_statements() for rule in statement.rules]
        truth = folder / "truth"
        found = compare(engine, truth)
        given = compare_given_true_links(engine, spare, truth, place.calendar, place.as_of, rules)
        engine.close()
        spare.close()
    return found, given


def test_given_true_links_nothing_false_is_found(reports):
    _, given = reports
    scores = {"people": given.multi_backlog, "pairs": given.backlog_pairs, **given.kinds, **given.blockers}
    wrong = {name: score for name, score in scores.items() if score.both < score.found and name != BOUNDARY}
    assert wrong == {}
    assert given.multi_backlog.true > 20


def test_given_true_links_all_but_what_no_extract_shows_is_found(reports):
    _, given = reports
    assert given.multi_backlog.recall > 0.9
    missed = {name for name, score in {**given.kinds, **given.blockers}.items() if score.both < score.true}
    assert missed <= UNSEEN | {BOUNDARY}


def test_given_true_links_what_holds_down_the_line_is_right_too(reports):
    _, given = reports
    held, boundary = given.held, given.blockers[BOUNDARY]
    assert held.found - held.both <= boundary.found - boundary.both, "no more is false than over a weekend"
    assert held.both / held.true > 0.9
    assert held.true > sum(score.true for score in given.blockers.values()) / 2 > 20


def test_linking_costs_little(reports):
    found, _ = reports
    assert found.multi_backlog.precision > 0.9
    assert found.multi_backlog.recall > 0.8
