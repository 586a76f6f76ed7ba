"""Family public law cases: a clock for each child, hidden details, hearings and their causes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from braid.extracts.model import UnreadableFile
from extracts.documents import (
    CANARY,
    counts,
    damaged,
    read_document,
    read_or_refuse,
    read_value,
    rows,
    rules,
    said,
    with_canaries,
)
from shared import shared_folder

STANDARD = "fpl"
FIXTURES = ("gatekeepingWithPastHearingDetails", "mandatoryWithMultipleChildren", "prepareForHearing")


def party(key: str, value: dict[str, Any], **beside: Any) -> dict[str, Any]:
    """Return a party as CCD keeps it in a collection."""
    return {"id": key, "value": {"party": value, **beside}}


def hearing(key: str, kind: str, start: str, **more: Any) -> dict[str, Any]:
    """Return a hearing as CCD keeps it in a collection."""
    return {"id": key, "value": {"type": kind, "startDate": start, "endDate": start, "venue": "96", **more}}


def case(**changes: Any) -> dict[str, Any]:
    """Return a case of two children and their mother, with an adjourned and a held hearing."""
    data = {
        "familyManCaseNumber": "QB26C00001",
        "dateSubmitted": "2026-01-05",
        "dateOfIssue": "2026-01-07",
        "orders": {"orderType": ["CARE_ORDER", "OTHER"]},
        "children1": [
            party("c-1", {"firstName": "Ann", "lastName": "Archer", "dateOfBirth": "2020-05-01", "gender": "Girl"}),
            party(
                "c-2",
                {
                    "firstName": "Ben",
                    "lastName": "Archer",
                    "dateOfBirth": "2018-05-01",
                    "gender": "Boy",
                    "detailsHidden": "Yes",
                },
            ),
        ],
        "respondents1": [
            party(
                "r-1",
                {
                    "firstName": "Cat",
                    "lastName": "Archer",
                    "dateOfBirth": "1990-01-01",
                    "gender": "Female",
                    "relationshipToChild": "Mother",
                    "address": {"AddressLine1": "1 High Street", "PostTown": "Ardenton", "PostCode": "QB1 1AA"},
                    "telephoneNumber": {"telephoneNumber": "07700 900002"},
                },
            )
        ],
        "hearingDetails": [
            hearing("h-1", "CASE_MANAGEMENT", "2026-01-21T10:00:00", attendance=["IN_PERSON"]),
            hearing("h-2", "FINAL", "2026-12-01T10:00:00"),
        ],
        "cancelledHearingDetails": [
            hearing("h-0", "CASE_MANAGEMENT", "2026-01-19T10:00:00", status="ADJOURNED", cancellationReason="LA5")
        ],
        "risks": {"neglect": "Yes", "sexualAbuse": "No"},
        "factorsParenting": {"alcoholDrugAbuse": "Yes"},
        "courtServicesNeeded": ["INTERPRETER"],
    } | changes
    return {"id": 1700000000000001, "state": "PREPARE_FOR_HEARING", "caseData": data}


def test_exact_records(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [case()], STANDARD)
    assert counts(reading) == {
        "cases": (1, 0),
        "orders": (2, 0),
        "children": (2, 0),
        "respondents": (1, 0),
        "hearings": (2, 0),
        "cancelled_hearings": (1, 0),
        "risks": (1, 0),
        "parenting_factors": (1, 0),
        "court_services": (1, 0),
    }
    ann, ben, cat = (reading.person_record_id(f"1700000000000001/{key}") for key in ("c-1", "c-2", "r-1"))
    columns = ("record_id", "given_name", "family_name", "birth_date", "sex", "telephone", "role", "sensitivity")
    assert rows(reading, "person_record", *columns) == [
        (ann, "Ann", "Archer", "2020-05-01", "female", None, "child", "special"),
        (ben, "Ben", "Archer", "2018-05-01", "male", None, "child", "safe_address"),
        (cat, "Cat", "Archer", "1990-01-01", "female", "07700 900002", "respondent", "special"),
    ]
    assert rows(reading, "identifier", "scheme", "value") == [("family_case", "QB26C00001")] * 3
    assert rows(reading, "stay", "person_record_id", "postcode", "confidential", "sensitivity") == [
        (ben, None, True, "safe_address"),
        (cat, "QB1 1AA", False, "special"),
    ]
    assert rows(reading, "episode", "person_record_id", "episode_ref", "kind", "role", "start_date", "legal_basis") == [
        (person, "QB26C00001", "family_case", role, "2026-01-07", "fpl:CARE_ORDER;fpl:OTHER")
        for person, role in ((ann, "child"), (ben, "child"), (cat, "respondent"))
    ]
    assert rows(
        reading, "wait", "person_record_id", "kind", "start_date", "start_event", "stop_date", "sensitivity"
    ) == [
        (person, kind, "2026-01-07", "dateOfIssue", stop, "special")
        for person in (ann, ben)
        for kind, stop in (("care_proceedings", None), ("care_first_hearing", "2026-01-21"))
    ]
    events = rows(
        reading, "event", "person_record_id", "subkind", "start_date", "status", "status_reason", "cause_group", "mode"
    )
    assert events == [
        (person, *rest)
        for rest in (
            ("fpl:CASE_MANAGEMENT", "2026-01-21", "completed", None, None, "in person"),
            ("fpl:FINAL", "2026-12-01", "booked", None, None, None),
            ("fpl:CASE_MANAGEMENT", "2026-01-19", "adjourned", "fpl:LA5", "service_evidence", None),
        )
        for person in (ann, ben)
    ]
    assert rows(reading, "need", "person_record_id", "whose", "code") == [
        *((person, "person", "neglect") for person in (ann, ben)),
        *((person, "parent", "substance_alcohol") for person in (ann, ben)),
    ]
    assert sorted(rows(reading, "relationship", "person_record_id", "other_person_record_id", "kind")) == sorted(
        [(child, cat, kind) for child in (ann, ben) for kind in ("respondent_in_case_with", "parent")]
        + [(ann, ben, "same_family_case")]
    )
    assert reading.issues == []


def test_an_extension_moves_each_child_by_its_own_date(tmp_path: Path) -> None:
    data = case(caseCompletionDate="2026-09-02", caseExtensionReasonList="TIMETABLE_FOR_PROCEEDINGS")
    data["caseData"]["children1"][0]["value"]["party"] |= {
        "completionDate": "2026-10-28",
        "extensionReason": "DELAY_IN_CASE_OR_IMPACT_ON_CHILD",
    }
    reading = read_value(tmp_path, [data], STANDARD)
    found = rows(reading, "wait", "kind", "exception", "extended_to_date")
    assert [row for row in found if row[0] == "care_proceedings"] == [
        ("care_proceedings", "fpl:DELAY_IN_CASE_OR_IMPACT_ON_CHILD", "2026-10-28"),
        ("care_proceedings", "fpl:TIMETABLE_FOR_PROCEEDINGS", "2026-09-02"),
    ]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"extensionReason": "NO_EXTENSION"}, (None, None)),
        ({"extensionReason": "no_extension", "completionDate": "2026-07-08"}, (None, None)),
        ({}, ("fpl:TIMETABLE_FOR_PROCEEDINGS", "2026-09-02")),
        ({"extensionReason": ""}, ("fpl:TIMETABLE_FOR_PROCEEDINGS", "2026-09-02")),
        ({"completionDate": "2026-10-28"}, ("fpl:TIMETABLE_FOR_PROCEEDINGS", "2026-10-28")),
    ],
)
def test_a_child_that_was_not_extended_does_not_get_the_extension_of_the_case(
    tmp_path: Path, own: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    data = case(caseCompletionDate="2026-09-02", caseExtensionReasonList="TIMETABLE_FOR_PROCEEDINGS")
    data["caseData"]["children1"][0]["value"]["party"] |= own
    reading = read_value(tmp_path, [data], STANDARD)
    ann = reading.person_record_id("1700000000000001/c-1")
    found = rows(reading, "wait", "person_record_id", "kind", "exception", "extended_to_date")
    assert [row[2:] for row in found if row[:2] == (ann, "care_proceedings")] == [expected]


def test_without_a_reason_the_completion_date_extends_nothing(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [case(caseCompletionDate="2026-07-08")], STANDARD)
    assert rows(reading, "wait", "extended_to_date") == [(None,)] * 4


@pytest.mark.parametrize(
    ("asked", "exception"),
    [
        ({"hearingUrgencyType": "SAME_DAY"}, "fpl:SAME_DAY"),
        ({"hearingUrgencyType": "URGENT", "timeFrame": "Within 18 days"}, "fpl:URGENT"),
        ({"hearingUrgencyType": "STANDARD", "timeFrame": "Same day"}, None),
        ({"timeFrame": "Same day"}, "fpl:SAME_DAY"),
        ({"timeFrame": "Within 2 days"}, "fpl:URGENT"),
        ({"timeFrame": "Within 18 days"}, None),
        ({"timeFrame": "Other"}, None),
        ({}, None),
    ],
)
def test_an_urgent_first_hearing_is_not_held_to_the_days_of_a_standard_one(
    tmp_path: Path, asked: dict[str, str], exception: str | None
) -> None:
    reading = read_value(tmp_path, [case(hearing=asked)], STANDARD)
    found = rows(reading, "wait", "kind", "exception")
    assert found == [("care_proceedings", None), ("care_first_hearing", exception)] * 2
    assert reading.issues == []


def test_an_urgency_nobody_mapped_is_said_and_lifts_nothing(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [case(hearing={"hearingUrgencyType": CANARY})], STANDARD)
    assert set(rows(reading, "wait", "exception")) == {(None,)}
    assert "code_unknown" in rules(reading) and CANARY not in said(reading)


def test_a_final_order_stops_the_clock_of_its_child_only(tmp_path: Path) -> None:
    data = case()
    data["caseData"]["children1"][0]["value"] |= {
        "finalDecisionDate": "2026-06-30",
        "finalOrderIssuedType": "CARE_ORDER",
    }
    reading = read_value(tmp_path, [data], STANDARD)
    assert [row for row in rows(reading, "wait", "kind", "stop_date") if row[0] == "care_proceedings"] == [
        ("care_proceedings", "2026-06-30"),
        ("care_proceedings", None),
    ]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"dateOfIssue": None, "dateSubmitted": "TO BE FILLED"}, "date_not_readable"),
        ({"dateOfIssue": "next week"}, "date_not_readable"),
        ({"dateOfIssue": None, "dateSubmitted": None}, "wait_without_start"),
    ],
)
def test_a_case_without_a_readable_date_is_kept_without_wait(
    tmp_path: Path, changes: dict[str, Any], rule: str
) -> None:
    reading = read_value(tmp_path, [case(**changes)], STANDARD)
    assert counts(reading)["cases"] == (1, 0) and "wait" not in reading.records
    assert rule in rules(reading) and len(reading.records["episode"]) == 3


def test_submission_starts_the_clock_where_nothing_was_issued(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [case(dateOfIssue=None)], STANDARD)
    assert set(rows(reading, "wait", "start_date", "start_event")) == {("2026-01-05", "dateSubmitted")}


def test_a_closed_case_without_date_has_no_open_clock(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [case() | {"state": "CLOSED"}], STANDARD)
    assert "wait" not in reading.records and "closed_without_date" in rules(reading)


@pytest.mark.parametrize(
    "hidden",
    [
        {"detailsHidden": "Yes"},
        {"detailsHidden": [CANARY]},
        {"contactDetailsHidden": "Yes"},
        {"isAddressConfidential": "Yes"},
        {"livingSituation": "Living in a refuge"},
        {"livingSituation": "LIVE_IN_REFUGE"},
    ],
)
def test_hidden_details_are_hidden_and_doubt_counts_as_hidden(tmp_path: Path, hidden: dict[str, Any]) -> None:
    data = case()
    data["caseData"]["respondents1"][0]["value"]["party"] |= hidden
    reading = read_value(tmp_path, [data], STANDARD)
    mother = reading.person_record_id("1700000000000001/r-1")
    assert (mother, True, "safe_address") in rows(reading, "stay", "person_record_id", "confidential", "sensitivity")
    assert CANARY not in said(reading)


def test_a_reason_is_read_as_the_courts_own_code_however_it_is_written(tmp_path: Path) -> None:
    data = case()
    data["caseData"]["cancelledHearingDetails"][0]["value"]["cancellationReason"] = "la11"
    reading = read_value(tmp_path, [data], STANDARD)
    found = {row for row in rows(reading, "event", "status_reason", "cause_group") if row[0]}
    assert found == {("fpl:LA11", "service_evidence")}


def test_unknown_codes_and_empty_parties(tmp_path: Path) -> None:
    data = case(orders={"orderType": [CANARY, None]})
    data["caseData"]["cancelledHearingDetails"][0]["value"] |= {"cancellationReason": CANARY, "status": CANARY}
    data["caseData"]["children1"] += [{"id": "c-3", "value": {"party": {}}}, CANARY]
    reading = read_value(tmp_path, [data], STANDARD)
    assert counts(reading)["children"] == (4, 2) and counts(reading)["orders"] == (2, 1)
    assert reading.unmapped["caseData.cancelledHearingDetails.value.cancellationReason (code)"] == 1
    assert {"code_unknown", "party_empty", "order_without_type"} <= rules(reading)
    assert CANARY not in said(reading) and json.loads(reading.rejects[-1].row) == CANARY


def _expected(document: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Count the parts of a fixture straight from its JSON."""
    data = document["caseData"]
    found = {
        "cases": 1,
        "orders": len(data["orders"]["orderType"]),
        "children": len(data["children1"]),
        "respondents": len(data["respondents1"]),
        "others": 1 + len(data["others"]["additionalOthers"]) if "others" in data else 0,
        "hearings": len(data.get("hearingDetails", [])),
    }
    return {part: (number, 0) for part, number in found.items() if number}


