"""Who and which rows come into a dataset. Left out are the sealed, those who opted out, rows that no agreement opens to
the receiver, and rows whose existence is itself the secret.

Creates `chosen_person`, `chosen_person_wait` and `chosen_blocker` with the columns of the findings. A blocker comes
only where the wait it holds is in the dataset, and the wait or person that holds it could be: what holds a wait up must
not tell of a row that was left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from braid.analysis.model import Dataset, Permission
from braid.store.engine import Engine

INPUT_TABLES = ("person", "person_wait", "blocker", "cohort")
LEFT_OUT_TABLES = ("sealed_person", "opted_out_person")
"""Tables of one column, `person_id`: who may be in no dataset, and who in none that the opt-out applies to."""


@dataclass(frozen=True)
class LeftOut:
    """Exact counts of what was left out, to be rounded before anybody sees them.

    Sealed people and rows of existence stand in no count: that there are any is the secret.
    """

    people_opted_out: int
    rows_not_shared: int


def select_rows(engine: Engine, dataset: Dataset, permission: Permission) -> LeftOut:
    """Create the tables of chosen rows from person, person_wait, blocker, cohort, sealed_person, opted_out_person."""
    _load_shared(engine, permission)
    engine.create("concerned_person", _concerned(engine, dataset))
    engine.create("known_person", _without(_without("select * from person", "sealed_person"), *_opted_out(dataset)))
    engine.create("open_wait", _open_waits(dataset))
    engine.create(
        "chosen_person",
        "select p.* from known_person p join concerned_person c on c.person_id = p.person_id"
        " where exists (select 1 from open_wait w where w.person_id = p.person_id)",
    )
    engine.create("chosen_person_wait", "select w.* from open_wait w join chosen_person p on p.person_id = w.person_id")
    engine.create("chosen_blocker", _open_blockers(dataset))
    return _count_left_out(engine, dataset)


def _load_shared(engine: Engine, permission: Permission) -> None:
    """Create `open_provider`: which organisation's waits of which backlog the receiver may have."""
    pairs = sorted((backlog, name) for backlog, names in permission.providers.items() for name in names)
    columns = [[pair[place] for pair in pairs] for place in (0, 1)]
    data = pa.table(
        {"backlog": pa.array(columns[0], pa.string()), "organisation_id": pa.array(columns[1], pa.string())}
    )
    engine.load_arrow("open_provider", data)


def _concerned(engine: Engine, dataset: Dataset) -> str:
    """Return the query for whom the dataset is about. The cohort is handed over as data: it came from a file."""
    if not dataset.cohort:
        return "select person_id from person"
    engine.load_arrow("asked_cohort", pa.table({"problem": pa.array([dataset.cohort], pa.string())}))
    return "select distinct c.person_id from cohort c join asked_cohort a on a.problem = c.problem"


def _opted_out(dataset: Dataset) -> tuple[str, ...]:
    return ("opted_out_person",) if dataset.optout_applies else ()


def _without(query: str, *tables: str) -> str:
    """Return a query for the rows whose person is in none of `tables`."""
    for table in tables:
        query = (
            f"select q.* from ({query}) q left join {table} o on o.person_id = q.person_id where o.person_id is null"
        )
    return query


def _existence(dataset: Dataset, row: str) -> str:
    return "true" if dataset.existence_rows else f"{row}.sensitivity <> 'safe_address'"


def _open_waits(dataset: Dataset) -> str:
    return (
        "select w.* from person_wait w join open_provider s"
        " on s.backlog = w.backlog and s.organisation_id = w.organisation_id"
        f" join known_person k on k.person_id = w.person_id where {_existence(dataset, 'w')}"
    )


def _open_blockers(dataset: Dataset) -> str:
    return (
        "select b.* from blocker b"
        " join chosen_person_wait held on held.wait_id = b.held_wait_id and held.person_id = b.person_id"
        " left join open_wait holder on holder.wait_id = b.holder_wait_id"
        " left join known_person other on other.person_id = b.holder_person_id"
        " where (b.holder_wait_id is null or holder.wait_id is not null)"
        f" and (b.holder_person_id is null or other.person_id is not null) and {_existence(dataset, 'b')}"
    )


def _count_left_out(engine: Engine, dataset: Dataset) -> LeftOut:
    backlogs = ", ".join(f"'{backlog}'" for backlog in dataset.backlogs)
    waits = (
        "select w.* from person_wait w join concerned_person c on c.person_id = w.person_id"
        f" where w.backlog in ({backlogs}) and {_existence(dataset, 'w')}"
    )
    waits = _without(waits, "sealed_person")
    queries = {
        "rows": f"select count(*) as n from ({_without(waits, *_opted_out(dataset))}) w",
        "open": "select count(*) as n from chosen_person_wait",
        "people": f"select count(distinct person_id) as n from ({waits}) w",
        "stayed": f"select count(distinct person_id) as n from ({_without(waits, *_opted_out(dataset))}) w",
    }
    counts = {name: int(engine.rows(query)[0]["n"]) for name, query in queries.items()}
    return LeftOut(counts["people"] - counts["stayed"], counts["rows"] - counts["open"])
