"""The step: cohorts and dated rules in; ranks, their reasons and changes, and who is never reached out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from braid.language.priority_findings import PRIORITY_RANK, PRIORITY_REACH, PRIORITY_REASON, PRIORITY_RULE, RANK_CHANGE
from braid.problems.model import Statement
from braid.problems.priority.changes import EARLIER, create_rank_change
from braid.problems.priority.model import PriorityRules
from braid.problems.priority.rank import create_priority
from braid.problems.priority.reach import create_fairness, create_reach
from braid.store.engine import Engine

CARRIED = (PRIORITY_RULE, PRIORITY_RANK, PRIORITY_REASON, PRIORITY_REACH)
"""Tables of the run before that the step reads, each as `earlier_<name>`."""


def run(
    engine: Engine,
    statements: Iterable[Statement],
    rules: Iterable[PriorityRules],
    as_of: dt.date,
    *,
    has_earlier: bool,
    histories: Sequence[str] = ("person_history",),
) -> None:
    """Create the tables of `braid.language.priority_findings` under `rules`, one version a problem.

    Runs after `braid.problems.run`, or after a delta with `create_running_wait`. Where `has_earlier`, the engine holds
    the tables of `CARRIED` of the run before; without a run before nothing has changed. `histories` are the tables that
    say who was joined or parted since then.
    """
    versions = tuple(rules)
    if not has_earlier:
        for table in CARRIED:
            engine.load_rows(table, [])
            engine.create(f"{EARLIER}{table.name}", f"select * from {table.name}")
    create_priority(engine, versions, as_of)
    if has_earlier:
        create_rank_change(engine, statements, as_of, histories)
    else:
        engine.load_rows(RANK_CHANGE, [])
    create_reach(engine, versions, as_of)
    create_fairness(engine, as_of)
