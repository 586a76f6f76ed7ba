"""Publication of what holds up what over the place, and of the problem statements: after disclosure control.

Nothing exact goes in: a mistake in a page cannot show what the database does not hold.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq
from psycopg.types.json import Jsonb

from braid.language.findings import COHORT
from braid.language.graph_findings import DEADLOCK, UNBLOCK_MEASURE
from braid.store.lake import Run
from braid.trust.unblocking import publish_counts, publish_unblocking

Row = Mapping[str, Any]
Copy = Callable[[Any, str, Sequence[str], Iterable[Row]], None]
FIGURE_COLUMNS = (
    "scope backlog position owner_organisation owner_role next_action holder_type holder_kind"
    " held_waits held_weeks held_hidden freed_waits freed_weeks freed_hidden"
).split()


def load_graph_figures(cursor: Any, run: Run, kinds: Mapping[str, str], copy: Copy) -> None:
    """Fill the tables of `braid.web.models.graph_figures` by `copy`; `kinds` gives the kind of each organisation.

    A run made before there were such findings has none of them, and its pages say so.
    """
    copy(cursor, "unblockfigure", FIGURE_COLUMNS, publish_unblocking(_rows(run, UNBLOCK_MEASURE.name)))
    copy(cursor, "deadlockfigure", ("organisations", "waits"), _deadlocks(run, kinds))
    copy(cursor, "problemstatement", ("problem_id", "position", "words", "people"), _statements(run))


def _rows(run: Run, table: str) -> Iterator[Row]:
    path = run.table(table)
    if path.is_file():
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()


def _deadlocks(run: Run, kinds: Mapping[str, str]) -> list[Row]:
    """Return the waits of all deadlocks between the same kinds of organisation: groups that do not overlap."""
    waits: Counter[str] = Counter()
    for row in _rows(run, DEADLOCK.name):
        between = sorted({kinds.get(organisation, "") for organisation in row["organisations"].split()})
        waits[" ".join(between)] += row["wait_count"]
    shown = publish_counts(waits)
    return [{"organisations": between, "waits": shown[between]} for between in sorted(shown)]


def _statements(run: Run) -> list[Row]:
    """Return the statements that the run had, in their order, each with how many people it concerns."""
    concerned = Counter(row["problem"] for row in _rows(run, COHORT.name))
    known = run.manifest.get("stages", {}).get("problems", {}).get("statements", [])
    people = publish_counts({each["id"]: concerned[each["id"]] for each in known})
    return [
        {"problem_id": each["id"], "position": position, "words": Jsonb(each), "people": people[each["id"]]}
        for position, each in enumerate(known, 1)
    ]
