"""Referrals to a risk conference in the linkage: who is guarded, who is never one person, what of whom rests where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from braid.extracts.model import Source
from braid.extracts.read import read_feed
from braid.language.records import SOURCE_TABLES
from braid.people.facts import read_cases
from braid.people.guarded import read_own
from braid.store.duckdb_engine import DuckDBEngine
from extracts.connector_page import load_examples

EXAMPLES = {one["file"]: one for one in load_examples() if one["standard"] == "marac"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    paths = []
    for name, example in EXAMPLES.items():
        paths.append(tmp_path / name)
        paths[-1].write_text(example["text"].lstrip("\n"), encoding="utf-8")
    readings = read_feed(paths, Source("marac", "council", "marac", 2026))
    made = DuckDBEngine("128MB", 1)
    for table in SOURCE_TABLES:
        made.load_rows(table, [row for reading in readings for row in reading.records.get(table.name, ())])
    yield made
    made.close()


def records(engine: DuckDBEngine) -> dict[str, str]:
    rows = engine.rows("select record_id, partner_record_id from person_record")
    return {row["partner_record_id"]: row["record_id"] for row in rows}


def test_everybody_of_a_conference_is_guarded(engine: DuckDBEngine) -> None:
    assert records(engine).keys() == {"V1", "V2", "perpetrator/X1", "child/K1"}
    assert read_own(engine) == set(records(engine).values())


def test_victim_and_perpetrator_are_never_one_person(engine: DuckDBEngine) -> None:
    found = records(engine)
    # Alike in everything: what parts them is what is said to be between them.
    names = {found["V1"]: "col 1988-07-06", found["perpetrator/X1"]: "col 1988-07-06x"}
    cases = read_cases(engine, names)
    assert cases[found["V1"]] & cases[found["perpetrator/X1"]]
    assert cases[found["V1"]] & cases[found["child/K1"]] and not cases.get(found["V2"])


def test_a_perpetrator_stands_in_no_table_that_says_where_or_why(engine: DuckDBEngine) -> None:
    perpetrator = records(engine)["perpetrator/X1"]
    for table in ("stay", "episode", "event", "need", "wait", "identifier"):
        assert not engine.rows(f"select 1 as one from {table} where person_record_id = '{perpetrator}'"), table
    assert len(engine.rows(f"select 1 as one from relationship where person_record_id = '{perpetrator}'")) == 1
