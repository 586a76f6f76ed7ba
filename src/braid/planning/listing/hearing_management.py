"""Hearing requests and listed hearings in the fields of HMCTS's hearing management, as a listing problem and back.

Field names are those of the common platform's hearing service (`hmcts/hmc-cft-hearing-service`, models of its API).
What a court decides itself, judges and when they sit, kinds of hearings, gaps, prices, comes in a problem without
hearings. Names, addresses and notes of a request are never read: people are known by their party and case,
organisations by their reference.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from braid.language.rule_files import Fault
from braid.planning.documents import PlanFileInvalid
from braid.planning.listing.model import (
    Absence,
    Attendance,
    Case,
    Hearing,
    HearingType,
    Hold,
    ListingPlan,
    Person,
    Place,
    Problem,
    Sittings,
    sittings_of,
)

UNIT_MINUTES = 30
DAY_MINUTES = 360
"""Minutes of a sitting day, as durations of several days are requested."""
LIMIT_DAYS = 26 * 7
"""26 weeks beginning with the day of issue (Children Act 1989 s.32(1)(a)): the first day after them is late."""
FREEZE_DAYS = 14
"""A notified hearing that is nearer than ten working days stays."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
HALVES: Mapping[str, tuple[str, str]] = {"AM": ("am", "am"), "PM": ("pm", "pm"), "All Day": ("am", "pm")}
MUST, MAY, EXCLUDE = "MUSTINC", "OPTINC", "EXCLUDE"
LISTED = ("FIXED", "PROVISIONAL")
DRAFT = "DRAFT"
"""The listing status of what is proposed: nobody is told of it before somebody accepts it."""
AM_BEGINS, PM_BEGINS = dt.time(10, 0), dt.time(14, 0)


@dataclass(frozen=True)
class Office:
    """What a court adds to its requests: a problem without hearings, and what codes mean there."""

    court: Problem
    as_of: dt.date
    gap_sessions: Mapping[str, int] = field(default_factory=dict)
    """By kind of hearing: sessions after the one before it in its case, at least."""
    features: Mapping[str, str] = field(default_factory=dict)
    """What a facility or a reasonable adjustment asks of a room, by its code; others ask nothing of it."""
    applicant_roles: tuple[str, ...] = ("APPL", "LAPP")
    """Party roles of the authority that brought the proceedings."""


@dataclass(frozen=True)
class Requested:
    """A problem made of requests, with what was left to people and why, by request id."""

    problem: Problem
    left: Mapping[str, str]


def read_requests(documents: Sequence[Mapping[str, Any]], office: Office) -> Requested:
    """Return the listing problem of requests as the hearing service returns them.

    Left to people are hearings that may not be listed automatically, that are linked to others, or whose start is fixed
    but not listed. Raises `PlanFileInvalid` naming request and field where one cannot be read.
    """
    faults: list[Fault] = []
    requests = [request for number, each in enumerate(documents) if (request := _read(number, each, office, faults))]
    twice = [name for name, times in Counter(request.id for request in requests).items() if times > 1]
    faults += [Fault("requests", f"hearingRequestID of request {at}", "it is there twice", "keep the latest version")
               for at, request in enumerate(requests) if request.id in twice]  # fmt: skip
    if faults:
        raise PlanFileInvalid(faults)
    planned = [request for request in requests if not request.left]
    problem = replace(
        office.court,
        cases=tuple(_cases(planned, office)),
        people=(*office.court.people, *_people(planned, office)),
        hearings=tuple(_hearings(planned, office)),
    )
    return Requested(problem, {request.id: request.left for request in requests if request.left})


@dataclass(frozen=True)
class _Party:
    id: str
    role: str
    away: tuple[Absence, ...]


@dataclass(frozen=True)
class _Request:
    """A request as far as listing asks for it."""

    id: str
    case: str
    authority: str
    issued: dt.date
    is_urgent: bool
    type: HearingType
    minutes: int
    ready: dt.date
    judges: Mapping[str, str]
    features: tuple[str, ...]
    parties: tuple[_Party, ...]
    present: Place | None
    hold: Hold
    left: str


