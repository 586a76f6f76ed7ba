"""Social housing lettings (CORE) as the service exports them with codes: `lettings.csv`, with two rows of headings.

A letting gives the shape of a household and no name. `homeless` is 1 for no and 11 for yes.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from braid.example.desk import Desk, iso
from braid.example.model import CHILD, PARTNER
from braid.example.records import RegisterApplication

SLOTS = range(1, 9)
ETHNICITIES = {
    "white_british": "1", "white_irish": "2", "gypsy_traveller": "18", "roma": "20", "white_other": "3",
    "mixed_caribbean": "4", "mixed_african": "5", "mixed_asian": "6", "mixed_other": "7", "asian_indian": "8",
    "asian_pakistani": "9", "asian_bangladeshi": "10", "asian_chinese": "15", "asian_other": "11",
    "black_caribbean": "12", "black_african": "13", "black_other": "14", "arab": "19", "other": "16",
}  # fmt: skip
NOT_SAID = "17"
WAITED = ((1, "2"), (2, "7"), (3, "8"), (4, "9"), (5, "10"), (10, "11"))
"""Years below which a wait on the register has a code; ten and more are 12."""
_FIELDS = {
    "id": "Log ID", "status": "Status of log", "startdate": "What is the tenancy start date?",
    "tenancycode": "What is the tenant code?", "propcode": "What is the property reference?",
    "uprn": "If known, property's UPRN", "address_line1": "Address line 1", "address_line2": "Address line 2",
    "town_or_city": "Town or City", "postcode_full": "Postcode", "la": "Local authority code",
    "ethnic": "Which of these best describes the lead tenant's ethnic background?",
    "waityear": "How long has the household been on the local authority waiting list?",
    "reason": "What is the tenant's main reason for the household leaving their last settled home?",
    "prevten": "Where was the household immediately before this letting?",
    "homeless": "Did the household experience homelessness immediately before this letting?",
    "ppostcode_full": "Postcode of last settled home",
    "rp_homeless": "Reasonable preference reason: homeless",
    "rp_insan_unsat": "Reasonable preference reason: unsanitary",
    "rp_medwel": "Reasonable preference reason: medical", "rp_hardship": "Reasonable preference reason: hardship",
    "illness_type_1": "Does this person's condition affect their vision?",
    "illness_type_7": "Does this person's condition affect their mental health?",
    **{f"age{n}": f"What is person {n}'s age?" for n in SLOTS},
    **{f"sexrab{n}": f"What was person {n}'s sex, as registered at birth?" for n in SLOTS},
    **{f"relat{n}": f"Is person {n} the partner of person 1?" for n in SLOTS[1:]},
}  # fmt: skip


def write_lettings(desk: Desk, folder: Path) -> None:
    """Write the lettings of the district: applications to the register that ended in a home."""
    rows = [
        _row(desk, application)
        for application in desk.world.register
        if application.district == desk.district
        and application.closed
        and application.closed_reason == "Housed"
        and desk.known(application.closed)
        and desk.shows(("letting", application.number), application.closed, None)
    ]
    for row in [list(row) for row in rows[: desk.spoils(len(rows))]]:
        row[list(_FIELDS).index("startdate")] = "31/02/2026"
        rows.append(row)
    desk.rows += len(rows)
    with (folder / "lettings.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(_FIELDS.values()), list(_FIELDS), *rows])


def find_waited(start: date, let: date) -> str:
    """Return the code of a wait on the register, by completed years of 365.25 days."""
    years = (let - start).days / 365.25
    return next((code for below, code in WAITED if years < below), "12")


def find_members(desk: Desk, application: RegisterApplication) -> list[int]:
    """Return who moved in: the members who were born, eight at the most."""
    born = [k for k in application.members if desk.world.birth_date(k) <= (application.closed or desk.cut)]
    return born[: len(SLOTS)]


def _row(desk: Desk, application: RegisterApplication) -> list[object]:
    let = application.closed or desk.cut
    world, members = desk.world, find_members(desk, application)
    reference = f"T{desk.district + 1}{application.number:07d}"
    for slot, person in enumerate(members, start=1):
        desk.keys[f"{reference}/{iso(let)}/{slot}"] = person
    main = members[0]
    address = world.address(main, let)
    needs_medical = bool(application.medical)
    values: dict[str, object] = {
        "id": f"{700000 + application.number}", "status": "completed", "startdate": iso(let), "tenancycode": reference,
        "propcode": f"P{address}", "uprn": f"{990000000000 + address}",
        "address_line1": world.geography.line_of(address), "address_line2": "",
        "town_or_city": world.geography.districts[desk.district].name,
        "postcode_full": world.geography.postcode_of(address), "la": world.geography.districts[desk.district].code,
        "ethnic": ETHNICITIES.get(world.people.ethnicity[main], NOT_SAID),
        "waityear": find_waited(application.effective, let),
        "reason": "13" if needs_medical else "12", "prevten": "3", "homeless": "1",
        "ppostcode_full": world.geography.postcode_of(world.home_address(main, application.submitted)),
        "rp_medwel": "1" if needs_medical else "0", "rp_homeless": "0", "rp_insan_unsat": "0", "rp_hardship": "0",
    }  # fmt: skip
    for slot, person in enumerate(members, start=1):
        values[f"age{slot}"] = world.age_years(person, let)
        values[f"sexrab{slot}"] = "F" if world.people.female[person] else "M"
        if slot > 1:
            values[f"relat{slot}"] = find_relationship(desk, person)
    return [values.get(name, "") for name in _FIELDS]


def find_relationship(desk: Desk, person: int) -> str:
    """Return what a member is to the lead tenant: partner (P), child (C) or other (X)."""
    role = int(desk.world.people.role[person])
    return {CHILD: "C", PARTNER: "P"}.get(role, "X")
