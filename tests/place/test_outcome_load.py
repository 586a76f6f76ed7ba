"""Outcomes as files: what ships, what a place may add, every fault it may have, and what a definition says in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.example.write import write_example
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.place.outcomes.load import load_outcomes, parse_outcomes, shipped_outcomes
from braid.place.outcomes.model import Outcomes
from braid.place.outcomes.words import define, framework_documents
from braid.problems.load import load_statements, shipped_statements
from braid.store.place_folder import load_place

DISTRICTS = {"E1": "North", "E2": "South"}
SOUND = """[[outcome]]
id = "mine"
name = "Assessments in time"
why = "Because."
better = "higher"
figure = "share"
period = "month"
statement = "court_readiness"
counted = { of = "waits_ended", kinds = ["cf_assessment"] }
met = { within_limit = true, days_at_most = 40 }
baseline = { from = 2026-01-01, until = 2026-03-31 }
target = { path = "linear", from = 2026-04-01, by = 2027-03-31, value = 90 }
[outcome.among]
all_of = [{ need = ["neglect"] }]

  [[outcome.change]]
  what = "A second team"
  from = 2026-05-01
  districts = ["E1"]
  else_changed = "Nothing known."
"""
RATE = """[[outcome]]
id = "rate"
name = "Referrals of families"
why = "Because."
better = "lower"
figure = "rate"
period = "quarter"
counted = { of = "waits_began", kinds = ["cin_decision"] }
per = { all_of = [{ age_under = 18 }] }
"""
STEPS = "{ path = 'stepped', step = [{ by = 2026-06-01, value = 80 }, { by = 2027-01-01, value = 90 }] }"
LINE = '{ path = "linear", from = 2026-04-01, by = 2027-03-31, value = 90 }'


def parse(text: str) -> Outcomes:
    statements = load_statements()
    return parse_outcomes(text, shipped_outcomes(statements), statements, DISTRICTS)


def faults_of(text: str) -> list[str]:
    with pytest.raises(RulesInvalid) as raised:
        parse(text)
    return [str(fault) for fault in raised.value.faults]


def test_each_of_the_ten_headlines_is_measured_or_says_why_not() -> None:
    found = shipped_outcomes(load_statements())
    (families,) = (one for one in framework_documents(found) if one["id"] == "supporting_families")
    assert len(families["headlines"]) == 10
    measured = {one.headline for one in found.outcomes if one.framework == "supporting_families"}
    said = {gap.headline for gap in found.gaps if gap.framework == "supporting_families"}
    assert measured | said == {headline["id"] for headline in families["headlines"]}
    assert not measured & said
    assert len(measured) == 4


def test_each_outcome_that_a_shipped_statement_declares_is_measured_or_says_why_not() -> None:
    found = shipped_outcomes(load_statements())
    declared = {f"{each.problem_id}.{one.measure_id}" for each in shipped_statements() for one in each.outcomes}
    measured = {f"{one.statement}.{one.declared}" for one in found.outcomes if one.declared}
    said = {gap.headline for gap in found.gaps if gap.framework == "statements"}
    assert measured | said == declared
    assert not measured & said


def test_better_is_better_as_the_statement_says() -> None:
    stated = {
        f"{each.problem_id}.{one.measure_id}": one.better for each in shipped_statements() for one in each.outcomes
    }
    for outcome in shipped_outcomes(load_statements()).outcomes:
        if outcome.declared:
            assert outcome.better == stated[f"{outcome.statement}.{outcome.declared}"]


def test_a_sound_file_adds_to_what_ships_and_replaces_by_id() -> None:
    found = parse(SOUND)
    own = found.find("mine")
    assert own is not None
    assert (own.framework, own.changes[0].districts, own.target.last.value) == ("own", ("E1",), 90.0)
    assert found.find("attendance_90") is not None
    replaced = parse(SOUND.replace('id = "mine"', 'id = "attendance_90"'))
    assert replaced.find("attendance_90").name == "Assessments in time"
    assert len(replaced.outcomes) == len(found.outcomes) - 1
    assert parse(SOUND.replace(LINE, STEPS)).find("mine").target.steps[0].value == 80.0
    assert parse(RATE).find("rate").measure.per is not None


def test_an_outcome_under_a_headline_closes_its_gap() -> None:
    text = RATE.replace("figure =", 'framework = "supporting_families"\nheadline = "relationships"\nfigure =')
    assert all(gap.headline != "relationships" for gap in parse(text).gaps)
    gap = '[[gap]]\nframework = "supporting_families"\nheadline = "housing"\nbecause = "x"\n'
    assert any(one.because == "x" for one in parse(SOUND + gap).gaps) is False


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("figure = ", "figures = "), "unknown key"),
        (('"share"', '"ratio"'), "not known"),
        (('"month"', '"day"'), "not known"),
        (('"waits_ended"', '"waits"'), "not known"),
        (('"cf_assessment"', '"cf"'), "not known"),
        (('"court_readiness"', '"court"'), "not known"),
        (('["E1"]', '["E9"]'), "not known"),
        (("within_limit = true, days_at_most = 40", ""), "what is met"),
        (("days_at_most = 40", "attended_percent = 40"), "only for pupils"),
        (("days_at_most = 40", 'statuses = ["adjourned"]'), "only for events"),
        (
            ('of = "waits_ended", kinds = ["cf_assessment"]', 'of = "people", kinds = ["cf_assessment"]'),
            "have no kinds",
        ),
        (('figure = "share"', 'figure = "median"'), "all that is counted"),
        (('figure = "share"', 'figure = "rate"'), "among whom"),
        (("until = 2026-03-31", "until = 2025-03-31"), "ends before it begins"),
        (("by = 2027-03-31", "by = 2026-03-31"), "ends before it begins"),
        (("baseline = { from = 2026-01-01, until = 2026-03-31 }\n", ""), "begins at a baseline"),
        (('else_changed = "Nothing known."\n', ""), "'else_changed' must be a text"),
        (('{ need = ["neglect"] }', "{ backlogs_at_least = 2 }"), "the day of a run alone"),
        (('{ need = ["neglect"] }', '{ wait = ["crown_trial"], wait_as = "victim" }'), "the day of a run alone"),
        (('statement = "court_readiness"', 'declared = "hearings_failed"'), "name the statement too"),
        (('statement = "court_readiness"', 'headline = "housing"'), "name the framework too"),
        (('id = "mine"', 'id = "Mine"'), "lower case"),
        ((LINE, STEPS.replace("2027-01-01", "2026-01-01")), "not in order of day"),
    ],
)
def test_a_fault_is_told_with_place_rule_and_next_step(change: tuple[str, str], words: str) -> None:
    assert change[0] in SOUND
    assert any(words in fault for fault in faults_of(SOUND.replace(*change)))


def test_an_id_may_be_there_once_and_what_is_no_toml_says_so() -> None:
    assert any("twice" in fault for fault in faults_of(SOUND + SOUND))
    with pytest.raises(RulesUnreadable):
        parse("outcome = [")


def test_a_definition_says_what_is_counted_what_meets_it_and_what_is_not_shown() -> None:
    lines = {line.head: line.text for line in define(parse(SOUND).find("mine"), DISTRICTS)}
    assert lines["Counted"].startswith(
        "Waits that ended in the period (Child and family assessment), of those that have"
    )
    assert "people who have a recorded need (Neglect)" in lines["Counted"]
    assert lines["What meets it"] == "Within the limit in law, extensions counted; 40 days or less"
    assert "Wilson" in lines["Interval"]
    assert "Of 20 people or more" in lines["Shown"]
    assert "People who are under 18" in {line.head: line.text for line in define(parse(RATE).find("rate"), {})}["Among"]


def test_the_example_place_has_four_own_outcomes_of_its_three_statements(tmp_path: Path) -> None:
    write_example(tmp_path, 2_000, 3)
    found = load_outcomes(load_place(tmp_path))
    own = [one for one in found.outcomes if one.framework == "own"]
    assert len(own) == 4
    assert {one.statement for one in own} == {"school_from_ta", "victim_response", "court_readiness"}
    assert all(one.baseline and one.target for one in own)
    assert (tmp_path / "outcomes.toml").is_file()
    (tmp_path / "outcomes.toml").unlink()
    assert len(load_outcomes(load_place(tmp_path)).outcomes) == len(found.outcomes) - 4