@pytest.mark.parametrize("name", FIXTURES)
def test_published_cases(name: str) -> None:
    path = shared_folder("fixtures", "fpl", f"{name}.json")
    document = json.loads(path.read_bytes())
    reading = read_document(path, STANDARD)
    assert counts(reading) == _expected(document)
    assert rules(reading) <= {"date_not_readable", "wait_without_start", "case_without_key"}
    children = [item["value"]["party"] for item in document["caseData"]["children1"]]
    people = rows(reading, "person_record", "given_name", "family_name", "birth_date", "role")
    assert [row[:3] for row in people if row[3] == "child"] == [
        (child["firstName"], child["lastName"], child["dateOfBirth"]) for child in children
    ]
    assert "wait" not in reading.records
    assert reading.records == read_document(path, STANDARD).records


def test_published_hearings_are_events_of_the_child() -> None:
    reading = read_document(shared_folder("fixtures", "fpl", "prepareForHearing.json"), STANDARD)
    assert rows(reading, "event", "episode_ref", "start_date", "end_date", "status") == [
        ("mockcaseID", "2020-01-01", "2020-01-02", "completed"),
        ("mockcaseID", "2020-03-01", "2020-03-02", "completed"),
        ("mockcaseID", "2050-01-01", "2050-01-02", "booked"),
    ]


