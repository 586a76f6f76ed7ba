"""Populations of a place: whom problem statements concern, and who waits in each backlog.

What boards look after is said in them. They are fixed by the statements and the common language, so that nobody can
choose a group by whose difference somebody would be told.
"""

from __future__ import annotations

from braid.store.engine import Engine

STATEMENT, BACKLOG = "statement", "backlog"


def population_of_statement(problem_id: str) -> str:
    """Return the id of the population that a problem statement concerns."""
    return f"{STATEMENT}_{problem_id}"


def population_of_backlog(backlog: str) -> str:
    """Return the id of the population that waits in a backlog."""
    return f"{BACKLOG}_{backlog}"


def create_population_member(engine: Engine) -> None:
    """Create `population_member` from cohort and person_wait: who is in which population, protected people too."""
    engine.create("population_member", _MEMBERS)


_MEMBERS = f"""
    select concat('{STATEMENT}_', problem) as population, person_id from cohort group by problem, person_id
    union all
    select concat('{BACKLOG}_', backlog) as population, person_id from person_wait
    where stop_date is null group by backlog, person_id"""
