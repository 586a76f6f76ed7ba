"""FHIR UK Core resources about care: appointments, encounters, episodes, flags and tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from braid.extracts.json_nodes import Node
from braid.extracts.standards.fhir_references import (
    NO_KEY,
    NO_SUBJECT,
    Refusal,
    coding,
    find_person,
    find_referenced_person,
    period_dates,
)

APPOINTMENT_STATUSES = {
    **dict.fromkeys(("proposed", "pending", "waitlist"), "proposed"),
    "booked": "booked",
    **dict.fromkeys(("arrived", "checked-in", "fulfilled"), "attended"),
    "noshow": "not_attended",
    "entered-in-error": "entered_in_error",
    "cancelled": "cancelled",
}
CONTACT_STATUSES = {
    "planned": "booked",
    **dict.fromkeys(("arrived", "triaged", "in-progress", "onleave"), "attended"),
    "finished": "completed",
    "cancelled": "cancelled",
    "entered-in-error": "entered_in_error",
    "unknown": "",
}
TASK_STATUSES = {
    **dict.fromkeys(("draft", "requested", "received"), "proposed"),
    **dict.fromkeys(("accepted", "ready", "in-progress", "on-hold"), "booked"),
    "completed": "completed",
    **dict.fromkeys(("rejected", "cancelled", "failed"), "cancelled_by_service"),
    "entered-in-error": "entered_in_error",
}
ENCOUNTER_KINDS = {
    **dict.fromkeys(("imp", "acute", "nonac", "ss", "obsenc"), "hospital_spell"),
    "emer": "ed_attendance",
    **dict.fromkeys(("amb", "vr", "hh", "fld", "prenc"), "contact"),
}


def read_appointment(node: Node) -> Refusal | None:
    """Read an appointment as an event of every patient who takes part."""
    key = node.text("id")
    if key is None:
        return NO_KEY
    people = [find_referenced_person(one.section("actor")) for one in node.items("participant", single=True)]
    patients = list(dict.fromkeys(person for person in people if person))
    if not patients:
        return NO_SUBJECT
    status = node.code("status", APPOINTMENT_STATUSES)
    fields: dict[str, Any] = {
        "kind": "appointment",
        "subkind": coding(node, "specialty") or coding(node, "serviceType"),
        "start_date": node.date("start"),
        "start_at": node.moment("start"),
        "end_date": node.date("end"),
        "status": _cancelled_by(node) if status == "cancelled" else status,
        "status_reason": coding(node, "cancelationReason") or coding(node, "cancellationReason"),
        "episode_ref": _based_on(node),
        "sensitivity": "special",
    }
    for person in patients:
        node.document.emit("event", (key, person), node, person_record_id=person, **fields)
    return None


def _cancelled_by(node: Node) -> str | None:
    """Return who cancelled, by the code of the reason (pat… patient, prov… provider); `None` where it is not said."""
    reason = coding(node, "cancelationReason") or coding(node, "cancellationReason") or ""
    code = reason.rpartition(":")[2].lower()
    if code.startswith("pat"):
        return "cancelled_by_person"
    if code.startswith("prov"):
        return "cancelled_by_service"
    node.warn("cancelled_by_unknown", "was cancelled without saying by whom, so it is read without a status")
    return None


def _based_on(node: Node) -> str | None:
    for one in node.items("basedOn", single=True):
        text = one.text("reference")
        if text:
            return text.rstrip("/").rsplit("/", 1)[-1]
    return None


def read_encounter(node: Node) -> Refusal | None:
    """Read an encounter: a hospital stay or emergency attendance as an episode, any other contact as an event."""
    key, person = node.text("id"), find_person(node, "subject")
    if key is None or person is None:
        return NO_KEY if key is None else NO_SUBJECT
    kind = node.section("class").code("code", ENCOUNTER_KINDS)
    start, end = period_dates(node, "period")
    common = {"person_record_id": person, "sensitivity": "special", "start_date": start, "end_date": end}
    if kind in ("hospital_spell", "ed_attendance"):
        values = {**common, "kind": kind, "status": node.text("status"), "service": coding(node, "type")}
        values["organisation_ref"] = _organisation(node, "serviceProvider")
        node.document.emit("episode", (key, person), node, episode_ref=key, **values)
        return None
    status = node.code("status", CONTACT_STATUSES)
    if status == "cancelled":
        status = _cancelled_by(node)
    start_at = node.section("period").moment("start")
    values = {**common, "kind": "contact", "subkind": coding(node, "type"), "status": status or None}
    node.document.emit("event", (key, person), node, start_at=start_at, **values)
    return None


def read_episode_of_care(node: Node) -> Refusal | None:
    """Read an episode of care. Its type is free in the standard, so it counts as community health, with a warning."""
    key, person = node.text("id"), find_person(node, "patient")
    if key is None or person is None:
        return NO_KEY if key is None else NO_SUBJECT
    node.warn("episode_kind_assumed", "does not say its service in a common code; it is read as community health")
    start, end = period_dates(node, "period")
    node.document.emit(
        "episode",
        (key, person),
        node,
        sensitivity="special",
        person_record_id=person,
        episode_ref=key,
        kind="community_health",
        service=coding(node, "type"),
        organisation_ref=_organisation(node, "managingOrganization"),
        status=node.text("status"),
        start_date=start,
        end_date=end,
    )
    return None


def read_flag(node: Node) -> Refusal | None:
    """Read a flag as a need under the source's own code."""
    key, person = node.text("id"), find_person(node, "subject")
    if key is None or person is None:
        return NO_KEY if key is None else NO_SUBJECT
    status = node.text("status")
    if status == "entered-in-error":
        node.warn("entered_in_error", "is marked as entered in error, so nothing is read from it")
        return None
    start, _ = period_dates(node, "period")
    node.document.emit(
        "need",
        (key, person),
        node,
        sensitivity="special",
        person_record_id=person,
        whose="person",
        code="other",
        source_code=coding(node, "code"),
        level=status,
        assessed_date=start,
        source_type="flag",
    )
    return None


def read_task(node: Node) -> Refusal | None:
    """Read a task for a patient as an event of the joint response."""
    key, person = node.text("id"), find_person(node, "for")
    if key is None or person is None:
        return NO_KEY if key is None else NO_SUBJECT
    start, end = period_dates(node, "executionPeriod")
    due = node.section("restriction").section("period").date("end")
    node.document.emit(
        "event",
        (key, person),
        node,
        sensitivity="special",
        person_record_id=person,
        kind="referral",
        subkind=coding(node, "code"),
        start_date=node.date("authoredOn") or start,
        start_at=node.moment("authoredOn"),
        end_date=end,
        planned_date=due,
        status=node.code("status", TASK_STATUSES),
        episode_ref=_based_on(node),
    )
    return None


def _organisation(node: Node, key: str) -> str | None:
    text = node.section(key).text("reference")
    return text.rstrip("/").rsplit("/", 1)[-1] if text else None


READERS: dict[str, Callable[[Node], Refusal | None]] = {
    "Appointment": read_appointment,
    "Encounter": read_encounter,
    "EpisodeOfCare": read_episode_of_care,
    "Flag": read_flag,
    "Task": read_task,
}
