"""FHIR UK Core: the same resource as XML and as JSON, alone and in a bundle."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

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

STANDARD = "fhir_ukcore"
FIXTURES = {
    "UKCore-Appointment-OrthopaedicSurgery-Example": "Appointment",
    "UKCore-Encounter-InpatientEncounter-Example": "Encounter",
    "UKCore-Patient-RichardSmith-Example": "Patient",
    "UKCore-ServiceRequest-HipReplacement-Example": "ServiceRequest",
}
NHS = "https://fhir.nhs.uk/Id/nhs-number"
STATUS = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
ETHNICITY = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"


def concept(code: str, system: str = "http://snomed.info/sct") -> dict[str, Any]:
    """Return a codeable concept of one code."""
    return {"coding": [{"system": system, "code": code}]}


def patient(**changes: Any) -> dict[str, Any]:
    """Return a patient with a right and a wrong NHS number."""
    return {
        "resourceType": "Patient",
        "id": "p-1",
        "extension": [{"url": ETHNICITY, "valueCodeableConcept": concept("C", "UKCore-EthnicCategoryEngland")}],
        "identifier": [
            {
                "system": NHS,
                "value": "999 000 0018",
                "extension": [{"url": STATUS, "valueCodeableConcept": concept("01")}],
            },
            {"system": NHS, "value": "9990000019"},
            {"system": "https://hospital.example/mrn", "value": "m 77"},
        ],
        "name": [
            {"use": "old", "family": "Baker", "given": ["Ann"]},
            {"use": "official", "family": "Archer", "given": ["Ann", "May"]},
        ],
        "gender": "female",
        "birthDate": "1990-04-01",
        "telecom": [{"system": "email", "value": "a@b.example"}, {"system": "phone", "value": "07700 900003"}],
        "address": [
            {"use": "home", "line": ["1 High Street"], "postalCode": "qb11aa", "period": {"start": "2024-01-01"}},
            {"use": "temp", "line": ["Room 2"], "postalCode": "QB1 2BB"},
            {"use": "billing", "line": ["Box 1"]},
        ],
    } | changes


SUBJECT = {"reference": "Patient/p-1"}
CARE: list[dict[str, Any]] = [
    {
        "resourceType": "RelatedPerson",
        "id": "r-1",
        "patient": SUBJECT,
        "relationship": [concept("MTH")],
        "name": [{"family": "Archer"}],
    },
    {
        "resourceType": "ServiceRequest",
        "id": "sr-1",
        "status": "active",
        "intent": "order",
        "priority": "urgent",
        "category": [concept("3457005")],
        "performerType": concept("768839008"),
        "subject": SUBJECT,
        "code": concept("110"),
        "authoredOn": "2026-03-01T23:30:00-05:00",
    },
    {
        "resourceType": "Appointment",
        "id": "a-1",
        "status": "cancelled",
        "start": "2026-07-01T23:30:00Z",
        "cancelationReason": concept("prov", "appointment-cancellation-reason"),
        "basedOn": [{"reference": "ServiceRequest/sr-1"}],
        "participant": [{"actor": SUBJECT}, {"actor": {"reference": "Practitioner/x"}}],
    },
    {"resourceType": "Encounter", "id": "e-1", "status": "finished", "class": {"code": "EMER"}, "subject": SUBJECT},
    {"resourceType": "Encounter", "id": "e-2", "status": "planned", "class": {"code": "AMB"}, "subject": SUBJECT},
    {
        "resourceType": "EpisodeOfCare",
        "id": "c-1",
        "status": "active",
        "patient": SUBJECT,
        "period": {"start": "2026-01-02"},
    },
    {"resourceType": "Flag", "id": "f-1", "status": "active", "subject": SUBJECT, "code": concept("4000001")},
    {
        "resourceType": "Task",
        "id": "t-1",
        "status": "requested",
        "for": SUBJECT,
        "authoredOn": "2026-05-01",
        "restriction": {"period": {"end": "2026-06-01"}},
    },
    {"resourceType": "Observation", "id": "o-1", "valueString": CANARY},
    {"resourceType": CANARY, "id": "x-1"},
]


def bundle(*resources: Any) -> dict[str, Any]:
    """Return a bundle whose entries have addresses."""
    entries = [{"fullUrl": f"urn:uuid:{number}", "resource": one} for number, one in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def test_exact_patient(tmp_path: Path) -> None:
    reading = read_value(tmp_path, patient(), STANDARD)
    assert counts(reading) == {"Patient": (1, 0)}
    columns = (
        "partner_record_id",
        "given_name",
        "family_name",
        "other_names",
        "birth_date",
        "sex",
        "telephone",
        "role",
    )
    assert rows(reading, "person_record", *columns) == [
        ("p-1", "Ann May", "Archer", "Ann Baker", "1990-04-01", "female", "07700 900003", "patient")
    ]
    assert rows(reading, "person_record", "ethnicity", "ethnicity_precision", "ethnicity_source", "sensitivity") == [
        ("white_other", "group", "nhs:C", "special")
    ]
    assert rows(reading, "identifier", "scheme", "value", "check_result", "status") == [
        ("nhs", "9990000018", "pass", "01"),
        ("nhs", "9990000019", "fail", None),
        ("local", "M77", "none", None),
    ]
    assert rows(reading, "stay", "kind", "postcode", "address_lines", "start_date", "confidential") == [
        ("unknown", "QB1 1AA", "1 High Street", "2024-01-01", False),
        ("ta_other", "QB1 2BB", "Room 2", None, False),
    ]
    assert rules(reading) == {"identifier_check"}


def test_exact_care(tmp_path: Path) -> None:
    reading = read_value(tmp_path, bundle(patient(), *CARE), STANDARD)
    assert counts(reading) == {
        **{one["resourceType"]: (1, 0) for one in CARE if one["resourceType"] != CANARY},
        "Patient": (1, 0),
        "Encounter": (2, 0),
        "OtherResource": (1, 0),
    }
    ann, mother = reading.person_record_id("p-1"), reading.person_record_id("RelatedPerson/r-1")
    assert rows(reading, "relationship", "person_record_id", "other_person_record_id", "kind") == [
        (ann, mother, "parent")
    ]
    assert rows(reading, "wait", "person_record_id", "episode_ref", "kind", "priority", "start_date") == [
        (ann, "sr-1", "rtt", "fhir:urgent", "2026-03-02")
    ]
    assert rows(reading, "episode", "episode_ref", "kind") == [
        ("sr-1", "rtt_pathway"),
        ("e-1", "ed_attendance"),
        ("c-1", "community_health"),
    ]
    columns = ("kind", "start_date", "status", "status_reason", "episode_ref", "planned_date")
    assert rows(reading, "event", *columns) == [
        ("appointment", "2026-07-02", "cancelled_by_service", "appointment-cancellation-reason:prov", "sr-1", None),
        ("contact", None, "booked", None, None, None),
        ("referral", "2026-05-01", "proposed", None, None, "2026-06-01"),
    ]
    assert rows(reading, "need", "code", "source_code", "source_type", "level") == [
        ("other", "sct:4000001", "flag", "active")
    ]
    assert (reading.unmapped["Observation"], reading.unmapped["OtherResource"]) == (1, 1)
    assert CANARY not in said(reading)


def test_references_by_address_and_absolute(tmp_path: Path) -> None:
    by_address = {**CARE[3], "subject": {"reference": "urn:uuid:0"}}
    absolute = {**CARE[4], "subject": {"reference": "https://fhir.example/r4/Patient/p-1/_history/2"}}
    reading = read_value(tmp_path, bundle(patient(), by_address, absolute), STANDARD)
    found = rows(reading, "episode", "person_record_id") + rows(reading, "event", "person_record_id")
    assert found == [(reading.person_record_id("p-1"),)] * 2


@pytest.mark.parametrize(("written", "read"), [("1990", ("1990-01-01", "year")), ("1990-04", ("1990-04-01", "month"))])
def test_birth_dates_keep_their_precision(tmp_path: Path, written: str, read: tuple[str, str]) -> None:
    reading = read_value(tmp_path, patient(birthDate=written), STANDARD)
    assert rows(reading, "person_record", "birth_date", "birth_date_precision") == [read]


@pytest.mark.parametrize("label", ["R", "V", "unheard of", None])
def test_a_restricted_patient_is_protected_with_and_without_address(tmp_path: Path, label: str | None) -> None:
    restricted = {"security": [{"code": label}]}
    for value in (patient(meta=restricted), patient(meta=restricted, address=[])):
        stays = rows(read_value(tmp_path, value, STANDARD), "stay", "confidential", "sensitivity")
        assert stays and set(stays) == {(True, "safe_address")}
    open_record = read_value(tmp_path, patient(meta={"security": [{"code": "N"}]}), STANDARD)
    assert set(rows(open_record, "stay", "confidential")) == {(False,)}


def extended(day: dict[str, str]) -> dict[str, Any]:
    """Return a referral that says when it was received."""
    url = "https://hospital.example/StructureDefinition/Extension-ReferralRequestReceivedDate"
    return {**CARE[1], "extension": [{"url": url, **day}]}


@pytest.mark.parametrize("day", [{"valueDate": "2026-03-04"}, {"valueDateTime": "2026-03-03T23:30:00-05:00"}])
def test_the_clock_runs_from_receipt_where_it_is_stated(tmp_path: Path, day: dict[str, str]) -> None:
    reading = read_value(tmp_path, extended(day), STANDARD)
    assert rows(reading, "wait", "start_date", "start_event") == [("2026-03-04", "received")]
    assert reading.issues == []


def test_where_only_the_day_of_writing_is_known_the_wait_and_an_issue_say_so(tmp_path: Path) -> None:
    reading = read_value(tmp_path, CARE[1], STANDARD)
    ((start, event),) = rows(reading, "wait", "start_date", "start_event")
    assert start == "2026-03-02" and event.startswith("authoredOn") and "not stated" in event
    assert rules(reading) == {"receipt_not_stated"}


@pytest.mark.parametrize(
    "changes",
    [
        {"intent": "directive"},
        {"intent": "reflex-order"},
        {"intent": None},
        {"category": None},
        {"category": [concept("108252007")]},
        {"performerType": None},
        {"performerType": concept("36682004")},
        {"priority": "stat"},
        {"category": None, "performerType": None, "code": concept("858611000000102")},
    ],
)
def test_what_is_no_elective_referral_to_a_consultant_has_no_clock(tmp_path: Path, changes: dict[str, Any]) -> None:
    reading = read_value(tmp_path, {**CARE[1], **changes}, STANDARD)
    assert "wait" not in reading.records
    assert rows(reading, "episode", "episode_ref", "kind") == [("sr-1", "health_request")]


@pytest.mark.parametrize("changes", [{"category": None, "code": concept("103696004"), "performerType": None}, {}])
def test_a_referral_to_a_consultant_has_a_clock_however_it_says_so(tmp_path: Path, changes: dict[str, Any]) -> None:
    reading = read_value(tmp_path, {**CARE[1], **changes}, STANDARD)
    assert rows(reading, "wait", "kind") == [("rtt",)]


@pytest.mark.parametrize(
    "changes", [{"status": "draft"}, {"status": "entered-in-error"}, {"intent": "proposal"}, {"intent": "plan"}]
)
def test_what_nobody_has_asked_for_is_not_read(tmp_path: Path, changes: dict[str, Any]) -> None:
    reading = read_value(tmp_path, {**CARE[1], **changes}, STANDARD)
    assert not reading.records and rules(reading) == {"not_asked_for"}


@pytest.mark.parametrize("status", ["completed", "revoked", "entered-in-error"])
def test_a_request_that_is_over_is_no_open_wait(tmp_path: Path, status: str) -> None:
    reading = read_value(tmp_path, {**CARE[1], "status": status}, STANDARD)
    assert "wait" not in reading.records and reading.issues


def test_what_cannot_be_placed_is_refused_and_kept(tmp_path: Path) -> None:
    nobody = {**CARE[3], "subject": {"reference": f"Group/{CANARY}"}}
    value = bundle(patient(id=None), nobody, {**CARE[2], "participant": []})
    value["entry"] += [{}, 3]
    reading = read_value(tmp_path, value, STANDARD)
    assert counts(reading) == {"Patient": (1, 1), "Encounter": (1, 1), "Appointment": (1, 1), "OtherResource": (2, 2)}
    assert {"resource_without_id", "subject_missing", "resource_missing"} <= rules(reading)
    assert CANARY not in said(reading)


@pytest.mark.parametrize(("name", "kind"), FIXTURES.items())
def test_published_resources(name: str, kind: str) -> None:
    path = shared_folder("fixtures", "fhir_ukcore", f"{name}.xml")
    root = etree.parse(str(path)).getroot()
    reading = read_document(path, STANDARD)
    assert counts(reading) == {etree.QName(root).localname: (1, 0)} == {kind: (1, 0)}
    assert reading.issues == []
    assert {row["row_ref"] for found in reading.records.values() for row in found} == {f"/{kind}"}
    assert reading.records == read_document(path, STANDARD).records


def test_published_values() -> None:
    folder = shared_folder("fixtures", "fhir_ukcore")
    read = {kind: read_document(folder / f"{name}.xml", STANDARD) for name, kind in FIXTURES.items()}
    columns = ("given_name", "family_name", "birth_date", "sex", "ethnicity", "ethnicity_source")
    assert rows(read["Patient"], "person_record", *columns) == [
        ("Richard", "SMITH", "1970-09-11", "male", "mixed_other", "nhs:G")
    ]
    assert rows(read["Patient"], "identifier", "value", "check_result", "status") == [("9912003888", "pass", "01")]
    assert "wait" not in read["ServiceRequest"].records, "an annual review is no referral"
    assert rows(read["ServiceRequest"], "episode", "kind", "start_date") == [("health_request", "2023-05-18")]
    assert rows(read["Encounter"], "episode", "kind", "start_date", "end_date") == [
        ("hospital_spell", "2019-12-10", "2019-12-11")
    ]
    person = rows(read["Patient"], "person_record", "record_id")
    assert rows(read["Appointment"], "event", "person_record_id") == person
    assert rows(read["Encounter"], "episode", "person_record_id") == person


def _xml_bundle() -> bytes:
    folder = shared_folder("fixtures", "fhir_ukcore")
    entries = b""
    for name in FIXTURES:
        resource = etree.tostring(etree.parse(str(folder / f"{name}.xml")).getroot())
        entries += b"<entry><resource>" + resource + b"</resource></entry>"
    return b'<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>' + entries + b"</Bundle>"


def test_a_bundle_as_xml_gives_what_its_resources_give(tmp_path: Path) -> None:
    path = tmp_path / "bundle.xml"
    path.write_bytes(_xml_bundle())
    reading = read_document(path, STANDARD)
    assert counts(reading) == dict.fromkeys(FIXTURES.values(), (1, 0))
    folder = shared_folder("fixtures", "fhir_ukcore")
    alone = {row["record_id"] for name in FIXTURES for row in _all_rows(folder / f"{name}.xml")}
    assert {row["record_id"] for row in _all_rows(path)} == alone
    assert {row["row_ref"] for row in _all_rows(path)} == {f"/Bundle/entry[{n}]/resource" for n in range(1, 5)}


def _all_rows(path: Path) -> list[dict[str, Any]]:
    return [row for found in read_document(path, STANDARD).records.values() for row in found]


def test_xml_cut_short_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    content = _xml_bundle()
    path = tmp_path / "bundle.xml"
    for length in range(1, len(content), len(content) // 40):
        path.write_bytes(content[:length])
        with pytest.raises(UnreadableFile):
            read_document(path, STANDARD)
    for other in (
        b"<Message><Header/></Message>",
        b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
        b"",
        b"\x00\x01",
        b"PK\x03\x04",
    ):
        path.write_bytes(other)
        with pytest.raises(UnreadableFile):
            read_document(path, STANDARD)


def test_xml_without_some_elements_keeps_the_law(tmp_path: Path) -> None:
    chance, path = random.Random(7), tmp_path / "bundle.xml"
    for _ in range(60):
        root = etree.fromstring(_xml_bundle())
        for _ in range(chance.randint(1, 6)):
            element = chance.choice([one for one in root.iter() if one.getparent() is not None])
            if chance.random() < 0.5:
                element.getparent().remove(element)
            else:
                element.set("value", CANARY)
        path.write_bytes(etree.tostring(root))
        reading = read_document(path, STANDARD)
        assert CANARY not in said(reading)


@pytest.mark.parametrize("value", [{}, [], 3, None, {"resourceType": 3}, {"caseData": {}}, {"cases": []}])
def test_other_documents_are_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_value(tmp_path, value, STANDARD)
    assert refusal.value.rule == "wrong_standard"


def test_no_value_is_ever_said(tmp_path: Path) -> None:
    canaries = [{**with_canaries(one), "resourceType": one["resourceType"]} for one in (patient(), *CARE)]
    reading = read_value(tmp_path, bundle(*canaries), STANDARD)
    assert CANARY not in said(reading) and reading.issues


@given(damaged(bundle(patient(), *CARE)))
@settings(max_examples=300, deadline=None)
def test_damage_never_breaks_the_law(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read_or_refuse(Path(folder), value, STANDARD)
    assert reading is None or CANARY not in said(reading)
