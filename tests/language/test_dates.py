"""Dates as partners write them, and errors that never repeat them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.dates import london_date, parse_date, parse_moment

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@given(DAYS)
def test_both_orders_read_what_they_write(day: dt.date) -> None:
    assert parse_date(day.isoformat(), "iso") == day
    assert parse_date(f"{day:%d/%m/%Y}", "dmy") == day
    assert parse_date(f"{day.day}/{day.month}/{day.year}", "dmy") == day
    assert parse_date(f" {day.isoformat()}T10:00:00 ", "dmy") == day


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_a_value_error_without_the_text(text: str) -> None:
    try:
        parse_date(text)
    except ValueError as error:
        if len(text.strip()) > 3:
            assert text.strip() not in str(error)


@pytest.mark.parametrize("text", ["", "31/02/2026", "2026-13-01", "0001-01-01", "26/03/26", "March 2026", "2026-03"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="not a date"):
        parse_date(text)


def test_a_sitting_late_in_the_evening_of_summer_falls_on_the_next_day_in_london() -> None:
    assert london_date(parse_moment("2026-07-01T23:30:00Z")) == dt.date(2026, 7, 2)
    assert london_date(parse_moment("2026-01-01T23:30:00Z")) == dt.date(2026, 1, 1)
    assert parse_moment("2026-07-01T10:00:00") == dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)
    with pytest.raises(ValueError, match="not a moment"):
        parse_moment("soon")
