"""The checker of FHIR accepts what was published and refuses what was planted; what we serve keeps every rule."""

import copy
import json
import os
import tomllib
from pathlib import Path

import fhir_checker
import pytest
from fhir_checker import check, is_nhs_number, kind_of, read_xml
from fhir_profiles import Published, codes_of_system

from braid.api.fhir.catalogue import KINDS
from shared import shared_folder

EXAMPLES = ("Appointment", "Encounter", "Patient", "ServiceRequest")
OURS = ("Patient", *KINDS)


def published_profiles() -> Published:
    """The profiles as published: a folder with `structuredefinitions`, `valuesets`, `codesystems` and `examples`."""
    folder = os.environ.get("BRAID_UKCORE", "")
    if not folder or not (Path(folder) / "structuredefinitions").is_dir():
        pytest.skip("the UK Core profiles are not here; set BRAID_UKCORE to a copy of FHIR-R4-UKCORE-STAGING-MAIN")
    return Published(Path(folder))


def example(kind: str) -> dict:
    folder = shared_folder("fixtures", "fhir_ukcore")
    (path,) = folder.glob(f"UKCore-{kind}-*.xml")
    return read_xml(path)


def minimal(kind: str) -> dict:
    """The least that is right of a kind."""
    person = {"reference": "Patient/a"}
    more = {
        "Patient": {},
        "ServiceRequest": {"status": "active", "intent": "order", "subject": person},
        "Encounter": {"status": "finished", "class": {"code": "EMER"}},
        "EpisodeOfCare": {"status": "active", "patient": person},
        "Appointment": {
            "status": "booked",
            "start": "2026-01-05T10:00:00+00:00",
            "end": "2026-01-05T11:00:00+00:00",
            "participant": [{"actor": person, "status": "accepted"}],
        },
        "Task": {"status": "requested", "intent": "order"},
    }
    return {"resourceType": kind, "id": "x", **more[kind]}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_published_examples_keep_our_rules(kind):
    assert check(example(kind)) == []


@pytest.mark.parametrize("system", ["EthnicCategoryEngland", "NHSNumberVerificationStatusEngland"])
def test_the_codes_that_we_list_are_those_that_were_published(system):
    path = shared_folder("fixtures", "specs", "fhir_ukcore", f"CodeSystem-UKCore-{system}.xml")
    ours = {one["codes_of"]: set(one["codes"]) for one in kind_of("Patient").extensions}
    assert ours[f"UKCore-{system}"] == codes_of_system(path)


@pytest.mark.parametrize("kind", OURS)
def test_the_least_is_right_and_each_required_element_is_asked_for(kind):
    assert check(minimal(kind)) == []
    required = [name for name, rule in kind_of(kind).elements.items() if rule.least]
    for name in required:
        fault = f"{kind}.{name}: is missing"
        assert fault in check({key: value for key, value in minimal(kind).items() if key != name})


PLANTED = [
    ("Patient", {"sex": "female"}, "Patient.sex: is no element"),
    ("Patient", {"gender": "f"}, "Patient.gender: is no code of the list"),
    ("Patient", {"gender": ["female"]}, "Patient.gender: is a list"),
    ("Patient", {"name": {"family": "A"}}, "Patient.name: is no list"),
    ("Patient", {"name": []}, "Patient.name: has too few"),
    ("Patient", {"name": [{}]}, "Patient.name[0]: is empty"),
    ("Patient", {"birthDate": "02/03/2015"}, "Patient.birthDate: has not the form of date"),
    ("Patient", {"active": "true"}, "Patient.active: is no boolean"),
    ("Patient", {"id": "a_b"}, "Patient.id: has not the form of id"),
    ("Patient", {"deceasedBoolean": True, "deceasedDateTime": "2020"}, "Patient.deceased[x]: is there in two types"),
    (
        "Patient",
        {"managingOrganization": {"reference": "Patient/x"}},
        "Patient.managingOrganization: leads to a Patient",
    ),
    ("ServiceRequest", {"subject": {}}, "ServiceRequest.subject: is empty"),
    ("ServiceRequest", {"subject": {"type": "Patient"}}, "ServiceRequest.subject: says nothing of whom it means"),
    ("ServiceRequest", {"occurrencePeriod": {"start": "2026-02-01", "end": "2026-01-01"}}, "(per-1)"),
    ("ServiceRequest", {"orderDetail": [{"text": "x"}]}, "ServiceRequest: prr-1"),
    ("Encounter", {"class": {"code": "two  spaces"}}, "Encounter.class.code: has not the form of code"),
    ("Appointment", {"start": "2026-01-05T10:00:00"}, "Appointment.start: has not the form of instant"),
    ("Appointment", {"participant": [{"status": "accepted"}]}, "Appointment: app-1"),
    ("Appointment", {"end": None}, "Appointment.end: is no instant"),
    ("Appointment", {"minutesDuration": 0}, "Appointment.minutesDuration: has not the form of positiveInt"),
    ("Appointment", {"cancelationReason": {"text": "x"}}, "Appointment: app-4"),
    ("EpisodeOfCare", {"careManager": {"reference": "Patient/x"}}, "EpisodeOfCare.careManager: leads to a Patient"),
    ("Task", {"restriction": {"period": {"until": "2026"}}}, "Task.restriction.period.until: is no element"),
    ("Observation", {}, "resourceType: there are no rules for Observation"),
]


