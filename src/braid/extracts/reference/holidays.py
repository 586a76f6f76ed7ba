"""Bank holidays of England and Wales, as GOV.UK gives them out: JSON of all nations, or a calendar file of one."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

from braid.extracts.json_nodes import whole_characters
from braid.extracts.model import UnreadableFile
from braid.extracts.reference.model import Tally

DIVISION = "england-and-wales"
OF_OTHER_NATIONS = re.compile(r"2nd january|andrew|patrick|boyne|orangemen", re.IGNORECASE)
LEAST_A_YEAR = 8
"""England and Wales have eight bank holidays a year or more: with fewer a year is not whole."""
Holiday = tuple[str, str]


def read_json_holidays(text: str, tally: Tally) -> Iterator[dict[str, Any]]:
    """Yield the bank holidays of England and Wales. Raises `UnreadableFile` where the document has none."""
    try:
        document = json.loads(text)
        events = document[DIVISION]["events"]
    except (ValueError, KeyError, TypeError, RecursionError):
        words = "the file has no events of england-and-wales: download bank-holidays.json from GOV.UK"
        raise UnreadableFile("holidays_form", words) from None
    for number, event in enumerate(events if isinstance(events, list) else (), 1):
        day, title = (event.get("date"), event.get("title")) if isinstance(event, dict) else (None, None)
        yield from _holiday(str(day), whole_characters(str(title or "")), number, tally)


def is_calendar_file(head: str) -> bool:
    """Whether a text is a calendar file (RFC 5545)."""
    return head.lstrip().upper().startswith("BEGIN:VCALENDAR")


def read_calendar_holidays(text: str, tally: Tally) -> Iterator[dict[str, Any]]:
    """Yield the bank holidays of a calendar file.

    Raises `UnreadableFile` where it is not GOV.UK's, or has a day of Scotland or Northern Ireland alone.
    """
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    if not any(line.upper().startswith("PRODID") and "GOV" in line.upper() for line in lines):
        words = "the calendar is not that of GOV.UK: write term dates as CSV with first_day, last_day, kind and name"
        raise UnreadableFile("calendar_unknown", words)
    if lines[-1].strip().upper() != "END:VCALENDAR":
        raise UnreadableFile("file_truncated", "the calendar has no end: download it again")
    for number, (day, title) in enumerate(_events(lines), 1):
        if OF_OTHER_NATIONS.search(title):
            words = "the calendar is of Scotland or Northern Ireland: download england-and-wales.ics"
            raise UnreadableFile("another_nation", words)
        yield from _holiday(day, title, number, tally)


def _events(lines: list[str]) -> Iterator[Holiday]:
    day = title = ""
    for line in lines:
        name, _, value = line.partition(":")
        name = name.partition(";")[0].upper()
        if name == "BEGIN":
            day = title = ""
        elif name == "DTSTART":
            day = re.sub(r"^(\d{4})(\d\d)(\d\d).*", r"\1-\2-\3", value.strip())
        elif name == "SUMMARY":
            title = value.strip().replace("\\,", ",").replace("\\;", ";")
        elif name == "END" and value.strip().upper() == "VEVENT":
            yield day, title


def _holiday(day: str, title: str, number: int, tally: Tally) -> Iterator[dict[str, Any]]:
    tally.rows_in += 1
    try:
        found = dt.date.fromisoformat(day)
    except ValueError:
        tally.refuse("date", "a bank holiday has no date", number)
        return
    tally.rows_read += 1
    yield {"date": found.isoformat(), "name": title[:200]}
