"""Housing register applications as JSON: one application with its main applicant and other members.

Field names follow LBHackney-IT/lbh-housing-register (domain/HousingApi.ts). Everybody on an application waits from the
date its assessment takes effect to the date it was closed. `sensitiveData` protects the address of everybody on it;
where that flag cannot be read, it counts as set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from braid.extracts.json_files import open_json
from braid.extracts.json_nodes import Node, count_unmapped, refuse_shape
from braid.extracts.model import Connector, Reading
from braid.language.identifiers import find_postcode

SEXES = {"f": "female", "female": "female", "m": "male", "male": "male", "other": "other", "unknown": "unknown"}
RELATIONSHIPS = {
    **dict.fromkeys(("partner", "spouse", "husband", "wife"), "partner"),
    **dict.fromkeys(("child", "son", "daughter"), "child"),
    **dict.fromkeys(("parent", "mother", "father"), "parent"),
    **dict.fromkeys(("sibling", "brother", "sister"), "sibling"),
    **dict.fromkeys(("carer",), "carer"),
    **dict.fromkeys(
        ("other", "friend", "relative", "household", "grandparent", "grandchild", "applicant", "self"), "other"
    ),
}
_ENDED = ("closed", "housed")
_MARKS = ("mainApplicant", "otherMembers", "assessment", "sensitiveData")


@dataclass(frozen=True)
class Application:
    """What is the same for everybody on one application. Dates are ISO text."""

    node: Node
    key: str
    reference: str
    status: str
    submitted_date: str | None
    wait_start_date: str | None
    priority: str | None
    closed_date: str | None
    closed_reason: str | None
    confidential: bool

    @property
    def has_unknown_end(self) -> bool:
        """Whether it has ended on a day that the extract does not say."""
        return self.status.lower() in _ENDED and self.closed_date is None


def read_housing_register(path: Path, reading: Reading) -> None:
    """Read a register: an array of applications, or one. Raises `UnreadableFile` for anything else."""
    root = open_json(path, reading)
    for node in _applications(root):
        reading.row_in("applications")
        refusal = _refusal(node)
        if refusal:
            node.reject("applications", *refusal)
            continue
        _read_application(node)
        reading.row_read("applications")
    count_unmapped(root)


def _refusal(node: Node) -> tuple[str, str] | None:
    """Return rule and message where an application cannot be read.

    One that protects an address is read without its date rather than refused, so that the protection is not lost.
    """
    if not node.is_object or not (node.text("id") or node.text("reference")):
        message = "An application needs an id or a reference. Ask the sender to export it with its key."
        return "application_without_key", message
    is_protected = node.flag("sensitiveData", when_unreadable=True)
    if not is_protected and not node.section("assessment").can_read_date("effectiveDate"):
        message = "The effective date of the assessment is not a date. Ask the sender to correct the application."
        return "effective_date_not_readable", message
    return None


def _applications(root: Node) -> Iterable[Node]:
    nodes = root.look() if root.is_list else [root]
    found = any(mark in node.value for node in nodes if node.is_object for mark in _MARKS)
    if not found and root.value != []:
        refuse_shape("a housing register: an array of applications with mainApplicant and assessment")
    return root.each() if root.is_list else [root]


def _read_application(node: Node) -> None:
    application = _application(node)
    if application.has_unknown_end:
        node.child("closedDate").warn(
            "closed_without_date", "is missing though the application has ended; no wait is read"
        )
    elif application.wait_start_date is None:
        node.child("assessment").warn("wait_without_start", "has no effective date, so no wait is read")
    main = node.section("mainApplicant")
    applicant = _read_row(application, main, "main_applicants", "applicant") if node.has("mainApplicant") else None
    if applicant is None:
        main.warn("no_main_applicant", "could not be read, so members have no relationship to them")
    else:
        _read_medical_need(application, applicant)
    for member in node.items("otherMembers"):
        person = _read_row(application, member, "members", "household_member", main)
        if applicant is not None and person is not None and person != applicant:
            _relate(member, applicant, person)


def _application(node: Node) -> Application:
    assessment = node.section("assessment")
    band = assessment.text("band")
    key = node.text("id") or node.text("reference") or ""
    return Application(
        node=node,
        key=key,
        reference=node.text("reference") or key,
        status=node.text("status") or "",
        submitted_date=node.date("submittedAt"),
        wait_start_date=assessment.date("effectiveDate"),
        priority=f"register_band:{band}" if band else None,
        closed_date=node.date("closedDate"),
        closed_reason=node.text("closedReason"),
        confidential=bool(node.flag("sensitiveData", when_unreadable=True)),
    )


def _read_row(application: Application, row: Node, part: str, role: str, home: Node | None = None) -> str | None:
    """Read one person of an application as a row of `part`; return their person record id, `None` when refused."""
    reading = row.document.reading
    reading.row_in(part)
    person = row.child("person") if row.is_object else row
    if not person.is_object or not person.text("id"):
        row.reject(part, "person_without_key", "A person of an application needs an id. Ask the sender to export it.")
        return None
    identity = _emit_person(application, row, person, role)
    lives_at = row if home is None or row.has("address") else home
    _emit_stay(application, identity, lives_at, row)
    _emit_episode_and_wait(application, identity, row, role)
    reading.row_read(part)
    return identity


def _emit_person(application: Application, row: Node, person: Node, role: str) -> str:
    document, partner_key = person.document, person.text("id") or ""
    given = " ".join(name for name in (person.text("firstName"), person.text("middleName")) if name)
    born = person.date("dateOfBirth")
    identity = document.emit(
        "person_record",
        (partner_key,),
        row,
        partner_record_id=partner_key,
        given_name=given or None,
        family_name=person.text("surname"),
        birth_date=born,
        birth_date_precision="day" if born else None,
        sex=person.code("gender", SEXES),
        telephone=row.section("contactInformation").text("phoneNumber"),
        role=role,
    )
    document.emit_identifier(identity, "nino", person.child("nationalInsuranceNumber"))
    document.emit_identifier(identity, "housing_app", application.node.child("reference"))
    return identity


def _emit_stay(application: Application, person: str, home: Node, row: Node) -> None:
    """Add where they live; a protected application gives a stay even without address, so that protection is known."""
    values = _address(home.section("address"))
    if not values and not application.confidential:
        return
    row.document.emit(
        "stay",
        (application.key, person),
        row,
        sensitivity="safe_address" if application.confidential else "normal",
        person_record_id=person,
        household_ref=application.key,
        kind="unknown",
        end_date=application.closed_date if application.status.lower() == "housed" else None,
        confidential=application.confidential,
        **values,
    )


def _address(address: Node) -> dict[str, Any]:
    """Return the address, empty where it is one for letters only (address type 2)."""
    kind = (address.text("addressType") or "").lower()
    lines = [line for line in (address.text("addressLine1"), address.text("addressLine2")) if line]
    written = address.text("postcode")
    if kind in ("2", "correspondence"):
        address.warn("correspondence_address", "is for letters only, so no stay is read from it")
        return {}
    postcode = find_postcode(written)
    if written and postcode is None:
        address.child("postcode").warn(
            "postcode_form", "has not the form of a postcode, so the stay is read without it"
        )
    values = {"address_lines": ", ".join(lines) or None, "postcode": postcode}
    return values if any(values.values()) else {}


def _emit_episode_and_wait(application: Application, person: str, row: Node, role: str) -> None:
    ended_by = f"housing_register:{application.closed_reason}" if application.closed_reason else None
    common = {"person_record_id": person, "episode_ref": application.reference, "kind": "register"}
    row.document.emit(
        "episode",
        (application.key, person),
        row,
        status=application.status or None,
        start_date=application.submitted_date,
        end_date=application.closed_date,
        end_reason=ended_by,
        role=role,
        **common,
    )
    if application.wait_start_date is None or application.has_unknown_end:
        return
    row.document.emit(
        "wait",
        (application.key, person),
        row,
        priority=application.priority,
        start_date=application.wait_start_date,
        start_event="assessment.effectiveDate",
        stop_date=application.closed_date,
        stop_event="closedDate" if application.closed_date else None,
        **common,
    )


def _read_medical_need(application: Application, person: str) -> None:
    medical = application.node.section("medicalNeed")
    outcome = medical.text("outcome")
    if outcome is None:
        return
    medical.document.emit(
        "need",
        (application.key, person, "medical_welfare"),
        medical,
        sensitivity="special",
        person_record_id=person,
        whose="person",
        code="medical_welfare",
        source_code="housing_register:medicalNeed",
        level=outcome,
        assessed_date=medical.date("assessmentDate"),
        source_type="assessed",
    )


def _relate(member: Node, applicant: str, other: str) -> None:
    kind = member.section("person").code("relationshipType", RELATIONSHIPS)
    for relation in dict.fromkeys(("household", kind)):
        if relation and relation != "other":
            key = (applicant, other, relation)
            ends = {"person_record_id": applicant, "other_person_record_id": other}
            member.document.emit("relationship", key, member, kind=relation, **ends)


CONNECTORS = (
    Connector(
        "housing_register",
        2020,
        2035,
        read_housing_register,
        "Housing register applications as JSON: an array of applications",
        waits=("register",),
        is_piecewise=True,
    ),
)
