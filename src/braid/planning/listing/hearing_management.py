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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from braid.language.documents import DocumentInvalid
from braid.language.rule_files import Fault
from braid.planning.listing.checker import broken_places
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
OVER = ("CANCELLED", "COMPLETED", "CLOSED", "ADJOURNED")
"""Statuses of requests that are not listed any more, and for which nothing waits: what was adjourned is asked for again
by a request of its own."""
LONGEST_MINUTES = 100 * DAY_MINUTES
DRAFT = "DRAFT"
"""The listing status of what is proposed: nobody is told of it before somebody accepts it."""
AM_BEGINS, PM_BEGINS = dt.time(10, 0), dt.time(14, 0)
LOCAL = ZoneInfo("Europe/London")
"""Courts sit by this clock. The hearing service keeps moments in UTC, with a `Z` or without."""


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
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """How often facilities and adjustments were asked for that the court's table does not know, or that no room can
    have because the court names no rooms; by code. Nothing in the plan sees to them."""


def read_requests(documents: Sequence[Mapping[str, Any]], office: Office) -> Requested:
    """Return the listing problem of requests as the hearing service returns them.

    Left to people are hearings that may not be listed automatically, that are linked to others, whose start is fixed
    but not listed, whose request is over, that are listed or must be heard before somebody who is no judge of the
    court, and what comes after such a hearing in its case and so cannot be listed before it is. One that is listed
    keeps its place: it is in the problem, locked. `dateRangeEnd` is not read. Raises `DocumentInvalid` naming request
    and field where one cannot be read.
    """
    faults: list[Fault] = []
    if not office.court.judges:
        faults.append(Fault("court", "judges", "nobody hears", "name the judges of the court"))
    requests = [request for number, each in enumerate(documents) if (request := _read(number, each, office, faults))]
    twice = [name for name, times in Counter(request.id for request in requests).items() if times > 1]
    faults += [Fault("requests", f"hearingRequestID of request {at}", "it is there twice", "keep the latest version")
               for at, request in enumerate(requests) if request.id in twice]  # fmt: skip
    if faults:
        raise DocumentInvalid(faults)
    requests = _wait_for_those_before(requests, office)
    left = {request.id: request.left for request in requests if request.left}
    problem, stuck = _problem([request for request in requests if _is_in_problem(request, office)], office)
    left |= {name: f"{left[name]}; {why}" if name in left else why for name, why in stuck.items()}
    asked = Counter(chain.from_iterable(request.codes for request in requests))
    return Requested(problem, left, {code: asked[code] for code in sorted(asked) if _feature(code, office) is None})


def _wait_for_those_before(requests: Sequence[_Request], office: Office) -> list[_Request]:
    """Return requests, with those left to people that come after one of their case that has no place in the list."""
    waiting: set[str] = set()
    found: list[_Request] = []
    for request in sorted(requests, key=_order(office)):
        if request.case in waiting and not request.left:
            request = replace(request, left="what comes before it in its case is left to people")
        if request.left and request.status not in OVER and not _has_place(request, office):
            waiting.add(request.case)
        found.append(request)
    return found


def _has_place(request: _Request, office: Office) -> bool:
    """Whether a hearing is listed in the horizon or before it."""
    start = request.listing.place.start if request.listing.place else ""
    return bool(start) and request.status not in OVER and start[:10] <= office.court.last_date.isoformat()


def _is_in_problem(request: _Request, office: Office) -> bool:
    """Whether a hearing is to be listed, or is left to people and holds a place of the horizon."""
    if not request.left:
        return True
    start = request.listing.place.start if request.listing.place else ""
    return _has_place(request, office) and start[:10] >= office.court.first_date.isoformat()


def _order(office: Office) -> Callable[[_Request], tuple[int, dt.date, str]]:
    """Return what hearings are ordered by inside a case: the court's kinds of hearings, readiness, number."""
    order = {kind.id: place for place, kind in enumerate(office.court.types)}
    return lambda request: (order[request.type.id], request.ready, request.id)


