"""Measures against a known truth: what each counts, and what linking error does to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.problems.load import shipped_statements
from braid.store.duckdb_engine import DuckDBEngine
from braid.waits.blockers import create_blocker
from braid.waits.quality import Score, compare, compare_given_true_links
from braid.waits.run import run
from waits.place import AS_OF, CALENDAR, TinyPlace

RULES = tuple(rule for statement in shipped_statements() for rule in statement.rules)


def write_truth(folder: Path, people: list[str], waits: list[str], blockers: list[str], held: list[str]) -> Path:
    texts = {
        "people.csv": ["feed,partner_record_id,true_person_id", *people],
        "waits.csv": ["true_person_id,kind,start_date,stop_date", *waits],
        "blockers.csv": ["true_person_id,rule_id,held_kind,holder_type,holder_kind", *blockers],
        "held.csv": ["true_person_id,held_kind,holder_kind", *held],
    }
    for name, lines in texts.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    return write_truth(
        tmp_path,
        ["feed,p1,t1", "feed,p1b,t1", "feed,p2,t2"],
        [
            "t1,temporary_accommodation,2026-10-01,",
            "t1,register,2026-03-03,",
            "t2,rtt,2026-03-03,",
            "t2,register,2026-03-03,",
            "t2,ehcp_plan,2026-03-03,2026-05-05",
        ],
        ["t1,ta_waits_for_letting,temporary_accommodation,wait,register"],
        ["t1,temporary_accommodation,register", "t1,in_year_admission,register"],
    )


def found_place(*, linked: bool) -> TinyPlace:
    place = TinyPlace()
    place.wait(place.person("p1"), "temporary_accommodation", "2026-10-01")
    other = place.record("p1") if linked else place.person("p1b")
    place.rows["person_record"][-1]["partner_record_id"] = "p1b"
    place.wait(other, "register", "2026-03-03")
    place.wait(place.person("p2"), "rtt", "2026-03-03")
    return place


def find(place: TinyPlace) -> DuckDBEngine:
    engine = place.load()
    run(engine, CALENDAR, AS_OF)
    create_blocker(engine, RULES, AS_OF)
    return engine


def test_right_links_find_what_the_extracts_show(truth):
    report = compare(find(found_place(linked=True)), truth)
    assert (report.multi_backlog.precision, report.multi_backlog.recall) == (1.0, 0.5)
    assert (report.backlog_pairs.found, report.backlog_pairs.true) == (1, 2)
    assert report.kinds["register"].recall == 0.5
    assert report.kinds["rtt"].recall == 1.0
    assert "ehcp_plan" not in report.kinds
    assert report.unjudged == ()


def test_a_kind_that_the_truth_never_mentions_is_named_and_not_judged(truth):
    place = found_place(linked=True)
    place.wait(place.record("p2"), "cla_review", "2026-11-02")
    report = compare(find(place), truth)
    assert report.unjudged == ("cla_review",)
    assert "cla_review" not in report.kinds
    assert report.multi_backlog.found == 1


def test_a_blocker_found_is_compared_by_rule_and_holder(truth):
    report = compare(find(found_place(linked=True)), truth)
    assert report.blockers["ta_waits_for_letting"].as_document() == {
        "found": 1,
        "true": 1,
        "both": 1,
        "precision": 1.0,
        "recall": 1.0,
    }


def test_what_holds_down_the_line_is_compared_by_kinds(truth):
    report = compare(find(found_place(linked=True)), truth)
    assert report.held == Score(found=1, true=2, both=1)
    place = found_place(linked=True)
    place.wait(place.record("p1"), "in_year_admission", "2026-11-10")
    further = compare(find(place), truth).held
    assert further == Score(found=3, true=2, both=2), "held by the stay too, which this truth does not know"
    (truth / "held.csv").unlink()
    assert compare(find(place), truth).held is None


def test_a_missed_link_costs_recall_that_true_links_give_back(truth):
    engine = find(found_place(linked=False))
    as_linked = compare(engine, truth)
    assert as_linked.multi_backlog.found == 0
    assert as_linked.multi_backlog.precision is None
    assert as_linked.kinds["register"].both == 0, "only one of two found persons may stand for a true one"
    spare = DuckDBEngine(memory_limit="512MB", threads=1)
    given = compare_given_true_links(engine, spare, truth, CALENDAR, AS_OF, RULES)
    spare.close()
    assert given == compare(find(found_place(linked=True)), truth)
    assert compare(engine, truth) == as_linked


def test_a_wrong_link_costs_precision(truth):
    place = found_place(linked=True)
    for link in place.rows["person_link"]:
        link["person_id"] = "p1"
    report = compare(find(place), truth)
    assert report.multi_backlog.both == 1
    assert (report.backlog_pairs.found, report.backlog_pairs.both) == (3, 1)
    assert report.kinds["rtt"].precision == 0.0
