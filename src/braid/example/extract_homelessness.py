"""Homelessness cases as a council's system exports them: `hclic.csv`, one row a person of a case."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from braid.example.desk import Desk, spoil, uk
from braid.example.model import CHILD, GRANDPARENT, PARTNER
from braid.example.records import HomelessCase
from braid.example.streams import words

COLUMNS = words(
    "case_ref person_ref main_applicant first_name last_name date_of_birth sex relationship application_date"
    " reason_for_loss last_settled_postcode prevention_start prevention_end relief_start relief_end main_duty_start"
    " main_duty_end ta_entry ta_exit ta_type ta_unit ta_postcode support_needs"
)
_RELATIONSHIPS = {CHILD: "child", PARTNER: "partner", GRANDPARENT: "parent"}


def write_homelessness(desk: Desk, folder: Path) -> None:
    """Write the cases of the district's council that this cut holds."""
    rows: list[list[object]] = []
    for case in desk.world.homeless:
        if case.district == desk.district and desk.shows(case.number, case.applied, last_day(case)):
            for person in case.members:
                if desk.world.birth_date(person) <= desk.cut:
                    rows.append(_row(desk, case, person))
    rows = spoil(rows, desk.spoils(len(rows)), COLUMNS.index("application_date"), COLUMNS.index("person_ref"))
    desk.write_csv(folder / "hclic.csv", COLUMNS, rows)


def last_day(case: HomelessCase) -> date | None:
    """Return the day everything of a case had ended; `None` while anything runs."""
    ends = [duty[1] for duty in (case.prevention, case.relief, case.main_duty) if duty]
    if case.ta_entry:
        ends.append(case.ta_exit)
    return None if None in ends else max((end for end in ends if end), default=None)


def _row(desk: Desk, case: HomelessCase, person: int) -> list[object]:
    key = desk.key(person, "H", case.number)
    who = desk.describe(person, key, case.applied)
    geography = desk.world.geography
    main = person == case.members[0]
    placed = bool(case.ta_entry and case.ta_entry <= desk.cut)
    site = geography.accommodation[case.ta_site] if placed else None
    duties = [duty for pair in (case.prevention, case.relief, case.main_duty) for duty in _duty(desk, pair)]
    needs = [*case.needs, *(["pregnancy"] if case.pregnant else [])] if main else []
    relationship = "self" if main else _RELATIONSHIPS.get(int(desk.world.people.role[person]), "other")
    return [
        f"HC{desk.district + 1}{case.number:06d}",
        key,
        "Y" if main else "N",
        who.given,
        who.family,
        uk(who.birth),
        "F" if who.female else "M",
        relationship,
        uk(case.applied),
        case.reason,
        geography.postcode_of(desk.world.home_address(person, case.applied)),
        *duties,
        uk(case.ta_entry if placed else None),
        uk(desk.known(case.ta_exit)),
        case.ta_type if placed else "",
        f"{site.reference}/{case.ta_unit}" if site else "",
        geography.postcode_of(site.address) if site else "",
        "; ".join(needs),
    ]


def _duty(desk: Desk, duty: tuple[date, date | None] | None) -> tuple[str, str]:
    if duty is None or duty[0] > desk.cut:
        return "", ""
    return uk(duty[0]), uk(desk.known(duty[1]))
