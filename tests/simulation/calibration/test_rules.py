"""The rules of a calibration: those that come with Braid are whole, and every fault of others is told."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from braid.language.codes import WAIT_KINDS
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.simulation.calibration.rules import default_rules, load_rules, read_rules

SOUND = """
window_weeks = 26
least_ends = 24
longest_weeks = 1040
pairing_days = 28
assumed_weeks = 8
timed_kinds = ["icpc"]

[[kind]]
kind = "rtt"
left = ["rtt:35"]
assumed_weeks = 18

[[service]]
id = "hospital"
title = "Hospital"
gives = "slots"

[[pathway]]
id = "treatment"
title = "Treatment"
unit = "pathway"
[[pathway.step]]
id = "treatment"
kind = "rtt"
service = "hospital"
"""


def test_every_kind_of_wait_has_a_pathway() -> None:
    rules = default_rules()
    assert {one.kind for one in rules.kinds} == set(WAIT_KINDS)
    assert all(rules.alone(kind).anchor.kind == kind for kind in WAIT_KINDS)


def test_a_rule_that_holds_one_wait_by_another_is_one_of_a_problem_statement() -> None:
    folder = files("braid.problems.statements")
    texts = [each.read_text(encoding="utf-8") for each in folder.iterdir() if each.name.endswith(".toml")]
    known = {rule["id"]: rule for text in texts for rule in tomllib.loads(text).get("rule", [])}
    for pathway in default_rules().pathways:
        if pathway.rule is not None:
            rule, kinds = known[pathway.rule], {step.kind for step in pathway.steps}
            assert rule["held"] in kinds
            assert kinds & set(rule["holders"])
            assert rule["whose"] == "same_person"


def test_a_timed_kind_is_a_service_and_a_pathway_of_its_own() -> None:
    rules = load_rules(SOUND, "queues.toml")
    assert rules.service("icpc").gives == "time"
    assert rules.alone("icpc").id == "icpc"
    assert rules.kind("icpc").assumed_weeks == 8


@pytest.mark.parametrize(
    ("wrong", "instead", "rule"),
    [
        ("window_weeks = 26", "window_weeks = 0", "'window_weeks' must be a whole number"),
        ("least_ends = 24", "least_ends = 15", "'least_ends' must be a whole number of ends, from 16"),
        ("pairing_days = 28", "pairing_days = 28\nlinking = 1", "unknown key 'linking'"),
        ('timed_kinds = ["icpc"]', 'timed_kinds = ["icp"]', "which is not known"),
        ('timed_kinds = ["icpc"]', 'timed_kinds = ["rtt"]', "kind 'rtt' stands twice"),
        ('kind = "rtt"\nleft', 'kind = "rt"\nleft', "kind = 'rt' is not known"),
        ('left = ["rtt:35"]', 'left = "rtt:35"', "'left' must be a list of codes"),
        ('left = ["rtt:35"]', 'left = ["a", "a"]', "left names one code twice"),
        ('left = ["rtt:35"]', 'left = ["a"]\nserved = ["b"]', "left and served are both given"),
        ('left = ["rtt:35"]', f"bands = {[str(n) for n in range(9)]}", "more than 8 bands"),
        ('left = ["rtt:35"]', 'end_in = "event"', "end_in = 'event' is not known"),
        ('gives = "slots"', 'gives = "beds"', "gives = 'beds' is not known"),
        ('service = "hospital"', 'service = "hospice"', "service = 'hospice' is not known"),
        ('service = "hospital"', 'service = "hospital"\npairing = "together"', "one step is the anchor"),
        ('service = "hospital"', 'service = "hospital"\nafter = ["later"]', "does not stand before it"),
        ('service = "hospital"', 'service = "hospital"\nhold_until = "later"', "does not stand after it"),
        ('[[pathway]]\nid = "treatment"', '[[pathway]]\nid = "icpc"', "pathway 'icpc' stands twice"),
        ('kind = "rtt"\nservice', 'kind = "icpc"\nservice', "not one pathway takes the waits of kind 'icpc' alone"),
    ],
)
def test_a_fault_names_file_place_and_rule(wrong: str, instead: str, rule: str) -> None:
    assert wrong in SOUND
    with pytest.raises(RulesInvalid) as refused:
        load_rules(SOUND.replace(wrong, instead), "queues.toml")
    assert any(rule in str(fault) and str(fault).startswith("queues.toml: ") for fault in refused.value.faults)


def test_a_pathway_that_leads_to_itself_is_refused() -> None:
    lead = '\n[[lead]]\nbegins = "icpc"\nleads_to = "icpc"\ndays_before = 0\ndays_after = 1\n'
    with pytest.raises(RulesInvalid, match="leads to itself"):
        load_rules(SOUND + lead, "queues.toml")


def test_a_place_may_bring_its_own(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SOUND, encoding="utf-8")
    assert read_rules(tmp_path / "own.toml").alone("rtt").id == "treatment"
    with pytest.raises(RulesUnreadable, match="no such file"):
        read_rules(tmp_path / "none.toml")
