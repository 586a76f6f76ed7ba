"""What a decision to share, or not to, must say: every combination of codes against the rule in one sentence each."""

import itertools
from dataclasses import replace

import pytest

from braid.language.schema import Sensitivity
from braid.trust.agreement_terms import GATEWAYS
from braid.trust.disclosure_decisions import (
    DETRIMENTS,
    DUTIES,
    LEGAL_REASONS,
    NECESSITIES,
    OUTCOMES,
    REFUSALS,
    WEIGHED,
    WEIGHINGS,
    DecisionInvalid,
    ShareDecision,
    check_decision,
)
from shared import REPOSITORY

DUTY, POWER, UNNAMED = "children_act_2004_s16la", "children_act_2004_s10", "care_act_2014_s6"
NAMED = (DUTY, POWER, "no code of the law")
CLASSES = frozenset({Sensitivity.NORMAL})
SOUND = ShareDecision("shared", POWER, "service_needed", "", "asmith", "MTG-1", "p1", "northmere-council", CLASSES)


def holds(decision: ShareDecision) -> bool:
    try:
        check_decision(decision, NAMED)
    except DecisionInvalid:
        return False
    return True


def should_hold(outcome: str, gateway: str, reason: str, detriment: str) -> bool:
    """The rule said again, from the law: what is shared, and what is withheld, each on its own grounds."""
    duty = gateway == DUTY
    if outcome == "shared":
        grounds = reason == "welfare_of_a_child" and detriment in WEIGHINGS if duty else reason in NECESSITIES
        return gateway in (DUTY, POWER) and grounds and detriment in ("", *WEIGHINGS)
    if outcome == "withheld":
        known = gateway in ("", DUTY, POWER) and reason in ("", *REFUSALS) and detriment in ("", *DETRIMENTS)
        return known and (detriment != "" if duty else reason + detriment != "")
    return False


def test_every_combination_of_codes_holds_or_not_as_the_rule_says() -> None:
    outcomes = (*OUTCOMES, "", "perhaps")
    gateways = (DUTY, POWER, UNNAMED, "", "no code of the law")
    reasons, detriments = (*LEGAL_REASONS, "", "because"), (*WEIGHED, "", "because")
    tried = list(itertools.product(outcomes, gateways, reasons, detriments))
    found = {
        codes: holds(replace(SOUND, outcome=codes[0], gateway=codes[1], reason=codes[2], detriment=codes[3]))
        for codes in tried
    }
    assert [codes for codes in tried if found[codes] != should_hold(*codes)] == []
    assert 50 < sum(found.values()) < len(tried) / 4


@pytest.mark.parametrize("missing", ["decider", "reference", "person_id", "receiver", "item_classes"])
def test_who_why_about_whom_for_whom_and_what_are_needed(missing: str) -> None:
    assert holds(SOUND)
    assert not holds(replace(SOUND, **{missing: frozenset() if missing == "item_classes" else ""}))


def test_a_duty_to_share_is_withheld_for_the_detriment_to_the_child_alone() -> None:
    withheld = replace(SOUND, outcome="withheld", gateway=DUTY, reason="not_necessary")
    with pytest.raises(DecisionInvalid, match="duty"):
        check_decision(withheld, NAMED)
    check_decision(replace(withheld, detriment="child_in_danger"), NAMED)


def test_the_reference_page_has_a_row_for_every_code() -> None:
    page = (REPOSITORY / "docs" / "reference" / "disclosure-decisions.md").read_text(encoding="utf-8")
    for code, term in {**LEGAL_REASONS, **WEIGHED}.items():
        assert f"| `{code}` | {term.name} | {term.law} |" in page
    assert page.count("| `") == len(LEGAL_REASONS) + len(WEIGHED)


def test_every_code_has_its_law_and_stands_once() -> None:
    assert set(GATEWAYS) >= DUTIES
    every = [*NECESSITIES, *REFUSALS, *WEIGHINGS, *DETRIMENTS]
    assert len(set(every)) == len(every)
    assert all(term.law and term.name and len(code) <= 40 for code, term in {**LEGAL_REASONS, **WEIGHED}.items())
