"""Reading problem statements: the three that ship and those a place writes. Strict: nothing unknown passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from braid.language.codes import ORGANISATION_KINDS, WAIT_KINDS
from braid.language.findings import TABLES
from braid.language.rule_files import TOP, Fault, Fields, RulesInvalid, read_text, read_toml
from braid.problems.conditions import load_cohort
from braid.problems.forms import load_rule
from braid.problems.model import (
    PLANS,
    FundLine,
    OutcomeMeasure,
    Statement,
)
from braid.trust.roles import PURPOSES

SHIPPED = ("school_from_ta", "victim_response", "court_readiness")

KEYS = ("id", "name", "purpose", "purpose_code", "partners", "waits", "plan", "cohort", "rule", "outcome", "fund")
OUTCOME_KEYS = ("id", "name", "unit", "better", "how", "measured_from", "baseline", "baseline_source")
FUND_KEYS = ("name", "holder", "basis")
BETTER = ("lower", "higher")
COLUMNS = tuple(f"{table.name}.{column.name}" for table in TABLES.values() for column in table.columns)
"""What an outcome may be measured from: every column of the registry, as `table.column`."""

LONGEST_ID = 40
"""Characters that a finding has room for."""


def shipped_text(problem: str) -> str:
    """Return the file of a problem statement that ships, as text."""
    folder = resources.files("braid.problems").joinpath("statements")
    return folder.joinpath(f"{problem}.toml").read_text(encoding="utf-8")


def shipped_statements() -> tuple[Statement, ...]:
    """Return the three problem statements that ship."""
    return tuple(parse_statement(shipped_text(name), f"{name}.toml") for name in SHIPPED)


def find_own(statements: Iterable[Statement]) -> tuple[str, ...]:
    """Return the ids of those statements that a place wrote, or whom it made a shipped one concern."""
    shipped = {(each.problem_id, each.purpose_code, each.cohort) for each in shipped_statements()}
    return tuple(
        each.problem_id for each in statements if (each.problem_id, each.purpose_code, each.cohort) not in shipped
    )


def place_files(place_folder: Path) -> list[Path]:
    """Return the problem files that a place wrote, in order of file name."""
    return sorted(place_folder.glob("problems/*.toml"))


def load_statements(place_folder: Path | None = None) -> tuple[Statement, ...]:
    """Return the shipped statements and those under `problems/*.toml` of the place folder, in order of file name.

    A place's statement replaces the shipped one of the same id. Raises `RulesInvalid`.
    """
    written = [(path.name, load_statement(path)) for path in (place_files(place_folder) if place_folder else ())]
    faults = find_clashes(written)
    if faults:
        raise RulesInvalid(faults)
    return tuple({each.problem_id: each for each in (*shipped_statements(), *(own for _, own in written))}.values())


def find_clashes(written: Iterable[tuple[str, Statement]]) -> list[Fault]:
    """Return where statements of a place, each with its file's name, name what another one names.

    Findings are told apart by the ids of statements and rules; a rule of a shipped statement that the place replaced
    is not there any more.
    """
    own = list(written)
    replaced = {statement.problem_id for _, statement in own}
    shipped = [("", each) for each in shipped_statements() if each.problem_id not in replaced]
    problems = Counter(statement.problem_id for _, statement in own)
    rules = Counter(rule.rule_id for _, statement in (*shipped, *own) for rule in statement.rules)
    faults = []
    for file, statement in own:
        if problems[statement.problem_id] > 1:
            rule = f"another file has the id {statement.problem_id!r} too"
            faults.append(Fault(file, TOP, rule, "give each statement its own id"))
        faults += [
            Fault(file, f"rule {name!r}", "another statement has a rule of this id", "choose another id")
            for name in sorted({rule.rule_id for rule in statement.rules if rules[rule.rule_id] > 1})
            if problems[statement.problem_id] == 1
        ]
    return faults


def load_statement(path: Path) -> Statement:
    """Return the statement in one file. Raises `RulesInvalid` with every fault, each with rule and next step."""
    return parse_statement(read_text(path), path.name)


def parse_statement(text: str, file: str) -> Statement:
    """Return the statement that `text` describes; `file` names it in messages. Raises `RulesInvalid`."""
    top = read_toml(text, file, TOP)
    statement = read_document(top)
    if top.faults:
        raise RulesInvalid(top.faults)
    return statement


def read_document(top: Fields) -> Statement:
    """Return the statement of a whole document; it stands for nothing where a fault was left in `top`."""
    top.check_known(KEYS)
    problem = top.name("id", LONGEST_ID)
    purpose_code = top.code("purpose_code", PURPOSES)
    waits = top.codes("waits", WAIT_KINDS)
    rules = [load_rule(rule, problem, purpose_code) for rule in top.tables("rule")]
    statement = Statement(
        problem_id=problem,
        name=top.text("name"),
        purpose=top.text("purpose"),
        purpose_code=purpose_code,
        partners=top.codes("partners", ORGANISATION_KINDS),
        waits=waits,
        plan=top.code("plan", PLANS),
        cohort=load_cohort(top.table("cohort"), purpose_code, waits),
        rules=tuple(rule for rule in rules if rule),
        outcomes=tuple(_outcome(outcome) for outcome in top.tables("outcome")),
        funds=tuple(_fund(fund) for fund in top.tables("fund")),
    )
    _check_rules(top, statement)
    return statement


def _check_rules(top: Fields, statement: Statement) -> None:
    _check_once(top, "rules", [rule.rule_id for rule in statement.rules])
    _check_once(top, "outcomes", [outcome.measure_id for outcome in statement.outcomes])
    for rule in statement.rules:
        if rule.held not in statement.waits:
            top.refuse(f"rule {rule.rule_id!r} holds {rule.held!r}, which is not in 'waits'", "add it to 'waits'")


def _check_once(top: Fields, what: str, names: list[str]) -> None:
    for name in sorted(name for name, times in Counter(names).items() if times > 1 and name):
        top.refuse(f"two {what} are called {name!r}", f"give each of the {what} its own id")


def _outcome(fields: Fields) -> OutcomeMeasure:
    fields.check_known(OUTCOME_KEYS)
    has_baseline = fields.has("baseline") or fields.has("baseline_source")
    return OutcomeMeasure(
        measure_id=fields.name("id", LONGEST_ID),
        name=fields.text("name"),
        unit=fields.text("unit"),
        better=fields.code("better", BETTER),
        how=fields.text("how"),
        measured_from=fields.codes("measured_from", COLUMNS),
        baseline=fields.measure("baseline") if has_baseline else None,
        baseline_source=fields.text("baseline_source") if has_baseline else "",
    )


def _fund(fields: Fields) -> FundLine:
    fields.check_known(FUND_KEYS)
    basis = fields.text("basis") if fields.has("basis") else ""
    return FundLine(fields.text("name"), fields.code("holder", ORGANISATION_KINDS), basis)
