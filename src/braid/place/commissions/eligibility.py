"""Whom a lot serves: conditions in the language of problem statements, and the words that explain them."""

from __future__ import annotations

from collections.abc import Mapping

from braid.language.rule_files import RulesInvalid, read_toml
from braid.problems.conditions import load_cohort
from braid.problems.model import Cohort, Statement
from braid.problems.words import cohort_in_words

FILE = "eligibility"
BASES: Mapping[str, str] = {
    "": "Not known yet: the referrer says whether the conditions are met",
    "concerned": "Found by the run: the problem statement concerns them",
    "attested": "The referrer says that the conditions are met",
    "not_eligible": "Not eligible",
}
ELIGIBLE = frozenset({"concerned", "attested"})
"""On which of `BASES` something may be paid. The provider's own word is none of them."""


def read_eligibility(text: str, purpose: str) -> Cohort | None:
    """Return the conditions of a lot beyond its problem statement's; `None` where there are none.

    Raises `RulesInvalid` with every fault: a condition that tells of something secret is for its own purpose alone.
    """
    if not text.strip():
        return None
    top = read_toml(text, FILE, FILE)
    found = load_cohort(top, purpose, ())
    if top.faults:
        raise RulesInvalid(top.faults)
    return found


def eligibility_in_words(statement: Statement, text: str, districts: Mapping[str, str]) -> tuple[str, ...]:
    """Return whom a lot serves, a sentence for the problem statement and one for what the lot asks besides."""
    words = [f"Concerned by {statement.name}: {cohort_in_words(statement.cohort, districts)}"]
    more = read_eligibility(text, statement.purpose_code)
    if more is not None:
        words.append(f"Of them, {cohort_in_words(more, districts)}")
    return tuple(words)


def basis_at_referral(is_concerned: bool, text: str) -> str:
    """Return on which basis somebody is eligible when they are referred.

    A run knows whom the statement concerns and no more: further conditions are the referrer's to say.
    """
    return "concerned" if is_concerned and not text.strip() else ""
