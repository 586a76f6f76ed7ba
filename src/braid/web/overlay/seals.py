"""Who is sealed, from a run to the pages: the identities that an adoption ended, which nobody sees there.

The identity since the adoption is seen by whoever may see it, like anybody. Since nobody sees the one before, no answer
holds both; and no id that was merged or split leads from one to the other.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pyarrow.parquet as pq

from braid.language.findings import SEALED_PERSON
from braid.people.seals import ADOPTIVE, PRE_ADOPTIVE, SEALS_FILE
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.web.refusals import NotPublishable


def read_sides(run: Run) -> dict[str, set[str]]:
    """Return the persons on each kind of side of a seal; none where the run holds no such table."""
    sides: dict[str, set[str]] = {PRE_ADOPTIVE: set(), ADOPTIVE: set()}
    path = run.table(SEALED_PERSON.name)
    if path.is_file():
        with pq.ParquetFile(path) as file:  # what reads whole datasets loads pandas first, and every verb comes by here
            rows = file.read(columns=["person_id", "side"]).to_pylist()
        for row in rows:
            sides[row["side"]].add(row["person_id"])
    return sides


def fill_seals(cursor: Any, run: Run, place: Place) -> None:
    """Replace who is sealed by those of `run`. Inside the transaction of publication, before anybody can see it.

    Raises `NotPublishable` where the place has a list of seals and the run does not know them.
    """
    if not run.table(SEALED_PERSON.name).is_file() and (place.folder / "restricted" / f"{SEALS_FILE}.csv").exists():
        raise NotPublishable(f"run {run.id} does not know the sealed people; run the chain again before publishing")
    cursor.execute("delete from braid_sealedperson")
    with cursor.copy("copy braid_sealedperson (person_id) from stdin") as copy:
        for person_id in sorted(read_sides(run)[PRE_ADOPTIVE]):
            copy.write_row([person_id])


def has_seals(cursor: Any, run: Run) -> bool:
    """Whether those sealed are the ones of `run`: not so where an older Braid published it."""
    cursor.execute("select person_id from braid_sealedperson")
    return {row[0] for row in cursor.fetchall()} == read_sides(run)[PRE_ADOPTIVE]


def cut_aliases(cursor: Any, run: Run) -> None:
    """Forget the merges and splits of an adopted child through which an entry on the first identity would reach them.

    What was entered on the other id stays with it, and must be entered anew on the child.
    """
    sides = read_sides(run)
    if not sides[PRE_ADOPTIVE]:
        return
    cursor.execute("select person_id, other_id from braid_personalias")
    for together in _components(cursor.fetchall()):
        if together & sides[PRE_ADOPTIVE] and (children := sorted(together & sides[ADOPTIVE])):
            cursor.execute(
                "delete from braid_personalias where person_id = any(%s) or other_id = any(%s)", [children] * 2
            )


def _components(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Return the ids that lead to each other, group by group."""
    near: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)
    found: list[set[str]] = []
    seen: set[str] = set()
    for start in near:
        if start in seen:
            continue
        group, edge = {start}, [start]
        while edge:
            new = near[edge.pop()] - group
            group |= new
            edge.extend(new)
        seen |= group
        found.append(group)
    return found
