"""FHIR UK Core R4 as XML or JSON: single resources and bundles.

Eight resource types are read (Patient, RelatedPerson, ServiceRequest, Appointment, Encounter, EpisodeOfCare, Flag,
Task); resources of other types are counted as unmapped. Profiles: NHSDigital/FHIR-R4-UKCORE-STAGING-MAIN. Time zone
offsets are kept in the moment; the day is the one in Europe/London.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from braid.extracts.files import is_blank, read_bytes
from braid.extracts.json_files import open_json
from braid.extracts.json_nodes import Document, Node, count_unmapped, refuse_shape
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards.fhir_care import READERS as CARE_READERS
from braid.extracts.standards.fhir_people import READERS as PEOPLE_READERS
from braid.extracts.standards.fhir_references import note_full_url
from braid.extracts.standards.fhir_requests import read_service_request
from braid.extracts.xml_files import local_name, parse_xml

NAMESPACE = "http://hl7.org/fhir"
READERS = {**PEOPLE_READERS, **CARE_READERS, "ServiceRequest": read_service_request}
OTHER_TYPES = frozenset(
    [
        "Account",
        "AllergyIntolerance",
        "Appointment",
        "AuditEvent",
        "Bundle",
        "CarePlan",
        "CareTeam",
        "Communication",
        "CommunicationRequest",
        "Composition",
        "Condition",
        "Consent",
        "Coverage",
        "Device",
        "DiagnosticReport",
        "DocumentReference",
        "Endpoint",
        "FamilyMemberHistory",
        "Goal",
        "Group",
        "HealthcareService",
        "ImagingStudy",
        "Immunization",
        "List",
        "Location",
        "Medication",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationRequest",
        "MedicationStatement",
        "MessageHeader",
        "Observation",
        "OperationOutcome",
        "Organization",
        "Person",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "Provenance",
        "Questionnaire",
        "QuestionnaireResponse",
        "RelatedPerson",
        "Schedule",
        "Slot",
        "Specimen",
        "Substance",
        "ValueSet",
        "CodeSystem",
    ]
)
"""Resource types that are named in counts though nothing reads them; a type outside is counted as OtherResource."""
_MAXIMUM_DEPTH = 64


def read_fhir_ukcore(path: Path, reading: Reading) -> None:
    """Read a resource or a bundle. Raises `UnreadableFile` where the file is neither XML nor JSON of FHIR."""
    data = read_bytes(path)
    if not is_blank(data) and data.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        root = _open_xml(data, reading)
    else:
        root = open_json(path, reading)
    if not root.is_object or not isinstance(root.value.get("resourceType"), str):
        refuse_shape("a FHIR resource with its resourceType")
    for node in _resources(root):
        _read_resource(node)
    count_unmapped(root)


def _resources(root: Node) -> list[Node]:
    """Return the resources of a bundle, or the one resource. An entry without a resource is a row of its own."""
    root.child("resourceType").use()
    if root.value["resourceType"] != "Bundle":
        return [root]
    found = []
    for number, entry in enumerate(root.items("entry", single=True), start=1):
        resource = entry.child("resource") if entry.is_object else entry
        note_full_url(entry, resource)
        found.append(replace(resource, row_ref=f"/Bundle/entry[{number}]/resource") if root.row_ref else resource)
    return found


def _read_resource(node: Node) -> None:
    reading = node.document.reading
    kind = node.child("resourceType").value if node.is_object else None
    if not isinstance(kind, str):
        reading.row_in("OtherResource")
        node.reject("OtherResource", "resource_missing", "An entry holds no resource. Ask the sender to correct it.")
        return
    part = kind if kind in READERS or kind in OTHER_TYPES else "OtherResource"
    reading.row_in(part)
    node.child("resourceType").use()
    if kind not in READERS:
        node.use()
        reading.unmapped[part] += 1
        reading.row_read(part)
        return
    refusal = READERS[kind](node)
    if refusal is None:
        reading.row_read(part)
    else:
        node.reject(part, *refusal)


def _open_xml(data: bytes, reading: Reading) -> Node:
    element = parse_xml(data, reading)
    if element.nsmap.get(element.prefix) != NAMESPACE:
        raise UnreadableFile("wrong_standard", "This is XML, but not of FHIR. Check which standard the file follows.")
    kind = local_name(element)
    value = _xml_value(element, 0)
    members = value if isinstance(value, dict) else {}
    return Node({**members, "resourceType": kind}, "", "", Document(reading), f"/{kind}")


def _xml_value(element: Any, depth: int) -> Any:
    """Return an element as FHIR JSON has it: a primitive's value, or an object whose repeated members are lists."""
    if depth > _MAXIMUM_DEPTH:
        raise UnreadableFile("xml_too_deep", f"The file is nested deeper than {_MAXIMUM_DEPTH} levels.")
    if local_name(element) == "div":
        return " ".join("".join(element.itertext()).split())
    children = [child for child in element if local_name(child)]
    if not children and "url" not in element.attrib:
        return element.get("value")
    found: dict[str, Any] = {"url": element.get("url")} if "url" in element.attrib else {}
    for child in children:
        _add_member(found, child, depth)
    return found


def _add_member(found: dict[str, Any], child: Any, depth: int) -> None:
    name, value = local_name(child), _xml_value(child, depth + 1)
    if name == "resource" and isinstance(value, dict) and len(value) == 1:
        kind, resource = next(iter(value.items()))
        value = {**resource, "resourceType": kind} if isinstance(resource, dict) else None
    if isinstance(value, dict) and child.get("value") is not None:
        _append(found, f"_{name}", value)
        value = child.get("value")
    _append(found, name, value)


def _append(found: dict[str, Any], name: str, value: Any) -> None:
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


CONNECTORS = (
    Connector(
        "fhir_ukcore",
        2019,
        2035,
        read_fhir_ukcore,
        "FHIR UK Core R4 as XML or JSON, a resource or a bundle; an elective referral to a consultant has a clock",
        waits=("rtt",),
    ),
)
