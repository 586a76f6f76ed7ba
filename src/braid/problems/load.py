"""Reading problem statements: the three that ship and those a place writes. Strict: nothing unknown passes."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from braid.language.codes import EPISODE_KINDS, NEEDS, STAY_KINDS, WAIT_KINDS
from braid.problems.fields import Fields
from braid.problems.forms import load_rule
from braid.problems.model import (
    ORGANISATION_KINDS,
    PLANS,
    WHOSE_NEED,
    Aged,
    Cohort,
    Condition,
    FundLine,
    HasNeed,
    InEpisode,
    OutcomeMeasure,
    ProblemInvalid,
    Statement,
    StaysIn,
    WaitsFor,
)
from braid.trust.roles import PURPOSES

SHIPPED = ("school_from_ta", "victim_response", "court_readiness")

_KEYS = ("id", "name", "purpose", "purpose_code", "partners", "waits", "plan", "cohort", "rule", "outcome", "fund")
_AGE = ("age_at_least", "age_under")


def shipped_statements() -> tuple[Statement, ...]:
    """Return the three problem statements that ship."""
    folder = resources.files("braid.problems").joinpath("statements")
    return tuple(
        parse_statement(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml") for name in SHIPPED
    )


def load_statements(place_folder: Path | None = None) -> tuple[Statement, ...]:
    """Return the shipped statements and those under `problems/*.toml` of the place folder, in order of file name.

    A place's statement replaces the shipped one of the same id. Raises `ProblemInvalid`.
    """
    statements = {statement.problem_id: statement for statement in shipped_statements()}
    for path in sorted(place_folder.glob("problems/*.toml")) if place_folder else ():
        statement = load_statement(path)
        statements[statement.problem_id] = statement
    return tuple(statements.values())


def load_statement(path: Path) -> Statement:
    """Return the statement in one file. Raises `ProblemInvalid` with file, rule and next step."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemInvalid(f"{path.name}: the file cannot be read as text; save it as UTF-8 TOML") from error
    return parse_statement(text, path.name)


def parse_statement(text: str, file: str) -> Statement:
    """Return the statement that `text` describes; `file` names it in messages. Raises `ProblemInvalid`."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProblemInvalid(f"{file}: not TOML ({error}); correct that line") from error
    top = Fields(file, "statement", values)
    top.check_known(_KEYS)
    problem = top.text("id")
    if not problem.replace("_", "").isalnum() or problem != problem.lower():
        raise top.refuse("'id' must be lower case letters, digits and underscores", "choose another id")
    statement = Statement(
        problem_id=problem,
        name=top.text("name"),
        purpose=top.text("purpose"),
        purpose_code=top.code("purpose_code", PURPOSES),
        partners=top.codes("partners", ORGANISATION_KINDS),
        waits=top.codes("waits", WAIT_KINDS),
        plan=top.code("plan", PLANS),
        cohort=_cohort(top.table("cohort")),
        rules=tuple(load_rule(rule, problem) for rule in top.tables("rule")),
        outcomes=tuple(_outcome(outcome) for outcome in top.tables("outcome")),
        funds=tuple(_fund(fund) for fund in top.tables("fund")),
    )
    _check_rules(top, statement)
    return statement


def _check_rules(top: Fields, statement: Statement) -> None:
    names = [rule.rule_id for rule in statement.rules]
    for name in names:
        if names.count(name) > 1:
            raise top.refuse(f"two rules are called {name!r}", "give each rule its own id")
    for rule in statement.rules:
        if rule.held not in statement.waits:
            raise top.refuse(f"rule {rule.rule_id!r} holds {rule.held!r}, which is not in 'waits'", "add it to 'waits'")


def _cohort(fields: Fields) -> Cohort:
    fields.check_known(("all_of", "any_of"))
    cohort = Cohort(
        all_of=tuple(_condition(item) for item in fields.tables("all_of")),
        any_of=tuple(_condition(item) for item in fields.tables("any_of")),
    )
    if not cohort.all_of and not cohort.any_of:
        raise fields.refuse("the cohort has no condition and would be everybody", "add all_of or any_of")
    return cohort


def _condition(fields: Fields) -> Condition:
    keys = set(fields.values)
    if keys and keys <= set(_AGE):
        at_least, under = (fields.number(key) if key in keys else None for key in _AGE)
        return Aged(at_least, under)
    if keys in ({"need"}, {"need", "whose"}):
        whose = fields.codes("whose", WHOSE_NEED) if "whose" in keys else WHOSE_NEED
        return HasNeed(fields.codes("need", NEEDS), whose)
    if keys == {"wait"}:
        return WaitsFor(fields.codes("wait", WAIT_KINDS))
    if keys == {"stay"}:
        return StaysIn(fields.codes("stay", STAY_KINDS))
    if keys == {"episode"}:
        return InEpisode(fields.codes("episode", EPISODE_KINDS))
    raise fields.refuse(
        "a condition has one of wait, stay, episode, need (with whose), age_at_least and age_under",
        "split it into one condition an entry",
    )


def _outcome(fields: Fields) -> OutcomeMeasure:
    fields.check_known(("id", "name", "unit", "better"))
    better = fields.code("better", ("lower", "higher"))
    return OutcomeMeasure(fields.text("id"), fields.text("name"), fields.text("unit"), better)


def _fund(fields: Fields) -> FundLine:
    fields.check_known(("name", "holder"))
    return FundLine(fields.text("name"), fields.code("holder", ORGANISATION_KINDS))
