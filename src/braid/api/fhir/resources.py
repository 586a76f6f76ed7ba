"""What is seen of people, waits, services and joint work as resources of FHIR R4 UK Core.

What may not be shown is left out, and never said in a label: whoever reads a resource cannot tell what is withheld from
what nobody knows. Which element holds what, and what is not told at all: docs/reference/fhir.md.
"""

from collections.abc import Mapping

from braid.api.fhir.elements import (
    CONFIDENTIALITY,
    OWN,
    RESTRICTED,
    SNOMED,
    Resource,
    begin,
    coding,
    concept,
    identifier,
    moment,
    named,
    patient,
    period,
)
from braid.care.appointment_sheet import SERVICES
from braid.extracts.standards.fhir_requests import WRITTEN_ONLY
from braid.web.access.exchange import Identified, ServiceTold, WaitTold
from braid.web.care.exchange import ActionTold, AppointmentTold

RTT = "rtt"
ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
RECEIVED_ON = OWN.format("ReferralRequestReceivedDate")
"""Extension: the day on which a referral was received, from which 18 weeks count. UK Core has no element for it."""
PRIORITIES = frozenset({"routine", "urgent", "asap", "stat"})
"""HL7 FHIR R4, request-priority."""
TASK_STATUSES: Mapping[str, str] = {"done": "completed", "checked": "completed", "cancelled": "cancelled"}
"""Of the states of an action that are over: HL7 FHIR R4, task-status."""


def patient_of(told: Identified) -> Resource:
    """Return a person as a Patient: name, birth date and district, as far as they may be shown."""
    header, found = told.header, begin("Patient", told.person_id)
    if told.is_protected:
        found["meta"]["security"] = [coding(CONFIDENTIALITY, RESTRICTED, "restricted")]
    found |= {"identifier": identifier("person", told.person_id), "active": True}
    parts: Resource = {"family": header.family_name} if header.family_name else {}
    if header.given_name:
        parts["given"] = header.given_name.split()
    if parts:
        found["name"] = [{"use": "usual", "text": header.name, **parts}]
    if header.birth_date is not None:
        found["birthDate"] = moment(header.birth_date)
    if told.district:
        found["address"] = [{"use": "home", "district": told.district}]
    return found


def service_request_of(told: WaitTold) -> Resource:
    """Return a wait as a ServiceRequest: what somebody waits for, since when, and by when it is due.

    `completed` says that the wait is over, for whatever reason.
    """
    seen, found = told.seen, begin("ServiceRequest", told.seen.wait_id)
    is_rtt = seen.kind == RTT
    if is_rtt and seen.start_event != WRITTEN_ONLY:
        found["extension"] = [{"url": RECEIVED_ON, "valueDate": moment(seen.start_date)}]
    found |= {
        "identifier": identifier("wait", seen.wait_id),
        "status": "active" if seen.stop_date is None else "completed",
        "intent": "order",
        "category": [concept(coding(OWN.format("backlog"), seen.backlog, seen.backlog_name))],
    }
    if is_rtt:
        found["category"].append(concept(coding(SNOMED, "3457005", "Patient referral")))
    system, _, code = told.priority.partition(":")
    if system == "fhir" and code in PRIORITIES:
        found["priority"] = code
    found |= {
        "code": concept(coding(OWN.format("wait-kind"), seen.kind, seen.kind_name)),
        "subject": patient(told.person_id),
    }
    if seen.due_date is not None:
        found["occurrencePeriod"] = period(None, seen.due_date)
    found["authoredOn"] = moment(seen.start_date)
    if is_rtt:
        found["performerType"] = concept(coding(SNOMED, "768839008", "Consultant"))
    found |= {"performer": [named(seen.organisation)], "note": [{"text": seen.explanation}]}
    return found


def is_encounter(told: ServiceTold) -> bool:
    """Whether a service gives health care and recorded anything of somebody: the latest of it is an encounter."""
    return told.is_health and told.seen.last_date is not None


def encounter_of(told: ServiceTold) -> Resource:
    """Return the latest that a service recorded of somebody as an Encounter. Of what class it was is not known.

    An element that has to be there and is not known says so as the standard has it (data-absent-reason).
    """
    seen = told.seen
    return begin("Encounter", told.id) | {
        "identifier": identifier("service", told.id),
        "status": "unknown",
        "class": {"extension": [{"url": ABSENT_REASON, "valueCode": "unknown"}]},
        "type": [concept(text=f"Latest that was recorded: {seen.service}")],
        "subject": patient(told.person_id),
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{told.id}", "type": "EpisodeOfCare"}],
        "period": period(seen.last_date, seen.last_date),
        "serviceProvider": named(seen.organisation),
    }


def episode_of(told: ServiceTold) -> Resource:
    """Return a service that knows somebody as an EpisodeOfCare: since when, and whom to ask."""
    seen = told.seen
    found = begin("EpisodeOfCare", told.id) | {
        "identifier": identifier("service", told.id),
        "status": "active",
        "type": [concept(text=seen.service)],
        "patient": patient(told.person_id),
        "managingOrganization": named(seen.organisation),
    }
    if seen.since_date is not None:
        found["period"] = period(seen.since_date)
    if told.ask:
        found["careManager"] = named(told.ask)
    return found


def appointment_of(told: AppointmentTold) -> Resource:
    """Return an appointment of a joint case as an Appointment. Where it is to be is not told."""
    name, _ = SERVICES[told.service]
    status, answer = ("booked", "accepted") if told.is_agreed else ("proposed", "needs-action")
    return begin("Appointment", told.id) | {
        "identifier": identifier("appointment", told.id),
        "status": status,
        "serviceType": [concept(coding(OWN.format("appointment-service"), told.service, name))],
        "start": moment(told.starts_at),
        "end": moment(told.ends_at),
        "minutesDuration": int((told.ends_at - told.starts_at).total_seconds()) // 60,
        "participant": [{"actor": patient(told.person_id), "status": answer}],
    }


def task_of(told: ActionTold) -> Resource:
    """Return an action of a joint case as a Task: what a team has to do for somebody, and by when."""
    seen = told.seen
    status = TASK_STATUSES.get(seen.state) or ("accepted" if seen.owner else "requested")
    found = begin("Task", str(seen.id), seen.version) | {
        "identifier": identifier("action", str(seen.id)),
        "groupIdentifier": identifier("case", seen.case_reference)[0],
        "status": status,
        "businessStatus": concept(coding(OWN.format("action-state"), seen.state, seen.state_name)),
        "intent": "order",
        "description": seen.words,
        "authoredOn": moment(told.made_at),
        "owner": named(seen.team_name),
        "restriction": {"period": period(None, seen.due_on)},
    }
    if told.person_id:
        found["for"] = patient(told.person_id)
    return found