def _problem(requests: Sequence[_Request], office: Office) -> tuple[Problem, dict[str, str]]:
    """Return the problem, and by request what is held where the rules forbid it: that is left to people with why."""
    problem = replace(
        office.court,
        cases=tuple(_cases(requests, office)),
        people=(*office.court.people, *_people(requests, office)),
        hearings=tuple(_hearings(requests, office)),
    )
    stuck: dict[str, str] = {}
    while broken := _first_stuck(problem):
        name, rule = broken
        problem, is_closed = _set_aside(problem, name)
        kept = "its judge is kept free for it" if is_closed else "its judge is not kept free for it"
        stuck[name] = f"it is listed where the rules forbid it ({rule}): {kept}"
    return problem, stuck


def _held(problem: Problem) -> dict[str, Place]:
    return {each.id: each.present for each in problem.hearings if each.hold != "free" and each.present}


def _first_stuck(problem: Problem) -> tuple[str, str] | None:
    """Return the hearing that is held where it cannot be, and the rule; of two that exclude each other the later."""
    held = _held(problem)
    if not held or not sittings_of(problem).count:
        return None
    for broken in broken_places(problem, held):
        about = [name for name in broken.about if name in held]
        if about:
            return about[-1], broken.rule
    return None


def _set_aside(problem: Problem, name: str) -> tuple[Problem, bool]:
    """Return the problem without a hearing, and its judge's sessions closed where nothing else is held in them."""
    gone = next(each for each in problem.hearings if each.id == name)
    later = [replace(each, after=gone.after) if each.after == name else each for each in problem.hearings]
    without = replace(problem, hearings=tuple(each for each in later if each.id != name))
    sittings = sittings_of(problem)
    first = sittings.find(gone.present.start) if gone.present else None
    if gone.present is None or first is None:
        return without, False
    taken = Absence(sittings.name(first), sittings.name(first + gone.length_sessions - 1))
    judges = tuple(
        replace(each, closed=(*each.closed, taken)) if each.id == gone.present.judge else each
        for each in without.judges
    )
    closed = replace(without, judges=judges)
    is_worse = len(broken_places(closed, _held(closed))) > len(broken_places(without, _held(without)))
    return (without, False) if is_worse else (closed, True)


@dataclass(frozen=True)
class _Party:
    id: str
    role: str
    away: tuple[Absence, ...]


@dataclass(frozen=True)
class _Listing:
    """Where a hearing is listed, whether it stays there, and why its place is none of this court's."""

    place: Place | None = None
    hold: Hold = "free"
    why: str = ""


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
    codes: tuple[str, ...]
    """Of facilities and adjustments that are asked for."""
    status: str
    listing: _Listing
    left: str


def _read(number: int, document: object, office: Office, faults: list[Fault]) -> _Request | None:
    fields = _Fields(document, f"request {number}", faults)
    case, hearing, details = fields.part("caseDetails"), fields.part("hearingDetails"), fields.part("requestDetails")
    reference, status = details.text("hearingRequestID"), details.text("status", needed=False).upper()
    kind = next((each for each in office.court.types if each.id == hearing.text("hearingType")), None)
    if kind is None:
        hearing.refuse("hearingType", "the court has no such kind of hearing", "add it to the court's problem")
    judges = {each.text("memberID"): each.text("requirementType")
              for each in hearing.part("panelRequirements", needed=False).parts("panelPreferences")
              if each.text("memberType") == "JUDGE"}  # fmt: skip
    minutes, issued = hearing.number("duration"), case.date("caseSLAStartDate")
    parties = fields.parts("partyDetails")
    listing = _listing(fields.part("hearingResponse", needed=False), office)
    known = {each.id for each in office.court.judges}
    codes = _codes(hearing, parties)
    ready = hearing.part("hearingWindow", needed=False).date("dateRangeStart", needed=False) or office.as_of
    attending = tuple(_parties(case.text("caseRef"), parties, office))
    authority = _authority(parties, office) or case.text("caseManagementLocationCode")
    left = _left(status, hearing, listing, {judge for judge, asked in judges.items() if asked == MUST} - known)
    if kind is None or minutes is None or issued is None or not reference or fields.is_broken():
        return None
    return _Request(
        id=reference,
        case=case.text("caseRef"),
        authority=authority,
        issued=issued,
        is_urgent=hearing.text("hearingPriorityType", needed=False).lower() == "urgent",
        type=kind,
        minutes=minutes,
        ready=ready,
        judges={judge: asked for judge, asked in judges.items() if judge in known},
        features=tuple(sorted({feature for code in codes if (feature := _feature(code, office)) is not None})),
        parties=attending,
        codes=codes,
        status=status,
        listing=listing,
        left=left,
    )


