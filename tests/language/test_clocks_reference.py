"""The fast clocks give what walking day by day and hour by hour gives, on whatever facts."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from braid.language.calendars import Calendar
from braid.language.clock_hours import reckon_moments
from braid.language.clock_model import Extension, Pause, Unit
from braid.language.clock_rules import CLOCK_RULES, find_rule
from braid.language.clocks import reckon
from braid.language.clocks_reference import walk, walk_hours
from braid.language.codes import WAIT_KINDS
from braid.language.dates import LONDON

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2005, 1, 10), dt.date(2027, 12, 31)
HOUR_KINDS = sorted({rule.kind for rule in CLOCK_RULES if rule.limit.unit is Unit.HOURS})


def _terms() -> tuple[tuple[dt.date, dt.date], ...]:
    """Three terms a year with their half terms, for every year in which a clock of these tests may run."""
    halves = (("01-05", "02-14"), ("02-23", "04-02"), ("04-20", "05-22"), ("06-01", "07-21"), ("09-02", "10-23"))
    ends = (*halves, ("11-02", "12-18"))
    return tuple(
        (dt.date.fromisoformat(f"{year}-{first}"), dt.date.fromisoformat(f"{year}-{last}"))
        for year in range(2005, 2031)
        for first, last in ends
    )


CALENDAR = Calendar(_terms(), frozenset(dt.date(year, 9, 2) for year in range(2005, 2031)))


def _day(rng: random.Random, first: dt.date, last: dt.date) -> dt.date:
    return first + rng.randrange((last - first).days + 1) * DAY


def _start(rng: random.Random, kind: str) -> dt.date:
    """A start anywhere, or near a day on which a version begins or its pauses end."""
    rule = find_rule(kind, _day(rng, FIRST, LAST))
    turning = rule.holds_from if rule else None
    if turning is not None and rng.random() < 0.2 and turning > FIRST:
        return turning + rng.randrange(-3, 4) * DAY
    if kind == "rtt" and rng.random() < 0.3:
        return _day(rng, dt.date(2015, 4, 1), dt.date(2015, 12, 1))
    if kind == "bnb_family" and rng.random() < 0.2:
        return _day(rng, dt.date(2003, 12, 1), dt.date(2004, 5, 1))
    return _day(rng, FIRST, LAST)


def _facts(rng: random.Random, start: dt.date) -> dict:
    near = start + rng.randrange(0, 260) * DAY
    extensions, pauses = [], []
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        until = start + rng.randrange(100, 420) * DAY
        extensions.append(Extension(until, rng.choice((None, until - rng.randrange(0, 120) * DAY))))
    for _ in range(rng.choice((0, 0, 1, 2, 3))):
        first = start + rng.randrange(-10, 220) * DAY
        pauses.append(Pause(first, first + rng.randrange(0, 25) * DAY))
    return {
        "stop": rng.choice((None, near)),
        "extensions": extensions,
        "pauses": pauses,
        "exception": rng.choice((None, None, None, "local:exception")),
    }


def _agree_on_days(rng: random.Random, times: int) -> int:
    """Compare `times` random cases; return how many of them had a last day."""
    with_day = 0
    kinds = sorted(WAIT_KINDS)
    for _ in range(times):
        kind = rng.choice(kinds)
        start = _start(rng, kind)
        as_of, facts = start + rng.randrange(0, 400) * DAY, _facts(rng, start)
        fast = reckon(kind, start, as_of, CALENDAR, **facts)
        slow = walk(kind, start, as_of, CALENDAR, **facts)
        found = (fast.due_date, fast.due_date_other, fast.clock, fast.aim_date, fast.opens_date, fast.would_be_date)
        walked = (slow.due_date, slow.due_date_other, slow.clock, slow.aim_date, slow.opens_date, slow.would_be_date)
        assert (*found, len(fast.doubts)) == (*walked, slow.doubts), (kind, start, as_of, facts)
        with_day += fast.due_date is not None
    return with_day


def _agree_on_hours(rng: random.Random, times: int) -> None:
    first = int(dt.datetime(2005, 1, 1, tzinfo=dt.UTC).timestamp()) // 60
    last = int(dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp()) // 60
    changes = [_change(year, month) for year in range(2005, 2030) for month in (3, 10)]
    for _ in range(times):
        kind = rng.choice(HOUR_KINDS)
        start = dt.datetime.fromtimestamp(rng.randrange(first, last) * 60, dt.UTC)
        if rng.random() < 0.5:
            start = rng.choice(changes) + rng.randrange(-80 * 60, 3 * 60) * dt.timedelta(minutes=1)
        as_of = start + rng.randrange(0, 100 * 60) * dt.timedelta(minutes=1)
        found = reckon_moments(kind, rng.choice((start, start.astimezone(LONDON))), as_of)
        rule = find_rule(kind, start.date())
        shown = walk_hours(start, rule.limit.count)
        assert found.due_at.astimezone(LONDON).replace(tzinfo=None) == shown
        assert found.due_date == shown.date()
        assert (found.clock == "past") == (as_of - start > dt.timedelta(hours=rule.limit.count))
        assert (found.clock == "past") == (found.minutes_left < 0)


def _change(year: int, month: int) -> dt.datetime:
    days = (dt.datetime(year, month, day, 1, tzinfo=dt.UTC) for day in range(25, 32))
    return next(day for day in days if day.isoweekday() == 7)


def test_fast_and_walked_clocks_agree() -> None:
    assert _agree_on_days(random.Random(20261115), 4000) > 2500


def test_fast_and_walked_hours_agree() -> None:
    _agree_on_hours(random.Random(20261115), 2000)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_fast_and_walked_clocks_agree_on_a_million_cases(part: int) -> None:
    rng = random.Random(part)
    assert _agree_on_days(rng, 90_000) > 56_000
    _agree_on_hours(rng, 10_000)
