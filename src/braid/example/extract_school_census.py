"""Pupils on the district's rolls under the fields of the school census: `census_pupils.csv`, one row a pupil.

A pupil is known by the pupil number. The census heading `Sex` is that of 2024/25 and after.
"""

from __future__ import annotations

from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, iso, spoil
from braid.example.records import Enrolment
from braid.example.streams import words

COLUMNS = words(
    "UPN FormerUPN UniqueLearnerNumber Surname Forename MiddleNames PreferredSurname FormerSurname DOB Sex Ethnicity"
    " Language AddressLine1 AddressLine2 PostCode UPRN URN LAEstab EnrolStatus EntryDate LeavingDate NCyearActual FSM"
    " SENprovision SENtype1 SENtype2 LookedAfter"
)
SECOND_NEED = "SLCN"
"""Who has a plan has this need beside the first, unless it is the first."""


def write_school_census(desk: Desk, folder: Path) -> None:
    """Write who is on the rolls of the district's schools, and who left in the last half year."""
    looked_after = {c.person for c in desk.world.care_episodes if c.placements[-1].end is None}
    rows = [_row(desk, e, e.person in looked_after) for e in enrolments_of(desk)]
    rows = spoil(rows, desk.spoils(len(rows)), COLUMNS.index("EntryDate"), 0)
    desk.write_csv(folder / "census_pupils.csv", COLUMNS, rows)


def enrolments_of(desk: Desk) -> list[Enrolment]:
    """Return the enrolments at schools of the district that this cut holds."""
    schools = desk.world.geography.schools
    return [
        e
        for e in desk.world.enrolments
        if schools[e.school].district == desk.district and desk.shows(("roll", e.person), e.entered, e.left)
    ]


def _row(desk: Desk, enrolment: Enrolment, looked_after: bool) -> list[object]:
    person, upn = enrolment.person, enrolment.upn
    desk.keys[upn] = person
    who = desk.describe(person, f"{upn}/census", enrolment.entered)
    geography = desk.world.geography
    school, district = geography.schools[enrolment.school], geography.districts[desk.district]
    has_second = enrolment.support == "E" and enrolment.need not in ("", SECOND_NEED)
    return [
        upn,
        enrolment.former_upn,
        "",
        who.family,
        who.given,
        "",
        who.former_family,
        "",
        iso(who.birth),
        "F" if who.female else "M",
        desk.code(ethnicity_code("dfe", who.ethnicity), upn),
        "ENG",
        who.line,
        "",
        who.postcode,
        f"{990000000000 + desk.world.address(person, desk.cut)}" if who.postcode else "",
        school.reference,
        f"{district.la_number}{2000 + enrolment.school}",
        "C",
        iso(enrolment.entered),
        iso(desk.known(enrolment.left)),
        "R" if enrolment.year_group == 0 else enrolment.year_group,
        "true" if enrolment.free_meals else "false",
        enrolment.support,
        enrolment.need,
        SECOND_NEED if has_second else "",
        "true" if looked_after else "false",
    ]
