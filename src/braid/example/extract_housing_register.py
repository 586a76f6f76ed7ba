"""The housing register as the Hackney-shaped system exports it: `register.json`."""

from __future__ import annotations

import json
from pathlib import Path

from braid.example.desk import Desk, iso
from braid.example.model import CHILD, GRANDPARENT, PARTNER
from braid.example.records import RegisterApplication

_RELATIONSHIPS = {CHILD: "Child", PARTNER: "Partner", GRANDPARENT: "Parent"}


def write_housing_register(desk: Desk, folder: Path) -> None:
    """Write the applications of the district's council that this cut holds."""
    applications = [
        _application(desk, application)
        for application in desk.world.register
        if application.district == desk.district
        and desk.shows(application.number, application.effective, application.closed)
    ]
    desk.rows += len(applications)
    for number in range(desk.spoils(len(applications))):
        broken = json.loads(json.dumps(applications[number * 7 % len(applications)]))
        broken["id"] = f"{broken['id']}-X{number}"
        applicant = broken["mainApplicant"]["person"]
        applicant["id"] = desk.also(applicant["id"], f"{applicant['id']}-X{number}")
        broken["otherMembers"] = []
        broken["assessment"]["effectiveDate"] = "not yet assessed"
        applications.append(broken)
    (folder / "register.json").write_text(json.dumps(applications, ensure_ascii=False, indent=1), encoding="utf-8")


def _application(desk: Desk, application: RegisterApplication) -> dict[str, object]:
    closed = desk.known(application.closed)
    status = (application.closed_reason or "Closed") if closed else "Suspended" if application.suspended else "Active"
    main, others = application.members[0], application.members[1:]
    # an unborn child joins the application only once born
    others = [person for person in others if desk.world.birth_date(person) <= desk.cut]
    member = desk.describe(main, desk.key(main, "P", application.number), application.submitted)
    return {
        "id": f"app-{desk.district + 1}-{application.number:07d}",
        "reference": f"HR{application.number:07d}",
        "status": status,
        "submittedAt": f"{iso(application.submitted)}T09:{application.number % 60:02d}:00Z",
        "sensitiveData": application.sensitive,
        "mainApplicant": {
            "person": _person(desk, main, application, "Self"),
            "address": {
                "addressLine1": member.line,
                "addressLine2": desk.world.geography.districts[desk.district].name,
                "postcode": member.postcode,
                "addressType": 1,
            },
            "contactInformation": {"phoneNumber": f"07700 {900000 + application.number % 1000}"},
        },
        "otherMembers": [
            {"person": _person(desk, person, application, _relationship(desk, person))} for person in others
        ],
        "assessment": {
            "effectiveDate": iso(application.effective),
            "informationReceivedDate": iso(application.submitted),
            "bedroomNeed": application.bedrooms,
            "band": application.band,
            "reason": application.reason,
            "biddingNumber": f"{9000000 + application.number}",
        },
        "medicalNeed": {
            "assessmentDate": iso(application.effective) or None if application.medical else None,
            "outcome": application.medical or None,
            "accessibileHousingRegister": None,
        },
        "closedDate": iso(closed) or None,
        "closedReason": application.closed_reason if closed else None,
    }


def _relationship(desk: Desk, person: int) -> str:
    return _RELATIONSHIPS.get(int(desk.world.people.role[person]), "Other")


def _person(desk: Desk, person: int, application: RegisterApplication, relationship: str) -> dict[str, object]:
    key = desk.key(person, "P", application.number)
    who = desk.describe(person, key, application.submitted)
    return {
        "id": key,
        "title": "Ms" if who.female else "Mr",
        "firstName": who.given,
        "middleName": "",
        "surname": who.family,
        "dateOfBirth": iso(who.birth) or None,
        "gender": "F" if who.female else "M",
        "nationalInsuranceNumber": "",
        "relationshipType": relationship,
    }
