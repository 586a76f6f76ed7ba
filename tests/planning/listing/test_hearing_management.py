"""Hearing requests in the fields of HMCTS's hearing management become a problem, and a plan becomes drafts of it."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from braid.language.documents import DocumentInvalid, write
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.planning.listing.hearing_management import Office, Requested, read_requests, write_responses
from braid.planning.listing.model import Absence, HearingType, Judge, Place, Problem, Room

AS_OF = dt.date(2027, 1, 4)
COURT = Problem(
    kind="listing",
    first_date=AS_OF,
    last_date=dt.date(2027, 7, 2),
    judges=(Judge("J1"), Judge("J2"), Judge("J3")),
    people=(),
    types=(
        HearingType("ABA3-CMH"),
        HearingType("ABA3-IRH"),
        HearingType("ABA3-FNL", is_final=True, starts_in_morning=True, judge_change_weight=2),
    ),
    cases=(),
    hearings=(),
    rooms=(Room("R1", ("screens",)), Room("R2"), Room("R3")),
    closed_dates=(dt.date(2027, 3, 26), dt.date(2027, 3, 29)),
)
OFFICE = Office(COURT, AS_OF, {"ABA3-IRH": 40, "ABA3-FNL": 20}, {"RA0042": "screens"})
SECRETS = ("Marigold", "Thistledown", "07700900123", "marigold@example.org", "Refuge Lane", "she is afraid of him")


def request(number: str = "2000000001", **changed: Any) -> dict[str, Any]:
    """Return a request as the hearing service returns it, with everything personal that one may hold."""
    document: dict[str, Any] = {
        "requestDetails": {"hearingRequestID": number, "status": "HEARING_REQUESTED", "versionNumber": 1},
        "caseDetails": {
            "caseRef": "1600000000000001",
            "hmctsInternalCaseName": "Thistledown",
            "caseManagementLocationCode": "234946",
            "caseSLAStartDate": "2026-11-02",
        },
        "hearingDetails": {
            "autolistFlag": True,
            "hearingType": "ABA3-CMH",
            "hearingWindow": {"dateRangeStart": "2027-01-18", "dateRangeEnd": "2027-02-12"},
            "duration": 60,
            "hearingPriorityType": "Standard",
            "facilitiesRequired": [],
            "listingComments": "she is afraid of him",
            "hearingIsLinkedFlag": False,
            "panelRequirements": {
                "panelPreferences": [{"memberID": "J2", "memberType": "JUDGE", "requirementType": "OPTINC"}]
            },
        },
        "partyDetails": [
            {"partyID": "P0", "partyType": "ORG", "partyRole": "LAPP",
             "organisationDetails": {"name": "North Council", "cftOrganisationID": "LA-NORTH"}},
            {"partyID": "P1", "partyType": "IND", "partyRole": "RESP",
             "individualDetails": {
                 "firstName": "Marigold", "lastName": "Thistledown", "hearingChannelPhone": ["07700900123"],
                 "hearingChannelEmail": ["marigold@example.org"], "vulnerabilityDetails": "Refuge Lane",
                 "reasonableAdjustments": ["RA0042", "RA9999"]},
             "unavailabilityRanges": [
                 {"unavailableFromDate": "2027-01-18", "unavailableToDate": "2027-01-20",
                  "unavailabilityType": "All Day"},
                 {"unavailableFromDate": "2027-01-21", "unavailableToDate": "2027-01-21", "unavailabilityType": "AM"}],
             "unavailabilityDOW": [{"DOW": "Friday", "DOWUnavailabilityType": "PM"}]},
        ],
    }  # fmt: skip
    for path, value in changed.items():
        *parents, name = path.split("__")
        part = document
        for parent in parents:
            part = part[parent]
        part[name] = value
    return document


def read(*documents: dict[str, Any]) -> Requested:
    found = read_requests(documents, OFFICE)
    assert KINDS["listing"].faults(found.problem) == []
    return found


def test_a_request_becomes_a_case_a_hearing_and_the_people_who_attend() -> None:
    problem = read(request()).problem
    (case,), (hearing,) = problem.cases, problem.hearings
    assert (case.id, case.authority, case.judge) == ("1600000000000001", "LA-NORTH", "J2")
    assert case.issued_date == dt.date(2026, 11, 2)
    assert case.late_from == "2027-05-03 am", "182 days after the day of issue is the first late one"
    assert (hearing.id, hearing.type, hearing.length_sessions, hearing.units) == ("2000000001", "ABA3-CMH", 1, 2)
    assert hearing.ready == "2027-01-18 am"
    assert hearing.features == ("screens",)
    assert {person.id: person.role for person in problem.people} == {"LA-NORTH": "LAPP", "1600000000000001/P1": "RESP"}


def test_days_away_are_whole_days_halves_and_weekdays() -> None:
    (_, person) = read(request()).problem.people
    assert person.absences[:2] == (
        Absence("2027-01-18 am", "2027-01-20 pm"),
        Absence("2027-01-21 am", "2027-01-21 am"),
    )
    fridays = person.absences[2:]
    assert len(fridays) == 26
    assert fridays[0] == Absence("2027-01-08 pm", "2027-01-08 pm")


def test_nothing_personal_is_read() -> None:
    text = write(read(request()).problem)
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize(
    ("preferences", "judge", "excluded"),
    [
        ([("J2", "MUSTINC")], "J2", ("J1", "J3")),
        ([("J2", "EXCLUDE")], "J1", ("J2",)),
        ([("J3", "OPTINC"), ("J1", "EXCLUDE")], "J3", ("J1",)),
        ([("J9", "OPTINC")], "J1", ()),
        ([], "J1", ()),
    ],
)
def test_judges_must_may_or_may_not(preferences: list[tuple[str, str]], judge: str, excluded: tuple[str, ...]) -> None:
    asked = [{"memberID": name, "memberType": "JUDGE", "requirementType": kind} for name, kind in preferences]
    (case,) = read(request(hearingDetails__panelRequirements={"panelPreferences": asked})).problem.cases
    assert (case.judge, case.excluded_judges) == (judge, excluded)


@pytest.mark.parametrize(("minutes", "size"), [(30, (1, 1)), (61, (1, 3)), (150, (1, 5)), (180, (2, 5)), (361, (4, 5))])
def test_a_duration_is_a_part_of_a_session_or_whole_days(minutes: int, size: tuple[int, int]) -> None:
    (hearing,) = read(request(hearingDetails__duration=minutes)).problem.hearings
    assert (hearing.length_sessions, hearing.units) == size


def test_the_hearings_of_a_case_follow_each_other_with_their_gap() -> None:
    final = request("3", hearingDetails__hearingType="ABA3-FNL", hearingDetails__duration=720)
    issues = request("2", hearingDetails__hearingType="ABA3-IRH")
    problem = read(final, issues, request("1")).problem
    assert [(each.id, each.after, each.gap_sessions) for each in problem.hearings] == [
        ("1", None, 0), ("2", "1", 40), ("3", "2", 20),
    ]  # fmt: skip
    assert len(problem.cases) == 1
    plan = KINDS["listing"].solve(problem, Limits(seconds=1))
    assert plan.unlisted == ()


def listed_at(begins: Any, judge: str = "J2", room: str = "R1", **told: Any) -> dict[str, Any]:
    """Return the part of a request that says where it is listed."""
    day = {"hearingStartDateTime": begins, "hearingJudgeId": judge, "hearingRoomId": room}
    return {"listingStatus": "FIXED", "hearingDaySchedule": [day], **told}


def listed(day: str, notified: bool, **changed: Any) -> dict[str, Any]:
    told = {"partiesNotified": "2026-12-20T10:00:00"} if notified else {}
    return request(hearingResponse=listed_at(f"{day}T14:00:00", **told), **changed)


def test_what_is_listed_has_its_place_and_what_is_notified_and_near_stays() -> None:
    (near,) = read(listed("2027-01-12", True)).problem.hearings
    assert (near.present, near.hold) == (Place("J2", "2027-01-12 pm", "R1"), "frozen")
    (far,) = read(listed("2027-02-12", True)).problem.hearings
    assert (far.present, far.hold) == (Place("J2", "2027-02-12 pm", "R1"), "free")
    (untold,) = read(listed("2027-01-12", False)).problem.hearings
    assert untold.hold == "free"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hearingDetails__autolistFlag": False}, "it may not be listed automatically"),
        ({"hearingDetails__hearingIsLinkedFlag": True}, "it is linked to other hearings"),
        (
            {"hearingDetails__hearingWindow": {"firstDateTimeMustBe": "2027-02-01T10:00:00"}},
            "its start is fixed and it is not listed",
        ),
        *(
            ({"requestDetails__status": status}, f"its request is {status.lower()}")
            for status in ("CANCELLED", "COMPLETED", "ADJOURNED", "CLOSED")
        ),
        (
            {
                "hearingDetails__panelRequirements": {
                    "panelPreferences": [{"memberID": "J9", "memberType": "JUDGE", "requirementType": "MUSTINC"}]
                }
            },
            "it must be heard by somebody who is no judge of the court",
        ),
        (
            {"hearingResponse": listed_at("2027-02-01T10:00:00Z", judge="J9")},
            "it is listed before somebody who is no judge of the court",
        ),
        (
            {"hearingResponse": listed_at("2027-02-01T10:00:00Z", room="R9")},
            "it is listed in a room that is none of the court's",
        ),
    ],
)
def test_what_people_list_is_left_to_them_with_why(changed: dict[str, Any], why: str) -> None:
    found = read(request("7", **changed), request("8", caseDetails__caseRef="1600000000000008"))
    assert found.left == {"7": why}
    assert [hearing.id for hearing in found.problem.hearings] == ["8"]


def test_what_is_left_to_people_but_listed_keeps_its_session() -> None:
    linked = listed("2027-02-11", False, number="7", hearingDetails__hearingIsLinkedFlag=True,
                    hearingDetails__duration=150)  # fmt: skip
    one_judge = replace(COURT, judges=(Judge("J2"),), first_date=dt.date(2027, 2, 11), last_date=dt.date(2027, 2, 11))
    other = request("8", caseDetails__caseRef="1600000000000008", hearingDetails__duration=150, partyDetails=[])
    found = read_requests([linked, other], replace(OFFICE, court=one_judge))
    assert found.left == {"7": "it is linked to other hearings"}
    held = {each.id: (each.present, each.hold) for each in found.problem.hearings}
    assert held == {"7": (Place("J2", "2027-02-11 pm", "R1"), "locked"), "8": (None, "free")}
    plan = KINDS["listing"].solve(found.problem, Limits(seconds=0.2))
    assert {each.hearing: each.place.start for each in plan.placed} == {"7": "2027-02-11 pm", "8": "2027-02-11 am"}


@pytest.mark.parametrize("day", ["2026-12-21", "2027-07-05"])
def test_what_is_left_to_people_and_listed_outside_the_horizon_takes_nothing_of_it(day: str) -> None:
    found = read(listed(day, True, hearingDetails__autolistFlag=False))
    assert found.left == {"2000000001": "it may not be listed automatically"}
    assert found.problem.hearings == ()


def test_linked_hearings_that_are_heard_together_take_their_session_once() -> None:
    """By the rules of the list a person attends one hearing in a session: one of the two stands for both."""
    linked = [listed("2027-02-11", True, number=number, hearingDetails__hearingIsLinkedFlag=True) for number in "78"]
    found = read(*linked)
    assert [each.id for each in found.problem.hearings] == ["7"]
    assert found.left["7"] == "it is linked to other hearings"
    assert found.left["8"].startswith("it is linked to other hearings; it is listed where the rules forbid it")


def test_what_is_held_where_it_cannot_be_heard_is_left_with_why_and_its_judge_kept_free() -> None:
    final = listed("2027-01-12", True, hearingDetails__hearingType="ABA3-FNL")
    found = read(final, request("8", caseDetails__caseRef="1600000000000008"))
    assert found.left == {
        "2000000001": "it is listed where the rules forbid it (not_morning): its judge is kept free for it"
    }
    assert found.problem.judges[1] == Judge("J2", (Absence("2027-01-12 pm", "2027-01-12 pm"),))
    sunday = read(listed("2027-01-10", True))
    assert "unknown_session" in sunday.left["2000000001"]
    assert sunday.problem.judges == COURT.judges


@pytest.mark.parametrize(
    ("changed", "waits"),
    [
        ({"hearingDetails__autolistFlag": False}, True),
        ({"hearingDetails__autolistFlag": False, "hearingResponse": listed_at("2027-08-02T10:00:00Z")}, True),
        ({"hearingDetails__autolistFlag": False, "hearingResponse": listed_at("2027-02-02T10:00:00Z")}, False),
        ({"requestDetails__status": "COMPLETED"}, False),
        ({"requestDetails__status": "ADJOURNED"}, False),
    ],
)
def test_what_comes_after_a_hearing_without_a_place_in_the_list_waits_for_people(
    changed: dict[str, Any], waits: bool
) -> None:
    final = request("9", hearingDetails__hearingType="ABA3-FNL", hearingDetails__duration=720)
    found = read(final, request("7", **changed))
    assert (found.left.get("9") == "what comes before it in its case is left to people") == waits
    assert ("9" in {each.id for each in found.problem.hearings}) != waits


@pytest.mark.parametrize(
    ("begins", "start"),
    [
        ("2027-06-07T12:30:00Z", "2027-06-07 pm"),
        ("2027-06-07T12:30:00", "2027-06-07 pm"),
        ("2027-06-07T12:30:00+01:00", "2027-06-07 am"),
        ("2027-01-12T12:30:00Z", "2027-01-12 am"),
        ("2027-06-07T23:30:00Z", "2027-06-08 am"),
    ],
)
def test_moments_are_in_utc_and_halves_of_a_day_by_the_clock_of_the_court(begins: str, start: str) -> None:
    (hearing,) = read(request(hearingResponse=listed_at(begins))).problem.hearings
    assert hearing.present == Place("J2", start, "R1")


def test_a_draft_of_a_summer_day_reads_back_as_the_same_half() -> None:
    (hearing,) = read(request(hearingResponse=listed_at("2027-06-07T13:00:00Z"))).problem.hearings
    problem = read(request(hearingResponse=listed_at("2027-06-07T13:00:00Z"))).problem
    problem = replace(problem, hearings=(replace(hearing, hold="locked"),))
    plan = KINDS["listing"].solve(problem, Limits(seconds=0.2))
    (draft,) = write_responses(problem, plan)
    (day,) = draft["hearingResponse"]["hearingDaySchedule"]
    assert (day["hearingStartDateTime"], day["hearingEndDateTime"]) == ("2027-06-07T13:00:00Z", "2027-06-07T14:00:00Z")


def test_codes_that_nothing_sees_to_are_counted() -> None:
    asked = [request(str(number), hearingDetails__facilitiesRequired=["F1"]) for number in range(2)]
    assert read(*asked).unmapped == {"F1": 2, "RA9999": 2}
    without_rooms = read_requests(asked, replace(OFFICE, court=replace(COURT, rooms=())))
    assert without_rooms.unmapped == {"F1": 2, "RA0042": 2, "RA9999": 2}
    assert {each.features for each in without_rooms.problem.hearings} == {()}


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"hearingDetails__duration": True}, "request 1.hearingDetails.duration"),
        ({"hearingDetails__duration": 10**400}, "request 1.hearingDetails.duration"),
        ({"partyDetails": "Marigold"}, "request 1.partyDetails"),
        ({"partyDetails": ["Marigold"]}, "request 1.partyDetails[0]"),
        (
            {"partyDetails": [{"partyID": "P", "unavailabilityRanges": 5}]},
            "request 1.partyDetails[0].unavailabilityRanges",
        ),
        (
            {"partyDetails": [{"partyID": "P", "unavailabilityRanges": [{"unavailableFromDate": "Marigold"}]}]},
            "request 1.partyDetails[0].unavailabilityRanges[0].unavailableFromDate",
        ),
        (
            {"partyDetails": [{"partyID": "P", "unavailabilityDOW": [5]}]},
            "request 1.partyDetails[0].unavailabilityDOW[0]",
        ),
        (
            {"partyDetails": [{"partyID": "P", "individualDetails": {"reasonableAdjustments": [{}]}}]},
            "request 1.partyDetails[0].individualDetails.reasonableAdjustments",
        ),
        (
            {"partyDetails": [{"partyID": {}, "organisationDetails": ["Marigold"]}]},
            "request 1.partyDetails[0].organisationDetails",
        ),
        (
            {"hearingDetails__panelRequirements": {"panelPreferences": 5}},
            "request 1.hearingDetails.panelRequirements.panelPreferences",
        ),
        (
            {"hearingDetails__panelRequirements": {"panelPreferences": ["Marigold"]}},
            "request 1.hearingDetails.panelRequirements.panelPreferences[0]",
        ),
        ({"hearingDetails__facilitiesRequired": 5}, "request 1.hearingDetails.facilitiesRequired"),
        ({"hearingDetails__hearingWindow": "Marigold"}, "request 1.hearingDetails.hearingWindow"),
        ({"hearingResponse": "Marigold"}, "request 1.hearingResponse"),
        (
            {"hearingResponse": {"listingStatus": "FIXED", "hearingDaySchedule": "Marigold"}},
            "request 1.hearingResponse.hearingDaySchedule",
        ),
        (
            {"hearingResponse": {"listingStatus": "FIXED", "hearingDaySchedule": ["Marigold"]}},
            "request 1.hearingResponse.hearingDaySchedule[0]",
        ),
        (
            {"hearingResponse": listed_at("Marigold")},
            "request 1.hearingResponse.hearingDaySchedule[0].hearingStartDateTime",
        ),
        ({"hearingDetails__hearingType": "Marigold"}, "request 1.hearingDetails.hearingType"),
        ({"hearingDetails__duration": "Marigold"}, "request 1.hearingDetails.duration"),
        ({"caseDetails__caseSLAStartDate": "Marigold"}, "request 1.caseDetails.caseSLAStartDate"),
        ({"requestDetails": {}}, "request 1.requestDetails.hearingRequestID"),
        ({"caseDetails": "Marigold"}, "request 1.caseDetails"),
    ],
)
def test_what_cannot_be_read_is_named_without_its_value(changed: dict[str, Any], place: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        read_requests([request("1"), request("2", **changed)], OFFICE)
    assert place in [fault.place for fault in refused.value.faults]
    assert "Marigold" not in str(refused.value.faults)


def test_a_request_that_is_no_object_is_named() -> None:
    with pytest.raises(DocumentInvalid, match=r"request 0\.caseDetails"):
        read_requests([[]], OFFICE)  # type: ignore[list-item]


def test_a_court_without_judges_is_refused() -> None:
    with pytest.raises(DocumentInvalid, match="judges"):
        read_requests([request()], replace(OFFICE, court=replace(COURT, judges=())))


def test_a_request_that_is_there_twice_is_refused() -> None:
    with pytest.raises(DocumentInvalid, match="there twice"):
        read_requests([request("1"), request("1")], OFFICE)


def test_a_plan_becomes_drafts_that_read_back_as_the_same_places() -> None:
    documents = [
        request("1"),
        request("2", caseDetails__caseRef="1600000000000002", hearingDetails__hearingType="ABA3-FNL",
                hearingDetails__duration=720),
    ]  # fmt: skip
    problem = read(*documents).problem
    plan = KINDS["listing"].solve(problem, Limits(seconds=1))
    drafts = {each["requestDetails"]["hearingRequestID"]: each for each in write_responses(problem, plan, "234946")}
    assert {draft["hearingResponse"]["listingStatus"] for draft in drafts.values()} == {"DRAFT"}
    final = drafts["2"]["hearingResponse"]["hearingDaySchedule"]
    assert [day["hearingStartDateTime"][-9:] for day in final] == ["10:00:00Z", "10:00:00Z"]
    assert {party["partyID"] for party in final[0]["attendees"]} == {"LA-NORTH", "P1"}
    accepted = []
    for document in documents:
        number = document["requestDetails"]["hearingRequestID"]
        response = copy.deepcopy(drafts[number]["hearingResponse"]) | {"listingStatus": "FIXED"}
        accepted.append({**document, "hearingResponse": response})
    again = read(*accepted).problem
    places = {placed.hearing: placed.place for placed in plan.placed}
    assert {hearing.id: hearing.present for hearing in again.hearings} == places


def test_what_the_court_says_stays_as_it_is() -> None:
    problem = read(request()).problem
    assert replace(problem, cases=(), hearings=(), people=()) == COURT
