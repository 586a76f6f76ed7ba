"""Attendance registers as a school's system exports them: `registers.csv`, one row a session of a pupil.

The last two school weeks alone. Marks carry their words, as in "I - Illness", and headings are the system's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from braid.example.calendar import school_weeks
from braid.example.desk import Desk, spoil, uk
from braid.example.extract_school_census import enrolments_of
from braid.example.extract_schools import find_marks
from braid.example.records import Enrolment
from braid.example.streams import vector_stream

COLUMNS = [
    "Student ID", "UPN", "Legal Surname", "Legal Forename", "Date of Birth", "School URN", "Session Date",
    "Session Name", "Attendance Code", "Minutes Late", "Comments",
]  # fmt: skip
WEEKS = 2
LABELS = {
    "/": "Present AM", "\\": "Present PM", "L": "Late", "I": "Illness", "M": "Medical appointment", "O": "Unauthorised",
    "G": "Holiday not agreed", "C": "Exceptional", "E": "Suspended", "Q": "No access arrangements",
    "Y1": "Transport not available", "Y2": "Travel disruption",
}  # fmt: skip


def write_registers(desk: Desk, folder: Path) -> None:
    """Write the sessions of the pupils on the district's rolls."""
    weeks = school_weeks(desk.cut, WEEKS)
    seed, count = desk.world.seed, len(desk.world.enrolments)
    luck = {monday: vector_stream(seed, "attendance", monday.isoformat()).random(count) for monday in weeks}
    index = {id(enrolment): number for number, enrolment in enumerate(desk.world.enrolments)}
    rows: list[list[object]] = []
    for enrolment in enrolments_of(desk):
        for monday in weeks:
            if enrolment.entered <= monday:
                marks = find_marks(enrolment, monday, float(luck[monday][index[id(enrolment)]]), seed).split()
                days = [monday + timedelta(days=number // 2) for number in range(10)]
                sessions = [(uk(day), "PM" if number % 2 else "AM") for number, day in enumerate(days)]
                rows += _rows(desk, enrolment, sessions, marks)
    rows = spoil(rows, desk.spoils(len(rows)), COLUMNS.index("Session Date"), 0)
    desk.write_csv(folder / "registers.csv", COLUMNS, rows)


def _rows(
    desk: Desk, enrolment: Enrolment, sessions: list[tuple[str, str]], marks: list[str]
) -> Iterator[list[object]]:
    key = desk.key(enrolment.person, "R")
    who = desk.describe(enrolment.person, key, enrolment.entered)
    upn = desk.pupil_number(enrolment.upn, key)
    urn = desk.world.geography.schools[enrolment.school].reference
    for (day, half), mark in zip(sessions, marks, strict=True):
        late = 10 if mark == "L" else ""
        yield [key, upn, who.family, who.given, uk(who.birth), urn, day, half, f"{mark} - {LABELS[mark]}", late, ""]
