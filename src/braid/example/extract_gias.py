"""The schools of the place as Get Information about Schools publishes them: `edubasealldata.csv`, about no person.

The file is ISO-8859-1, days are dd-mm-yyyy, and what is not known is blank: a blank number of pupils is no zero.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from braid.example.desk import Desk
from braid.example.model import Site

COLUMNS = [
    "URN", "LA (code)", "LA (name)", "EstablishmentNumber", "EstablishmentName", "TypeOfEstablishment (name)",
    "EstablishmentStatus (code)", "EstablishmentStatus (name)", "OpenDate", "CloseDate", "PhaseOfEducation (name)",
    "StatutoryLowAge", "StatutoryHighAge", "Gender (name)", "AdmissionsPolicy (name)", "SchoolCapacity",
    "NumberOfPupils", "PercentageFSM", "UKPRN", "Street", "Town", "Postcode", "SchoolWebsite", "GSSLACode (name)",
    "Easting", "Northing", "UPRN", "MSOA (code)", "LSOA (code)",
]  # fmt: skip
PHASES = {"primary": ("Primary", 4, 11), "secondary": ("Secondary", 11, 16), "special": ("Not applicable", 4, 16)}
_TYPES = {"primary": "Community school", "secondary": "Academy converter", "special": "Community special school"}
_SPARE = 30
_SAINT = "Saint Zo\u00eb's "
"""The first school of a district bears a letter that UTF-8 and ISO-8859-1 write otherwise."""


def write_gias(desk: Desk, folder: Path) -> None:
    """Write a row a school, open, and one closed school of each district whose site stands empty."""
    rows = []
    schools, pupils = desk.world.geography.schools, count_pupils(desk)
    for number, school in enumerate(schools):
        rows.append(_row(desk, school, number, pupils[number]))
        if number == 0 or schools[number - 1].district != school.district:
            rows.append(_closed(_row(desk, school, number, 0), number))
    for row in rows[: desk.spoils(len(rows))]:
        rows.append(["", *row[1:]])
    desk.rows += len(rows)
    with (folder / "edubasealldata.csv").open("w", encoding="iso-8859-1", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([COLUMNS, *rows])


def find_name(desk: Desk, number: int) -> str:
    """Return the name under which a school is published."""
    schools = desk.world.geography.schools
    is_first = number == 0 or schools[number - 1].district != schools[number].district
    return f"{_SAINT if is_first else ''}{schools[number].name}"


def count_pupils(desk: Desk) -> Counter[int]:
    """Return how many are on each school's roll on the day of the cut."""
    enrolled = (e for e in desk.world.enrolments if e.entered <= desk.cut)
    return Counter(e.school for e in enrolled if e.left is None or e.left > desk.cut)


def _row(desk: Desk, school: Site, number: int, pupils: int) -> list[object]:
    geography = desk.world.geography
    district = geography.districts[school.district]
    phase, youngest, oldest = PHASES[school.kind]
    reference = school.reference
    return [
        reference, district.la_number, district.council_name, f"{2000 + number}", find_name(desk, number),
        _TYPES[school.kind], 1, "Open", "01-09-2004", "", phase, youngest, oldest, "Mixed", "Not applicable",
        pupils + _SPARE, pupils or "", "", "", geography.line_of(school.address), district.name,
        geography.postcode_of(school.address), f"https://school-{reference}.example", district.code, "", "",
        f"{990000000000 + school.address}", "", "",
    ]  # fmt: skip


def _closed(row: list[object], number: int) -> list[object]:
    """Return the school that stood at the site before: closed, and nobody on its roll."""
    gone = list(row)
    for name, value in (
        ("URN", f"{909000 + number}"), ("EstablishmentName", f"Former {row[4]}"), ("EstablishmentStatus (code)", 2),
        ("EstablishmentStatus (name)", "Closed"), ("OpenDate", "01-09-1974"), ("CloseDate", "31-08-2004"),
        ("SchoolCapacity", ""), ("NumberOfPupils", ""), ("SchoolWebsite", ""),
    ):  # fmt: skip
        gone[COLUMNS.index(name)] = value
    return gone
