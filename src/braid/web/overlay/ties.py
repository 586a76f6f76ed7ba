"""Whom an entry reaches besides its subject: families, households and merged ids of a run, as the overlay needs them.

Everybody of the run is in, waiting or not: an entry on a parent who waits for nothing must reach the child who does.
Ids alone, and no page may read them.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import pyarrow.parquet as pq

from braid.language.findings import PERSON, PERSON_LINK
from braid.people.seals import ADOPTIVE, PRE_ADOPTIVE
from braid.people.ties import LIVE_TOGETHER
from braid.store.lake import Run
from braid.web.overlay.seals import cut_aliases, read_sides
from braid.web.run_history import history_rows

ROWS_AT_ONCE = 20_000
Pair = tuple[str, str]


def fill_ties(cursor: Any, run: Run, waiting: Collection[str]) -> int:
    """Replace ties and homes by those of `run`, add its merges to those known; return how many people have a tie.

    `waiting` are the people whom the pages show: families none of whom waits are left out. A table that the run does
    not hold counts as empty, as in linking. Runs inside the transaction of publication.
    """
    homes = {row["person_id"]: row["household_id"] for row in _rows(run, PERSON.name, ("person_id", "household_id"))}
    sides = read_sides(run)
    adoptive_homes = {homes.get(person) for person in sides[ADOPTIVE]}
    homes = {who: home for who, home in homes.items() if not (who in sides[PRE_ADOPTIVE] and home in adoptive_homes)}
    ties = sorted(_without_bridges(_families(run), sides))
    near = _near(set(waiting), ties, homes)
    ties = [pair for pair in ties if near.issuperset(pair)]
    cursor.execute("delete from braid_tie")
    cursor.execute("delete from braid_home")
    _copy(cursor, "tie (person_id, other_id)", ties)
    _copy(cursor, "home (person_id, household_id)", ((who, homes[who]) for who in sorted(near) if homes.get(who)))
    cursor.executemany(
        "insert into braid_personalias (person_id, other_id) values (%s, %s) on conflict do nothing",
        sorted(_merges(run)),
    )
    cut_aliases(cursor, run)
    return len({person for pair in ties for person in pair})


def _families(run: Run) -> set[Pair]:
    persons = {
        row["person_record_id"]: row["person_id"]
        for row in _rows(run, PERSON_LINK.name, ("person_record_id", "person_id"))
    }
    found = set()
    for row in _rows(run, "relationship", ("person_record_id", "other_person_record_id", "kind")):
        left, right = persons.get(row["person_record_id"]), persons.get(row["other_person_record_id"])
        if row["kind"] in LIVE_TOGETHER and left and right and left != right:
            found.add((min(left, right), max(left, right)))
    return found


def _without_bridges(ties: set[Pair], sides: dict[str, set[str]]) -> set[Pair]:
    """Leave out what ties an adopted child to a first identity or its family.

    The run does not say which first identity is whose, so no first identity is near any adopted child.
    """
    before, since = sides[PRE_ADOPTIVE], sides[ADOPTIVE]
    family = before | {person for pair in ties if before.intersection(pair) for person in pair}
    return {pair for pair in ties if not (since.intersection(pair) and (family - since).intersection(pair))}


def _near(waiting: set[str], ties: Iterable[Pair], homes: dict[str, str]) -> set[str]:
    """Return the people through whom an entry could reach somebody who waits: their households, families, and again."""
    near = _with_homes(waiting, homes)
    near |= {person for pair in ties if near.intersection(pair) for person in pair}
    return _with_homes(near, homes)


def _with_homes(people: set[str], homes: dict[str, str]) -> set[str]:
    kept = {homes[person] for person in people if homes.get(person)}
    return people | {person for person, home in homes.items() if home in kept}


def _merges(run: Run) -> set[Pair]:
    """Return the ids that are one person's: of every run that led to this one, since not every run is published."""
    return {(person_id, other) for person_id, _, other in history_rows(run)}


def _rows(run: Run, table: str, columns: Collection[str]) -> Iterator[dict[str, Any]]:
    path = run.table(table)
    if not path.is_file():
        return
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(columns)):
            yield from batch.to_pylist()


def _copy(cursor: Any, target: str, rows: Iterable[Pair]) -> None:
    with cursor.copy(f"copy braid_{target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)
