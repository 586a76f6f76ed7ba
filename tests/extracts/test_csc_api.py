"""The daily feed of children's social care: it agrees with the census and the return, and survives what is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import read_file
from extracts.documents import CANARY, counts, damaged, read_or_refuse, read_value, rows, rules, said

CENSUS = """
<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year></CollectionDetails></Header>
<Children><Child>
<ChildIdentifiers><LAchildID>C1</LAchildID><UPN>A123456789123</UPN><PersonBirthDate>2015-03-27</PersonBirthDate><Sex>F</Sex></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>
<CINdetails><CINreferralDate>2026-01-05</CINreferralDate><ReferralSource>4</ReferralSource><ReferralNFA>false</ReferralNFA>
<CINclosureDate>2026-06-30</CINclosureDate><ReasonForClosure>RC8</ReasonForClosure>
<Assessments><AssessmentActualStartDate>2026-01-06</AssessmentActualStartDate><AssessmentAuthorisationDate>2026-02-20</AssessmentAuthorisationDate><FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>
<Assessments><AssessmentActualStartDate>2026-03-10</AssessmentActualStartDate></Assessments>
<CINPlanDates><CINPlanStartDate>2026-03-20</CINPlanStartDate></CINPlanDates>
<Section47><S47ActualStartDate>2026-02-02</S47ActualStartDate><DateOfInitialCPC>2026-02-20</DateOfInitialCPC><ICPCnotRequired>false</ICPCnotRequired></Section47>
</CINdetails></Child></Children></Message>"""
EPISODES = """CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN
C1,02/03/2026,S,,,U1,,20/04/2026,X1,CARPL,,ZZ1 2AA,
C1,20/04/2026,P,,,K2,,,,,,ZZ1 3AA,
"""
CHILD: dict[str, Any] = {
    "la_child_id": "C1",
    "child_details": {
        "unique_pupil_number": "A123456789123",
        "date_of_birth": "2015-03-27T00:00:00",
        "sex": "F",
        "ethnicity": "WBRI",
        "disabilities": ["SSD_PH"],
        "purge": False,
    },
    "social_care_episodes": [
        {
            "social_care_episode_id": "S1",
            "referral_date": "2026-01-05",
            "referral_source": "4",
            "referral_no_further_action_flag": False,
            "closure_date": "2026-06-30",
            "closure_reason": "RC8",
            "child_and_family_assessments": [
                {
                    "child_and_family_assessment_id": "A1",
                    "start_date": "2026-01-06",
                    "authorisation_date": "2026-02-20",
                    "factors": ["3B"],
                },
                {"child_and_family_assessment_id": "A2", "start_date": "2026-03-10"},
            ],
            "child_in_need_plans": [{"child_in_need_plan_id": "P1", "start_date": "2026-03-20"}],
            "section_47_assessments": [
                {
                    "section_47_assessment_id": "Q1",
                    "start_date": "2026-02-02",
                    "icpc_required_flag": True,
                    "icpc_date": "2026-02-20",
                }
            ],
            "child_looked_after_placements": [
                {
                    "child_looked_after_placement_id": "L1",
                    "start_date": "2026-03-02",
                    "start_reason": "S",
                    "placement_type": "U1",
                    "postcode": "ZZ1 2AA",
                    "end_date": "2026-04-20",
                    "end_reason": "X1",
                    "change_reason": "CARPL",
                },
                {
                    "child_looked_after_placement_id": "L2",
                    "start_date": "2026-04-20",
                    "start_reason": "P",
                    "placement_type": "K2",
                    "postcode": "ZZ1 3AA",
                },
            ],
            "adoption": {"initial_decision_date": "2026-05-01", "matched_date": "2026-05-20"},
            "care_leavers": {"contact_date": "2026-06-01", "activity": "F2", "accommodation": "S"},
            "purge": False,
        }
    ],
    "purge": False,
}
LINEAGE = {"standard", "file_sha256", "row_ref", "as_of_date"}


def _source(standard: str) -> Source:
    return Source("council", "organisation", standard, 2026)


def _returned(folder: Path) -> list[Reading]:
    census, episodes = folder / "census.xml", folder / "episodes.csv"
    census.write_text(CENSUS, encoding="utf-8")
    episodes.write_text(EPISODES, encoding="utf-8")
    return [read_file(census, _source("cin")), read_file(episodes, _source("ssda903"))]


def test_the_feed_and_the_yearly_returns_of_one_council_make_the_same_records(tmp_path: Path) -> None:
    """By id and by what they say; the feed says more, and nothing of these otherwise."""
    path = tmp_path / "children.json"
    path.write_text(json.dumps([CHILD]), encoding="utf-8")
    fed = read_file(path, _source("csc_api"))
    by_id = {row["record_id"]: row for own in fed.records.values() for row in own}
    compared = 0
    for reading in _returned(tmp_path):
        for record_type, own in reading.records.items():
            for row in own:
                twin = by_id[row["record_id"]]
                for name, value in row.items():
                    if name not in LINEAGE and value is not None:
                        assert twin.get(name) == value, (record_type, name)
                        compared += 1
    assert compared > 150
    assert fed.issues[0].rule == "upn_check" and rules(fed) == {"upn_check"}
    assert not fed.unmapped


def test_a_placeholder_is_no_code_and_no_key(tmp_path: Path) -> None:
    child = {**CHILD, "mis_child_id": "SSD_PH", "child_details": {"sex": "SSD_PH", "unique_pupil_number": "ssd_ph"}}
    reading = read_value(tmp_path, [child], "csc_api")
    assert rows(reading, "identifier", "scheme") == [("la_child",)]
    assert rows(reading, "person_record", "sex") == [(None,)]
    assert not reading.unmapped


def test_unmapped_fields_and_codes_are_counted_by_where_they_are(tmp_path: Path) -> None:
    episode = {**CHILD["social_care_episodes"][0], "referral_source": "ZZ", "newer": 1, f"{CANARY} x": {"a": 1}}
    reading = read_value(tmp_path, [{**CHILD, "newer": [1], "social_care_episodes": [episode]}], "csc_api")
    assert reading.unmapped == {
        "children.newer": 1,
        "social_care_episodes.newer": 1,
        "social_care_episodes.(other)": 1,
        "referral_source:code-unknown": 1,
    }
    assert {issue.field for issue in reading.issues if issue.rule == "code_unknown"} == {"referral_source"}


def test_no_clock_runs_of_which_the_feed_cannot_tell_the_end(tmp_path: Path) -> None:
    plan = {"child_protection_plan_id": "P", "start_date": "2026-02-23"}
    episode = {"social_care_episode_id": "S", "referral_date": "2026-01-05", "child_protection_plans": [plan]}
    asked = {"education_health_care_plan_id": "E", "request_received_date": "2026-02-02"}
    care = [asked, {**asked, "education_health_care_plan_id": "F", "request_outcome_date": "2026-03-02"}]
    child = {"la_child_id": "C1", "social_care_episodes": [episode], "education_health_care_plans": care}
    reading = read_value(tmp_path, [child], "csc_api")
    assert sorted((kind, str(stop)) for kind, stop in rows(reading, "wait", "kind", "stop_date")) == [
        ("cin_decision", "2026-02-23"),
        ("ehcp_decision", "2026-03-02"),
        ("ehcp_decision", "None"),
        ("ehcp_plan", "None"),
    ]


def test_a_referral_without_its_date_is_refused_with_what_follows_it_and_placements_are_not(tmp_path: Path) -> None:
    episode = {**CHILD["social_care_episodes"][0], "referral_date": None}
    reading = read_value(tmp_path, [{**CHILD, "social_care_episodes": [episode]}], "csc_api")
    assert counts(reading)["social_care_episodes"] == (1, 1)
    assert counts(reading)["child_and_family_assessments"] == (2, 2)
    assert counts(reading)["child_looked_after_placements"] == (2, 0)
    assert {(one.rule, one.field) for one in reading.issues if one.severity == "reject"} == {
        ("date_missing", "referral_date"),
        ("parent_refused", None),
    }
    assert rows(reading, "episode", "kind") == [("care_leaver",), ("cla",)]


def test_places_are_pointers_into_the_file(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [{"la_child_id": "C0"}, CHILD], "csc_api")
    document = json.loads((tmp_path / "document.json").read_text(encoding="utf-8"))
    for own in reading.records.values():
        for row in own:
            value = document
            for step in row["row_ref"].strip("/").split("/"):
                value = value[int(step)] if isinstance(value, list) else value[step]
            assert isinstance(value, dict)
    assert rows(reading, "stay", "row_ref")[0] == ("/1/social_care_episodes/0/child_looked_after_placements/0",)


@pytest.mark.parametrize("value", [{"cases": []}, [{"id": 1}], ["C1"], {"resourceType": "Patient"}])
def test_another_standard_is_refused_whole(tmp_path: Path, value: object) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_value(tmp_path, value, "csc_api")
    assert refusal.value.rule == "wrong_standard"


def test_an_empty_day_is_no_fault(tmp_path: Path) -> None:
    reading = read_value(tmp_path, [], "csc_api")
    assert not reading.records and not reading.issues


@settings(max_examples=60, deadline=None)
@given(damaged([CHILD]))
def test_damaged_payloads_are_read_or_refused_and_never_repeated(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    reading = read_or_refuse(tmp_path_factory.mktemp("damaged"), value, "csc_api")
    if reading is not None:
        assert CANARY not in said(reading)


@settings(max_examples=30, deadline=None)
@given(st.permutations([CHILD, {"la_child_id": "C2", "child_details": {"sex": "M"}}, {"la_child_id": "C3"}]))
def test_the_order_of_children_changes_no_record(
    tmp_path_factory: pytest.TempPathFactory, order: list[dict[str, Any]]
) -> None:
    def told(value: list[dict[str, Any]]) -> dict[str, Any]:
        reading = read_value(tmp_path_factory.mktemp("order"), value, "csc_api")
        return {
            row["record_id"]: {name: cell for name, cell in row.items() if name not in LINEAGE}
            for own in reading.records.values()
            for row in own
        }

    assert told(order) == told([CHILD, {"la_child_id": "C2", "child_details": {"sex": "M"}}, {"la_child_id": "C3"}])
