"""FHIR UK Core R4 as XML or JSON: single resources, bundles, lists of resources, and one resource on each line.

The last is the form of FHIR's bulk data (hl7.org/fhir/uv/bulkdata: `application/fhir+ndjson`).

Eight resource types are read (Patient, RelatedPerson, ServiceRequest, Appointment, Encounter, EpisodeOfCare, Flag,
Task); resources of other types are counted as unmapped. Profiles: NHSDigital/FHIR-R4-UKCORE-STAGING-MAIN. Time zone
offsets are kept in the moment; the day is the one in Europe/London.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from braid.extracts.blocks import TextFile
from braid.extracts.files import check_size
from braid.extracts.json_files import STORED_BYTES, open_json_or_lines
from braid.extracts.json_nodes import Document, Node, count_unmapped, refuse_shape
from braid.extracts.json_stored import StoredList
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards.fhir_care import READERS as CARE_READERS
from braid.extracts.standards.fhir_people import READERS as PEOPLE_READERS
from braid.extracts.standards.fhir_references import note_full_url
from braid.extracts.standards.fhir_requests import read_service_request
from braid.extracts.xml_files import XmlPieces, find_root, local_name, look_over_xml

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
    """Read a resource, a bundle, or several of them.

    Raises `UnreadableFile` where the file is neither XML nor JSON of FHIR.
    """
    root = _open_xml(path, reading) if _is_xml(path) else open_json_or_lines(path, reading)
    if not any(map(_is_resource, root.look() if root.is_list else [root])):
        refuse_shape("a FHIR resource with its resourceType")
    for node in _several(root) if root.is_list else _resources(root):
        _read_resource(node)
    count_unmapped(root)


def _is_resource(node: Node) -> bool:
    return node.is_object and isinstance(node.value.get("resourceType"), str)


def _several(root: Node) -> Iterator[Node]:
    """Yield the resources of a list, or of a file of lines, and those of each bundle among them.

    What addresses mean holds within one bundle.
    """
    for member in root.each(part="OtherResource"):
        if _is_resource(member):
            member.document.addresses = {}
            yield from _resources(member)
        else:
            yield member


def _resources(root: Node) -> Iterator[Node]:
    """Yield the resources of a bundle, or the one resource. An entry without a resource is a row of its own.

    All addresses of a bundle are noted before its first resource is read, since references may point ahead.
    """
    root.child("resourceType").use()
    if root.value["resourceType"] != "Bundle":
        yield root
        return
    entries = root.child("entry")
    for entry in entries.look() if entries.is_list else root.items("entry", single=True):
        note_full_url(entry, _resource(entry))
    for number, entry in enumerate(root.each("entry", single=True), start=1):
        entry.text("fullUrl")  # used; said where it is no text
        resource = _resource(entry)
        yield replace(resource, fixed_ref=f"/Bundle/entry[{number}]/resource") if root.fixed_ref else resource


def _resource(entry: Node) -> Node:
    return entry.child("resource") if entry.is_object else entry


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


def _is_xml(path: Path) -> bool:
    check_size(path, is_held=False)
    try:
        with path.open("rb") as stream:
            start = stream.read(1024)
    except OSError:
        raise UnreadableFile("file_absent", "the file cannot be opened: check that it may be read") from None
    return start.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


def _open_xml(path: Path, reading: Reading) -> Node:
    """Return the document of an XML file as FHIR JSON has it; the entries of a large bundle are left in the file."""
    text_file = look_over_xml(path, reading)
    namespace, kind = find_root(text_file)
    if namespace != NAMESPACE:
        raise UnreadableFile("wrong_standard", "This is XML, but not of FHIR. Check which standard the file follows.")
    found: dict[str, Any] = {}
    entries, length, is_kept = [], 0, path.stat().st_size < STORED_BYTES
    pieces = _entries(text_file) if kind == "Bundle" else XmlPieces(text_file, "{}none")
    for element, is_entry in pieces:
        length += is_entry
        if is_entry and is_kept:
            entries.append(_xml_value(element, 1))
        elif not is_entry and local_name(element) not in ("", "entry"):
            _add_member(found, element, 0)
    rest = [child for child in pieces.root if kind != "Bundle" or local_name(child) != "entry"]
    for element in rest:
        if local_name(element):
            _add_member(found, element, 0)
    if length:
        found["entry"] = entries if is_kept else StoredList(length, lambda: _read_entries(text_file))
    return Node({**found, "resourceType": kind}, None, "", Document(reading), f"/{kind}")


def _entries(text_file: TextFile) -> XmlPieces:
    return XmlPieces(text_file, f"{{{NAMESPACE}}}entry", at_top=True)


def _read_entries(text_file: TextFile) -> Iterator[Any]:
    return (_xml_value(element, 1) for element, is_entry in _entries(text_file) if is_entry)


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
        "FHIR UK Core R4 as XML or JSON: a resource, a bundle, a list of resources or one on each line (bulk data); an"
        " elective referral to a consultant has a clock",
        waits=("rtt",),
        is_piecewise=True,
    ),
)
