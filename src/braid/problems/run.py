"""The stage: waits and problem statements in; blocker, cohort and multi_backlog out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from braid.problems.cohorts import create_cohort
from braid.problems.model import Statement
from braid.store.engine import Engine
from braid.waits.backlogs import create_multi_backlog
from braid.waits.blockers import create_blocker


def run(engine: Engine, statements: Iterable[Statement], as_of: dt.date) -> None:
    """Create `blocker` and `cohort` for the statements, and `multi_backlog` with its blockers counted.

    Runs after `braid.waits.run`; reads person_wait, person, episode, event, stay, need and person_link.
    """
    stated = tuple(statements)
    create_blocker(engine, (rule for statement in stated for rule in statement.rules), as_of)
    create_cohort(engine, stated, as_of)
    create_multi_backlog(engine)
