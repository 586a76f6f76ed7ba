"""Clocks: what always holds, and calendars against a twin that counts day by day. Worked cases: `test_clock_cases`."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.calendars import DateNotReckonable, DayType, add_months, england_bank_holidays
from braid.language.clock_model import Extension, Limit, Pause, Unit
from braid.language.clock_periods import limit_ends
from braid.language.clock_rules import CLOCK_RULES, NO_LIMIT_REASONS, find_rule
from braid.language.clocks import reckon
from braid.language.codes import WAIT_KINDS
from language.clock_cases import CALENDAR

DAYS = st.dates(dt.date(2010, 1, 1), dt.date(2029, 12, 31))


def _slow_last_day(start: dt.date, count: int, counts, *, beginning_with: bool) -> dt.date:
    """Walk day by day and count: obvious, and written apart from the code it judges."""
    day = start if beginning_with else start + dt.timedelta(days=1)
    seen = 0
    while True:
        seen += bool(counts(day))
        if seen == count:
            return day
        day += dt.timedelta(days=1)


@given(DAYS, st.integers(1, 200), st.booleans())
def test_working_days_agree_with_walking(start: dt.date, count: int, beginning_with: bool) -> None:
    def counts(day: dt.date) -> bool:
        return day.isoweekday() <= 5 and day not in england_bank_holidays()

    fast = CALENDAR.last_day(start, count, DayType.WORKING, beginning_with=beginning_with)
    assert fast == _slow_last_day(start, count, counts, beginning_with=beginning_with)


@given(st.dates(dt.date(2025, 9, 3), dt.date(2026, 11, 15)), st.integers(1, 40), st.booleans())
def test_school_days_agree_with_walking(start: dt.date, count: int, beginning_with: bool) -> None:
    def counts(day: dt.date) -> bool:
        in_term = any(first <= day <= last for first, last in CALENDAR.terms)
        return in_term and day not in CALENDAR.closed_days | england_bank_holidays() and day.isoweekday() <= 5

    fast = CALENDAR.last_day(start, count, DayType.SCHOOL, beginning_with=beginning_with)
    assert fast == _slow_last_day(start, count, counts, beginning_with=beginning_with)


@given(DAYS, st.integers(1, 400), st.booleans())
def test_calendar_days_agree_with_walking(start: dt.date, count: int, beginning_with: bool) -> None:
    fast = CALENDAR.last_day(start, count, DayType.CALENDAR, beginning_with=beginning_with)
    assert fast == _slow_last_day(start, count, lambda _: True, beginning_with=beginning_with)


@given(DAYS, st.integers(0, 60))
def test_months_keep_the_day_or_take_the_last(start: dt.date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    if end.day != start.day:
        assert end.day < start.day
        assert (end + dt.timedelta(days=1)).day == 1


@given(st.sampled_from(sorted(WAIT_KINDS)), DAYS, st.integers(0, 900))
def test_never_past_without_a_limit_and_days_left_say_the_same_as_the_clock(
    kind: str, start: dt.date, later: int
) -> None:
    as_of = start + dt.timedelta(days=later)
    found = reckon(kind, start, as_of, CALENDAR)
    if kind in NO_LIMIT_REASONS:
        assert (found.clock, found.due_date, found.days_left) == ("no_limit", None, None)
    if found.due_date is not None:
        assert found.days_left == (found.due_date - as_of).days
        assert (found.clock == "past") == (found.days_left < 0)
    assert found.explanation.endswith((".", "apply"))


@given(st.sampled_from(CLOCK_RULES), DAYS)
def test_beginning_with_ends_one_day_before_after(rule, start: dt.date) -> None:
    if rule.limit.day_type is not DayType.CALENDAR or rule.limit.unit is Unit.HOURS:
        return
    after = limit_ends(start, Limit(rule.limit.count, rule.limit.unit), CALENDAR)
    with_it = limit_ends(start, Limit(rule.limit.count, rule.limit.unit, beginning_with=True), CALENDAR)
    assert with_it == after - dt.timedelta(days=1)


def test_an_exception_lifts_the_limit() -> None:
    found = reckon("ehcp_plan", dt.date(2026, 1, 5), dt.date(2026, 11, 15), CALENDAR, exception="ehca:1")
    assert (found.clock, found.due_date) == ("no_limit", None)
    assert "exception" in found.explanation


def test_an_extension_that_ends_earlier_shortens_nothing() -> None:
    found = reckon(
        "care_proceedings",
        dt.date(2026, 3, 3),
        dt.date(2026, 4, 1),
        CALENDAR,
        extensions=[Extension(dt.date(2026, 5, 1))],
    )
    assert found.due_date == dt.date(2026, 8, 31)


def test_the_explanation_names_period_first_day_last_day_and_law() -> None:
    words = reckon("care_proceedings", dt.date(2026, 3, 3), dt.date(2026, 4, 1), CALENDAR).explanation
    for part in (
        "26 weeks beginning with 3 March 2026",
        "31 August 2026",
        "Children Act 1989 s.32",
        "1 September 2026",
    ):
        assert part in words


def test_an_extension_that_is_too_long_says_so_and_counts_as_far_as_the_law() -> None:
    late = [Extension(dt.date(2026, 10, 27), dt.date(2026, 8, 20))]
    found = reckon("care_proceedings", dt.date(2026, 3, 3), dt.date(2026, 10, 1), CALENDAR, extensions=late)
    assert found.due_date == dt.date(2026, 10, 26)
    (doubt,) = found.doubts
    assert "1 day longer than the law lets it be" in doubt
    assert doubt in found.explanation


def test_an_extension_without_a_grant_says_when_it_must_have_been_granted() -> None:
    stated = [Extension(dt.date(2026, 12, 26))]
    found = reckon("care_proceedings", dt.date(2026, 3, 3), dt.date(2026, 10, 1), CALENDAR, extensions=stated)
    assert found.due_date == dt.date(2026, 12, 26)
    assert "unless it was granted on 31 October 2026 or later" in found.explanation


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"pauses": [Pause(dt.date(2026, 5, 1), dt.date(2026, 5, 4))]}, "no law pauses it"),
        ({"extensions": [Extension(dt.date(2027, 1, 1))]}, "no law extends this limit"),
        ({"exception": "local:x"}, "the law has none for it"),
    ],
)
def test_what_the_law_does_not_know_is_said_and_changes_nothing(facts: dict, words: str) -> None:
    start, as_of = dt.date(2026, 4, 1), dt.date(2026, 9, 1)
    plain, stated = reckon("rtt", start, as_of, CALENDAR), reckon("rtt", start, as_of, CALENDAR, **facts)
    assert (stated.due_date, stated.clock) == (plain.due_date, plain.clock)
    assert words in stated.explanation
    assert words not in plain.explanation


def test_pauses_that_count_are_said_with_their_law() -> None:
    away = [Pause(dt.date(2026, 10, 19), dt.date(2026, 10, 25))]
    found = reckon("bnb_family", dt.date(2026, 10, 5), dt.date(2026, 11, 20), CALENDAR, pauses=away)
    assert found.paused_days == 7
    assert "7 days did not count" in found.explanation
    assert "2003" in found.explanation


def test_a_rule_that_is_not_in_force_binds_nothing_and_says_so() -> None:
    found = reckon("s213aa_notice", dt.date(2026, 10, 1), dt.date(2027, 10, 1), CALENDAR)
    assert (found.clock, found.due_date, found.days_left) == ("no_limit", None, None)
    assert found.explanation.startswith("Not in force")
    assert (found.rule_version, found.would_be_date) == ("not in force", dt.date(2026, 10, 14))
    assert "commencement" in found.explanation


def test_a_version_in_force_is_taken_before_one_that_is_not() -> None:
    for kind in {rule.kind for rule in CLOCK_RULES}:
        in_force = [rule for rule in CLOCK_RULES if rule.kind == kind and rule.holds_from]
        rule = find_rule(kind, dt.date(2026, 1, 1))
        assert rule is not None
        assert (rule.holds_from is not None) == bool(in_force)


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        Pause(dt.date(2026, 5, 2), dt.date(2026, 5, 1))


def test_no_working_day_is_counted_for_which_no_bank_holidays_are_held() -> None:
    with pytest.raises(DateNotReckonable):
        CALENDAR.last_day(dt.date(2030, 12, 20), 20, DayType.WORKING, beginning_with=False)
    with pytest.raises(DateNotReckonable):
        CALENDAR.day_before(dt.date(2031, 1, 2), 1, DayType.WORKING)
    with pytest.raises(DateNotReckonable):
        CALENDAR.working_day_on_or_before(dt.date(2031, 1, 1))


def test_days_cannot_be_taken_out_of_months() -> None:
    with pytest.raises(DateNotReckonable):
        limit_ends(dt.date(2026, 1, 1), Limit(3, Unit.MONTHS), CALENDAR, frozenset({dt.date(2026, 2, 1)}))
    assert all(rule.limit.unit is not Unit.MONTHS for rule in CLOCK_RULES if rule.pauses or rule.no_days_before)


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="no wait kind 'parking'"):
        reckon("parking", dt.date(2026, 1, 1), dt.date(2026, 1, 1), CALENDAR)


def test_a_wait_older_than_the_rule_is_reckoned_by_the_oldest_version() -> None:
    assert find_rule("homelessness_relief", dt.date(2001, 1, 1)).holds_from == dt.date(2018, 4, 3)


def _easter(year: int) -> dt.date:
    """Western Easter by the tables of the Book of Common Prayer, written as Gauss did."""
    a, b, c = year % 19, year % 4, year % 7
    century = year // 100
    p = (13 + 8 * century) // 25
    m = (15 - p + century - century // 4) % 30
    n = (4 + century - century // 4) % 7
    d = (19 * a + m) % 30
    e = (2 * b + 4 * c + 6 * d + n) % 7
    day = 22 + d + e
    if d == 29 and e == 6:
        day -= 7
    if d == 28 and e == 6 and (11 * m + 11) % 30 < 19:
        day -= 7
    return dt.date(year, 3, 1) + dt.timedelta(days=day - 1)


@pytest.mark.parametrize("year", range(2005, 2031))
def test_bank_holidays_hold_easter_and_number_eight_but_for_named_exceptions(year: int) -> None:
    held = {day for day in england_bank_holidays() if day.year == year}
    assert {_easter(year) - dt.timedelta(days=2), _easter(year) + dt.timedelta(days=1)} <= held
    assert len(held) == 8 + {2011: 1, 2012: 1, 2022: 2, 2023: 1}.get(year, 0)
    assert all(day.weekday() < 5 for day in held)


def test_limits_in_weeks_count_calendar_days_alone() -> None:
    assert all(rule.limit.day_type is DayType.CALENDAR for rule in CLOCK_RULES if rule.limit.unit is not Unit.DAYS)
