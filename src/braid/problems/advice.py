"""What a sound problem statement still lacks: nothing of it stops a run, all of it would be missed at the table."""

from __future__ import annotations

from collections.abc import Iterator

from braid.language.codes import ORGANISATION_KINDS
from braid.language.rule_files import Fault
from braid.problems.model import LivesIn, Statement
from braid.waits.rules import AdjournedHearing, BlockerRule, HolderWait

INSTRUCTED = frozenset({"expert"})
"""Kinds of organisation that own a move without sitting at the table: the court instructs an expert for one case."""


def find_advice(statement: Statement, file: str, districts: frozenset[str] = frozenset()) -> list[Fault]:
    """Return what `statement` lacks, each with the next step; `districts` are the codes of the place, where known."""
    return [Fault(file, place, rule, next_step) for place, rule, next_step in _advice(statement, districts)]


def _advice(statement: Statement, districts: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    table = frozenset(statement.partners) | INSTRUCTED
    for part, held, next_step in (
        ("rule", statement.rules, "add a [[rule]] that says what holds up what"),
        ("outcome", statement.outcomes, "add an [[outcome]] that would show that it worked"),
        ("fund", statement.funds, "add a [[fund]] that could pay"),
    ):
        if not held:
            yield "statement", f"it has no {part}", next_step
    for rule in statement.rules:
        for kind in sorted(owners(rule) - table):
            yield f"rule {rule.rule_id!r}", f"its owner, {ORGANISATION_KINDS[kind]}, is not at the table", _join(kind)
        for wait in _holders(rule):
            if wait not in statement.waits:
                yield f"rule {rule.rule_id!r}", f"its holder {wait!r} is not in 'waits'", "add it to 'waits'"
    for fund in statement.funds:
        if fund.holder not in table:
            holder = ORGANISATION_KINDS[fund.holder]
            yield f"fund {fund.name!r}", f"its holder, {holder}, is not at the table", _join(fund.holder)
    for condition in statement.cohort.conditions:
        for code in condition.districts if districts and isinstance(condition, LivesIn) else ():
            if code not in districts:
                yield "cohort", f"no district of the place has the code {code!r}", "use a code of place.toml"


def owners(rule: BlockerRule) -> frozenset[str]:
    """Return the kinds of organisation whose move a rule may say it is."""
    form = rule.form
    if isinstance(form, AdjournedHearing):
        words = [*form.words_by_cause.values(), *form.words_by_item.values()]
        return frozenset(each.owner_organisation for each in words)
    return frozenset({form.words.owner_organisation})


def _holders(rule: BlockerRule) -> tuple[str, ...]:
    return rule.form.kinds if isinstance(rule.form, HolderWait) else ()


def _join(kind: str) -> str:
    return f"add {kind!r} to 'partners'"
