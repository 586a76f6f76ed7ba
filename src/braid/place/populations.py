"""Populations of a place, and how they overlap: whom problem statements concern, and who waits in each backlog.

What two boards have in common is read off these counts. Populations are fixed by the statements and the common
language, so that nobody can choose a group by whose difference somebody would be told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from braid.store.engine import Engine
from braid.waits.model import WEEK_DAYS

STATEMENT, BACKLOG = "statement", "backlog"


def population_of_statement(problem_id: str) -> str:
    """Return the id of the population that a problem statement concerns."""
    return f"{STATEMENT}_{problem_id}"


def population_of_backlog(backlog: str) -> str:
    """Return the id of the population that waits in a backlog."""
    return f"{BACKLOG}_{backlog}"


def create_populations(engine: Engine) -> None:
    """Create `population_overlap` and `population_wait` from cohort and person_wait, protected people among them."""
    engine.create("population_member", _MEMBERS)
    engine.create("population_overlap", _OVERLAP)
    engine.create("population_wait", _WAIT)


_MEMBERS = f"""
    select concat('{STATEMENT}_', problem) as population, person_id from cohort group by problem, person_id
    union all
    select concat('{BACKLOG}_', backlog) as population, person_id from person_wait
    where stop_date is null group by backlog, person_id"""
_OVERLAP = """
    select m.population, o.population as other_population, count(*) as people
    from population_member m join population_member o on o.person_id = m.person_id
    group by m.population, o.population"""
_WAIT = f"""
    select m.population, w.backlog, count(distinct w.person_id) as people, count(*) as waits,
      cast(sum(w.elapsed_days) as double) / {WEEK_DAYS} as weeks
    from population_member m join person_wait w on w.person_id = m.person_id
    where w.stop_date is null
    group by m.population, w.backlog"""


@dataclass(frozen=True)
class Populations:
    """Both tables as plain numbers, by their keys."""

    overlaps: Mapping[tuple[str, str], int]
    waits: Mapping[tuple[str, str], tuple[int, int, float]]
    """Population and backlog to people, waits and weeks."""


def count_populations(cohort: Iterable[Mapping[str, Any]], waits: Iterable[Mapping[str, Any]]) -> Populations:
    """Return what `create_populations` finds, one person at a time: the slow twin that the queries are held to."""
    open_waits = [row for row in waits if row["stop_date"] is None]
    of_person: dict[str, set[str]] = defaultdict(set)
    for row in cohort:
        of_person[row["person_id"]].add(population_of_statement(row["problem"]))
    for row in open_waits:
        of_person[row["person_id"]].add(population_of_backlog(row["backlog"]))
    overlaps: dict[tuple[str, str], int] = defaultdict(int)
    for found in of_person.values():
        for one in found:
            for other in found:
                overlaps[one, other] += 1
    by_key: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in open_waits:
        for one in of_person[row["person_id"]]:
            by_key[one, row["backlog"]].append(row)
    return Populations(
        dict(overlaps),
        {
            key: (
                len({row["person_id"] for row in rows}),
                len(rows),
                sum(row["elapsed_days"] for row in rows) / WEEK_DAYS,
            )
            for key, rows in by_key.items()
        },
    )