def _left(status: str, hearing: _Fields, listing: _Listing, strangers: set[str]) -> str:
    """Return why a hearing is left to people, empty where it is not."""
    must_begin = hearing.part("hearingWindow", needed=False).values.get("firstDateTimeMustBe")
    reasons = (
        (status in OVER, f"its request is {status.lower()}"),
        (bool(listing.why), listing.why),
        (hearing.values.get("autolistFlag") is False, "it may not be listed automatically"),
        (hearing.values.get("hearingIsLinkedFlag") is True, "it is linked to other hearings"),
        (bool(strangers), "it must be heard by somebody who is no judge of the court"),
        (bool(must_begin) and listing.place is None, "its start is fixed and it is not listed"),
    )
    return next((why for holds, why in reasons if holds), "")


def _authority(parties: Iterable[_Fields], office: Office) -> str:
    """Return the reference of the organisation that brought the proceedings, empty where no party is it."""
    found = (
        party.part("organisationDetails", needed=False).text("cftOrganisationID", needed=False)
        for party in parties
        if party.values.get("partyRole") in office.applicant_roles
    )
    return next(filter(None, found), "")


def _codes(hearing: _Fields, parties: Iterable[_Fields]) -> tuple[str, ...]:
    """Return the codes of all facilities and adjustments that are asked for."""
    codes = hearing.texts("facilitiesRequired")
    for party in parties:
        codes += party.part("individualDetails", needed=False).texts("reasonableAdjustments")
    return tuple(codes)


def _feature(code: str, office: Office) -> str | None:
    """Return what a code asks of a room; None where the court says nothing of it, or names no rooms."""
    return office.features.get(code) if office.court.rooms else None


def _parties(case: str, parties: Iterable[_Fields], office: Office) -> Iterator[_Party]:
    """Yield who attends. An organisation is one over all its cases; an individual is known inside their case alone."""
    for party in parties:
        organisation = party.part("organisationDetails", needed=False).text("cftOrganisationID", needed=False)
        name = organisation or f"{case}/{party.text('partyID')}"
        yield _Party(name, party.text("partyRole", needed=False) or "party", tuple(_away(party, office)))


def _away(party: _Fields, office: Office) -> Iterator[Absence]:
    court = office.court
    for span in party.parts("unavailabilityRanges"):
        first, last = HALVES.get(span.text("unavailabilityType", needed=False), HALVES["All Day"])
        begin, end = span.date("unavailableFromDate"), span.date("unavailableToDate")
        if begin is None or end is None or end < begin:
            continue
        if (first, last) == HALVES["All Day"]:
            yield Absence(f"{begin} am", f"{end} pm")
            continue
        for day in _days(max(begin, court.first_date), min(end, court.last_date)):
            yield Absence(f"{day} {first}", f"{day} {last}")
    for weekly in party.parts("unavailabilityDOW"):
        first, last = HALVES.get(weekly.text("DOWUnavailabilityType", needed=False), HALVES["All Day"])
        named = weekly.text("DOW").capitalize()
        for day in _days(court.first_date, court.last_date):
            if day.weekday() < len(WEEKDAYS) and WEEKDAYS[day.weekday()] == named:
                yield Absence(f"{day} {first}", f"{day} {last}")


def _days(begin: dt.date, end: dt.date) -> list[dt.date]:
    return [begin + dt.timedelta(days=step) for step in range((end - begin).days + 1)]


