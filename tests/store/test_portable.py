"""Portable SQL: macros mean what they say, and what is not portable is refused by name."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.store.duckdb_engine import DuckDBEngine
from braid.store.portable import ALLOWED, ENGINES, MACROS, NotPortable, compile_sql

DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2049, 12, 31))
ENGINE = DuckDBEngine()


def _value(expression: str):
    return ENGINE.rows(f"select {expression} as value")[0]["value"]


@given(DAYS, DAYS)
@settings(max_examples=50, deadline=None)
def test_days_between_and_days_added_are_those_of_the_calendar(first: dt.date, second: dt.date) -> None:
    assert _value(f"br_days(date '{first}', date '{second}')") == (second - first).days
    assert _value(f"br_add_days(date '{first}', {(second - first).days})") == second


@given(DAYS, st.integers(0, 36_000))
@settings(max_examples=50, deadline=None)
def test_age_is_whole_years_lived(birth: dt.date, later: int) -> None:
    day = birth + dt.timedelta(days=later)
    lived = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    assert _value(f"br_age(date '{birth}', date '{day}')") == lived


@pytest.mark.parametrize(
    ("day", "lived"), [("2026-02-28", 17), ("2026-03-01", 18), ("2028-02-28", 19), ("2028-02-29", 20)]
)
def test_who_was_born_on_a_leap_day_is_a_year_older_on_the_first_of_march(day: str, lived: int) -> None:
    assert _value(f"br_age(date '2008-02-29', date '{day}')") == lived


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("select date_diff('year', date '2020-01-01', date '2021-01-01')", "datediff"),
        ("select dayofweek(date '2020-01-01')", "day_of_week"),
        ("select jaro_winkler_similarity('a', 'b')", "jaro"),
        ("select strip_accents('é')", "strip_accents"),
        ("select random()", "rand"),
        ("select * from read_csv('/etc/passwd')", "read_csv"),
        ("select getenv('HOME')", "getenv"),
    ],
)
def test_what_differs_or_reaches_out_is_refused_by_name(sql: str, name: str) -> None:
    with pytest.raises(NotPortable, match=name):
        compile_sql(sql, "duckdb")


@pytest.mark.parametrize("macro", sorted(MACROS))
def test_every_macro_is_rendered_for_every_engine(macro: str) -> None:
    arguments = ", ".join(["a", "b"][: MACROS[macro]["duckdb"].count("{")])
    for engine in ENGINES:
        text = compile_sql(f"select {macro}({arguments}) from t", engine)
        assert "br_" not in text.lower()


def test_macros_inside_macros_are_expanded() -> None:
    sql = "select br_days(br_add_days(date '2026-01-01', 3), date '2026-01-10') as value"
    assert ENGINE.rows(sql) == [{"value": 6}]
    assert "br_" not in compile_sql(sql, "spark").lower()


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="duckdb, spark"):
        compile_sql("select 1", "oracle")


def test_the_allow_list_and_the_macros_do_not_overlap() -> None:
    assert not ALLOWED & MACROS.keys()


def test_texts_that_the_engine_hashes_alike_have_two_digests() -> None:
    """DuckDB's own hash takes two texts for one whose last bytes of two words differ by the same."""
    one, other = "zanham|e|2016-08", "zanham|k|2016-06"
    assert ENGINE.connection.execute(f"select hash('{one}') = hash('{other}')").fetchall() == [(True,)]
    assert _value(f"br_digest('{one}', 1)") == _value(f"br_digest('{one}', 1)")
    assert _value(f"br_digest('{one}', 1)") != _value(f"br_digest('{other}', 1)")
