"""Problem statements as data: what ships, what is refused and how, and what they say in words."""

from __future__ import annotations

import pytest

from braid.language.rule_files import RulesInvalid
from braid.problems.load import load_statements, parse_statement, shipped_statements
from braid.problems.words import explain
from braid.trust.roles import PURPOSES
from braid.waits.rules import AdjournedHearing

SMALL = """
id = "small"
name = "Small"
purpose = "A sentence."
purpose_code = "school_from_ta"
partners = ["council"]
waits = ["register", "crown_trial", "care_proceedings"]
plan = "placements"
[cohort]
any_of = [{ wait = ["register"] }]
"""
RULE = """
[[rule]]
id = "r"
held = "register"
held_by = "wait"
holders = ["rtt"]
whose = "same_person"
reason = "Why."
owner_organisation = "council"
owner_role = "Manager"
next_action = "Act."
"""


def test_the_three_that_ship_serve_the_three_purposes():
    statements = shipped_statements()
    assert {statement.purpose_code for statement in statements} == set(PURPOSES)
    assert sorted(rule.rule_id for statement in statements for rule in statement.rules) == [
        "assessment_outstanding",
        "bnb_waits_for_letting",
        "ehc_decision_waits_for_address",
        "ehc_plan_waits_for_address",
        "family_waits_for_home",
        "hearing_adjourned",
        "parallel_criminal_case",
        "parent_waits_for_treatment",
        "school_place_waits_for_address",
        "school_place_without_outcome",
        "ta_waits_for_letting",
        "therapy_waits_for_home",
        "therapy_waits_for_trial",
        "trial_has_no_date",
    ]


def test_every_preventable_cause_has_an_owner():
    (rule,) = [
        rule
        for statement in shipped_statements()
        for rule in statement.rules
        if isinstance(rule.form, AdjournedHearing)
    ]
    assert len(rule.form.words_by_cause) == 9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SMALL.replace("plan =", "plna ="), "unknown key 'plna'"),
        (SMALL.replace('["register"] }', '["regster"] }'), "'regster', which is not known"),
        (SMALL.replace('any_of = [{ wait = ["register"] }]', ""), "would be everybody"),
        (SMALL.replace("{ wait", "{ weight"), "a condition has one of"),
        (SMALL.replace('"council"', '"counsel"'), "'counsel', which is not known"),
        (SMALL + RULE.replace('"rtt"', '"rrt"'), "rule 'r': holders holds 'rrt'"),
        (SMALL + RULE.replace('"wait"', '"weight"'), "held_by = 'weight' is not known"),
        (SMALL + RULE + RULE, "two rules are called 'r'"),
        (SMALL + RULE.replace('held = "register"', 'held = "rtt"'), "not in 'waits'"),
        (SMALL + RULE + 'evidence = "letter"', "unknown key 'evidence'"),
        (SMALL + RULE + 'held_as = "victim"', "only for crown_trial"),
        (SMALL + RULE.replace("Why.", "Why {name}?"), "no placeholder but {holder}"),
        (
            SMALL
            + RULE.replace('"register"', '"care_proceedings"')
            .replace('"rtt"', '"crown_trial"')
            .replace("same_person", "respondent_of_same_case"),
            "a victim's must stay unseen",
        ),
        ("id = ", "not TOML"),
    ],
)
def test_a_wrong_statement_is_refused_with_file_rule_and_next_step(text, said):
    with pytest.raises(RulesInvalid) as refused:
        parse_statement(text, "mine.toml")
    message = str(refused.value)
    assert message.startswith("mine.toml: ")
    assert said in message
    assert "; " in message


def test_a_place_adds_and_replaces_statements(tmp_path):
    folder = tmp_path / "problems"
    folder.mkdir()
    (folder / "small.toml").write_text(SMALL + RULE, encoding="utf-8")
    (folder / "ta.toml").write_text(SMALL.replace('"small"', '"school_from_ta"'), encoding="utf-8")
    names = {statement.problem_id: statement.name for statement in load_statements(tmp_path)}
    assert names["small"] == "Small"
    assert names["school_from_ta"] == "Small"
    assert len(names) == 4


def test_a_statement_explains_itself():
    text = explain(parse_statement(SMALL + RULE, "mine.toml"))
    assert "It concerns people who wait (Social housing register)." in text
    assert "r: Social housing register is held up while the same person waits: Referral to treatment." in text
