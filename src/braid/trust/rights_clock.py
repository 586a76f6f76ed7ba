"""The time in which a request about somebody's data is answered: one month, two more where it is needed, and pauses.

Source: UK GDPR article 12A, as the Data (Use and Access) Act 2025 section 76 put it in. The month begins when the
request has come and whoever asks has shown who they are, the later of the two, and ends on the day of the same number;
where the next month has none, on its last. Days from asking what is meant to the answer, both counted in, do not count.
An extension is told, with its reason, before the first month is over. A last day is not moved on for a weekend: the
answer is then early, never late.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

LAW = "UK GDPR article 12A (Data (Use and Access) Act 2025 section 76)"
MONTHS, MORE_MONTHS = 1, 2
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Pause:
    """Days that do not count, the first and the last counted in; it runs while it has no last day."""

    first: dt.date
    last: dt.date | None = None


@dataclass(frozen=True)
class RequestClock:
    """The clock of one request. `begins` is empty while nobody has shown who asks, and so is `last_day`.

    `extend_by` is the last day on which an extension may still be told; `days_left` is below zero once it is late.
    """

    begins: dt.date | None
    last_day: dt.date | None
    extend_by: dt.date | None
    days_paused: int
    is_paused: bool
    days_left: int | None


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the day of the same number so many months on; the last of the month where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_clock(
    received: dt.date,
    shown: dt.date | None,
    pauses: Collection[Pause],
    is_extended: bool,
    today: dt.date,
) -> RequestClock:
    """Return the clock of a request as it stands `today`. `shown` is the day on which it was shown who asks."""
    if shown is None:
        return RequestClock(None, None, None, 0, True, None)
    begins = max(received, shown)
    days = paused_days(pauses, begins, today)
    is_paused = any(one.last is None and one.first <= today for one in pauses)
    extend_by = add_months(begins, MONTHS) + days * ONE_DAY
    last = add_months(begins, MONTHS + (MORE_MONTHS if is_extended else 0)) + days * ONE_DAY
    return RequestClock(begins, last, extend_by, days, is_paused, (last - today).days)


def paused_days(pauses: Collection[Pause], begins: dt.date, today: dt.date) -> int:
    """Return how many days from `begins` until `today` lie in a pause, each counted once."""
    spans = sorted((max(one.first, begins), min(one.last or today, today)) for one in pauses)
    total, end = 0, begins - ONE_DAY
    for first, last in spans:
        start = max(first, end + ONE_DAY)
        if last >= start:
            total += (last - start).days + 1
            end = last
    return total
