"""Publication of what holds up what over the place, and of the problem statements: after disclosure control.

Nothing exact goes in: a mistake in a page cannot show what the database does not hold.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from braid.language.findings import COHORT
from braid.language.graph_findings import DEADLOCK, UNBLOCK_MEASURE
from braid.store.lake import Run
from braid.trust.unblocking import publish_counts, publish_unblocking
from braid.web.copying import copy_rows, rows_if_there

Row = Mapping[str, Any]
FIGURE_COLUMNS = (
    "scope backlog position owner_organisation owner_role next_action holder_type holder_kind"
    " held_waits held_weeks held_hidden freed_waits freed_weeks freed_hidden"
).split()


def load_graph_figures(cursor: Any, run: Run, kinds: Mapping[str, str]) -> None:
    """Fill the tables of `braid.web.models.graph_figures`; `kinds` gives the kind of each organisation.

    A run made before there were such findings has none of them, and its pages say so.
    """
    measures = rows_if_there(run, UNBLOCK_MEASURE.name, UNBLOCK_MEASURE.names)
    copy_rows(cursor, "unblockfigure", FIGURE_COLUMNS, publish_unblocking(measures))
    copy_rows(cursor, "deadlockfigure", ("organisations", "waits"), _deadlocks(run, kinds))
    copy_rows(cursor, "problemstatement", ("problem_id", "position", "words", "people"), _statements(run))


def _deadlocks(run: Run, kinds: Mapping[str, str]) -> list[Row]:
    """Return the waits of all deadlocks between the same kinds of organisation: groups that do not overlap."""
    waits: Counter[str] = Counter()
    for row in rows_if_there(run, DEADLOCK.name, ("organisations", "wait_count")):
        between = sorted({kinds.get(organisation, "") for organisation in row["organisations"].split()})
        waits[" ".join(between)] += row["wait_count"]
    shown = publish_counts(waits)
    return [{"organisations": between, "waits": shown[between]} for between in sorted(shown)]


def _statements(run: Run) -> list[Row]:
    """Return the statements that the run had, in their order, each with how many people it concerns."""
    concerned = Counter(row["problem"] for row in rows_if_there(run, COHORT.name, ("problem",)))
    known = run.manifest.get("stages", {}).get("problems", {}).get("statements", [])
    people = publish_counts({each["id"]: concerned[each["id"]] for each in known})
    return [
        {"problem_id": each["id"], "position": position, "words": Jsonb(each), "people": people[each["id"]]}
        for position, each in enumerate(known, 1)
    ]
