"""Changes of identity over runs: of the run that is published, and of those before it that nobody published."""

from collections.abc import Iterator

import pyarrow.parquet as pq

from braid.language.findings import PERSON_HISTORY
from braid.store.lake import Lake, Run


def history_rows(run: Run, since: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (person id, change, other id) of `run` and those it follows, newest first: merges and splits alone.

    `since` is the id of a run whose changes are known already: it and those before it are left out. A run says what
    changed since the one before, so whoever publishes every second one has to read both.
    """
    for one in _ancestry(run, since):
        path = one.table(PERSON_HISTORY.name)
        if path.is_file():
            for row in pq.read_table(path, columns=["person_id", "change", "other_person_id"]).to_pylist():
                if row["other_person_id"] and row["change"] in ("merged", "split"):
                    yield row["person_id"], row["change"], row["other_person_id"]


def _ancestry(run: Run, since: str) -> Iterator[Run]:
    """Yield a run and those it was made after, as far as the lake still holds them."""
    lake, seen = Lake(run.folder.parent.parent), {since}
    current: Run | None = run
    while current is not None and current.id not in seen:
        yield current
        seen.add(current.id)
        current = _before(lake, current)


def _before(lake: Lake, run: Run) -> Run | None:
    before = run.manifest.get("previous_run")
    try:
        return lake.run(before) if before else None
    except (OSError, ValueError):
        return None
