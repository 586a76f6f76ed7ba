"""A zone is whole in itself, and a part of a place is read and made as if it were the whole place."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing

import pyarrow as pa
import pytest

from braid.language.findings import TABLES
from braid.people.zone import cut_out, find_due, find_zone
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import make_place


@pytest.fixture(name="engine")
def _engine() -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine("300MB", threads=2)) as engine:
        yield engine


def _reach(ties: list[tuple[str, int]], touched: set[str]) -> set[str]:
    """The slow twin: whoever a chain of ties leads to from a touched record."""
    holders: dict[int, set[str]] = defaultdict(set)
    for record, tie in ties:
        holders[tie].add(record)
    found = set(touched)
    while True:
        more = found.union(*(held for held in holders.values() if not held.isdisjoint(found)))
        if more == found:
            return found
        found = more


@pytest.mark.parametrize("seed", range(5))
def test_a_zone_is_whoever_a_chain_of_ties_leads_to(engine: DuckDBEngine, seed: int) -> None:
    drawn = random.Random(seed)
    ties = [(f"r{drawn.randrange(60)}", drawn.randrange(50)) for _ in range(70)]
    records, numbers = zip(*ties, strict=True)
    engine.load_arrow("tie", pa.table({"record_id": pa.array(records), "tie": pa.array(numbers, pa.int64())}))
    touched = {f"r{drawn.randrange(60)}" for _ in range(3)} | {"gone"}
    zone = find_zone(engine, touched)
    assert zone == _reach(ties, touched)
    others = {f"r{drawn.randrange(60)}"}
    assert find_zone(engine, others, zone) == _reach(ties, touched | others)


def test_a_part_reads_its_own_rows_and_leaves_the_place_alone() -> None:
    place = make_place(10, 1)
    chosen = {row["record_id"] for row in place.tables["person_record"][:5]}
    with closing(place.engine("300MB")) as engine:
        for name in ("relationship", "episode"):
            if name not in place.tables:
                engine.load_rows(TABLES[name], [])
        part = cut_out(engine, chosen)
        joined = "select p.record_id from stay s join person_record p on p.record_id = s.person_record_id"
        assert {row["record_id"] for row in part.rows(joined)} <= chosen
        assert {row["record_id"] for row in part.rows("select record_id from person_record")} == chosen
        part.load_rows(TABLES["person_link"], [{"person_record_id": "r", "person_id": "p", "method": "single"}])
        part.create("household_history", "select * from person_link")
        assert part.rows("select person_id from household_history") == [{"person_id": "p"}]
        tables = engine.rows("select table_name from information_schema.tables")
        assert not {"person_link", "household_history"} & {row["table_name"] for row in tables}


def test_a_day_tells_something_else_of_whose_stay_ends_or_who_comes_of_age(engine: DuckDBEngine) -> None:
    evening, now = dt.date(2026, 11, 15), dt.date(2026, 11, 16)
    days = {"over": dt.date(2026, 11, 13), "ends": evening, "will end": dt.date(2027, 1, 1), "lasts": None}
    engine.load_arrow(
        "stay",
        pa.table(
            {
                "person_record_id": pa.array(days.keys()),
                "start_date": pa.array([dt.date(2020, 1, 1)] * len(days)),
                "end_date": pa.array(days.values(), pa.date32()),
            }
        ),
    )
    engine.create("episode", "select * from stay where person_record_id = 'lasts'")
    born = {"grown": dt.date(2008, 11, 15), "of age now": dt.date(2008, 11, 16), "child": dt.date(2008, 11, 17)}
    engine.load_arrow(
        "person_record",
        pa.table(
            {
                "record_id": pa.array(born.keys()),
                "birth_date": pa.array(born.values(), pa.date32()),
                "death_date": pa.array([None] * len(born), pa.date32()),
            }
        ),
    )
    assert find_due(engine, evening, now) == {"ends", "will end", "of age now"}
