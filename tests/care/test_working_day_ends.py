"""Until when an answer is due, over bank holidays, weekends and changes of the clocks; and who owns the silence."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.care.actions import Action
from braid.care.actions import silence_on as silence_on_action
from braid.care.case_types import shipped_case_types
from braid.care.meetings import minutes_due_at, returns_due_at, silence_on_return
from braid.care.model import Escalation, Owner, escalation_of
from braid.care.referrals import URGENCIES, due_at
from braid.language.calendars import Calendar, DateNotReckonable, end_of_working_day, england_bank_holidays
from braid.language.dates import LONDON, london_date
from care.table import london

MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-26T09:00", 1, "2026-11-28T00:00"),  # Thursday
        ("2026-11-27T23:59", 1, "2026-12-01T00:00"),  # Friday, over a weekend
        ("2026-11-28T12:00", 1, "2026-12-01T00:00"),  # Saturday
        ("2026-11-29T00:00", 5, "2026-12-05T00:00"),  # Sunday
        ("2026-12-23T15:00", 1, "2026-12-25T00:00"),  # Christmas Eve is a working day
        ("2026-12-24T15:00", 1, "2026-12-30T00:00"),  # Boxing Day is a Saturday: Monday 28 is the substitute
        ("2026-12-24T15:00", 5, "2027-01-06T00:00"),  # 29, 30, 31, then Monday 4 and Tuesday 5 January
        ("2027-03-25T10:00", 1, "2027-03-31T00:00"),  # Maundy Thursday, Easter, and the clocks go forward on Sunday
        ("2026-03-27T10:00", 1, "2026-03-31T00:00"),  # clocks forward on 29 March: the end is in summer time
        ("2026-10-23T10:00", 1, "2026-10-27T00:00"),  # clocks back on 25 October
        ("2026-07-01T23:30", 1, "2026-07-03T00:00"),  # summer: still 1 July, though 22:30 in UTC
        ("2026-07-02T00:30", 1, "2026-07-04T00:00"),  # summer: 2 July, though 1 July in UTC
    ],
)
def test_the_end_of_a_working_day(start: str, count: int, end: str) -> None:
    found = end_of_working_day(london(start), count)
    assert (found, found.tzinfo) == (london(end), dt.UTC)


@given(st.integers(0, 24 * 60 * 8900), st.integers(1, 30))
def test_days_counted_one_by_one_end_on_the_same_day(minutes: int, count: int) -> None:
    start = london("2006-01-01T00:00") + minutes * MINUTE
    day, left = london_date(start), count
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < 5 and day not in england_bank_holidays()
    end = end_of_working_day(start, count).astimezone(LONDON)
    assert (end.date(), end.time()) == (day + dt.timedelta(days=1), dt.time())
    assert end_of_working_day(start.astimezone(LONDON), count) == end


def test_a_place_has_its_own_holidays() -> None:
    own = Calendar(bank_holidays=frozenset({dt.date(2026, 11, 27)}))
    assert end_of_working_day(london("2026-11-26T09:00"), 1, own) == london("2026-12-01T00:00")


@pytest.mark.parametrize("zone", [dt.UTC, LONDON, dt.timezone(dt.timedelta(hours=5))])
@pytest.mark.parametrize("sent", ["2026-10-24T12:00", "2027-03-27T12:00", "2026-12-24T23:59", "2026-11-28T03:00"])
def test_same_day_is_24_hours_that_pass(sent: str, zone: dt.tzinfo) -> None:
    """In whatever zone the instant is written: a zone's own arithmetic gives 23 or 25 when the clocks change."""
    at = london(sent).astimezone(zone)
    assert due_at(at, "same_day").astimezone(dt.UTC) - at.astimezone(dt.UTC) == dt.timedelta(hours=24)


def test_each_urgency_is_by_hours_or_by_working_days() -> None:
    assert [bool(one.hours) + bool(one.working_days) for one in URGENCIES.values()] == [1] * len(URGENCIES)
    sent = london("2026-12-23T15:00")
    assert due_at(sent, "urgent") == london("2026-12-25T00:00")
    assert due_at(sent, "standard") == london("2027-01-05T00:00")


@pytest.mark.parametrize(
    ("starts", "returns", "minutes"),
    [
        ("2026-12-01T10:00", "2026-11-28T00:00", "2026-12-03T00:00"),
        ("2026-12-30T10:00", "2026-12-25T00:00", "2027-01-01T00:00"),
        ("2026-10-27T10:00", "2026-10-24T00:00", "2026-10-29T00:00"),
        ("2027-03-31T00:30", "2027-03-26T00:00", "2027-04-02T00:00"),
    ],
)
def test_returns_and_minutes_of_a_conference(starts: str, returns: str, minutes: str) -> None:
    """Returns two working days before, minutes one after; the night of a change of clocks does not move them."""
    marac = replace(shipped_case_types()["marac"], returns_due=2, minutes_due=1)
    assert returns_due_at(london(starts), marac) == london(returns)
    assert minutes_due_at(london(starts), marac) == london(minutes)


ALL = (Owner.INBOX, Owner.TEAM_LEAD, Owner.ASKER_LEAD)


@pytest.mark.parametrize(
    ("now", "level"),
    [
        ("2026-11-27T11:59", 0),
        ("2026-11-27T12:00", 1),
        ("2026-11-30T23:59", 1),
        ("2026-12-01T00:00", 2),
        ("2029-01-01T00:00", 2),
    ],
)
def test_silence_rises_by_the_clock(now: str, level: int) -> None:
    found = escalation_of(london("2026-11-27T12:00"), london(now))
    assert found == Escalation(level, ALL[: level + 1])
    assert found.is_overdue is (level > 0)


@given(st.integers(-5000, 9000), st.integers(0, 5000))
def test_silence_never_falls_and_never_loses_an_owner(first: int, more: int) -> None:
    due = london("2026-12-24T17:00")
    early, late = (escalation_of(due, due + minutes * MINUTE) for minutes in (first, first + more))
    assert early.level <= late.level
    assert late.owners[: len(early.owners)] == early.owners
    assert len(late.owners) == late.level + 1


def test_silence_rises_at_once_where_no_calendar_reaches() -> None:
    """An action of the last day that bank holidays are known for is due on the first that they are not."""
    action = Action("team", dt.date(2030, 12, 31))
    with pytest.raises(DateNotReckonable):
        end_of_working_day(action.due_at, 1)
    assert silence_on_action(action, action.due_at - MINUTE) == Escalation(0, ALL[:1])
    assert silence_on_action(action, action.due_at) == Escalation(2, ALL)


@pytest.mark.parametrize("state", ["given", "nothing_held", "declined"])
def test_a_return_that_was_answered_is_not_chased(state: str) -> None:
    due = london("2026-11-27T00:00")
    assert silence_on_return(state, due, due + dt.timedelta(days=30)) is None
    assert silence_on_return("asked", due, due + dt.timedelta(days=30)) == Escalation(2, ALL)


def test_an_action_is_overdue_when_its_last_day_is_over() -> None:
    for day, end in ((dt.date(2026, 3, 28), "2026-03-29T00:00"), (dt.date(2026, 10, 25), "2026-10-26T00:00")):
        action = Action("team", day)
        assert action.due_at == london(end)
        silence = silence_on_action(action, action.due_at)
        assert silence is not None
        assert silence.level == 1
