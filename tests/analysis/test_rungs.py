"""The rungs of a ladder, each on values where it bites: few who share a code, the very old, a value that is missing."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from braid.analysis.rungs import COMMON, NONE, RUNGS, write_rung
from braid.store.duckdb_engine import DuckDBEngine

AS_OF = dt.date(2026, 11, 20)


def written(code: str, values: list[object], k: int = 5) -> list[str | None]:
    """Each value as the rung writes it, in their order."""
    engine = DuckDBEngine()
    engine.load_arrow("held", pa.table({"n": list(range(len(values))), "x": values}))
    rows = engine.rows(f"select n, {write_rung(code, 'x', AS_OF, k)} as y from held order by n")
    engine.close()
    return [row["y"] for row in rows]


def test_a_code_that_few_have_is_another() -> None:
    values = ["a"] * 5 + ["b"] * 4 + ["c"] + [None] * 9
    assert written(COMMON, values) == ["a"] * 5 + ["other"] * 5 + [None] * 9
    assert written("code", values) == values


@pytest.mark.parametrize(("code", "oldest"), [("age_5", "80-84"), ("age_10", "80-89")])
def test_the_very_old_are_one_band(code: str, oldest: str) -> None:
    """Of an age that one person in a place has, the age is the person."""
    born = [dt.date(1920, 1, 1), dt.date(1941, 11, 20), dt.date(1941, 11, 21), dt.date(1950, 1, 1)]
    assert written(code, born)[:3] == ["85 and over", "85 and over", oldest]
    assert written(code, born)[3] in ("75-79", "70-79")


def test_no_rung_of_a_date_writes_the_day() -> None:
    days = [dt.date(2026, 3, 1), dt.date(2026, 3, 31), None]
    for code, rung in RUNGS.items():
        if rung.kind in ("date", "birth date"):
            first, last, missing = written(code, days)
            assert first == last and missing is None, code
    assert written(NONE, days) == [None] * 3
