"""Hospital records as FHIR UK Core R4: `bundle.json` of some hospitals and `bundle.xml` of the others.

Patients with who is next to them, open referrals to a consultant, appointments, and emergency encounters. Appointments
carry London's offset, encounters are in UTC: a late evening in summer is the day before there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, iso
from braid.example.model import CHILD
from braid.example.records import Pathway
from braid.example.records_further import Attendance

LONDON = ZoneInfo("Europe/London")
NAMESPACE = "http://hl7.org/fhir"
_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore"
_RECEIVED = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ReferralRequestReceivedDate"
_SNOMED, _NHS = "http://snomed.info/sct", "https://fhir.nhs.uk/Id/nhs-number"
_PARENT = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
Resource = dict[str, Any]


def write_hospital_records(desk: Desk, folder: Path) -> None:
    """Write a bundle as JSON and one as XML; a hospital's records are in one of the two."""
    for name, write, odd in (("bundle.json", write_json, 0), ("bundle.xml", write_xml, 1)):
        resources = list(_resources(desk, odd))
        desk.rows += len(resources)
        for number in range(desk.spoils(len(resources))):
            resources.append({**resources[number], "id": None})
        (folder / name).write_text(write(resources), encoding="utf-8")


def write_json(resources: list[Resource]) -> str:
    """Return a bundle as JSON."""
    entries = [{"fullUrl": _url(resource), "resource": resource} for resource in resources]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return json.dumps(bundle, ensure_ascii=False, indent=1)


def write_xml(resources: list[Resource]) -> str:
    """Return the same bundle as XML: a primitive is the attribute `value`, a list a repeated element."""
    entries = "".join(
        f"<entry><fullUrl value={quoteattr(_url(resource))}/><resource>{_resource_xml(resource)}</resource></entry>\n"
        for resource in resources
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by the example place -->\n'
    return f'{head}<Bundle xmlns="{NAMESPACE}">\n<type value="collection"/>\n{entries}</Bundle>\n'


def _url(resource: Resource) -> str:
    return f"https://records.example/fhir/{resource['resourceType']}/{resource['id']}"


def _resource_xml(resource: Resource) -> str:
    inner = "".join(_element(name, value) for name, value in resource.items() if name != "resourceType")
    return f"<{resource['resourceType']}>{inner}</{resource['resourceType']}>"


def _element(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, dict):
        url = f" url={quoteattr(value['url'])}" if "url" in value else ""
        inner = "".join(_element(key, one) for key, one in value.items() if key != "url")
        return f"<{name}{url}>{inner}</{name}>"
    return f"<{name} value={quoteattr(str(value))}/>"


def open_pathways(desk: Desk, odd: int) -> list[Pathway]:
    """Return the pathways whose referral runs on the day of the cut, at every second hospital."""
    return [
        p
        for p in desk.world.pathways
        if p.hospital % 2 == odd
        and desk.known(p.stopped) is None
        and desk.shows(("fhir", p.number), p.referred, None, p.withdrawn)
    ]


def seen_attendances(desk: Desk, odd: int) -> list[Attendance]:
    """Return the emergency attendances at every second hospital that are over."""
    return [
        a
        for a in desk.world.attendances
        if a.hospital % 2 == odd and a.left and desk.shows(("fhir", "ed", a.number), a.left.date(), a.left.date())
    ]


def _resources(desk: Desk, odd: int) -> Iterator[Resource]:
    pathways, attendances = open_pathways(desk, odd), seen_attendances(desk, odd)
    for person in sorted({p.person for p in pathways} | {a.person for a in attendances}):
        yield _patient(desk, person)
        head = desk.world.members(desk.world.household_of(person))[0]
        if desk.world.people.role[person] == CHILD and desk.world.age_years(head, desk.cut) >= 18:
            yield _next_to(desk, person, head)
    for pathway in pathways:
        yield _request(desk, pathway)
        yield from _appointments(desk, pathway)
    for attendance in attendances:
        yield _encounter(desk, attendance)


def _key(desk: Desk, person: int) -> str:
    return desk.key(person, "F")


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _patient(desk: Desk, person: int) -> Resource:
    key = _key(desk, person)
    who = desk.describe(person, key, desk.cut)
    number = desk.nhs_number(person, key)
    status = {"url": f"{_CORE}-NHSNumberVerificationStatus", "valueCodeableConcept": _concept("nhs-status", "01")}
    code = desk.code(ethnicity_code("nhs", who.ethnicity), key)
    names: list[Resource] = [{"use": "official", "family": who.family, "given": [who.given]}]
    if who.former_family:
        names.append({"use": "old", "family": who.former_family, "given": [who.given]})
    address = {"use": "home", "line": [who.line], "postalCode": who.postcode or None}
    return {
        "resourceType": "Patient",
        "id": key,
        "extension": [{"url": f"{_CORE}-EthnicCategory", "valueCodeableConcept": _concept("ethnicity", code)}],
        "identifier": [{"extension": [status], "system": _NHS, "value": number}] if number else [],
        "name": names,
        "gender": "female" if who.female else "male",
        "birthDate": iso(who.birth) or None,
        "address": [{name: value for name, value in address.items() if value}],
    }


def _next_to(desk: Desk, child: int, head: int) -> Resource:
    key = f"{_key(desk, child)}-1"
    desk.keys[f"RelatedPerson/{key}"] = head
    who = desk.describe(head, key, desk.cut)
    return {
        "resourceType": "RelatedPerson",
        "id": key,
        "patient": {"reference": f"Patient/{_key(desk, child)}"},
        "relationship": [_concept(_PARENT, "PRN")],
        "name": [{"use": "official", "family": who.family, "given": [who.given]}],
        "gender": "female" if who.female else "male",
        "birthDate": iso(who.birth) or None,
    }


def _request(desk: Desk, pathway: Pathway) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": f"SR{pathway.number:09d}",
        "extension": [{"url": _RECEIVED, "valueDateTime": iso(pathway.referred)}],
        "status": "active",
        "intent": "order",
        "category": [_concept(_SNOMED, "3457005")],
        "priority": "urgent" if pathway.priority == "2" else "routine",
        "code": _concept(_SNOMED, "103696004"),
        "subject": {"reference": f"Patient/{_key(desk, pathway.person)}"},
        "authoredOn": iso(pathway.referred),
    }


