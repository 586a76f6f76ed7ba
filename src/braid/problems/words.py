"""A problem statement in words: whom it concerns, what may hold up what, and whose move it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from braid.language.codes import CAUSE_GROUPS, EPISODE_KINDS, NEEDS, STAY_KINDS, WAIT_KINDS
from braid.problems.model import (
    ORGANISATION_KINDS,
    PLANS,
    WHOSE_NEED,
    Aged,
    Cohort,
    Condition,
    HasNeed,
    InEpisode,
    Statement,
    StaysIn,
    WaitsFor,
)
from braid.waits.rules import AdjournedHearing, BlockerRule, HolderWait, MissingEvidence, Standing, Whose

WAIT_NAMES = {code: kind.name for code, kind in WAIT_KINDS.items()}


def explain(statement: Statement) -> str:
    """Return the statement as lines of plain words."""
    partners = _listed((ORGANISATION_KINDS[kind] for kind in statement.partners), "and")
    lines = [
        f"{statement.name}. {statement.purpose}",
        f"It concerns {cohort_in_words(statement.cohort)}.",
        f"At the table: {partners}. The answer is {PLANS[statement.plan]}.",
        *(f"- {rule.rule_id}: {rule_in_words(rule)}" for rule in statement.rules),
        *(
            f"- Proved by: {outcome.name} ({outcome.unit}, {outcome.better} is better)"
            for outcome in statement.outcomes
        ),
        *(f"- Could be paid from: {fund.name}, held by {ORGANISATION_KINDS[fund.holder]}" for fund in statement.funds),
    ]
    return "\n".join(lines)


def cohort_in_words(cohort: Cohort) -> str:
    """Return whom a cohort holds: `people who …`."""
    parts = [condition_in_words(condition) for condition in cohort.all_of]
    if cohort.any_of:
        parts.append(" or ".join(condition_in_words(condition) for condition in cohort.any_of))
    return f"people who {', and who '.join(parts)}"


def condition_in_words(condition: Condition) -> str:
    """Return one condition as it follows `people who`."""
    if isinstance(condition, WaitsFor):
        return f"wait ({_names(condition.kinds, WAIT_NAMES)})"
    if isinstance(condition, StaysIn):
        return f"live in one of these ({_names(condition.kinds, STAY_KINDS)})"
    if isinstance(condition, InEpisode):
        return f"are known to a service ({_names(condition.kinds, EPISODE_KINDS)})"
    if isinstance(condition, HasNeed):
        whose = "" if condition.whose == WHOSE_NEED else f" of {_listed(condition.whose, 'or')}"
        return f"have a recorded need{whose} ({_names(condition.codes, NEEDS)})"
    return _age_in_words(condition)


def _age_in_words(age: Aged) -> str:
    if age.at_least is None:
        return f"are under {age.under}"
    if age.under is None:
        return f"are {age.at_least} or older"
    return f"are {age.at_least} or older and under {age.under}"


def rule_in_words(rule: BlockerRule) -> str:
    """Return what a rule says, as one sentence."""
    held = f"{WAIT_NAMES[rule.held]}{_as(rule.held_standing)}"
    form = rule.form
    if isinstance(form, HolderWait):
        whose = "the same person" if form.whose is Whose.SAME_PERSON else "a respondent in the same family case"
        kinds = _names(form.kinds, WAIT_NAMES, "or")
        return f"{held} is held up while {whose} waits{_as(form.standing)}: {kinds}. {_move(form.words.owner_role)}"
    if isinstance(form, MissingEvidence):
        what = form.evidence.replace("_", " ")
        return f"{held} past its limit is held up for want of the {what}. {_move(form.words.owner_role)}"
    if isinstance(form, AdjournedHearing):
        causes = _names(form.words_by_cause, CAUSE_GROUPS, "or")
        return f"{held} is held up when its latest hearing did not go ahead and none was completed since ({causes})."
    return f"{held} is held up while the case has no sitting day still to come. {_move(form.words.owner_role)}"


def _as(standing: Standing | None) -> str:
    return f" as {standing.value}" if standing else ""


def _move(role: str) -> str:
    return f"The move is the {role[0].lower()}{role[1:]}'s."


def _names(codes: Iterable[str], names: Mapping[str, str], joint: str = "or") -> str:
    return _listed((names[code] for code in codes), joint)


def _listed(items: Iterable[str], joint: str) -> str:
    *first, last = items
    return f"{', '.join(first)} {joint} {last}" if first else last