def _read(number: int, document: Mapping[str, Any], office: Office, faults: list[Fault]) -> _Request | None:
    fields = _Fields(document, f"request {number}", faults)
    case, hearing = fields.part("caseDetails"), fields.part("hearingDetails")
    reference = fields.part("requestDetails").text("hearingRequestID")
    kind = next((each for each in office.court.types if each.id == hearing.text("hearingType")), None)
    if kind is None:
        hearing.refuse("hearingType", "the court has no such kind of hearing", "add it to the court's problem")
    judges = {each.text("memberID"): each.text("requirementType")
              for each in hearing.part("panelRequirements", needed=False).parts("panelPreferences")
              if each.text("memberType") == "JUDGE"}  # fmt: skip
    minutes, issued = hearing.number("duration"), case.date("caseSLAStartDate")
    parties = document.get("partyDetails") or []
    present, hold = _present(document, office)
    window = hearing.part("hearingWindow", needed=False)
    if kind is None or minutes is None or issued is None or not reference or fields.is_broken():
        return None
    return _Request(
        id=reference,
        case=case.text("caseRef"),
        authority=_authority(parties, office) or case.text("caseManagementLocationCode"),
        issued=issued,
        is_urgent=hearing.text("hearingPriorityType", needed=False).lower() == "urgent",
        type=kind,
        minutes=minutes,
        ready=window.date("dateRangeStart", needed=False) or office.as_of,
        judges={judge: kind for judge, kind in judges.items() if judge in {each.id for each in office.court.judges}},
        features=_features(document, office),
        parties=tuple(_parties(case.text("caseRef"), parties, office)),
        present=present,
        hold=hold,
        left=_left(document, present),
    )


def _left(document: Mapping[str, Any], present: Place | None) -> str:
    hearing = document.get("hearingDetails") or {}
    if hearing.get("autolistFlag") is False:
        return "it may not be listed automatically"
    if hearing.get("hearingIsLinkedFlag") is True:
        return "it is linked to other hearings"
    if (hearing.get("hearingWindow") or {}).get("firstDateTimeMustBe") and present is None:
        return "its start is fixed and it is not listed"
    return ""


def _authority(parties: Iterable[Mapping[str, Any]], office: Office) -> str:
    """Return the reference of the organisation that brought the proceedings, empty where no party is it."""
    found = (
        str((party.get("organisationDetails") or {}).get("cftOrganisationID") or "")
        for party in parties
        if party.get("partyRole") in office.applicant_roles
    )
    return next(filter(None, found), "")


def _features(document: Mapping[str, Any], office: Office) -> tuple[str, ...]:
    codes = list((document.get("hearingDetails") or {}).get("facilitiesRequired") or [])
    for party in document.get("partyDetails") or []:
        codes += (party.get("individualDetails") or {}).get("reasonableAdjustments") or []
    return tuple(sorted({office.features[code] for code in codes if code in office.features}))


def _parties(case: str, parties: Iterable[Mapping[str, Any]], office: Office) -> Iterator[_Party]:
    """Yield who attends. An organisation is one over all its cases; an individual is known inside their case alone."""
    for party in parties:
        organisation = (party.get("organisationDetails") or {}).get("cftOrganisationID")
        name = str(organisation) if organisation else f"{case}/{party.get('partyID')}"
        yield _Party(name, str(party.get("partyRole") or "party"), tuple(_away(party, office)))


def _away(party: Mapping[str, Any], office: Office) -> Iterator[Absence]:
    for span in party.get("unavailabilityRanges") or []:
        first, last = HALVES.get(str(span.get("unavailabilityType")), HALVES["All Day"])
        days = _days(span.get("unavailableFromDate"), span.get("unavailableToDate"))
        if (first, last) == HALVES["All Day"] and days:
            yield Absence(f"{days[0]} am", f"{days[-1]} pm")
        else:
            yield from (Absence(f"{day} {first}", f"{day} {last}") for day in days)
    for weekly in party.get("unavailabilityDOW") or []:
        first, last = HALVES.get(str(weekly.get("DOWUnavailabilityType")), HALVES["All Day"])
        days = _days(office.court.first_date.isoformat(), office.court.last_date.isoformat())
        named = str(weekly.get("DOW")).capitalize()
        for day in days:
            if day.weekday() < len(WEEKDAYS) and WEEKDAYS[day.weekday()] == named:
                yield Absence(f"{day} {first}", f"{day} {last}")


