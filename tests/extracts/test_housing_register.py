"""Housing register applications: who waits, from when, in which band, and whose address is protected."""

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
    write_json,
)

STANDARD = "housing_register"


def person(key: str, first: str, born: str, gender: str, relation: str) -> dict[str, Any]:
    """Return a person of an application as the register writes them."""
    return {
        "id": key,
        "title": "Ms",
        "firstName": first,
        "middleName": "May",
        "surname": "Archer",
        "dateOfBirth": born,
        "gender": gender,
        "nationalInsuranceNumber": "AB123456C" if relation == "Applicant" else None,
        "relationshipType": relation,
    }


def application(**changes: Any) -> dict[str, Any]:
    """Return an application of a mother and her son."""
    return {
        "id": "app-1",
        "reference": "HR/000 1",
        "status": "Active",
        "submittedAt": "2025-06-30T23:30:00Z",
        "sensitiveData": False,
        "mainApplicant": {
            "person": person("p-1", "Ann", "1990-04-01", "F", "Applicant"),
            "address": {"addressLine1": "1 High Street", "addressLine2": "", "postcode": "qb11aa", "addressType": "1"},
            "contactInformation": {"phoneNumber": "07700 900001"},
        },
        "otherMembers": [{"person": person("p-2", "Ben", "2016-02-29", "M", "Son")}],
        "assessment": {
            "effectiveDate": "2025-07-10",
            "informationReceivedDate": "2025-07-01",
            "bedroomNeed": 2,
            "band": "B",
            "reason": "overcrowding",
            "biddingNumber": "2000001",
        },
        "medicalNeed": {"assessmentDate": "2025-07-05", "outcome": "High", "accessibileHousingRegister": "F"},
        "closedDate": None,
        "closedReason": None,
    } | changes


def test_exact_records(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [application()], STANDARD)
    assert counts(reading) == {"applications": (1, 0), "main_applicants": (1, 0), "members": (1, 0)}
    columns = (
        "partner_record_id",
        "given_name",
        "family_name",
        "birth_date",
        "sex",
        "telephone",
        "role",
        "sensitivity",
    )
    assert rows(reading, "person_record", *columns) == [
        ("p-1", "Ann May", "Archer", "1990-04-01", "female", "07700 900001", "applicant", "normal"),
        ("p-2", "Ben May", "Archer", "2016-02-29", "male", None, "household_member", "normal"),
    ]
    ann, ben = reading.person_record_id("p-1"), reading.person_record_id("p-2")
    assert rows(reading, "identifier", "person_record_id", "scheme", "value", "check_result") == [
        (ann, "nino", "AB123456C", "pass"),
        (ann, "housing_app", "HR/0001", "none"),
        (ben, "housing_app", "HR/0001", "none"),
    ]
    assert rows(
        reading, "stay", "person_record_id", "household_ref", "kind", "address_lines", "postcode", "confidential"
    ) == [
        (ann, "app-1", "unknown", "1 High Street", "QB1 1AA", False),
        (ben, "app-1", "unknown", "1 High Street", "QB1 1AA", False),
    ]
    assert rows(reading, "episode", "person_record_id", "episode_ref", "kind", "status", "start_date", "end_date") == [
        (ann, "HR/000 1", "register", "Active", "2025-07-01", None),
        (ben, "HR/000 1", "register", "Active", "2025-07-01", None),
    ]
    assert rows(reading, "wait", "person_record_id", "kind", "priority", "start_date", "start_event", "stop_date") == [
        (ann, "register", "register_band:B", "2025-07-10", "assessment.effectiveDate", None),
        (ben, "register", "register_band:B", "2025-07-10", "assessment.effectiveDate", None),
    ]
    assert rows(reading, "need", "person_record_id", "code", "level", "assessed_date", "source_type") == [
        (ann, "medical_welfare", "High", "2025-07-05", "assessed")
    ]
    assert rows(reading, "relationship", "person_record_id", "other_person_record_id", "kind") == [
        (ann, ben, "household"),
        (ann, ben, "child"),
    ]
    assert reading.issues == []
    assert reading.unmapped["assessment.bedroomNeed"] == 1


@pytest.mark.parametrize("flag", [True, "Yes", "true", 1, "perhaps", [], {}])
def test_sensitive_data_protects_everybody_and_doubt_counts_as_sensitive(tmp_path: Path, flag: Any) -> None:
    reading = read_value(tmp_path, [application(sensitiveData=flag)], STANDARD)
    assert rows(reading, "stay", "confidential", "sensitivity") == [(True, "safe_address")] * 2


