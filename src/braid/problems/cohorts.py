"""Whom a problem statement concerns: each condition is one portable query of persons."""

from __future__ import annotations

import datetime as dt

from braid.language.findings import COHORT
from braid.problems.model import Aged, Cohort, Condition, HasNeed, Statement, StaysIn, WaitsFor
from braid.problems.words import condition_in_words
from braid.store.engine import Engine
from braid.waits.model import quoted


def create_cohort(engine: Engine, statements: tuple[Statement, ...], as_of: dt.date) -> None:
    """Create `cohort`: one row a statement and person, with the conditions the person meets in words."""
    rows = []
    for statement in statements:
        for person, reasons in sorted(_members(engine, statement.cohort, as_of).items()):
            reason = f"One of the people who {', and who '.join(reasons)}."
            rows.append({"problem": statement.problem_id, "person_id": person, "reason": reason})
    engine.load_rows(COHORT, rows)


def _members(engine: Engine, cohort: Cohort, as_of: dt.date) -> dict[str, list[str]]:
    """Return the persons of a cohort and the words of every condition that each meets."""
    required = [(condition_in_words(item), _meeting(engine, item, as_of)) for item in cohort.all_of]
    options = [(condition_in_words(item), _meeting(engine, item, as_of)) for item in cohort.any_of]
    groups = [people for _, people in required]
    if options:
        groups.append(frozenset().union(*(people for _, people in options)))
    members = frozenset.intersection(*groups)
    return {person: [words for words, people in (*required, *options) if person in people] for person in members}


def _meeting(engine: Engine, condition: Condition, as_of: dt.date) -> frozenset[str]:
    return frozenset(row["person_id"] for row in engine.rows(condition_sql(condition, as_of)))


def condition_sql(condition: Condition, as_of: dt.date) -> str:
    """Return a portable query of the `person_id` of everybody who meets `condition` on `as_of`."""
    if isinstance(condition, WaitsFor):
        kinds = quoted(condition.kinds)
        return f"select distinct person_id from person_wait where stop_date is null and kind in ({kinds})"
    if isinstance(condition, Aged):
        return _aged(condition, as_of)
    if isinstance(condition, HasNeed):
        where = f"t.code in ({quoted(condition.codes)}) and t.whose in ({quoted(condition.whose)})"
        return f"{_linked('need')} where {where}"
    table = "stay" if isinstance(condition, StaysIn) else "episode"
    begun = f"(t.start_date is null or t.start_date <= date '{as_of}')"
    lasts = f"(t.end_date is null or t.end_date > date '{as_of}')"
    return f"{_linked(table)} where t.kind in ({quoted(condition.kinds)}) and {begun} and {lasts}"


def _linked(table: str) -> str:
    return f"select distinct l.person_id from {table} t join person_link l on l.person_record_id = t.person_record_id"


def _aged(age: Aged, as_of: dt.date) -> str:
    years = f"br_age(birth_date, date '{as_of}')"
    bounds = [f"{years} >= {age.at_least}"] if age.at_least is not None else []
    bounds += [f"{years} < {age.under}"] if age.under is not None else []
    return f"select person_id from person where birth_date is not null and {' and '.join(bounds)}"
