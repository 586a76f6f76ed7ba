"""Criminal cases: defendants, their wait for trial, and sitting days that are days in London."""

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

STANDARD = "common_platform"


def hearing(key: str, jurisdiction: str, kind: str, *days: str, people: tuple[str, ...] = ("d-1",)) -> dict[str, Any]:
    """Return a hearing summary with its sitting days."""
    return {
        "hearingId": key,
        "jurisdictionType": jurisdiction,
        "defendantIds": list(people),
        "hearingType": {"description": kind},
        "courtCentre": {"name": "Ardenton Crown Court", "code": "X01XX00"},
        "hearingDays": [{"sittingDay": day, "listedDurationMinutes": 30, "listingSequence": 1} for day in days],
    }


def case(**changes: Any) -> dict[str, Any]:
    """Return a case of one defendant who awaits trial."""
    return {
        "prosecutionCaseReference": "20QB0000001",
        "prosecutionCaseId": "case-1",
        "caseStatus": "ACTIVE",
        "defendantSummary": [
            {
                "defendantId": "d-1",
                "defendantFirstName": "Dan",
                "defendantMiddleName": "Lee",
                "defendantLastName": "Baker",
                "defendantDOB": "1985-03-02",
                "defendantNINO": "AB123456C",
                "defendantASN": "2600QB0000000000001X",
                "proceedingsConcluded": False,
                "offenceSummary": [{"offenceCode": "OF61102", "chargeDate": "2026-02-01", "modeOfTrial": "Either way"}],
            }
        ],
        "hearingSummary": [
            hearing("h-1", "MAGISTRATES", "First hearing", "2026-02-10T09:30:00Z"),
            hearing("h-2", "CROWN", "Plea and Trial Preparation", "2026-06-30T23:30:00.000Z"),
            hearing("h-3", "CROWN", "Trial", "2026-12-07T10:00:00Z", "2026-12-08T10:00:00Z"),
        ],
    } | changes


def result(*cases: Any) -> dict[str, Any]:
    """Return a search result."""
    return {"totalResults": len(cases), "cases": list(cases)}


def test_exact_records(tmp_path: Path) -> None:
    reading = read_value(tmp_path, result(case()), STANDARD)
    assert counts(reading) == {"cases": (1, 0), "hearings": (3, 0), "hearing_days": (4, 0), "defendants": (1, 0)}
    dan = reading.person_record_id("d-1")
    columns = ("record_id", "partner_record_id", "given_name", "family_name", "birth_date", "role", "sensitivity")
    assert rows(reading, "person_record", *columns) == [
        (dan, "d-1", "Dan Lee", "Baker", "1985-03-02", "defendant", "criminal")
    ]
    assert rows(reading, "identifier", "person_record_id", "scheme", "value", "check_result") == [
        (dan, "asn", "2600QB0000000000001X", "none"),
        (dan, "nino", "AB123456C", "pass"),
        (dan, "case_urn", "20QB0000001", "none"),
    ]
    assert rows(
        reading, "episode", "episode_ref", "kind", "role", "status", "start_date", "end_date", "sensitivity"
    ) == [("20QB0000001", "criminal_case", "defendant", "ACTIVE", "2026-02-01", None, "criminal")]
    assert rows(reading, "wait", "episode_ref", "kind", "start_date", "start_event", "stop_date", "sensitivity") == [
        ("20QB0000001", "crown_trial", "2026-07-01", "first_crown_sitting_day", None, "criminal")
    ]
    assert rows(reading, "event", "subkind", "start_date", "status", "episode_ref", "sensitivity") == [
        (f"common_platform:{kind}", day, status, "20QB0000001", "criminal")
        for kind, day, status in (
            ("First hearing", "2026-02-10", "completed"),
            ("Plea and Trial Preparation", "2026-07-01", "completed"),
            ("Trial", "2026-12-07", "booked"),
            ("Trial", "2026-12-08", "booked"),
        )
    ]
    assert reading.records["event"][1]["start_at"].isoformat() == "2026-06-30T23:30:00+00:00"
    assert reading.issues == []


