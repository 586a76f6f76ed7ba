"""A court's requests and diary: nothing personal is kept, also of what is refused; every fault is told by its place."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from documents import CANARY, counts, damaged, read_or_refuse, read_value, said, with_canaries
from hypothesis import given, settings

from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import read_file

NAMES = ("Marigold", "Thistledown", "07700 900123", "marigold@post.example", "Refuge Lane", "afraid of him")
REQUEST: dict[str, Any] = {
    "requestDetails": {"hearingRequestID": "2000000001", "status": "HEARING_REQUESTED", "versionNumber": 1},
    "caseDetails": {
        "caseRef": "1680000000000001",
        "externalCaseReference": "QB26C50001",
        "hmctsInternalCaseName": "North Council and Thistledown",
        "caseManagementLocationCode": "301",
        "caseSLAStartDate": "2026-11-02",
    },
    "hearingDetails": {
        "autolistFlag": True,
        "hearingType": "ABA3-CMH",
        "hearingWindow": {"dateRangeStart": "2027-01-18", "dateRangeEnd": "2027-02-12"},
        "duration": 60,
        "listingComments": "Marigold is afraid of him",
        "panelRequirements": {
            "panelPreferences": [{"memberID": "J2", "memberType": "JUDGE", "requirementType": "OPTINC"}]
        },
    },
    "partyDetails": [
        {
            "partyID": "P1",
            "partyRole": "RESP",
            "individualDetails": {
                "firstName": "Marigold",
                "lastName": "Thistledown",
                "hearingChannelPhone": ["07700 900123"],
                "hearingChannelEmail": ["marigold@post.example"],
                "vulnerabilityDetails": "lives in Refuge Lane",
                "reasonableAdjustments": ["RA0042"],
            },
            "unavailabilityRanges": [
                {
                    "unavailableFromDate": "2027-01-18",
                    "unavailableToDate": "2027-01-20",
                    "unavailabilityType": "All Day",
                }
            ],
            "unavailabilityDOW": [{"DOW": "Friday", "DOWUnavailabilityType": "PM"}],
        }
    ],
    "hearingResponse": {
        "listingStatus": "FIXED",
        "hearingDaySchedule": [{"hearingStartDateTime": "2027-02-01T10:00:00Z", "hearingJudgeId": "J2"}],
    },
}
DIARY: dict[str, Any] = {
    "court": {
        "kind": "listing",
        "first_date": "2026-11-16",
        "last_date": "2027-05-14",
        "judges": [{"id": "J1", "closed": [{"first": "2026-11-19 am", "last": "2026-11-20 pm"}]}],
        "rooms": [{"id": "R1", "features": ["screens"]}],
        "types": [{"id": "ABA3-CMH", "list_at_quantile": 0.8}],
        "closed_dates": ["2026-12-25"],
    },
    "gap_sessions": {"ABA3-CMH": 10},
    "features": {"RA0042": "screens"},
}


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a document with another value at a path such as `partyDetails.0.partyID`; without it where it is None."""
    made = copy.deepcopy(document)
    *parents, last = (int(step) if step.isdigit() else step for step in path.split("."))
    part: Any = made
    for step in parents:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return made


def read(tmp_path: Path, document: object) -> Reading:
    path = tmp_path / "sent.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_file(path, Source("court-list", "family-court", "hearing_management", 2026), None)


def everything_of(reading: Reading) -> str:
    return repr((reading.records, reading.rejects, reading.issues, reading.report()))


def test_a_request_is_kept_without_whom_it_names(tmp_path: Path) -> None:
    reading = read(tmp_path, [REQUEST])
    (row,) = reading.records["hearing_request"]
    assert json.loads(row["request"])["partyDetails"][0]["individualDetails"] == {"reasonableAdjustments": ["RA0042"]}
    assert [name for name in NAMES if name in everything_of(reading)] == []
    assert row["sensitivity"] == "special"
    assert reading.unmapped == {}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("requestDetails.hearingRequestID", None, "key_missing"),
        ("caseDetails.caseRef", "", "key_missing"),
        ("caseDetails.caseRef", "Marigold Thistledown", "code_unknown"),
        ("caseDetails.caseManagementLocationCode", None, "key_missing"),
        ("caseDetails.caseSLAStartDate", "Marigold", "date_invalid"),
        ("hearingDetails", None, "key_missing"),
        ("hearingDetails.hearingType", "Final hearing of Marigold", "code_unknown"),
        ("hearingDetails.duration", "Marigold", "number_invalid"),
        ("hearingDetails.duration", True, "number_invalid"),
        ("hearingDetails.duration", 0, "number_invalid"),
        ("hearingDetails.autolistFlag", "Marigold", "flag_invalid"),
        ("hearingDetails.hearingWindow", "Marigold", "wrong_type"),
        ("hearingDetails.hearingWindow.dateRangeStart", "2027-02-30", "date_invalid"),
        ("hearingDetails.panelRequirements.panelPreferences.0.requirementType", "Marigold", "code_unknown"),
        ("partyDetails", "Marigold", "wrong_type"),
        ("partyDetails.0", "Marigold", "wrong_type"),
        ("partyDetails.0.partyID", None, "key_missing"),
        ("partyDetails.0.individualDetails.reasonableAdjustments", ["Marigold Thistledown"], "code_unknown"),
        ("partyDetails.0.unavailabilityRanges.0.unavailableToDate", None, "key_missing"),
        ("partyDetails.0.unavailabilityDOW.0.DOW", "Marigold", "code_unknown"),
        ("hearingResponse.hearingDaySchedule.0.hearingStartDateTime", "Marigold", "date_invalid"),
    ],
)
def test_a_request_with_a_fault_is_refused_with_its_place_and_never_its_value(
    path: str, value: Any, rule: str, tmp_path: Path
) -> None:
    reading = read(tmp_path, [REQUEST, changed(REQUEST, path, value)])
    assert len(reading.records["hearing_request"]) == 1
    (reject,) = reading.rejects
    assert (reject.part, reject.position, reject.rule) == ("requests", "/1", rule)
    (issue,) = [issue for issue in reading.issues if issue.severity == "reject"]
    field = ".".join(step for step in path.split(".") if not step.isdigit())
    assert issue.field == field
    assert issue.message.startswith(field) and issue.message.endswith("Ask the sender to correct it.")
    assert [name for name in NAMES if name in everything_of(reading)] == []


