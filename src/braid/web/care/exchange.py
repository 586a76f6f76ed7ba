"""Actions and appointments of joint cases as a standard of exchange wants them: each about one person, by an id.

What a seat is not shown is absent, as on the pages: an action about somebody apart is about nobody here, and where an
appointment is to be is not told.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.care.appointment_sheet import Booked, Need
from braid.care.response import APART
from braid.language.dates import LONDON
from braid.language.person_ids import is_person_id
from braid.web.access.sight import NotThere, Sight
from braid.web.care import actions, appointments, cases
from braid.web.care.actions import ActionSeen
from braid.web.care.cases import CaseSeen
from braid.web.models import CareAction, CaseSubject, JointCase


@dataclass(frozen=True)
class ActionTold:
    """An action, whom it is about (empty where the viewer is not shown anybody), and when it was made."""

    seen: ActionSeen
    person_id: str
    made_at: dt.datetime


@dataclass(frozen=True)
class AppointmentTold:
    """An appointment of a case: proposed by a plan, or agreed with whom it is for. Instants know their zone."""

    id: str
    person_id: str
    case_reference: str
    service: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    is_agreed: bool


def list_actions_about(sight: Sight, person_id: str) -> list[ActionTold]:
    """Return the actions of the viewer's cases about a person, in the order of their ids. Raises `NotThere`.

    Whoever is in no case of the viewer's is answered as somebody who does not exist.
    """
    seen = _cases_about(sight, person_id)
    rows = list(actions.with_names(CareAction.objects.filter(case__in=list(seen))).order_by("pk"))
    return [one for one in _actions_told(sight, rows, seen) if one.person_id == person_id]


def get_action_told(sight: Sight, action_id: UUID) -> ActionTold:
    """Return one action. Raises `NotThere`."""
    rows = list(actions.with_names(CareAction.objects.filter(pk=action_id)))
    if not rows:
        raise NotThere
    seen = cases.see_cases(sight, JointCase.objects.filter(pk=rows[0].case_id), leads_alone=True)
    return _actions_told(sight, rows, {one.id: one for one in seen})[0]


def _actions_told(sight: Sight, rows: list[CareAction], of: Mapping[UUID, CaseSeen]) -> list[ActionTold]:
    seen = actions.see(sight, rows)
    return [
        ActionTold(one, "" if row.strand == APART or row.case_id not in of else _first(of[row.case_id]), row.made_at)
        for row, one in zip(rows, seen, strict=True)
    ]


def _cases_about(sight: Sight, person_id: str) -> dict[UUID, CaseSeen]:
    """Return the cases of the viewer's that are about a person first of all. Raises `NotThere` where there is none."""
    if not is_person_id(person_id):
        raise NotThere
    about = CaseSubject.objects.filter(person_id=person_id, ended_at__isnull=True).values("case")
    seen = cases.see_cases(sight, JointCase.objects.filter(pk__in=about).order_by("pk"), leads_alone=True)
    found = {one.id: one for one in seen if _first(one) == person_id}
    if not found:
        raise NotThere
    return found


def _first(case: CaseSeen) -> str:
    """Return the id of whom a case is about first: the first of those not apart. Empty where they are not shown."""
    return next((one.person_id for one in case.subjects if not one.apart), "")


def list_appointments_about(sight: Sight, person_id: str) -> list[AppointmentTold]:
    """Return the appointments of a person in the viewer's cases, in the order of their ids. Raises `NotThere`."""
    found: list[AppointmentTold] = []
    for case_id in _cases_about(sight, person_id):
        found += _appointments_of(sight, case_id, person_id)
    return sorted(found, key=lambda one: one.id)


def get_appointment_told(sight: Sight, appointment_id: str) -> AppointmentTold:
    """Return one appointment. Raises `NotThere`."""
    case_id = _case_of(appointment_id)
    seen = cases.see_cases(sight, JointCase.objects.filter(pk=case_id), leads_alone=True)
    for one in seen:
        for told in _appointments_of(sight, one.id, _first(one)) if _first(one) else ():
            if told.id == appointment_id:
                return told
    raise NotThere


def _case_of(appointment_id: str) -> UUID:
    """Return the case that an id names; of another form, one that does not exist, so that no answer comes sooner."""
    head = appointment_id.partition("-")[0]
    return UUID(hex=head) if len(head) == 32 and set(head) <= set("0123456789abcdef") else UUID(int=0)


def _appointments_of(sight: Sight, case_id: UUID, person_id: str) -> Iterable[AppointmentTold]:
    """Return those of one case; none where the viewer's seat is not shown them."""
    try:
        seen = appointments.get_appointments(sight, case_id)
    except NotThere:
        return []
    needs = {one.id: one for one in seen.sheet.needs}
    return [
        _appointment(seen.case, person_id, booked, needs[booked.need])
        for booked in seen.sheet.booked
        if booked.need in needs
    ]


def _appointment(case: CaseSeen, person_id: str, booked: Booked, need: Need) -> AppointmentTold:
    starts, ends = (_at(booked.date, minute) for minute in (booked.start_minute, booked.until_minute))
    identity = f"{case.id.hex}-{need.id}"
    return AppointmentTold(identity, person_id, case.reference, need.service, starts, ends, booked.is_agreed)


def _at(day: dt.date, minute: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(minute // 60, minute % 60), LONDON)
