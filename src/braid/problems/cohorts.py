"""Whom a problem statement concerns: each condition is one portable query of persons."""

from __future__ import annotations

import datetime as dt

from braid.language.findings import COHORT
from braid.problems.model import (
    RUNNING_CLOCKS,
    Aged,
    Cohort,
    Condition,
    HasNeed,
    InEpisode,
    LivesIn,
    Statement,
    WaitsFor,
    WaitsInBacklogs,
)
from braid.problems.words import condition_in_words, listed
from braid.store.engine import Engine
from braid.trust.roles import VICTIM_RESPONSE
from braid.waits.model import STRICTEST, quoted, rank_sql


def create_cohort(engine: Engine, statements: tuple[Statement, ...], as_of: dt.date) -> None:
    """Create `cohort`: one row a statement and person, with the conditions the person meets in words.

    Runs after `create_blocker`, whose table `running_wait` says as whom somebody waits for trial.
    """
    rows = []
    for statement in statements:
        for person, reasons in sorted(find_members(engine, statement, as_of).items()):
            reason = f"One of the people who {', and who '.join(reasons)}.{_excluded(statement.cohort)}"
            rows.append(
                {
                    "problem": statement.problem_id,
                    "purpose": statement.purpose_code,
                    "person_id": person,
                    "reason": reason,
                }
            )
    engine.load_rows(COHORT, rows)


def find_members(engine: Engine, statement: Statement, as_of: dt.date) -> dict[str, list[str]]:
    """Return the persons of a statement's cohort and the words of every condition that each meets."""
    cohort, sees_secret = statement.cohort, statement.purpose_code == VICTIM_RESPONSE

    def meeting(condition: Condition) -> frozenset[str]:
        sql = condition_sql(condition, as_of, sees_secret=sees_secret)
        return frozenset(row["person_id"] for row in engine.rows(sql))

    required = [(condition_in_words(item), meeting(item)) for item in cohort.all_of]
    options = [(condition_in_words(item), meeting(item)) for item in cohort.any_of]
    groups = [people for _, people in required]
    if options:
        groups.append(frozenset().union(*(people for _, people in options)))
    members = frozenset.intersection(*groups).difference(*(meeting(item) for item in cohort.none_of))
    return {person: [words for words, people in (*required, *options) if person in people] for person in members}


def _excluded(cohort: Cohort) -> str:
    if not cohort.none_of:
        return ""
    return f" Not one of those who {listed([condition_in_words(item) for item in cohort.none_of], 'or')}."


def condition_sql(condition: Condition, as_of: dt.date, *, sees_secret: bool) -> str:
    """Return a portable query of the `person_id` of everybody who meets `condition` on `as_of`.

    Without `sees_secret`, what somebody told a service under protection does not count: nobody may learn of support for
    people harmed from whom a statement for another purpose concerns.
    """
    if isinstance(condition, WaitsFor):
        return _waits_for(condition)
    if isinstance(condition, WaitsInBacklogs):
        return _waits_in_backlogs(condition, sees_secret=sees_secret)
    if isinstance(condition, Aged):
        return _aged(condition, as_of)
    if isinstance(condition, LivesIn):
        return (
            f"select person_id from person where district_code in ({quoted(condition.districts)})"
            " and not protected and not location_withheld"
        )
    secret = "" if sees_secret else f" and {rank_sql('t.sensitivity')} < {STRICTEST}"
    if isinstance(condition, HasNeed):
        where = f"t.code in ({quoted(condition.codes)}) and t.whose in ({quoted(condition.whose)})"
        return f"{_linked('need')} where {where}{secret}"
    if isinstance(condition, InEpisode):
        return f"{_lasting('episode', condition.kinds, as_of)}{secret}"
    return _lasting("stay", condition.kinds, as_of)


def _waits_for(wait: WaitsFor) -> str:
    joined = ""
    if wait.standing:
        joined = f" join running_wait r on r.wait_id = w.wait_id and r.standing = '{wait.standing}'"
    clock = "" if wait.clocks == RUNNING_CLOCKS else f" and w.clock in ({quoted(wait.clocks)})"
    days = "" if wait.least_days is None else f" and w.elapsed_days >= {wait.least_days}"
    left = "" if wait.most_days_left is None else f" and w.clock = 'within' and w.days_left <= {wait.most_days_left}"
    return (
        f"select distinct w.person_id from person_wait w{joined}"
        f" where w.stop_date is null and w.kind in ({quoted(wait.kinds)}){clock}{days}{left}"
    )


def _waits_in_backlogs(condition: WaitsInBacklogs, *, sees_secret: bool) -> str:
    """Count backlogs of the statement's own kinds of wait.

    Without `sees_secret` none that a wait shows whose existence is protected.
    """
    secret = "" if sees_secret else f" and {rank_sql('sensitivity')} < {STRICTEST}"
    return (
        f"select person_id from person_wait where stop_date is null and kind in ({quoted(condition.kinds)}){secret}"
        f" group by person_id having count(distinct backlog) >= {condition.at_least}"
    )


def _lasting(table: str, kinds: tuple[str, ...], as_of: dt.date) -> str:
    begun = f"(t.start_date is null or t.start_date <= date '{as_of}')"
    lasts = f"(t.end_date is null or t.end_date > date '{as_of}')"
    return f"{_linked(table)} where t.kind in ({quoted(kinds)}) and {begun} and {lasts}"


def _linked(table: str) -> str:
    return f"select distinct l.person_id from {table} t join person_link l on l.person_record_id = t.person_record_id"


def _aged(age: Aged, as_of: dt.date) -> str:
    years = f"br_age(birth_date, date '{as_of}')"
    bounds = [f"{years} >= {age.at_least}"] if age.at_least is not None else []
    bounds += [f"{years} < {age.under}"] if age.under is not None else []
    return f"select person_id from person where birth_date <= date '{as_of}' and {' and '.join(bounds)}"
