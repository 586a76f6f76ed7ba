"""Dates as partners write them. No error ever carries the text that could not be read."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_DMY = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[ T].*)?$")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?$")
_FIRST_YEAR, _LAST_YEAR = 1850, 2200


def parse_date(text: str, order: str = "iso") -> dt.date:
    """Return the date that `text` writes as dd/mm/yyyy (`order="dmy"`), yyyy-mm-dd (`iso`) or mm/dd/yyyy (`mdy`).

    Every order also accepts yyyy-mm-dd, and `iso` dd/mm/yyyy, since one return holds both from year to year. A time
    after the date is ignored. Raises `ValueError` without the text where it is no date, or outside 1850 to 2200.
    """
    stripped = text.strip()
    iso = _ISO.match(stripped)
    dmy = _DMY.match(stripped)
    if order not in ("iso", "dmy", "mdy"):
        raise ValueError("order is iso, dmy or mdy")
    if iso:
        year, month, day = int(iso[1]), int(iso[2]), int(iso[3])
    elif dmy:
        day, month, year = int(dmy[1]), int(dmy[2]), int(dmy[3])
        day, month = (month, day) if order == "mdy" else (day, month)
    else:
        raise ValueError("not a date: write yyyy-mm-dd or dd/mm/yyyy")
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError("not a date: the year is not between 1850 and 2200")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError("not a date: no such day in the calendar") from None


def parse_moment(text: str) -> dt.datetime:
    """Return an ISO 8601 moment in UTC. A moment without offset is read as Europe/London time.

    Raises `ValueError` without the text.
    """
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("not a moment: write yyyy-mm-ddThh:mm with an offset") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LONDON)
    return moment.astimezone(dt.UTC)


def london_date(moment: dt.datetime) -> dt.date:
    """Return the day in Europe/London on which a moment falls."""
    return moment.astimezone(LONDON).date()


def end_of_day(day: dt.date) -> dt.datetime:
    """Return the instant in UTC at which a day in Europe/London is over."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), LONDON).astimezone(dt.UTC)


def years_lived(born: dt.date, day: dt.date) -> int:
    """Return whole years of age on a day: an age is reached when its anniversary begins, 29 February's on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