def _listing(response: _Fields, office: Office) -> _Listing:
    """Return where a hearing is listed. It stays there where parties were told and it is near."""
    schedule = response.parts("hearingDaySchedule")
    if response.text("listingStatus", needed=False).upper() not in LISTED or not schedule:
        return _Listing()
    begins = schedule[0].moment("hearingStartDateTime")
    judge, room = (schedule[0].text(name, needed=False) for name in ("hearingJudgeId", "hearingRoomId"))
    if begins is None:
        return _Listing()
    if judge not in {each.id for each in office.court.judges}:
        return _Listing(why="it is listed before somebody who is no judge of the court")
    if office.court.rooms and room and room not in {each.id for each in office.court.rooms}:
        return _Listing(why="it is listed in a room that is none of the court's")
    half = "am" if begins.hour < PM_BEGINS.hour - 1 else "pm"
    place = Place(judge, f"{begins.date()} {half}", room or None if office.court.rooms else None)
    is_near = begins.date() < office.as_of + dt.timedelta(days=FREEZE_DAYS)
    return _Listing(place, "frozen" if is_near and response.values.get("partiesNotified") else "free")


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
    sittings = sittings_of(office.court)
    before: dict[str, str] = {}
    for request in sorted(requests, key=_order(office)):
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
            present=request.listing.place,
            hold="locked" if request.left else request.listing.hold,
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
    hearing of a morning begins at ten and every one of an afternoon at two by the court's clock. Moments are in UTC.
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
            "hearingStartDateTime": _stored(begins),
            "hearingEndDateTime": _stored(last + dt.timedelta(minutes=hearing.units * UNIT_MINUTES)),
            "hearingVenueId": venue,
            "hearingRoomId": place.room,
            "hearingJudgeId": place.judge,
            "attendees": [{"partyID": each.person.rpartition("/")[2]} for each in hearing.attendance],
        }


def _stored(local: dt.datetime) -> str:
    """Return a time by the court's clock as the hearing service keeps it."""
    moment = local.replace(tzinfo=LOCAL).astimezone(dt.UTC)
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


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
        if value is None and needed:
            self.refuse(name, "it is missing", "send the whole request")
        elif value is not None and not isinstance(value, Mapping):
            self.refuse(name, "it is no object with fields", "send the whole request")
        return _Fields(value, f"{self.place}.{name}", self.faults)

    def parts(self, name: str) -> list[_Fields]:
        """Return the parts of a list, none where it is not there."""
        found = []
        for number, value in enumerate(self._list(name)):
            if isinstance(value, Mapping):
                found.append(_Fields(value, f"{self.place}.{name}[{number}]", self.faults))
            else:
                self.refuse(f"{name}[{number}]", "it is no object with fields", "send the whole request")
        return found

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list, none where it is not there."""
        found = self._list(name)
        if all(isinstance(each, str) for each in found):
            return list(found)
        self.refuse(name, "it is no list of codes", "give codes as text")
        return []

    def _list(self, name: str) -> list[Any]:
        value = self.values.get(name)
        if value is None or isinstance(value, list):
            return value or []
        self.refuse(name, "it is no list", "send the whole request")
        return []

    def text(self, name: str, needed: bool = True) -> str:
        """Return a text or a whole number as text."""
        value = self.values.get(name)
        if value is None or value == "":
            if needed:
                self.refuse(name, "it is empty", "fill it in")
            return ""
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return str(value)
        self.refuse(name, "it is no text", "give it as text")
        return ""

    def number(self, name: str) -> int | None:
        """Return a duration, a whole number above 0."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LONGEST_MINUTES:
            return value
        self.refuse(name, f"it is no number from 1 to {LONGEST_MINUTES}", "give minutes")
        return None

    def moment(self, name: str) -> dt.datetime | None:
        """Return a moment by the court's clock; one without an offset is in UTC."""
        try:
            found = dt.datetime.fromisoformat(self.text(name, needed=False))
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(LOCAL)
        except (ValueError, OverflowError):
            self.refuse(name, "it is no date and time", "write it as yyyy-mm-ddThh:mm:ssZ")
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
