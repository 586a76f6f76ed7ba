"""The common transfer file: `ctf.xml`, what a school sends with pupils who changed school during the year."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, iso
from braid.example.extract_school_census import enrolments_of
from braid.example.extract_schools import ATTENDANCE_WEEKS
from braid.example.markup import tag
from braid.example.records import Enrolment

SESSIONS = ATTENDANCE_WEEKS * 10


def write_transfer_file(desk: Desk, folder: Path) -> None:
    """Write the pupils of the district's schools who joined after the first days of their year, or have left."""
    moved = [e for e in enrolments_of(desk) if e.entered.month != 9 or e.entered.day > 8 or desk.known(e.left)]
    in_care = {c.person for c in desk.world.care_episodes if c.placements[-1].end is None}
    pupils = [_pupil(desk, enrolment, enrolment.person in in_care) for enrolment in moved]
    for number in range(desk.spoils(len(pupils))):
        whole = pupils[number * 7 % len(pupils)]
        pupils.append(f"<Pupil>{whole[whole.index('<Surname>') :]}")
    desk.rows += len(pupils)
    lea = desk.world.geography.districts[desk.district].la_number
    header = tag("DocumentName", "Common Transfer File") + tag("CTFversion", "25.0")
    header += tag("DateTime", f"{iso(desk.cut)}T06:00:00") + tag("DocumentQualifier", "full")
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by the example place -->\n<CTfile>\n'
        f"<Header>{header}<SourceSchool>{tag('LEA', lea)}{tag('Estab', '2000')}</SourceSchool></Header>\n"
        f"<CTFpupilData>\n{''.join(pupils)}</CTFpupilData>\n</CTfile>\n"
    )
    (folder / "ctf.xml").write_text(text, encoding="utf-8")


def _pupil(desk: Desk, enrolment: Enrolment, is_looked_after: bool) -> str:
    desk.keys[enrolment.upn] = enrolment.person
    who = desk.describe(enrolment.person, f"{enrolment.upn}/ctf", enrolment.entered)
    head = tag("UPN", enrolment.upn) + tag("Surname", who.family) + tag("Forename", who.given)
    head += tag("DOB", iso(who.birth)) + tag("Sex", "F" if who.female else "M")
    code = desk.code(ethnicity_code("dfe", who.ethnicity), enrolment.upn)
    basic = tag("FormerUPN", enrolment.former_upn) + tag("PreferredSurname", who.former_family)
    basic += tag("NCyearActual", "R" if enrolment.year_group == 0 else enrolment.year_group) + tag("Ethnicity", code)
    care = f"<LookedAfter>{tag('InCare', 'true')}</LookedAfter>" if is_looked_after else ""
    return (
        f"<Pupil>\n{head}\n<BasicDetails>{basic}</BasicDetails>{care}\n{_address(desk, enrolment.person, who.postcode)}"
        f"{_needs(enrolment)}{_meals(enrolment)}{_attendance(desk, enrolment)}{_history(desk, enrolment)}</Pupil>\n"
    )


def _address(desk: Desk, person: int, postcode: str) -> str:
    if not postcode:
        return ""
    address = desk.world.address(person, desk.cut)
    number, _, street = desk.world.geography.line_of(address).partition(" ")
    parts = tag("PAON", number) + tag("Street", street)
    parts += tag("UniquePropertyReferenceNumber", 990000000000 + address)
    return f"<Address><BS7666Address>{parts}</BS7666Address>{tag('PostCode', postcode)}</Address>\n"


def _needs(enrolment: Enrolment) -> str:
    provision = f"<SEN>{tag('StartDate', iso(enrolment.entered))}{tag('SENprovision', enrolment.support)}</SEN>"
    need = f"<SENneed>{tag('SENtypeRank', 1)}{tag('SENtype', enrolment.need)}</SENneed>" if enrolment.need else ""
    return f"<SENhistory>{provision}{f'<SENneeds>{need}</SENneeds>' if need else ''}</SENhistory>\n"


def _meals(enrolment: Enrolment) -> str:
    if not enrolment.free_meals:
        return ""
    instance = tag("FSMstartDate", iso(enrolment.entered)) + tag("UKcountry", "ENG")
    return f"<FSMhistory><FSMinstance>{instance}</FSMinstance></FSMhistory>\n"


def _attendance(desk: Desk, enrolment: Enrolment) -> str:
    lea = desk.world.geography.districts[desk.district].la_number
    year = tag("Year", find_school_year(desk.cut)) + tag("LEA", lea) + tag("Estab", 2000 + enrolment.school)
    year += tag("SessionsPossible", SESSIONS) + tag("SessionsAttended", count_attended(enrolment))
    year += tag("AttendanceStartDate", iso(enrolment.entered))
    return f"<Attendance><YearData>{year}</YearData></Attendance>\n"


def find_school_year(day: date) -> int:
    """Return the year in which the school year of a day begins."""
    return day.year if day.month >= 8 else day.year - 1


def count_attended(enrolment: Enrolment) -> int:
    """Return how many of the possible sessions a pupil attended, by the share that they usually miss."""
    return SESSIONS - round(SESSIONS * enrolment.absent)


def _history(desk: Desk, enrolment: Enrolment) -> str:
    geography = desk.world.geography
    school = tag("LEA", geography.districts[desk.district].la_number) + tag("Estab", 2000 + enrolment.school)
    school += tag("SchoolName", geography.schools[enrolment.school].name) + tag("EntryDate", iso(enrolment.entered))
    school += tag("LeavingDate", iso(desk.known(enrolment.left)))
    return f"<SchoolHistory><School>{school}</School></SchoolHistory>\n"