def _appointments(desk: Desk, pathway: Pathway) -> Iterator[Resource]:
    cancelled = {"cancelationReason": _concept("reason", "pat")}
    booked = pathway.booked if pathway.booked and pathway.booked > desk.cut else None
    days: tuple[tuple[date | None, str, Resource], ...] = (
        (booked, "booked", {}),
        (desk.known(pathway.missed), "noshow", {}),
        (desk.known(pathway.cancelled), "cancelled", cancelled),
    )
    for number, (day, status, more) in enumerate(days, start=1):
        if day is not None:
            start = datetime.combine(day, time(9, 30), tzinfo=LONDON)
            yield {
                "resourceType": "Appointment",
                "id": f"AP{pathway.number:09d}-{number}",
                "status": status,
                **more,
                "start": start.isoformat(),
                "basedOn": [{"reference": f"ServiceRequest/SR{pathway.number:09d}"}],
                "participant": [
                    {"actor": {"reference": f"Patient/{_key(desk, pathway.person)}"}, "status": "accepted"},
                ],
            }


def _encounter(desk: Desk, attendance: Attendance) -> Resource:
    arrived, left = (
        moment.replace(tzinfo=LONDON).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for moment in (attendance.arrived, attendance.left or attendance.arrived)
    )
    hospital = desk.world.geography.hospitals[attendance.hospital].reference
    return {
        "resourceType": "Encounter",
        "id": f"EN{attendance.number:08d}",
        "status": "finished",
        "class": {"system": _ACT, "code": "EMER"},
        "subject": {"reference": f"Patient/{_key(desk, attendance.person)}"},
        "period": {"start": arrived, "end": left},
        "serviceProvider": {"reference": f"Organization/{hospital}"},
    }