@pytest.mark.parametrize(("kind", "change", "fault"), PLANTED, ids=lambda part: part if isinstance(part, str) else "")
def test_planted_faults_are_found(kind, change, fault):
    told = check({**(minimal(kind) if kind in OURS else {"resourceType": kind}), **change})
    assert any(fault in one for one in told), told


def test_planted_faults_of_uk_core_are_found():
    right = example("Patient")
    for spoil, fault in (
        (lambda one: one["identifier"].append(one["identifier"][0]), "has more than 1 of"),
        (lambda one: one["identifier"][0].pop("value"), "needs a value"),
        (lambda one: one["identifier"][0].update(value="9912003889"), "its check digit is wrong"),
        (
            lambda one: one["extension"].append(one["extension"][0]),
            "has Extension-UKCore-EthnicCategory more than once",
        ),
        (lambda one: _coded(one["extension"][0]).update(code="Q"), "not of its list"),
        (lambda one: _coded(one["identifier"][0]["extension"][0]).update(code="77"), "not of its list"),
        (lambda one: one["extension"][0].pop("valueCodeableConcept"), "has no CodeableConcept with a code"),
    ):
        spoiled = copy.deepcopy(right)
        spoil(spoiled)
        assert any(fault in one for one in check(spoiled)), fault


def _coded(extension: dict) -> dict:
    return extension["valueCodeableConcept"]["coding"][0]


def test_every_rule_file_is_read_and_every_part_and_rule_that_it_names_is_there():
    files = sorted(fhir_checker.RULES.glob("*.toml"))
    assert {path.stem for path in files} >= {*OURS, "Bundle", "OperationOutcome", "CapabilityStatement", "types"}
    for path in files:
        if path.stem == "types":
            continue
        said, kind = tomllib.loads(path.read_text(encoding="utf-8")), kind_of(path.stem)
        named = {
            type_ for part in (kind.elements, *kind.parts.values()) for rule in part.values() for type_ in rule.types
        }
        assert {one[1:] for one in named if one.startswith("@")} == set(kind.parts), path.stem
        plain = {one for one in named if not one.startswith("@")} - {"any", "resource"}
        assert plain <= set(fhir_checker.types()) | set(fhir_checker.PRIMITIVES), path.stem
        assert set(said.get("rules", ())) <= set(fhir_checker.RULES_OF)


def test_the_check_digit_is_that_of_the_data_dictionary():
    assert is_nhs_number("9434765919")  # the worked example of the NHS Data Dictionary
    assert not is_nhs_number("9434765918")
    assert not is_nhs_number("943476591")


def test_published_examples_keep_the_published_profiles_and_our_rules():
    profiles, seen = published_profiles(), 0
    for path in sorted((profiles.folder / "examples").glob("UKCore-*.xml")):
        if path.name.split("-")[1] in OURS:
            resource = read_xml(path)
            assert profiles.check(resource) == [], path.name
            numbers = [one for one in check(resource) if "check digit" not in one]
            assert numbers == [], path.name
            seen += 1
    assert seen >= 10


def test_planted_faults_are_found_by_the_published_profiles():
    profiles, right = published_profiles(), example("Patient")
    assert profiles.check(right) == []
    for spoil, fault in (
        (lambda one: one["identifier"].append(one["identifier"][0]), "nhsNumber is there too often"),
        (lambda one: one["identifier"][0].pop("value"), "nhsNumber.value is missing"),
        (lambda one: one["extension"].append(one["extension"][0]), "ethnicCategory is there too often"),
        (lambda one: _coded(one["identifier"][0]["extension"][0]).update(code="77"), "no code of its value set"),
        (lambda one: one["extension"][0].pop("valueCodeableConcept"), "value[x] is missing"),
    ):
        spoiled = json.loads(json.dumps(right))
        spoil(spoiled)
        assert any(fault in one for one in profiles.check(spoiled)), fault