def _days(first: object, last: object) -> list[dt.date]:
    begin, end = _date(first), _date(last)
    if begin is None or end is None:
        return []
    return [begin + dt.timedelta(days=step) for step in range((end - begin).days + 1)]


def _present(document: Mapping[str, Any], office: Office) -> tuple[Place | None, Hold]:
    """Return where a hearing is listed, and whether it stays there: parties were told, and it is near."""
    response = document.get("hearingResponse") or {}
    schedule = response.get("hearingDaySchedule") or []
    if str(response.get("listingStatus")).upper() not in LISTED or not schedule:
        return None, "free"
    day = schedule[0]
    begins = _moment(day.get("hearingStartDateTime"))
    judge = day.get("hearingJudgeId")
    if begins is None or judge not in {each.id for each in office.court.judges}:
        return None, "free"
    room = day.get("hearingRoomId") if office.court.rooms else None
    place = Place(str(judge), f"{begins.date()} {'am' if begins.hour < PM_BEGINS.hour - 1 else 'pm'}", room)
    is_near = begins.date() < office.as_of + dt.timedelta(days=FREEZE_DAYS)
    return place, "frozen" if is_near and response.get("partiesNotified") else "free"


def _cases(requests: Iterable[_Request], office: Office) -> Iterator[Case]:
    by_case: dict[str, list[_Request]] = defaultdict(list)
    for request in requests:
        by_case[request.case].append(request)
    sittings = sittings_of(office.court)
    known = [judge.id for judge in office.court.judges]
    for name, of_case in by_case.items():
        wanted = {judge: kind for request in of_case for judge, kind in request.judges.items()}
        must = [judge for judge, kind in wanted.items() if kind == MUST]
        allocated = [*must, *(judge for judge, kind in wanted.items() if kind == MAY), *known][0]
        excluded = {judge for judge, kind in wanted.items() if kind == EXCLUDE}
        first = of_case[0]
        yield Case(
            id=name,
            authority=first.authority,
            judge=allocated,
            issued_date=first.issued,
            late_from=sittings.name(sittings.position(f"{first.issued + dt.timedelta(days=LIMIT_DAYS)} am")),
            is_urgent=any(request.is_urgent for request in of_case),
            late_weight=2 if any(request.is_urgent for request in of_case) else 1,
            excluded_judges=tuple(sorted(excluded | (set(known) - set(must) if must else set()))),
        )


def _people(requests: Iterable[_Request], office: Office) -> Iterator[Person]:
    known = {person.id for person in office.court.people}
    parties: dict[str, _Party] = {}
    for request in requests:
        for party in request.parties:
            away = parties[party.id].away if party.id in parties else ()
            parties[party.id] = replace(party, away=tuple(dict.fromkeys((*away, *party.away))))
    yield from (Person(each.id, each.role, each.away) for each in parties.values() if each.id not in known)


def _hearings(requests: Sequence[_Request], office: Office) -> Iterator[Hearing]:
    """Yield the hearings, those of a case one after the other in the order of the court's kinds of hearings."""
    order = {kind.id: place for place, kind in enumerate(office.court.types)}
    sittings = sittings_of(office.court)
    before: dict[str, str] = {}
    for request in sorted(requests, key=lambda one: (order[one.type.id], one.ready, one.id)):
        sessions, units = _size(request.minutes, office.court.session_units)
        yield Hearing(
            id=request.id,
            case=request.case,
            type=request.type.id,
            length_sessions=sessions,
            units=units,
            ready=_session(sittings, request.ready),
            attendance=tuple(Attendance(party) for party in dict.fromkeys(each.id for each in request.parties)),
            after=before.get(request.case),
            gap_sessions=office.gap_sessions.get(request.type.id, 0) if request.case in before else 0,
            features=request.features,
            present=request.present,
            hold=request.hold,
        )
        before[request.case] = request.id


def _session(sittings: Sittings, day: dt.date) -> str:
    return sittings.name(max(0, sittings.position(f"{day} am")))


