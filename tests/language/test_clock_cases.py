"""The clocks give what the worked cases say, and the cases cover what the rules hold."""

from __future__ import annotations

import datetime as dt

import pytest

from braid.language.clock_model import Unit
from braid.language.clock_rules import CLOCK_RULES, NO_LIMIT_REASONS, find_rule
from braid.language.codes import CODE_LISTS, WAIT_KINDS
from language.clock_cases import CASES, found_words, reckon_case


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join([*list(case.values())[:5], case["pauses"]]).strip())
def test_worked_case(case: dict[str, str]) -> None:
    found = reckon_case(case)
    assert found_words(found) == (case["due"], case["other"], case["clock"], case["also"])
    assert case["why"]


def test_every_kind_and_every_version_has_worked_cases() -> None:
    assert {case["kind"] for case in CASES} == WAIT_KINDS.keys()
    rules = {reckon_case(case).rule_id for case in CASES}
    assert {rule.rule_id for rule in CLOCK_RULES} <= rules
    assert {f"{kind}/no-limit" for kind in NO_LIMIT_REASONS} <= rules
    assert len(CASES) >= 150


def test_every_standing_and_every_part_of_a_rule_is_worked() -> None:
    assert {case["clock"] for case in CASES} == CODE_LISTS["clock_status"].keys()
    worked = {case["kind"] for case in CASES if case["pauses"]}
    assert {rule.kind for rule in CLOCK_RULES if rule.pauses} <= worked
    assert {rule.kind for rule in CLOCK_RULES if rule.extensions and rule.extensions.each} <= {
        case["kind"] for case in CASES if case["extensions"]
    }
    assert {rule.kind for rule in CLOCK_RULES if rule.exceptions} <= {
        case["kind"] for case in CASES if case["exception"]
    }
    assert {rule.kind for rule in CLOCK_RULES if rule.limit.unit is Unit.HOURS} <= {
        case["kind"] for case in CASES if "T" in case["start"]
    }


def test_no_two_cases_are_the_same() -> None:
    facts = [tuple(value for name, value in case.items() if name != "why") for case in CASES]
    assert len(set(facts)) == len(facts)


@pytest.mark.parametrize("kind", sorted({case["kind"] for case in CASES if case["due"]}))
def test_the_explanation_names_the_last_day_and_the_law(kind: str) -> None:
    for case in CASES:
        if case["kind"] != kind or not case["due"]:
            continue
        words = reckon_case(case).explanation
        day = dt.date.fromisoformat(case["due"][:10])
        rule = find_rule(kind, dt.date.fromisoformat(case["start"][:10]))
        assert rule is not None
        assert f"{day.day} {day:%B %Y}" in words
        assert rule.law in words
        assert ("not a duty in law" in words) == (not rule.binding)
        assert rule.other is None or case["other"] in ("", case["due"]) or rule.other_used_by in words