def test_every_fault_of_a_request_is_told(tmp_path: Path) -> None:
    twice = changed(changed(REQUEST, "hearingDetails.duration", 0), "caseDetails.caseSLAStartDate", "soon")
    reading = read(tmp_path, [twice])
    told = [(issue.severity, issue.rule, issue.field) for issue in reading.issues]
    assert told == [
        ("reject", "date_invalid", "caseDetails.caseSLAStartDate"),
        ("warning", "number_invalid", "hearingDetails.duration"),
    ]
    assert len(reading.rejects) == 1


def test_a_request_that_is_there_twice_is_read_once(tmp_path: Path) -> None:
    reading = read(tmp_path, [REQUEST, REQUEST])
    assert len(reading.records["hearing_request"]) == 1
    assert [(reject.rule, reject.position) for reject in reading.rejects] == [("key_repeated", "/1")]


def test_a_field_that_nobody_named_is_counted_and_not_kept(tmp_path: Path) -> None:
    reading = read(tmp_path, [changed(REQUEST, "hearingDetails.extraNotes", "Marigold")])
    assert dict(reading.unmapped) == {"hearingDetails.extraNotes": 1}
    assert "Marigold" not in everything_of(reading)


def test_a_diary_is_kept_whole_as_far_as_it_is_known(tmp_path: Path) -> None:
    reading = read(tmp_path, changed(DIARY, "court.secretary", "Marigold"))
    (row,) = reading.records["court_diary"]
    assert json.loads(row["diary"]) == DIARY
    assert dict(reading.unmapped) == {"court.secretary": 1}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("court", [], "wrong_type"),
        ("court.kind", "placements", "code_unknown"),
        ("court.judges", None, "key_missing"),
        ("court.judges.0.id", "Her Honour Judge Larkspur", "code_unknown"),
        ("court.judges.0.closed.0.first", "2026-11-19", "date_invalid"),
        ("court.last_date", "next spring", "date_invalid"),
        ("court.types.0.list_at_quantile", 80, "number_invalid"),
        ("court.closed_dates", ["Christmas"], "date_invalid"),
        ("gap_sessions", {"Final hearing": 3}, "code_unknown"),
        ("gap_sessions.ABA3-CMH", -1, "number_invalid"),
        ("features.RA0042", 1.5, "code_unknown"),
    ],
)
def test_a_diary_with_a_fault_is_refused_with_its_place(path: str, value: Any, rule: str, tmp_path: Path) -> None:
    reading = read(tmp_path, changed(DIARY, path, value))
    assert reading.records["court_diary"] == []
    assert [(reject.part, reject.rule) for reject in reading.rejects] == [("diary", rule)]
    assert "Larkspur" not in everything_of(reading)


@pytest.mark.parametrize("document", [{"cases": []}, [{"id": "1", "state": "OPEN"}], "hearings", 7])
def test_another_document_is_no_court_list(document: object, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read(tmp_path, document)


@pytest.mark.parametrize("day", ["20270118", "2027-W03-1", "2027-01-181", "0001-01-01", "9999-12-31", "18/01/2027"])
def test_a_day_is_written_one_way_and_within_reckoning(day: str, tmp_path: Path) -> None:
    reading = read(tmp_path, [changed(REQUEST, "hearingDetails.hearingWindow.dateRangeStart", day)])
    assert [reject.rule for reject in reading.rejects] == ["date_invalid"]


def test_no_value_is_ever_said_and_no_text_kept_that_has_no_form(tmp_path: Path) -> None:
    words = json.loads(json.dumps(with_canaries([REQUEST])).replace(CANARY, f"{CANARY} "))
    reading = read_value(tmp_path, words, "hearing_management")
    assert counts(reading) == {"requests": (1, 1)}
    assert CANARY not in said(reading) + reading.rejects[0].row


@given(damaged([REQUEST, changed(REQUEST, "requestDetails.hearingRequestID", "2000000002")]))
@settings(max_examples=150, deadline=None)
def test_damaged_requests_never_break_the_law(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read_or_refuse(Path(folder), value, "hearing_management")
    assert reading is None or CANARY not in said(reading)


@given(damaged(DIARY))
@settings(max_examples=150, deadline=None)
def test_a_damaged_diary_never_breaks_the_law(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read_or_refuse(Path(folder), value, "hearing_management")
    assert reading is None or CANARY not in said(reading)


def test_no_request_at_all_is_a_court_without_work(tmp_path: Path) -> None:
    assert read(tmp_path, []).rejects == []
