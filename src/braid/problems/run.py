"""The stage: waits and problem statements in; blockers, what holds up what, cohort and multi_backlog out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from braid.problems.cohorts import create_cohort
from braid.problems.model import Statement
from braid.store.engine import Engine
from braid.waits.backlogs import create_multi_backlog
from braid.waits.blockers import create_blocker
from braid.waits.deadlocks import create_deadlock
from braid.waits.graph import create_graph
from braid.waits.paths import create_person_path
from braid.waits.unblock import create_unblock
from braid.waits.unblock_measures import create_unblock_action, create_unblock_measure


def run(engine: Engine, statements: Iterable[Statement], as_of: dt.date) -> None:
    """Create `blocker` and `cohort` for the statements, and `multi_backlog` with its blockers counted.

    Between them the tables of `braid.language.graph_findings`. Runs after `braid.waits.run`; reads person_wait, person,
    wait, episode, event, stay, need and person_link.
    """
    stated = tuple(statements)
    create_blocker(engine, (rule for statement in stated for rule in statement.rules), as_of)
    create_graph_findings(engine)
    create_cohort(engine, stated, as_of)
    create_multi_backlog(engine)


def create_graph_findings(engine: Engine) -> None:
    """Create deadlocks, paths, and what frees most, from `blocker` and `person_wait`."""
    create_graph(engine)
    create_deadlock(engine)
    create_unblock(engine)
    create_person_path(engine)
    create_unblock_action(engine)
    create_unblock_measure(engine)
