"""Relationships between persons by SQL are those that plain Python finds row by row."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest

from braid.people.households import Apart, are_apart
from braid.people.relationships import SAME_FROM_BOTH_ENDS, STRICTNESS, create_relationships
from braid.store.duckdb_engine import DuckDBEngine

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")

TODAY = dt.date(2026, 11, 15)
Row = dict[str, Any]
TEXT = ("record_id", "person_record_id", "other_person_record_id", "kind", "standard", "sensitivity")
GIVEN = pa.schema(
    [
        *((name, pa.string()) for name in TEXT),
        *((name, pa.date32()) for name in ("start_date", "end_date", "as_of_date")),
        ("legal_responsibility", pa.bool_()),
    ]
)


def find_slowly(rows: list[Row], person_ids: Mapping[str, str], apart: Apart) -> list[Row]:
    said: dict[tuple[str, str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for key in _keys(row, person_ids):
            said[key][row["standard"]].append(row)
    nobody: frozenset[tuple[str, str]] = frozenset()
    return [
        _described(key, standard, held, len(by_standard))
        for key, by_standard in sorted(said.items())
        if not are_apart(apart.get(key[0], nobody), apart.get(key[1], nobody))
        for standard, held in sorted(by_standard.items())
    ]


def _keys(row: Row, person_ids: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    one, other = person_ids.get(row["person_record_id"]), person_ids.get(row["other_person_record_id"])
    if one is None or other is None or one == other:
        return
    if row["kind"] == "child":
        yield other, one, "parent"
    elif row["kind"] in SAME_FROM_BOTH_ENDS:
        yield min(one, other), max(one, other), row["kind"]
    else:
        yield one, other, row["kind"]


def _described(key: tuple[str, str, str], standard: str, rows: list[Row], standards: int) -> Row:
    ends = [row["end_date"] for row in rows]
    said = {row["legal_responsibility"] for row in rows if row["kind"] != "child"} - {None}
    return {
        **dict(zip(("person_id", "other_person_id", "kind"), key, strict=True)),
        "standard": standard,
        "from_date": min((row["start_date"] for row in rows if row["start_date"]), default=None),
        "to_date": max((end for end in ends if end), default=None) if None not in ends else None,
        "as_of_date": max((row["as_of_date"] for row in rows if row["as_of_date"]), default=TODAY),
        "legal_responsibility": any(said) if said else None,
        "assertions": len(rows),
        "standards": standards,
        "sensitivity": max((row["sensitivity"] for row in rows), key=STRICTNESS.index),
    }


def drawn(chance: random.Random) -> list[Row]:
    days = [None, *(TODAY - dt.timedelta(days=number) for number in range(5))]
    return [
        {
            "record_id": f"x{number}",
            "person_record_id": f"r{chance.randrange(9)}",
            "other_person_record_id": f"r{chance.randrange(9)}",
            "kind": chance.choice(("parent", "child", "sibling", "partner", "carer")),
            "standard": chance.choice(("cin", "school")),
            "start_date": chance.choice(days),
            "end_date": chance.choice(days),
            "as_of_date": chance.choice(days),
            "legal_responsibility": chance.choice((None, True, False)),
            "sensitivity": chance.choice(STRICTNESS),
        }
        for number in range(60)
    ]


def test_relationships_are_those_found_row_by_row() -> None:
    sealed = 0
    for seed in range(12):
        chance = random.Random(seed)
        rows = drawn(chance)
        persons = {f"r{number}": f"p{chance.randrange(6)}" for number in range(8)}  # of r8 there is no link
        seal = {"p0": frozenset({("s", "adoptive")}), "p1": frozenset({("s", "pre_adoptive"), ("t", "adoptive")})}
        apart: Apart = seal if seed % 2 else {}
        with closing(DuckDBEngine("100MB")) as engine:
            engine.load_arrow("relationship", pa.Table.from_pylist(rows, schema=GIVEN))
            links = [{"person_record_id": one, "person_id": person} for one, person in persons.items()]
            engine.load_arrow("person_link", pa.Table.from_pylist(links))
            create_relationships(engine, apart, TODAY)
            found = engine.rows("select * from person_relationship order by person_id, other_person_id, kind, standard")
        slow = find_slowly(rows, persons, apart)
        assert found == slow and len(slow) > 10
        sealed += len(find_slowly(rows, persons, {})) - len(slow)
    assert sealed > 10
