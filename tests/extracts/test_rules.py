"""Every rule's own examples: what its file shows to break it breaks it, what it shows to keep to it does not."""

from __future__ import annotations

from functools import lru_cache

import pytest

from braid.extracts.rules.layouts import LAYOUTS
from braid.extracts.rules.model import Rule
from braid.extracts.rules.rule_files import load_rules
from extracts.rules_help import find_in_examples

RULES = [rule for standard in LAYOUTS for rule in load_rules(standard)]
YEAR = 2026
ALONE = {"cin:100", "cin:1520", "cin:8510", "cin:2883", "cin:2886Q", "cin:2887Q", "cin:2888Q"}
"""Rules that look at all children of a file at once: their examples cannot stand beside those of others."""


@lru_cache(maxsize=2)
def examples_broken(standard: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the rules of a standard that find something in their own example, and in their own counter-example."""
    rules = [rule for rule in load_rules(standard) if rule.name not in ALONE]
    broken = find_in_examples(rules, [rule.breaks for rule in rules], YEAR)
    kept = find_in_examples(rules, [rule.keeps for rule in rules], YEAR)
    return (
        frozenset(each.rule.code for each in broken if rules[each.file] is each.rule),
        frozenset(each.rule.code for each in kept if rules[each.file] is each.rule),
    )


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.name not in ALONE], ids=lambda rule: rule.name)
def test_a_rule_finds_what_its_file_shows_to_break_it_and_not_what_keeps_to_it(rule: Rule) -> None:
    broken, kept = examples_broken(rule.standard)
    assert rule.code in broken, "its own example does not break it"
    assert rule.code not in kept, "its own counter-example breaks it"


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.name in ALONE], ids=lambda rule: rule.name)
def test_a_rule_of_all_children_finds_its_example_and_not_what_keeps_to_it(rule: Rule) -> None:
    assert find_in_examples([rule], [rule.breaks], YEAR), "its own example does not break it"
    assert not find_in_examples([rule], [rule.keeps], YEAR), "its own counter-example breaks it"