def _size(minutes: int, session_units: int) -> tuple[int, int]:
    """Return how many sessions a duration takes and how many units in each: a part of one, or whole days."""
    if minutes <= session_units * UNIT_MINUTES:
        return 1, max(1, math.ceil(minutes / UNIT_MINUTES))
    return 2 * math.ceil(minutes / DAY_MINUTES), session_units


def write_responses(problem: Problem, plan: ListingPlan, venue: str = "") -> list[dict[str, Any]]:
    """Return the hearings of a plan as drafts of the hearing service, one day schedule for each day.

    A judge's session says who hears and in which half of the day; times inside it are the court's to set, so that every
    hearing of a morning begins at ten and every one of an afternoon at two.
    """
    sittings = sittings_of(problem)
    hearings = {hearing.id: hearing for hearing in problem.hearings}
    return [
        {
            "requestDetails": {"hearingRequestID": placed.hearing},
            "hearingResponse": {
                "listingStatus": DRAFT,
                "hearingDaySchedule": list(_schedule(hearings[placed.hearing], placed.place, sittings, venue)),
            },
        }
        for placed in plan.placed
    ]


def _schedule(hearing: Hearing, place: Place, sittings: Sittings, venue: str) -> Iterator[dict[str, Any]]:
    first = sittings.position(place.start)
    for day in range(first // 2, (first + hearing.length_sessions - 1) // 2 + 1):
        sessions = [at for at in range(first, first + hearing.length_sessions) if at // 2 == day]
        date = sittings.days[day]
        begins = dt.datetime.combine(date, PM_BEGINS if sessions[0] % 2 else AM_BEGINS)
        last = dt.datetime.combine(date, PM_BEGINS if sessions[-1] % 2 else AM_BEGINS)
        yield {
            "hearingStartDateTime": begins.isoformat(),
            "hearingEndDateTime": (last + dt.timedelta(minutes=hearing.units * UNIT_MINUTES)).isoformat(),
            "hearingVenueId": venue,
            "hearingRoomId": place.room,
            "hearingJudgeId": place.judge,
            "attendees": [{"partyID": each.person.rpartition("/")[2]} for each in hearing.attendance],
        }


class _Fields:
    """The fields of a part of a request; what cannot be read leaves a fault that names request and field."""

    def __init__(self, values: object, place: str, faults: list[Fault]) -> None:
        self.values: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
        self.place = place
        self.faults = faults

    def is_broken(self) -> bool:
        """Whether a field of the same request was refused."""
        return any(fault.place.startswith(f"{self.place}.") for fault in self.faults)

    def refuse(self, name: str, rule: str, next_step: str) -> None:
        """Leave a fault about a field."""
        self.faults.append(Fault("requests", f"{self.place}.{name}", rule, next_step))

    def part(self, name: str, needed: bool = True) -> _Fields:
        """Return a part of this part."""
        value = self.values.get(name)
        if needed and not isinstance(value, Mapping):
            self.refuse(name, "it is missing", "send the whole request")
        return _Fields(value, f"{self.place}.{name}", self.faults)

    def parts(self, name: str) -> list[_Fields]:
        """Return the parts of a list, none where it is not there."""
        return [_Fields(each, f"{self.place}.{name}", self.faults) for each in self.values.get(name) or []]

    def text(self, name: str, needed: bool = True) -> str:
        """Return a text or a number as text."""
        value = self.values.get(name)
        if needed and (value is None or value == ""):
            self.refuse(name, "it is empty", "fill it in")
        return "" if value is None else str(value)

    def number(self, name: str) -> int | None:
        """Return a whole number above 0."""
        value = self.values.get(name)
        if isinstance(value, int) and value > 0:
            return value
        self.refuse(name, "it is no number above 0", "give minutes")
        return None

    def date(self, name: str, needed: bool = True) -> dt.date | None:
        """Return a date."""
        found = _date(self.values.get(name))
        if found is None and (needed or self.values.get(name)):
            self.refuse(name, "it is no date", "write it as yyyy-mm-dd")
        return found


def _date(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _moment(value: object) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(value).removesuffix("Z"))
    except ValueError:
        return None