def test_concluded_proceedings_stop_on_the_last_day_held(tmp_path: Path) -> None:
    done = case()
    done["defendantSummary"][0]["proceedingsConcluded"] = True
    reading = read_value(tmp_path, result(done), STANDARD)
    assert rows(reading, "wait", "start_date", "stop_date", "stop_event") == [
        ("2026-07-01", "2026-07-01", "proceedingsConcluded")
    ]


def test_only_the_crown_court_starts_the_wait(tmp_path: Path) -> None:
    summary = case(hearingSummary=[hearing("h-1", "MAGISTRATES", "First hearing", "2026-02-10T09:30:00Z")])
    assert "wait" not in read_value(tmp_path, result(summary), STANDARD).records


def test_a_hearing_is_about_the_defendants_it_names(tmp_path: Path) -> None:
    pair = case()
    pair["defendantSummary"].append({"defendantId": "d-2", "defendantLastName": "Cole", "proceedingsConcluded": False})
    reading = read_value(tmp_path, result(pair), STANDARD)
    assert rows(reading, "wait", "person_record_id") == [(reading.person_record_id("d-1"),)]
    for summary in pair["hearingSummary"]:
        del summary["defendantIds"]
    both = read_value(tmp_path, result(pair), STANDARD)
    assert len(both.records["wait"]) == 2 and len(both.records["event"]) == 8


def test_one_defendant_in_two_cases_is_one_person(tmp_path: Path) -> None:
    second = case(prosecutionCaseReference="20QB0000002")
    second["hearingSummary"] = [hearing("h-9", "CROWN", "Trial", "2026-05-05T09:00:00Z")]
    reading = read_value(tmp_path, result(case(), second), STANDARD)
    assert len(reading.records["person_record"]) == 1
    assert rows(reading, "wait", "episode_ref", "start_date") == [
        ("20QB0000001", "2026-07-01"),
        ("20QB0000002", "2026-05-05"),
    ]


def test_what_is_empty_is_refused_and_counted(tmp_path: Path) -> None:
    broken = case()
    broken["defendantSummary"] += [{}, None, CANARY]
    broken["hearingSummary"] += [{}, hearing("h-7", "CROWN", "Trial", CANARY)]
    reading = read_value(tmp_path, result(broken, {"caseStatus": CANARY}, 7), STANDARD)
    assert counts(reading) == {"cases": (3, 2), "hearings": (5, 1), "hearing_days": (5, 1), "defendants": (4, 3)}
    assert {"defendant_empty", "hearing_empty", "sitting_day_missing", "case_without_reference"} <= rules(reading)
    assert [json.loads(one.row) for one in reading.rejects if one.part == "defendants"] == [{}, None, CANARY]
    assert CANARY not in said(reading)


def test_a_page_of_more_says_so(tmp_path: Path) -> None:
    reading = read_value(tmp_path, {"totalResults": 9, "cases": [case()]}, STANDARD)
    assert "page_incomplete" in rules(reading)
    assert read_value(tmp_path, {"totalResults": 0, "cases": []}, STANDARD).records == {}


def test_published_search_result() -> None:
    path = shared_folder("fixtures", "common_platform", "prosecution_case_search_result.json")
    document = json.loads(path.read_bytes())
    hearings = [one for each in document["cases"] for one in each["hearingSummary"]]
    reading = read_document(path, STANDARD)
    assert counts(reading) == {
        "cases": (len(document["cases"]), 0),
        "hearings": (len(hearings), 0),
        "hearing_days": (sum(len(one["hearingDays"]) for one in hearings), 0),
        "defendants": (sum(len(each["defendantSummary"]) for each in document["cases"]), 0),
    }
    assert rows(reading, "wait", "start_date", "stop_date") == [("2020-08-04", "2020-09-05")]
    assert rows(reading, "person_record", "given_name", "family_name") == [("George Andrew", "Walsh")]
    assert rules(reading) == {"hearing_of_unknown_defendant"}
    assert reading.records == read_document(path, STANDARD).records