def test_a_case_without_wrapper_is_the_same_case(tmp_path: Path) -> None:
    bare = {"id": 1700000000000001, "state": "PREPARE_FOR_HEARING", **case()["caseData"]}
    wrapped = read_value(tmp_path, case(), STANDARD)
    reading = read_value(tmp_path, bare, STANDARD)
    assert {row["record_id"] for row in reading.records["wait"]} == {
        row["record_id"] for row in wrapped.records["wait"]
    }


@pytest.mark.parametrize("value", [{}, 3, None, [1], {"totalResults": 1, "cases": []}, {"resourceType": "Patient"}])
def test_other_documents_are_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_value(tmp_path, value, STANDARD)
    assert refusal.value.rule == "wrong_standard"


def test_a_case_without_data_is_refused_and_kept(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [case(), {"id": 2, "caseData": [CANARY]}, None], STANDARD)
    assert counts(reading)["cases"] == (3, 2) and CANARY not in said(reading)


def test_a_fixture_cut_short_is_refused(tmp_path: Path) -> None:
    content = shared_folder("fixtures", "fpl", "prepareForHearing.json").read_bytes()
    path = tmp_path / "case.json"
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFile) as refusal:
        read_document(path, STANDARD)
    assert refusal.value.rule == "file_truncated"


def test_no_value_is_ever_said(tmp_path: Path) -> None:
    reading = read_value(tmp_path, with_canaries([case()]), STANDARD)
    assert CANARY not in said(reading) and reading.issues


@given(damaged([case(), case(familyManCaseNumber="QB26C00002")]))
@settings(max_examples=150, deadline=None)
def test_damage_never_breaks_the_law(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read_or_refuse(Path(folder), value, STANDARD)
    assert reading is None or CANARY not in said(reading)
