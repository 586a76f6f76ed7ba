"""Whom a lot serves: conditions in the language of problem statements, and the words that explain them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from braid.language.rule_files import RulesInvalid, read_toml
from braid.problems.conditions import load_cohort
from braid.problems.model import Aged, Cohort, Condition, LivesIn, Statement
from braid.problems.words import cohort_in_words

FILE = "eligibility"
BASES: Mapping[str, str] = {
    "": "Not known yet: the referrer says whether the conditions are met",
    "concerned": "Found by the run: the problem statement concerns them, and they meet what the lot asks besides",
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


@dataclass(frozen=True)
class PersonKnown:
    """What whoever asks may see of somebody: age in whole years, code of the district; `None` where it is not known."""

    age: int | None
    district: str | None


@dataclass(frozen=True)
class Judged:
    """One thing that a lot asks, in words that follow `people who`; `is_met` is `None` where it cannot be told."""

    words: str
    is_met: bool | None


def judge_eligibility(text: str, purpose: str, known: PersonKnown, districts: Mapping[str, str]) -> tuple[Judged, ...]:
    """Return each further condition of a lot, met or not as far as age and district tell.

    Everything else that a condition may ask is not looked up for a referral: it stays the referrer's to say.
    """
    cohort = read_eligibility(text, purpose)
    if cohort is None:
        return ()
    found = [_judged((one,), known, districts) for one in cohort.all_of]
    found += [_judged(cohort.any_of, known, districts)] if cohort.any_of else []
    for one in cohort.none_of:
        judged = _judged((one,), known, districts)
        found.append(Judged(f"do not {judged.words}", None if judged.is_met is None else not judged.is_met))
    return tuple(found)


def _judged(conditions: tuple[Condition, ...], known: PersonKnown, districts: Mapping[str, str]) -> Judged:
    """Return one of several conditions as met where any is, and as not met where none is."""
    words = cohort_in_words(Cohort((), conditions), districts).removeprefix("people who ")
    found = [_is_met(one, known) for one in conditions]
    return Judged(words, True if True in found else None if None in found else False)


def _is_met(condition: Condition, known: PersonKnown) -> bool | None:
    if isinstance(condition, Aged) and known.age is not None:
        is_old = condition.at_least is None or known.age >= condition.at_least
        return is_old and (condition.under is None or known.age < condition.under)
    if isinstance(condition, LivesIn) and known.district:
        return known.district in condition.districts
    return None


def basis_at_referral(is_concerned: bool, judged: Iterable[Judged]) -> str:
    """Return on which basis somebody is eligible when they are referred.

    A run knows whom the statement concerns, and where all else that the lot asks is known and met, that is enough.
    Whatever cannot be told, or is not met by what is known, is the referrer's to say.
    """
    return "concerned" if is_concerned and all(one.is_met for one in judged) else ""
