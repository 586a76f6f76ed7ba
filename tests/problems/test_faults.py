"""A problem file is read to its end: every fault with its place, rule and next step, and what a sound one lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.problems.advice import find_advice
from braid.problems.check import check_files
from braid.problems.load import SHIPPED, load_statements, parse_statement, shipped_statements, shipped_text
from braid.problems.new import new_text, write_new

SOUND = new_text("mine")


def faults_of(text: str) -> list[str]:
    with pytest.raises(RulesInvalid) as refused:
        parse_statement(text, "mine.toml")
    return [str(fault) for fault in refused.value.faults]


def test_every_fault_of_a_file_is_named_at_once() -> None:
    wrong = (
        SOUND.replace('plan = "placements"', 'plan = "hope"')
        .replace('"council", "school"', '"counsel", "school"')
        .replace("age_under = 18", "age_under = -1")
        .replace('holders = ["register"]', 'holders = ["regster"]')
        .replace('"person_wait.kind"', '"person_wait.kin"')
        .replace('holder = "council"', 'holder = "nobody"')
    )
    found = faults_of(wrong)
    places = [line.split(": ")[1] for line in found]
    assert places == [
        "rule 'mine_home_waits_for_letting'",
        "statement",
        "statement",
        "cohort all_of 1",
        "outcome 1",
        "fund 1",
    ]
    assert all(line.startswith("mine.toml: ") and "; " in line for line in found)


def test_the_message_of_a_run_names_the_first_and_how_many_more() -> None:
    with pytest.raises(RulesInvalid, match=r"mine\.toml: .* \(and 1 more\)"):
        parse_statement(SOUND.replace('plan = "placements"', 'plan = "hope"\ngoal = 1'), "mine.toml")


COHORT = """
id = "mine"
name = "Mine"
purpose = "A sentence."
purpose_code = "PURPOSE"
partners = ["council"]
waits = ["register"]
plan = "placements"
[cohort]
any_of = [{ CONDITION }]
"""


def of(condition: str, purpose: str = "school_from_ta") -> str:
    return COHORT.replace("PURPOSE", purpose).replace("CONDITION", condition)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('wait = ["register"], clock = ["past"]', "register has no limit"),
        ('wait = ["rtt"], clock = ["late"]', "'late', which is not known"),
        ('wait = ["rtt"], days_at_least = 0', "whole number of days"),
        ('wait = ["rtt"], days_at_least = 99999999999', "whole number of days"),
        ('wait = ["rtt"], wait_as = "victim"', "only for crown_trial"),
        ('wait = ["crown_trial"]', "says as whom"),
        ('wait = ["crown_trial", "rtt"], wait_as = "defendant"', "stands alone"),
        ('wait = ["rtt", "rtt"]', "names one thing twice"),
        ('stay = ["ta_bnb"], wait = ["rtt"]', "unknown key 'stay'"),
        ('district = ["Northmere"]', "no code of a district"),
        ('district = ["E0899000\'"]', "no code of a district"),
        ('district = "E08990001"', "must be a list"),
        ('need = ["sen"], whose = ["dog"]', "'dog', which is not known"),
        ("age_at_least = 18, age_under = 18", "nobody is that old and younger"),
        ("age_under = 1.5", "whole number of years"),
        ("", "a condition has one of"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(condition: str, said: str) -> None:
    assert any(said in fault for fault in faults_of(of(condition)))


@pytest.mark.parametrize(
    "condition",
    [
        'wait = ["victim_support"]',
        'wait = ["rtt", "therapy"]',
        'wait = ["crown_trial"], wait_as = "victim"',
        'stay = ["refuge"]',
        'episode = ["da_support"]',
        'episode = ["marac", "cin"]',
    ],
)
def test_only_victim_response_may_ask_about_support_for_people_harmed(condition: str) -> None:
    assert any("support for people harmed" in fault for fault in faults_of(of(condition)))
    assert parse_statement(of(condition, "victim_response"), "mine.toml").cohort.any_of


@pytest.mark.parametrize("odd", ["\\u0000", "\\u001B", "\\u202E", "\\U000E0001", "\\uE000"])
def test_what_cannot_be_printed_is_refused_before_a_database_refuses_it(odd: str) -> None:
    (fault,) = faults_of(SOUND.replace('name = "', f'name = "a{odd}', 1))
    assert fault.startswith("mine.toml: statement: 'name' holds a character that cannot be printed")


def test_spaces_and_lines_may_be_written() -> None:
    text = SOUND.replace('name = "', 'name = "15\\u00A0December\\tof\\neach ', 1)
    assert parse_statement(text, "mine.toml").name.startswith("15\u00a0December\tof\neach")


def test_none_of_alone_would_be_everybody() -> None:
    assert any("would be everybody" in fault for fault in faults_of(of('wait = ["rtt"]').replace("any_of", "none_of")))


def test_an_item_of_a_cause_that_the_rule_does_not_name_is_refused() -> None:
    own = '\n[rule.item.{}]\nreason = "r"\nowner_organisation = "council"\nowner_role = "o"\nnext_action = "n"\n'
    court = shipped_text("court_readiness")
    where = '\n[[rule]]\nid = "parallel_criminal_case"'
    assert parse_statement(court.replace(where, own.format("LA5") + where), "c.toml")
    for code in ("OT8", "LA99", "la5"):
        (fault,) = faults_of(court.replace(where, own.format(code) + where))
        assert f"item '{code}'" in fault


def test_rules_of_two_statements_may_not_share_an_id(tmp_path: Path) -> None:
    folder = tmp_path / "problems"
    folder.mkdir()
    (folder / "a.toml").write_text(new_text("mine"), encoding="utf-8")
    (folder / "b.toml").write_text(new_text("mine").replace('id = "mine" ', 'id = "other" '), encoding="utf-8")
    (folder / "c.toml").write_text(SOUND.replace("mine_home_waits_for_letting", "ta_waits_for_letting"), "utf-8")
    with pytest.raises(RulesInvalid, match="another"):
        load_statements(tmp_path)
    checked = check_files([folder / "b.toml"], tmp_path)
    assert [fault.file for each in checked for fault in each.faults] == ["b.toml"]
    (folder / "a.toml").unlink()
    (folder / "b.toml").unlink()
    with pytest.raises(RulesInvalid, match="'ta_waits_for_letting': another statement has a rule of this id"):
        load_statements(tmp_path)


def test_a_place_may_replace_a_shipped_statement_with_its_rules(tmp_path: Path) -> None:
    write_new(tmp_path, "court_readiness")
    assert len(load_statements(tmp_path)) == 3
    (checked,) = check_files([tmp_path / "problems" / "court_readiness.toml"], tmp_path)
    assert checked.statement and checked.faults == checked.advice == ()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"id = ", b"a = " + b"[" * 5000, b"places = " + b"1" * 5000])
def test_what_cannot_be_read_is_said_to_be_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    (checked,) = check_files([path])
    assert not checked.readable
    with pytest.raises(RulesUnreadable):
        load_statements_of(path)


def load_statements_of(path: Path) -> None:
    path.rename(path.parent / "place.toml")
    folder = path.parent / "problems"
    folder.mkdir()
    (path.parent / "place.toml").rename(folder / path.name)
    load_statements(path.parent)


def test_the_three_that_ship_lack_nothing() -> None:
    assert [str(each) for one in shipped_statements() for each in find_advice(one, one.problem_id)] == []


def test_the_new_file_is_sound_and_lacks_nothing() -> None:
    assert find_advice(parse_statement(SOUND, "mine.toml"), "mine.toml") == []
    assert {new_text(name) for name in SHIPPED} == {shipped_text(name) for name in SHIPPED}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (SOUND[: SOUND.index("# What holds up what")], "it has no rule"),
        (SOUND[: SOUND.index("# Money")], "it has no fund"),
        (
            SOUND.replace('owner_organisation = "council"', 'owner_organisation = "police"'),
            "police, is not at the table",
        ),
        (SOUND.replace('holder = "council"', 'holder = "icb"'), "integrated care board, is not at the table"),
        (SOUND.replace('holders = ["register"]', 'holders = ["rtt"]'), "holder 'rtt' is not in 'waits'"),
        (SOUND.replace("    # { district", "    { district"), "no district of the place has the code 'E08990001'"),
    ],
)
def test_what_a_sound_statement_lacks_is_said(changed: str, said: str) -> None:
    advice = find_advice(parse_statement(changed, "mine.toml"), "mine.toml", frozenset({"E08990002"}))
    assert any(said in str(each) for each in advice)
