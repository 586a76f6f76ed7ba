"""The school days of the place as the published run keeps them: terms and closed days, as dates in text."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from braid.language.calendars import Calendar, england_bank_holidays


def calendar_document(calendar: Calendar) -> dict[str, Any]:
    """Return the terms and closed days of a calendar, and its bank holidays where they are not the language's own."""
    own = calendar.bank_holidays != england_bank_holidays()
    return {
        "terms": [[first.isoformat(), last.isoformat()] for first, last in calendar.terms],
        "closed_days": sorted(day.isoformat() for day in calendar.closed_days),
        **({"bank_holidays": sorted(day.isoformat() for day in calendar.bank_holidays)} if own else {}),
    }


def read_calendar(document: Mapping[str, Any]) -> Calendar:
    """Return the calendar of a document; of an empty one, that of a run published before there was one, no terms."""
    day = dt.date.fromisoformat
    return Calendar(
        tuple((day(first), day(last)) for first, last in document.get("terms", ())),
        frozenset(map(day, document.get("closed_days", ()))),
        frozenset(map(day, document["bank_holidays"])) if "bank_holidays" in document else england_bank_holidays(),
    )
