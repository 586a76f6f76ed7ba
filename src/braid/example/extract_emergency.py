"""Emergency care attendances (ECDS) as a commissioner sees them: `attendances.csv`, each column named by its path.

An empty cell is written as NULL, as a database exports it. There are no names.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, iso, spoil
from braid.example.records_further import Attendance
from braid.example.streams import words

COLUMNS = words(
    "patient.local_patient_identifier.value patient.local_patient_identifier.issuer patient.nhs_number.value"
    " patient.nhs_number.status patient.birth_date patient.stated_gender patient.ethnic_category"
    " patient.usual_address.postcode patient.accommodation_status.code patient.preferred_spoken_language.code"
    " attendance.arrival.attendance_identifier attendance.unique_identifier attendance.location.site"
    " attendance.location.department_type attendance.arrival.date attendance.arrival.time attendance.arrival.timestamp"
    " attendance.arrival.attendance_category attendance.conclusion.date attendance.conclusion.time"
    " attendance.departure.date attendance.departure.time attendance.departure.timestamp"
    " attendance.departure.time_since_arrival attendance.discharge.status.code clinical.chief_complaint.code"
    " clinical.injury.date clinical.injury.intent.code referral.patient_pathway_identifier.value schema_version"
)
HOMES = {"no_fixed_abode": "105526001", "temporary": "224231004", "sofa": "224232006", "refuge": "864131000000100"}
"""SNOMED CT for where somebody without a settled home lives."""
INTENTS = {"assault": "52684005", "self_harm": "276853009"}
_ENGLISH = "en"


def write_emergency_care(desk: Desk, folder: Path) -> None:
    """Write the attendances that this cut holds; who has not left by then has no departure."""
    rows = [
        _row(desk, attendance)
        for attendance in desk.world.attendances
        if desk.shows(("attendance", attendance.number), attendance.arrived.date(), _day(attendance.left))
    ]
    rows = spoil(rows, desk.spoils(len(rows)), COLUMNS.index("attendance.arrival.date"), 0)
    desk.write_csv(folder / "attendances.csv", COLUMNS, [[cell or "NULL" for cell in row] for row in rows])


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _row(desk: Desk, attendance: Attendance) -> list[object]:
    key = desk.key(attendance.person, "ED", attendance.number)
    who = desk.describe(attendance.person, key, attendance.arrived.date())
    number = desk.nhs_number(attendance.person, key)
    left = attendance.left if attendance.left and attendance.left.date() <= desk.cut else None
    hospital = desk.world.geography.hospitals[attendance.hospital].reference
    minutes = int((left - attendance.arrived).total_seconds() // 60) if left else ""
    home = attendance.home if attendance.home in HOMES else ""
    return [
        key,
        hospital,
        number,
        "01" if number else "03",
        iso(who.birth),
        "2" if who.female else "1",
        desk.code(ethnicity_code("nhs", who.ethnicity), key),
        "ZZ99 3VZ" if home in ("no_fixed_abode", "refuge") else who.postcode,
        HOMES.get(home, ""),
        _ENGLISH,
        f"AT{attendance.number:08d}",
        f"U{attendance.number:08d}",
        hospital,
        "01",
        iso(attendance.arrived.date()),
        f"{attendance.arrived:%H:%M:%S}",
        f"{attendance.arrived:%Y-%m-%dT%H:%M:%S}",
        "1",
        iso(left.date()) if left else "",
        f"{left:%H:%M:%S}" if left else "",
        iso(left.date()) if left else "",
        f"{left:%H:%M:%S}" if left else "",
        f"{left:%Y-%m-%dT%H:%M:%S}" if left else "",
        minutes,
        "182992009" if left else "",
        "262553003" if attendance.injury else "29857009",
        iso(attendance.arrived.date()) if attendance.injury else "",
        INTENTS.get(attendance.injury, ""),
        "",
        "4.0",
    ]
