"""A problem statement in words: whom it concerns, what may hold up what, and whose move it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from braid.language.codes import (
    CAUSE_GROUPS,
    CODE_LISTS,
    EPISODE_KINDS,
    NEEDS,
    ORGANISATION_KINDS,
    STAY_KINDS,
    WAIT_KINDS,
)
from braid.problems.model import (
    PLANS,
    RUNNING_CLOCKS,
    WHOSE_NEED,
    Aged,
    Cohort,
    Condition,
    FundLine,
    HasNeed,
    InEpisode,
    LivesIn,
    OutcomeMeasure,
    Statement,
    StaysIn,
    WaitsFor,
    WaitsInBacklogs,
)
from braid.trust.roles import PURPOSES
from braid.waits.rules import AdjournedHearing, BlockerRule, HolderWait, MissingEvidence, Standing, Whose

WAIT_NAMES = {code: kind.name for code, kind in WAIT_KINDS.items()}
WHOSE_NAMES = {"person": "their own", "parent": "a parent's or carer's", "household": "somebody's at home"}
CLOCK_NAMES = {code: CODE_LISTS["clock_status"][code].lower() for code in RUNNING_CLOCKS}


def explain(statement: Statement, districts: Mapping[str, str] | None = None) -> str:
    """Return the statement as lines of plain words; `districts` names the districts of the place by code."""
    partners = listed((ORGANISATION_KINDS[kind] for kind in statement.partners), "and")
    lines = [
        f"{statement.name}. {statement.purpose}",
        f"It concerns {cohort_in_words(statement.cohort, districts or {})}.",
        f"They may be looked at for the purpose: {PURPOSES[statement.purpose_code]}.",
        f"At the table: {partners}. The answer is {PLANS[statement.plan]}.",
        *(f"- {rule.rule_id}: {rule_in_words(rule)}" for rule in statement.rules),
        *(f"- Proved by: {outcome_in_words(outcome)}" for outcome in statement.outcomes),
        *(f"- Could be paid from: {fund_in_words(fund)}" for fund in statement.funds),
    ]
    return "\n".join(lines)


def cohort_in_words(cohort: Cohort, districts: Mapping[str, str]) -> str:
    """Return whom a cohort holds: `people who …`. A district that is not in `districts` is shown by its code."""

    def words(condition: Condition) -> str:
        if isinstance(condition, LivesIn):
            return f"live in {listed((districts.get(code, code) for code in condition.districts), 'or')}"
        return condition_in_words(condition)

    parts = [words(condition) for condition in cohort.all_of]
    if cohort.any_of:
        parts.append(" or ".join(words(condition) for condition in cohort.any_of))
    excluded = f", but not those who {listed(map(words, cohort.none_of), 'or')}" if cohort.none_of else ""
    return f"people who {', and who '.join(parts)}{excluded}"


def condition_in_words(condition: Condition) -> str:
    """Return one condition as it follows `people who`. It names no district: where somebody lives may be withheld."""
    if isinstance(condition, WaitsFor):
        return _wait_in_words(condition)
    if isinstance(condition, WaitsInBacklogs):
        return f"wait in {condition.at_least} or more backlogs that the statement is about"
    if isinstance(condition, StaysIn):
        return f"live in one of these ({_names(condition.kinds, STAY_KINDS)})"
    if isinstance(condition, LivesIn):
        return "live in a district that the statement names"
    if isinstance(condition, InEpisode):
        return f"are known to a service ({_names(condition.kinds, EPISODE_KINDS)})"
    if isinstance(condition, HasNeed):
        whose = "" if condition.whose == WHOSE_NEED else f", {_names(condition.whose, WHOSE_NAMES)}"
        return f"have a recorded need{whose} ({_names(condition.codes, NEEDS)})"
    return _age_in_words(condition)


def _wait_in_words(wait: WaitsFor) -> str:
    days = "" if wait.least_days is None else f", for {wait.least_days} days or longer"
    clock = "" if wait.clocks == RUNNING_CLOCKS else f", {_names(wait.clocks, CLOCK_NAMES)}"
    if wait.most_days_left is not None:
        clock += f", with {wait.most_days_left} days or fewer left"
    return f"wait{_as(wait.standing)}{days}{clock} ({_names(wait.kinds, WAIT_NAMES)})"


def _age_in_words(age: Aged) -> str:
    if age.at_least is None:
        return f"are under {age.under}"
    if age.under is None:
        return f"are {age.at_least} or older"
    return f"are {age.at_least} or older and under {age.under}"


def outcome_in_words(outcome: OutcomeMeasure) -> str:
    """Return what would show that the joint response worked, how it is reckoned and where it stood before."""
    before = "the place's first run"
    if outcome.baseline is not None:
        before = f"{outcome.baseline:g} {outcome.unit} ({outcome.baseline_source})"
    return f"{outcome.name} ({outcome.unit}, {outcome.better} is better). {outcome.how} Baseline: {before}."


def fund_in_words(fund: FundLine) -> str:
    """Return one line of money: its name, who holds it, on which law or grant it rests."""
    return f"{fund.name}, held by {ORGANISATION_KINDS[fund.holder]}{f' ({fund.basis})' if fund.basis else ''}"


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
    return listed((names[code] for code in codes), joint)


def listed(items: Iterable[str], joint: str) -> str:
    """Return items as one list in words: `a, b or c`."""
    *first, last = items
    return f"{', '.join(first)} {joint} {last}" if first else last
