"""Nobody stands out: whoever is in a dataset is like at least k - 1 others in everything that it says of them.

Every column counts, not a chosen few: what one partner cannot know, another can. What a dataset says of a unit (a
person, a household, or a single row) is written as one text, its likeness, on the finest level of the ladders. Units
whose text k or more hold are written so; the others go to the next level and are compared among themselves; who is
still alone on the last is left out. Somebody who knows all about a person therefore finds k or more that may be them.
"""

from __future__ import annotations

import datetime as dt

from braid.analysis.model import Dataset, DatasetTable
from braid.analysis.rungs import write_rung
from braid.store.engine import Engine

_MEMBER = {"person": "person_id", "household": "person_id", "row": "wait_id"}
_UNITS = {
    "person": "select person_id as member_id, person_id as unit_id, person_id as holder_id from chosen_person",
    "household": (
        "select person_id as member_id, coalesce(household_id, person_id) as unit_id,"
        " coalesce(household_id, person_id) as holder_id from chosen_person"
    ),
    "row": "select wait_id as member_id, wait_id as unit_id, person_id as holder_id from chosen_person_wait",
}
"""What is compared (unit), what it is made of (members), and what must differ to count (holder): two rows of one person
are no two people."""


def put_on_levels(engine: Engine, dataset: Dataset, as_of: dt.date) -> list[int]:
    """Create `written_<table>_<level>` and `unit_on_<level>` for each level; return how many units are on each, and,
    last, how many are left out. Reads the chosen rows."""
    engine.create("unit_left", _UNITS[dataset.unit])
    sizes = []
    for level in range(dataset.levels):
        for table in dataset.tables:
            engine.create(f"written_{table.name}_{level}", _written(dataset, table, level, as_of))
        engine.create("member_likeness", _member_likeness(dataset, level))
        engine.create("unit_likeness", _UNIT_LIKENESS)
        engine.create(f"unit_on_{level}", _alike(dataset.k))
        engine.create("unit_left", _rest(level))
        sizes.append(_count(engine, f"unit_on_{level}"))
    return [*sizes, _count(engine, "unit_left")]


def _written(dataset: Dataset, table: DatasetTable, level: int, as_of: dt.date) -> str:
    """Return the rows of a table as the level writes them, with their ids and the unit they belong to."""
    columns = [
        f"{write_rung(column.ladder[level], f'r.{column.taken}', as_of, dataset.k)} as {column.name}"
        for column in table.columns
    ]
    ids = {"person": ("person_id", "household_id"), "person_wait": ("person_id", "wait_id")}.get(
        table.taken, ("person_id",)
    )
    return (
        f"select u.unit_id, u.member_id, {', '.join(f'r.{name} as own_{name}' for name in ids)}, {', '.join(columns)}"
        f" from chosen_{table.taken} r join ({_UNITS[dataset.unit]}) u on u.member_id = r.{_MEMBER[dataset.unit]}"
    )


def _member_likeness(dataset: Dataset, level: int) -> str:
    """Return one text a member: its rows, each value after its length, so that no two texts run together."""
    pieces = {table.name: ", ".join(_piece(column.name) for column in table.columns) for table in dataset.tables}
    rows = " union all ".join(
        f"select member_id, concat('{name}', {piece}) as piece from written_{name}_{level}"
        for name, piece in pieces.items()
    )
    return (
        "select u.unit_id, u.holder_id, string_agg(w.piece, ' ' order by w.piece) as likeness"
        f" from ({rows}) w join unit_left u on u.member_id = w.member_id group by u.unit_id, u.holder_id, u.member_id"
    )


def _piece(column: str) -> str:
    """Return the SQL of one value in a likeness. Of `concat` with nothing in it, the two engines make two things."""
    length = f"cast(length({column}) as varchar)"
    return f"case when {column} is null then '/-' else concat('/', {length}, ':', {column}) end"


_UNIT_LIKENESS = (
    "select unit_id, min(holder_id) as holder_id, string_agg(likeness, ' + ' order by likeness) as likeness"
    " from member_likeness group by unit_id"
)


def _alike(k: int) -> str:
    """Return the units whose likeness at least `k` different holders have."""
    return (
        "select u.unit_id from unit_likeness u join (select likeness from unit_likeness group by likeness"
        f" having count(distinct holder_id) >= {k}) a on a.likeness = u.likeness"
    )


def _rest(level: int) -> str:
    return f"select l.* from unit_left l left join unit_on_{level} u on u.unit_id = l.unit_id where u.unit_id is null"


def _count(engine: Engine, table: str) -> int:
    return int(engine.rows(f"select count(distinct unit_id) as n from {table}")[0]["n"])