def test_a_protected_application_without_address_still_says_so(tmp_path: Path) -> None:
    without = {"person": person("p-1", "Ann", "1990-04-01", "F", "Applicant")}
    reading = read_value(tmp_path, [application(sensitiveData=True, mainApplicant=without)], STANDARD)
    assert rows(reading, "stay", "confidential", "address_lines") == [(True, None)] * 2


def test_a_copy_that_is_protected_protects_the_first(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [application(), application(sensitiveData=True)], STANDARD)
    assert rows(reading, "stay", "confidential", "sensitivity") == [(True, "safe_address")] * 2
    assert len(reading.records["wait"]) == 2


def test_a_closed_application_stops_its_waits(tmp_path: Path) -> None:
    closed = application(status="Housed", closedDate="2026-01-05", closedReason="Let")
    reading = read_value(tmp_path, [closed], STANDARD)
    assert rows(reading, "wait", "stop_date", "stop_event") == [("2026-01-05", "closedDate")] * 2
    assert rows(reading, "episode", "end_date", "end_reason") == [("2026-01-05", "housing_register:Let")] * 2
    assert rows(reading, "stay", "end_date") == [("2026-01-05",)] * 2


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"status": "Closed"}, "closed_without_date"),
        ({"assessment": None}, "wait_without_start"),
        ({"assessment": {"effectiveDate": "soon", "band": "A"}, "sensitiveData": True}, "date_not_readable"),
    ],
)
def test_no_wait_is_invented(tmp_path: Path, changes: dict[str, Any], rule: str) -> None:
    reading = read_value(tmp_path, [application(**changes)], STANDARD)
    assert "wait" not in reading.records and rule in rules(reading)
    assert len(reading.records["episode"]) == 2


def test_refused_rows_are_kept_whole(tmp_path: Path) -> None:
    nobody = {"person": {"firstName": CANARY}}
    reading = read_value(tmp_path, [application(otherMembers=[nobody, 3]), "text", {"status": "Active"}], STANDARD)
    assert counts(reading) == {"applications": (3, 2), "main_applicants": (1, 0), "members": (2, 2)}
    assert [json.loads(reject.row) for reject in reading.rejects] == [nobody, 3, "text", {"status": "Active"}]
    assert [reject.position for reject in reading.rejects] == ["/0/otherMembers/0", "/0/otherMembers/1", "/1", "/2"]
    assert CANARY not in said(reading)


def test_an_application_without_readable_date_is_refused_unless_it_protects(tmp_path: Path) -> None:
    undated = {"effectiveDate": "not yet assessed", "band": "A"}
    register = [application(assessment=undated), application(id="app-2", assessment=undated, sensitiveData=True)]
    reading = read_value(tmp_path, register, STANDARD)
    assert counts(reading)["applications"] == (2, 1)
    assert rows(reading, "stay", "household_ref", "confidential") == [("app-2", True)] * 2


def test_a_letters_only_address_is_no_stay(tmp_path: Path) -> None:
    main = application()["mainApplicant"]
    main["address"]["addressType"] = 2
    reading = read_value(tmp_path, [application(mainApplicant=main)], STANDARD)
    assert "stay" not in reading.records and "correspondence_address" in rules(reading)


def test_unknown_codes_are_counted_and_a_wrong_number_is_kept(tmp_path: Path) -> None:
    main = application()["mainApplicant"]
    main["person"] |= {"gender": CANARY, "nationalInsuranceNumber": "QQ999999Z"}
    reading = read_value(tmp_path, [application(mainApplicant=main)], STANDARD)
    assert reading.unmapped["mainApplicant.person.gender (code)"] == 1
    assert ("nino", "QQ999999Z", "fail", "identifier_check") in rows(
        reading, "identifier", "scheme", "value", "check_result", "quality"
    )
    assert CANARY not in said(reading)


@pytest.mark.parametrize("value", [{}, 3, "text", None, [1], [{}], {"cases": []}, [{"caseData": {}}]])
def test_other_documents_are_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_value(tmp_path, value, STANDARD)
    assert refusal.value.rule == "wrong_standard"


def test_an_empty_register_holds_nobody(tmp_path: Path) -> None:
    assert read_value(tmp_path, [], STANDARD).records == {}


def test_the_same_file_gives_the_same_ids(tmp_path: Path) -> None:
    path = write_json(tmp_path, [application()])
    assert read_document(path, STANDARD).records == read_document(path, STANDARD).records


def test_no_value_is_ever_said(tmp_path: Path) -> None:
    reading = read_value(tmp_path, with_canaries([application()]), STANDARD)
    assert CANARY not in said(reading) and reading.issues


@given(damaged([application(), application(id="app-2", sensitiveData=True)]))
@settings(max_examples=150, deadline=None)
def test_damage_never_breaks_the_law(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read_or_refuse(Path(folder), value, STANDARD)
    assert reading is None or CANARY not in said(reading)
