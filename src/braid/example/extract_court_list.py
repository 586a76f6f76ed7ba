"""What the family court's hearing system holds: `hearings.json` in the fields of HMCTS's hearing management, and the
court's own `diary.json`.

A request carries what such requests carry: names, contacts and notes too. Whoever reads it may keep none of them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from braid.example.court_list import (
    FREE_WEEKDAYS,
    SESSION_UNITS,
    Attendant,
    Coming,
    CourtList,
    allocated_judge,
    attendants_of,
    court_list,
)
from braid.example.desk import Desk, iso
from braid.example.records import FamilyCase
from braid.example.streams import chance
from braid.language.dates import LONDON

TYPES = {
    "CASE_MANAGEMENT": "ABA3-CMH",
    "FURTHER_CASE_MANAGEMENT": "ABA3-FCM",
    "ISSUE_RESOLUTION": "ABA3-IRH",
    "FINAL": "ABA3-FNL",
}
"""Kinds of hearings as the hearing service writes them, in their order."""
GAP_SESSIONS = {"ABA3-FCM": 40, "ABA3-IRH": 40, "ABA3-FNL": 30}
SCREENS, STEP_FREE, VIDEO_LINK = "RA0042", "RA0019", "AF-VL"
FEATURES = {SCREENS: "screens", STEP_FREE: "step_free", VIDEO_LINK: "video_link"}
CASE_SYSTEM = "family-court"
"""The feed whose cases these hearings are of, and how it writes its people down."""
TOLD_DAYS = 28
"""Parties are told of a hearing that is so near; of one in four that is later."""
BEGINS, ENDS = time(10), time(16)


def write_court_list(desk: Desk, folder: Path) -> None:
    """Write the court's diary and the hearings still to come of the cases that its case system shows at this cut."""
    cases = replace(desk, feed=CASE_SYSTEM)
    shown = [case for case in desk.world.family_cases if cases.shows(case.number, case.issued, case.closed)]
    listed = court_list(desk.world, desk.cut, shown)
    requests = [_request(desk, cases, listed, each) for each in listed.coming]
    requests += _spoilt(desk, requests)
    desk.rows += len(requests) + 1
    _write(folder / "hearings.json", requests)
    _write(folder / "diary.json", _diary(listed))


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _spoilt(desk: Desk, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return copies of requests, of cases that nobody knows, that say no number of minutes."""
    found = []
    for number in range(desk.spoils(len(requests))):
        broken = json.loads(json.dumps(requests[number * 5 % len(requests)]))
        broken["requestDetails"]["hearingRequestID"] += f"X{number}"
        broken["caseDetails"]["caseRef"] += f"X{number}"
        broken["hearingDetails"]["duration"] = "To be confirmed"
        found.append(broken)
    return found


def _diary(listed: CourtList) -> dict[str, object]:
    days = listed.weekdays()
    types = [
        {
            "id": kind,
            "is_final": stage == "FINAL",
            "starts_in_morning": stage == "FINAL",
            "judge_change_weight": 2 if stage == "FINAL" else 1,
            "list_at_quantile": 0.8 if stage == "FINAL" else 0.5,
        }
        for stage, kind in TYPES.items()
    ]
    court = {
        "kind": "listing",
        "first_date": iso(listed.first),
        "last_date": iso(listed.last),
        "judges": [{"id": name, "closed": _closed(days, sits)} for name, sits in listed.judges.items()],
        "rooms": [{"id": name, "features": list(features)} for name, features in listed.rooms.items()],
        "types": types,
        "closed_dates": [iso(day) for day in listed.holidays()],
        "session_units": SESSION_UNITS,
        "prices": {"unlisted": 50, "late": 4, "wait": 1, "judge_change": 40, "move": 10},
    }
    return {"court": court, "gap_sessions": GAP_SESSIONS, "features": FEATURES, "applicant_roles": ["LAPP"]}


def _closed(days: list[date], sits: set[date]) -> list[dict[str, str]]:
    """Return the days on which a judge does not sit, as spans of sessions."""
    spans: list[list[date]] = []
    for number, day in enumerate(days):
        if day in sits:
            continue
        if spans and number and spans[-1][1] == days[number - 1]:
            spans[-1][1] = day
        else:
            spans.append([day, day])
    return [{"first": f"{first} am", "last": f"{last} pm"} for first, last in spans]


def _request(desk: Desk, cases: Desk, listed: CourtList, each: Coming) -> dict[str, Any]:
    case, is_listed = each.case, each.reference in listed.seats
    parties = _parties(desk, cases, listed, case)
    document: dict[str, Any] = {
        "requestDetails": {
            "hearingRequestID": each.reference,
            "status": "LISTED" if is_listed else "HEARING_REQUESTED",
            "versionNumber": 1,
        },
        "caseDetails": {
            "hmctsServiceCode": "ABA3",
            "caseRef": case.number,
            "externalCaseReference": case.family_number,
            "hmctsInternalCaseName": _case_name(cases, case),
            "caseManagementLocationCode": "301",
            "caserestrictedFlag": case.hidden,
            "caseSLAStartDate": iso(case.issued),
        },
        "hearingDetails": {
            "autolistFlag": True,
            "hearingType": TYPES[each.kind],
            "hearingWindow": {
                "dateRangeStart": iso(each.earliest),
                "dateRangeEnd": iso(each.earliest + timedelta(days=28)),
            },
            "duration": each.minutes,
            "hearingPriorityType": "Urgent" if case.crisis else "Standard",
            "facilitiesRequired": [VIDEO_LINK] if chance(desk.stream("facilities", case.number), 0.1) else [],
            "listingComments": _comment(cases, case),
            "hearingIsLinkedFlag": each.is_linked,
            "panelRequirements": {"panelPreferences": _judges(desk, listed, case)},
        },
        "partyDetails": parties,
    }
    if is_listed:
        document["hearingResponse"] = _response(desk, listed, each, [party["partyID"] for party in parties])
    return document


def _case_name(cases: Desk, case: FamilyCase) -> str:
    who = cases.describe(case.children[0], f"{case.number}/{case.items[case.children[0]]}", case.issued)
    return f"{cases.world.geography.districts[case.district].council_name} and {who.family}"


def _comment(cases: Desk, case: FamilyCase) -> str:
    """Return a note as listing offices write them: with a name in it."""
    if not (case.abuse and case.respondents):
        return ""
    person = case.respondents[0][0]
    who = cases.describe(person, f"{case.number}/{case.items[person]}", case.issued)
    return f"Please seat {who.given} {who.family} where the other parent cannot see them."


def _judges(desk: Desk, listed: CourtList, case: FamilyCase) -> list[dict[str, str]]:
    own = allocated_judge(listed, case)
    random = desk.stream("judges", case.number)
    others = [judge for judge in listed.judges if judge != own]
    excluded = [random.choice(others)] if chance(random, 0.08) else []
    return [
        {"memberID": judge, "memberType": "JUDGE", "requirementType": asked}
        for judge, asked in ((own, "OPTINC"), *((judge, "EXCLUDE") for judge in excluded))
    ]


def _parties(desk: Desk, cases: Desk, listed: CourtList, case: FamilyCase) -> list[dict[str, Any]]:
    council = desk.world.geography.districts[case.district]
    parties: list[dict[str, Any]] = [
        {
            "partyType": "ORG",
            "partyRole": "LAPP",
            "organisationDetails": {"name": council.council_name, "cftOrganisationID": f"QB{case.district + 1}"},
        }
    ]
    attendants = attendants_of(desk.world, case)
    parties += [_attendant_party(each.kept_free(listed.booked.get(each.reference, set()))) for each in attendants]
    booked = {day.weekday() for day in listed.booked.get(case.number, ())}
    parties += [_respondent(desk, cases, case, person, booked) for person, _ in case.respondents]
    return [{"partyID": f"P{number}", **party} for number, party in enumerate(parties, 1)]


def _attendant_party(each: Attendant) -> dict[str, Any]:
    party: dict[str, Any] = {
        "partyType": "ORG",
        "partyRole": each.role,
        "organisationDetails": {"name": each.office, "cftOrganisationID": each.reference},
        "unavailabilityRanges": [_away(first, last) for first, last in each.away],
    }
    if each.weekly:
        party["unavailabilityDOW"] = [{"DOW": each.weekly, "DOWUnavailabilityType": "All Day"}]
    return party


def _away(first: date, last: date) -> dict[str, str]:
    return {"unavailableFromDate": iso(first), "unavailableToDate": iso(last), "unavailabilityType": "All Day"}


def _respondent(desk: Desk, cases: Desk, case: FamilyCase, person: int, booked: set[int]) -> dict[str, Any]:
    key = f"{case.number}/{case.items[person]}"
    who = cases.describe(person, key, case.issued)
    random = desk.stream("respondent", key)
    asked = [SCREENS] if case.abuse and chance(random, 0.7) else []
    asked += [STEP_FREE] if chance(random, 0.06) else []
    details: dict[str, Any] = {
        "firstName": who.given,
        "lastName": who.family,
        "preferredHearingChannel": "INTER",
        "reasonableAdjustments": asked,
        "vulnerableFlag": case.abuse,
    }
    if case.abuse:
        details["vulnerabilityDetails"] = "Has been hurt by another party"
    if not case.hidden:
        details |= _contacts(random, who.given)
    party: dict[str, Any] = {"partyType": "IND", "partyRole": "RESP", "individualDetails": details}
    weekday, half = random.choice(list(FREE_WEEKDAYS)), random.choice(("AM", "PM"))
    if chance(random, 0.2) and FREE_WEEKDAYS[weekday] not in booked:
        party["unavailabilityDOW"] = [{"DOW": weekday, "DOWUnavailabilityType": half}]
    return party


def _contacts(random: Random, given: str) -> dict[str, list[str]]:
    number = random.randrange(1000)
    written = "".join(letter for letter in given.lower() if letter.isalpha())
    return {
        "hearingChannelPhone": [f"07700 900{number:03d}"],
        "hearingChannelEmail": [f"{written}.{number}@post.example"],
    }


def _response(desk: Desk, listed: CourtList, each: Coming, parties: list[str]) -> dict[str, Any]:
    assert each.hearing is not None
    day, seat = each.hearing.day, listed.seats[each.reference]
    response: dict[str, Any] = {
        "listingStatus": "FIXED",
        "hearingDaySchedule": [
            {
                "hearingStartDateTime": _moment(day, BEGINS),
                "hearingEndDateTime": _moment(day, ENDS if each.days > 1 else _end(each.minutes)),
                "hearingVenueId": "301",
                "hearingRoomId": seat.room,
                "hearingJudgeId": seat.judge,
                "attendees": [{"partyID": party} for party in parties],
            }
        ],
    }
    is_near = day < desk.cut + timedelta(days=TOLD_DAYS)
    if is_near or chance(desk.stream("told", each.reference), 0.25):
        response["partiesNotified"] = _moment(max(each.hearing.listed, each.case.issued), BEGINS)
    return response


def _end(minutes: int) -> time:
    return time(BEGINS.hour + minutes // 60, minutes % 60)


def _moment(day: date, at: time) -> str:
    """Return a time by the court's clock as the hearing service keeps it, in UTC."""
    return f"{datetime.combine(day, at, LONDON).astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
