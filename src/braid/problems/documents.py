"""A problem statement as the document that a run keeps and pages show: everything in words, and codes to join it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from braid.language.clock_rules import NO_LIMIT_REASONS, get_versions
from braid.language.codes import BACKLOGS, CAUSE_GROUPS, CODE_LISTS, ORGANISATION_KINDS, WAIT_KINDS
from braid.language.readiness import READINESS_ITEMS
from braid.problems.model import PLANS, Statement
from braid.problems.words import WAIT_NAMES, cohort_in_words, listed, rule_in_words
from braid.waits.rules import AdjournedHearing, BlockerRule, HolderWait, MissingEvidence, Words

Document = dict[str, Any]


def describe_statement(statement: Statement, districts: Mapping[str, str]) -> Document:
    """Return the document of a statement; `districts` names the districts of the place by code.

    `rules` have `moves`, one for each owner and action that the rule names, with the codes by which the figures of what
    frees most tell it: owner, action, type and kind of holder, and the backlog of the waits that are held.
    """
    return {
        "id": statement.problem_id,
        "name": statement.name,
        "purpose": statement.purpose,
        "purpose_code": statement.purpose_code,
        "concerns": cohort_in_words(statement.cohort, districts),
        "partners": [_capital(ORGANISATION_KINDS[kind]) for kind in statement.partners],
        "waits": [WAIT_NAMES[kind] for kind in statement.waits],
        "plan": _capital(PLANS[statement.plan]),
        "rules": [_rule(rule) for rule in statement.rules],
        "outcomes": [
            {
                "name": outcome.name,
                "unit": outcome.unit,
                "better": outcome.better,
                "how": outcome.how,
                "baseline": outcome.baseline,
                "baseline_source": outcome.baseline_source,
            }
            for outcome in statement.outcomes
        ],
        "funds": [
            {"name": fund.name, "holder": _capital(ORGANISATION_KINDS[fund.holder]), "basis": fund.basis}
            for fund in statement.funds
        ],
    }


def _rule(rule: BlockerRule) -> Document:
    held = WAIT_KINDS[rule.held]
    return {
        "id": rule.rule_id,
        "title": _title(rule),
        "words": rule_in_words(rule),
        "held": held.name,
        "held_kind": held.code,
        "backlog": held.backlog,
        "backlog_name": BACKLOGS[held.backlog].name,
        "clock": _law(rule.held),
        "moves": [_move(words, holder_type, kind) for words, holder_type, kind in _moves(rule)],
    }


def _law(kind: str) -> str:
    """Return the law of the clock of a kind of wait: that in force, or that no law sets a limit."""
    in_force = [rule.law for rule in get_versions(kind) if rule.holds_from is not None]
    return in_force[-1] if in_force else NO_LIMIT_REASONS.get(kind, "No law sets a limit for this wait.")


def _moves(rule: BlockerRule) -> Iterator[tuple[Words, str, str]]:
    """Yield each owner and action that a rule names, with the type and kind of what holds."""
    form = rule.form
    if isinstance(form, HolderWait):
        yield from ((form.words, "wait", kind) for kind in form.kinds)
    elif isinstance(form, MissingEvidence):
        yield form.words, "evidence", form.evidence
    elif isinstance(form, AdjournedHearing):
        yield from ((words, "evidence", cause) for cause, words in form.words_by_cause.items())
        of_items = {item: _cause(item) for item in form.words_by_item}
        yield from ((words, "evidence", of_items[item]) for item, words in form.words_by_item.items())
    else:
        yield form.words, "capacity", "hearing"


def _cause(item: str) -> str:
    return READINESS_ITEMS[item].group


def _move(words: Words, holder_type: str, holder_kind: str) -> Document:
    return {
        "holder": _holder(holder_type, holder_kind),
        "holder_type": holder_type,
        "holder_kind": holder_kind,
        "reason": words.reason.replace("{holder}", _holder(holder_type, holder_kind).lower()),
        "owner_kind": words.owner_organisation,
        "owner_organisation": _capital(ORGANISATION_KINDS[words.owner_organisation]),
        "owner_role": words.owner_role,
        "next_action": words.next_action,
        "cleared_by": words.cleared_by,
    }


def _holder(holder_type: str, holder_kind: str) -> str:
    """Return what holds, in words: a wait by its name, what is missing by its type and kind."""
    if holder_type == "wait":
        return WAIT_NAMES[holder_kind]
    return f"{CODE_LISTS['holder_type'][holder_type]}: {CAUSE_GROUPS.get(holder_kind, holder_kind.replace('_', ' '))}"


def _title(rule: BlockerRule) -> str:
    """Return what a rule is about, as a heading."""
    form, held = rule.form, WAIT_NAMES[rule.held]
    if isinstance(form, HolderWait):
        return f"{held} waits for: {listed((WAIT_NAMES[kind] for kind in form.kinds), 'or')}"
    if isinstance(form, MissingEvidence):
        return f"{held} past its limit without {form.evidence.replace('_', ' ')}"
    if isinstance(form, AdjournedHearing):
        return f"{held} after a hearing that did not go ahead"
    return f"{held} without a hearing still to come"


def _capital(words: str) -> str:
    words = words.removeprefix("the ")
    return words[:1].upper() + words[1:]
