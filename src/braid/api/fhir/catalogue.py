"""The kinds of resources: by what each is searched, how it is gathered, and on which days it lies.

This one list is what the addresses, the search and the CapabilityStatement are made of, so that they cannot differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.api.fhir import resources
from braid.api.fhir.elements import Resource
from braid.api.fhir.query import LAST_UPDATED, Parameter
from braid.language.dates import london_date
from braid.web.access import exchange
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, looking
from braid.web.care import exchange as joint

Span = tuple[dt.date | None, dt.date | None]
PATIENT = Parameter("patient", "reference", "Whose it is: needed, and one patient at a time")
SUBJECT = Parameter("subject", "reference", "The same as patient")


def _status(*codes: str) -> Parameter:
    return Parameter("status", "token", "One or more statuses, with commas between them", frozenset(codes))


def _date(name: str, words: str) -> Parameter:
    return Parameter(name, "date", f"{words}; at most twice, compared by days in London")


@dataclass(frozen=True)
class Kind:
    """A kind of resource that is about one patient: what it is here, how it is read and how it is searched."""

    name: str
    words: str
    page: str
    """What the record of looks calls it."""
    parameters: tuple[Parameter, ...]
    read: Callable[[Viewer, str], Resource]
    about: Callable[[Viewer, str], list[Resource]]
    """All that the viewer may see of one patient's, in the order of their ids."""
    span: Callable[[Resource], Span]
    """The first and the last day that a date in a search is compared with."""

    @property
    def is_of_run(self) -> bool:
        """Whether a run tells it, so that it was last updated when that was published."""
        return LAST_UPDATED in self.parameters


def _read_request(viewer: Viewer, identity: str) -> Resource:
    return resources.service_request_of(exchange.get_wait_told(viewer, identity))


def _requests(viewer: Viewer, person_id: str) -> list[Resource]:
    return list(map(resources.service_request_of, exchange.get_waits_told(viewer, person_id)))


def _read_encounter(viewer: Viewer, identity: str) -> Resource:
    told = exchange.get_service_told(viewer, identity)
    if not resources.is_encounter(told):
        raise NotThere
    return resources.encounter_of(told)


def _encounters(viewer: Viewer, person_id: str) -> list[Resource]:
    told = exchange.get_services_told(viewer, person_id)
    return [resources.encounter_of(one) for one in told if resources.is_encounter(one)]


def _read_episode(viewer: Viewer, identity: str) -> Resource:
    return resources.episode_of(exchange.get_service_told(viewer, identity))


def _episodes(viewer: Viewer, person_id: str) -> list[Resource]:
    return list(map(resources.episode_of, exchange.get_services_told(viewer, person_id)))


def _read_appointment(viewer: Viewer, identity: str) -> Resource:
    with looking(viewer) as sight:
        return resources.appointment_of(joint.get_appointment_told(sight, identity))


def _appointments(viewer: Viewer, person_id: str) -> list[Resource]:
    with looking(viewer) as sight:
        return list(map(resources.appointment_of, joint.list_appointments_about(sight, person_id)))


def _read_task(viewer: Viewer, identity: str) -> Resource:
    try:
        action_id = UUID(identity)
    except ValueError:
        raise NotThere from None
    with looking(viewer) as sight:
        return resources.task_of(joint.get_action_told(sight, action_id))


def _tasks(viewer: Viewer, person_id: str) -> list[Resource]:
    with looking(viewer) as sight:
        return list(map(resources.task_of, joint.list_actions_about(sight, person_id)))


def _day(text: str | None) -> dt.date | None:
    """Return the day in London of a date or an instant of a resource of ours."""
    if text is None:
        return None
    return london_date(dt.datetime.fromisoformat(text)) if "T" in text else dt.date.fromisoformat(text)


def _on(name: str) -> Callable[[Resource], Span]:
    return lambda resource: (_day(resource[name]), _day(resource[name]))


def _of_period(resource: Resource) -> Span:
    period = resource.get("period", {})
    return _day(period.get("start")), _day(period.get("end"))


KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind(
            "ServiceRequest",
            "A wait: what somebody waits for, since when, and by when it is due",
            "api fhir request",
            (
                PATIENT,
                SUBJECT,
                _status("active", "completed"),
                _date("authored", "The day on which the wait began"),
                LAST_UPDATED,
            ),
            _read_request,
            _requests,
            _on("authoredOn"),
        ),
        Kind(
            "Encounter",
            "The latest that a health service recorded of somebody: the day alone",
            "api fhir encounter",
            (PATIENT, SUBJECT, _status("unknown"), _date("date", "The day of it"), LAST_UPDATED),
            _read_encounter,
            _encounters,
            _of_period,
        ),
        Kind(
            "EpisodeOfCare",
            "A service that knows somebody, since when, and whom to ask",
            "api fhir episode",
            (PATIENT, _status("active"), _date("date", "The days since which the service knows them"), LAST_UPDATED),
            _read_episode,
            _episodes,
            _of_period,
        ),
        Kind(
            "Appointment",
            "An appointment of a joint case in which the caller takes part; without its place",
            "api fhir appointment",
            (PATIENT, _status("proposed", "booked"), _date("date", "The day of the appointment")),
            _read_appointment,
            _appointments,
            _on("start"),
        ),
        Kind(
            "Task",
            "An action of a joint case in which the caller takes part",
            "api fhir task",
            (
                PATIENT,
                SUBJECT,
                _status("requested", "accepted", "completed", "cancelled"),
                _date("authored-on", "The day on which the action was made"),
            ),
            _read_task,
            _tasks,
            _on("authoredOn"),
        ),
    )
}
PATIENT_PARAMETERS = (
    Parameter("identifier", "string", "The one identifier of ours: urn:braid:person|id"),
    Parameter("name", "string", "Given and family name, as a page searches for them"),
    Parameter("birthdate", "date", "Beside name: the day of birth"),
    LAST_UPDATED,
)
PATIENT_WORDS = (
    "Somebody who waits. Without a parameter: whoever waits in several backlogs, longest wait first. No NHS number,"
    " sex, ethnic category or address rests where this is answered from, so none is told"
)
