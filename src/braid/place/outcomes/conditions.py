"""The conditions of a cohort asked on a day that is gone: each is one portable predicate of an observation.

`braid.problems.cohorts` asks them on the day of the run. What extracts hold with its dates can be asked on any day;
what they hold for today alone (a district, a birth date) is taken for then too. On the day of the run both ask alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from braid.problems.model import (
    RUNNING_CLOCKS,
    Aged,
    Cohort,
    Condition,
    HasNeed,
    InEpisode,
    LivesIn,
    StaysIn,
    WaitsFor,
)
from braid.store.engine import Engine
from braid.waits.model import quoted

HELD = {"stay": "outcome_stay", "episode": "outcome_episode", "need": "outcome_need"}


def create_held(engine: Engine) -> None:
    """Make what records hold of a person readable by person: stays, episodes and needs."""
    for table, columns in (
        ("stay", "t.kind, t.start_date, t.end_date"),
        ("episode", "t.kind, t.start_date, t.end_date"),
        ("need", "t.code, t.whose, t.assessed_date"),
    ):
        joined = f"from {table} t join person_link l on l.person_record_id = t.person_record_id"
        engine.create(HELD[table], f"select distinct l.person_id, {columns} {joined}")


def cohort_predicate(cohort: Cohort) -> str:
    """Return SQL that says of an observation `o` whether its person belonged to the cohort on its day."""
    parts = [condition_predicate(condition) for condition in cohort.all_of]
    if cohort.any_of:
        parts.append("(" + " or ".join(condition_predicate(condition) for condition in cohort.any_of) + ")")
    parts += [f"not {condition_predicate(condition)}" for condition in cohort.none_of]
    return " and ".join(parts)


def condition_predicate(condition: Condition) -> str:
    """Return SQL that says of an observation `o` (`person_id`, `day`) whether its person met the condition that day.

    Raises `TypeError` for how many backlogs somebody waits in, which the loader refuses.
    """
    if isinstance(condition, WaitsFor):
        return _exists("person_wait", _waits(condition))
    if isinstance(condition, Aged):
        return _exists("person", _aged(condition))
    if isinstance(condition, LivesIn):
        where = f"t.district_code in ({quoted(condition.districts)}) and not t.protected and not t.location_withheld"
        return _exists("person", where)
    if isinstance(condition, HasNeed):
        codes = f"t.code in ({quoted(condition.codes)}) and t.whose in ({quoted(condition.whose)})"
        return _exists(HELD["need"], f"{codes} and (t.assessed_date is null or t.assessed_date <= o.day)")
    if isinstance(condition, StaysIn | InEpisode):
        table = HELD["stay" if isinstance(condition, StaysIn) else "episode"]
        begun = "(t.start_date is null or t.start_date <= o.day)"
        lasts = "(t.end_date is null or t.end_date > o.day)"
        return _exists(table, f"t.kind in ({quoted(condition.kinds)}) and {begun} and {lasts}")
    raise TypeError("how many backlogs somebody waited in is not known of a day that is gone")


def candidates_sql(cohort: Cohort) -> str:
    """Return a query of every person who could belong to the cohort on some day, by the condition that says most."""
    positive = cohort.all_of or cohort.any_of
    dated = [condition for condition in positive if not isinstance(condition, Aged | LivesIn)]
    chosen = dated[:1] if cohort.all_of else dated
    if not chosen or (not cohort.all_of and len(dated) < len(positive)):
        return "select person_id from person"
    return " union ".join(_ever(condition) for condition in chosen)


def _ever(condition: Condition) -> str:
    if isinstance(condition, WaitsFor):
        return f"select person_id from person_wait where kind in ({quoted(condition.kinds)})"
    if isinstance(condition, HasNeed):
        return f"select person_id from {HELD['need']} where code in ({quoted(condition.codes)})"
    assert isinstance(condition, StaysIn | InEpisode)
    table = HELD["stay" if isinstance(condition, StaysIn) else "episode"]
    return f"select person_id from {table} where kind in ({quoted(condition.kinds)})"


def _exists(table: str, where: str) -> str:
    return f"exists (select 1 from {table} t where t.person_id = o.person_id and {where})"


def _waits(wait: WaitsFor) -> str:
    parts = [
        f"t.kind in ({quoted(wait.kinds)})",
        "t.start_date <= o.day",
        "(t.stop_date is null or t.stop_date > o.day)",
    ]
    if wait.least_days is not None:
        parts.append(f"br_days(t.start_date, o.day) >= {wait.least_days}")
    if wait.clocks != RUNNING_CLOCKS:
        parts.append("(" + " or ".join(_clocks(wait)) + ")")
    if wait.most_days_left is not None:
        parts.append(f"t.due_date >= o.day and br_days(o.day, t.due_date) <= {wait.most_days_left}")
    return " and ".join(parts)


def _clocks(wait: WaitsFor) -> Iterator[str]:
    if "within" in wait.clocks:
        yield "t.due_date >= o.day"
    if "past" in wait.clocks:
        yield "t.due_date < o.day"
    without = tuple(code for code in ("no_limit", "not_reckoned") if code in wait.clocks)
    if without:
        yield f"t.due_date is null and t.clock in ({quoted((*without, 'stopped'))})"


def _aged(age: Aged) -> str:
    years = "br_age(t.birth_date, o.day)"
    bounds = [f"{years} >= {age.at_least}"] if age.at_least is not None else []
    bounds += [f"{years} < {age.under}"] if age.under is not None else []
    return f"t.birth_date <= o.day and {' and '.join(bounds)}"