def test_published_hearing() -> None:
    path = shared_folder("fixtures", "common_platform", "hearing_with_prosecution_case.json")
    document = json.loads(path.read_bytes())["hearing"]
    reading = read_document(path, STANDARD)
    assert counts(reading) == {
        "cases": (len(document["prosecutionCases"]), 0),
        "hearings": (1, 0),
        "hearing_days": (len(document["hearingDays"]), 0),
        "defendants": (sum(len(each["defendants"]) for each in document["prosecutionCases"]), 0),
    }
    columns = ("given_name", "family_name", "other_names", "birth_date", "sex", "ethnicity", "interpreter_needed")
    assert rows(reading, "person_record", *columns) == [
        ("Jammy", "Dodger", "Wallace Cummings McClure", "1987-05-21", "male", "mixed_other", True)
    ]
    assert rows(reading, "wait", "start_date", "stop_date") == [("2019-10-25", None)]
    assert rules(reading) == {"postcode_form"}


def test_published_hearing_summary_is_about_defendants_of_other_files() -> None:
    path = shared_folder("fixtures", "common_platform", "hearing_summary_all_fields.json")
    document = json.loads(path.read_bytes())
    reading = read_document(path, STANDARD)
    assert counts(reading) == {"hearings": (1, 0), "hearing_days": (len(document["hearingDays"]), 0)}
    assert rows(reading, "event", "person_record_id", "start_date") == [
        (person, "2021-03-25") for person in sorted(reading.person_record_id(key) for key in document["defendantIds"])
    ]
    assert "person_record" not in reading.records


def test_a_hearing_of_several_cases_is_counted_once(tmp_path: Path) -> None:
    path = shared_folder("fixtures", "common_platform", "hearing_with_prosecution_case.json")
    document = json.loads(path.read_bytes())
    second = json.loads(json.dumps(document["hearing"]["prosecutionCases"][0]))
    second["prosecutionCaseIdentifier"]["caseURN"] = "20QB0000009"
    second["defendants"][0]["id"] = "d-9"
    document["hearing"]["prosecutionCases"].append(second)
    reading = read_value(tmp_path, document, STANDARD)
    assert counts(reading) == {"cases": (2, 0), "hearings": (1, 0), "hearing_days": (1, 0), "defendants": (2, 0)}
    assert [row[0] for row in rows(reading, "event", "episode_ref")] == ["20GD0217100", "20QB0000009"]


@pytest.mark.parametrize(
    "value", [{}, [], 3, None, {"caseData": {}}, {"cases": {}}, {"hearing": 3}, {"resourceType": "Patient"}]
)
def test_other_documents_are_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_value(tmp_path, value, STANDARD)
    assert refusal.value.rule == "wrong_standard"


@pytest.mark.parametrize(
    "name", ["prosecution_case_search_result", "hearing_with_prosecution_case", "hearing_summary_all_fields"]
)
def test_fixtures_cut_short_are_refused(tmp_path: Path, name: str) -> None:
    content = shared_folder("fixtures", "common_platform", f"{name}.json").read_bytes().rstrip()
    path = tmp_path / "case.json"
    for length in range(1, len(content), len(content) // 40 + 1):
        path.write_bytes(content[:length])
        with pytest.raises(UnreadableFile):
            read_document(path, STANDARD)


def test_no_value_is_ever_said(tmp_path: Path) -> None:
    reading = read_value(tmp_path, with_canaries(result(case())), STANDARD)
    assert CANARY not in said(reading) and reading.issues


_WHOLE = {
    "hearing": {
        "id": "h-1",
        "jurisdictionType": "CROWN",
        "type": {"description": "Trial"},
        "hearingDays": [{"sittingDay": "2026-05-05T09:00:00Z"}],
        "prosecutionCases": [
            {
                "prosecutionCaseIdentifier": {"caseURN": "20QB0000001"},
                "defendants": [
                    {
                        "id": "d-1",
                        "aliases": [{"firstName": "A"}],
                        "personDefendant": {
                            "arrestSummonsNumber": "A1",
                            "personDetails": {"lastName": "B", "ethnicity": {}, "address": {"postcode": "QB1 1AA"}},
                        },
                        "offences": [{"chargeDate": "2026-01-01"}],
                    }
                ],
            }
        ],
    }
}


@given(damaged(result(case(), case(prosecutionCaseReference="20QB0000002"))) | damaged(_WHOLE))
@settings(max_examples=250, deadline=None)
def test_damage_never_breaks_the_law(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read_or_refuse(Path(folder), value, STANDARD)
    assert reading is None or CANARY not in said(reading)
