"""What is damaged: a small sound file of every standard, mapping, definition and publisher's file, all our own making.

With the shared material there, files that other people published come besides; they are never kept.
"""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from braid.example.write import write_example
from braid.extracts.mapping import SHIPPED
from braid.extracts.rules.layouts import LAYOUTS
from extracts.connector_page import REPOSITORY, load_examples
from extracts.fuzz.mutations import CANARY
from extracts.reference import publishers

LONGEST = 6_000
MAPPINGS = REPOSITORY / "src" / "braid" / "extracts" / "mappings"
DEFINITIONS = REPOSITORY / "src" / "braid" / "extracts" / "definitions"
RULES = REPOSITORY / "src" / "braid" / "extracts" / "rules"
OWN_MAPPINGS = Path(__file__).parent / "mappings"
EACH_RULE = 20
"""Of the rules of a standard, which are written alike, one in so many is damaged."""


@dataclass(frozen=True)
class Seed:
    """A sound file: which parser reads it, its form, its name and its bytes. `standard` is empty for other parsers."""

    parser: str
    form: str
    name: str
    data: bytes
    standard: str = ""
    year: int = 2026
    mapping: str = ""


PARTY = {
    "partyId": "P1", "firstName": CANARY, "lastName": CANARY, "dateOfBirth": "2015-03-27", "gender": "Girl",
    "detailsHidden": "No", "address": {"AddressLine1": CANARY, "PostCode": "QB1 1AA"},
    "livingSituation": "Living in a refuge",
}  # fmt: skip
DOCUMENTS: dict[str, Any] = {
    "fpl": [{
        "id": "1", "state": "CASE_MANAGEMENT",
        "caseData": {
            "familyManCaseNumber": "QB26C1", "dateSubmitted": "2026-01-05", "dateOfIssue": "2026-01-07",
            "children1": [{"id": "c", "value": {"party": PARTY, "caseCompletionDate": "2026-07-05"}}],
            "respondents1": [{"id": "r", "value": {"party": {**PARTY, "relationshipToChild": "Mother"}}}],
            "others": {"firstOther": {"name": CANARY, "birthDate": "1980-01-01"}, "additionalOthers": []},
            "orders": {"orderType": ["CARE_ORDER"]}, "risks": {"neglect": "Yes"},
            "factorsParenting": ["DOMESTIC_ABUSE"],
            "hearingDetails": [{"id": "h", "value": {
                "type": "CASE_MANAGEMENT", "startDate": "2026-02-01T10:00:00", "endDate": "2026-02-01T12:00:00",
                "status": "VACATED", "cancellationReason": "OT8", "venue": "1", "attendance": ["IN_PERSON"],
            }}],
            "closeCaseTabField": {"date": "2026-07-01"}, "newField": CANARY,
        },
    }],
    "common_platform": {
        "totalResults": 1,
        "cases": [{
            "prosecutionCaseReference": "20GD1", "caseStatus": "ACTIVE",
            "defendantSummary": [{
                "defendantId": "D1", "defendantFirstName": CANARY, "defendantLastName": CANARY,
                "defendantDOB": "1990-01-01", "defendantNINO": "QQ123456C", "defendantASN": "0100000000000000001H",
                "proceedingsConcluded": True,
                "offenceSummary": [{"offenceCode": "CA03010", "chargeDate": "2026-01-02"}],
                "aliases": [{"firstName": CANARY}], "address": {"address1": CANARY, "postcode": "QB1 1AA"},
            }],
            "hearingSummary": [{
                "hearingId": "H1", "jurisdictionType": "CROWN", "hearingType": {"description": "Trial"},
                "courtCentre": {"name": "Example"}, "defendantIds": ["D1"],
                "hearingDays": [{"sittingDay": "2026-03-02T10:00:00Z", "hasSharedResults": True}],
            }],
        }],
    },
    "fhir_ukcore": {
        "resourceType": "Bundle", "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {
                "resourceType": "Patient", "id": "p1", "birthDate": "1990-01-01", "gender": "female",
                "name": [{"family": CANARY, "given": [CANARY], "use": "official", "period": {"start": "2020-01-01"}}],
                "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
                "telecom": [{"system": "phone", "value": "07700 900001"}],
                "address": [{"line": [CANARY], "postalCode": "QB1 1AA", "use": "home"}],
            }},
            {"resource": {
                "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
                "subject": {"reference": "urn:uuid:1"}, "authoredOn": "2026-01-05T09:00:00+07:00",
                "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "3457005"}]}],
            }},
            {"resource": {"resourceType": "Appointment", "id": "a1", "status": "booked",
                          "start": "2026-02-01T10:00:00Z",
                          "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}]}},
            {"resource": {"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"},
                          "subject": {"reference": "Patient/p1"},
                          "period": {"start": "2026-01-01", "end": "2026-01-03"}}},
            {"resource": {"resourceType": "Flag", "id": "f1", "status": "active",
                          "subject": {"reference": "Patient/p1"},
                          "code": {"coding": [{"code": "NRAF"}]}}},
        ],
    },
    "oruk": {
        "total_items": 1, "last_page": True,
        "contents": [{
            "id": "s1", "name": "A service", "status": "active", "minimum_age": 11.0, "maximum_age": 25,
            "organization": {"id": "o1", "name": "An organisation"},
            "service_at_locations": [{"location": {
                "id": "l1", "location_type": "physical", "latitude": 53.5, "longitude": -2.2,
                "external_identifier": "10001", "external_identifier_type": "UPRN",
                "addresses": [{"postal_code": "QB1 1AA"}],
            }}],
        }],
    },
    "housing_register": [{
        "id": "A1", "reference": "R1", "status": "Active", "sensitiveData": False,
        "submittedAt": "2025-01-01T00:00:00Z",
        "assessment": {"effectiveDate": "2025-01-02", "band": "B"}, "medicalNeed": {"outcome": "high"},
        "mainApplicant": {
            "person": {"id": "P1", "firstName": CANARY, "surname": CANARY, "dateOfBirth": "1990-01-01", "gender": "F",
                       "nationalInsuranceNumber": "QQ123456C"},
            "address": {"addressLine1": CANARY, "postcode": "QB1 1AA", "addressType": "1"},
            "contactInformation": {"phoneNumber": "07700 900001"},
        },
        "otherMembers": [{"person": {"id": "P2", "firstName": CANARY, "surname": CANARY, "relationshipType": "Child"}}],
    }],
}  # fmt: skip
PATIENT_XML = f"""<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/><entry><fullUrl value="urn:uuid:1"/>
<resource><Patient><id value="p1"/><name><family value="{CANARY}"/><given value="{CANARY}"/></name>
<birthDate value="1990-01-01"/><address><line value="{CANARY}"/><postalCode value="QB1 1AA"/></address></Patient>
</resource></entry><entry><resource><ServiceRequest><id value="s1"/><status value="active"/>
<subject><reference value="urn:uuid:1"/>
</subject><authoredOn value="2026-01-05"/></ServiceRequest></resource></entry></Bundle>"""


CASES = {
    "cases": [
        {
            "ref": "C1", "opened": {"on": "2026-01-05"}, "needs": [{"code": "a"}],
            "members": [
                {"id": "M1", "name": {"family": CANARY}, "needs": ["sen", "drugs"], "shoe size": CANARY},
                {"id": 3, "name": None, "needs": []},
            ],
        },
        {"ref": "C2", "opened": {"on": "05/02/2026"}, "members": [{"id": "M4", "name": {}}]},
    ]
}  # fmt: skip
SUBMISSION = f"""<Submission xmlns="urn:example"><Cases><Case><CaseReference>C1</CaseReference>
<ApplicationDate>2026-01-05</ApplicationDate><People><Person Id="P1"><Name><Surname>{CANARY}</Surname></Name>
<DateOfBirth>1990-01-01</DateOfBirth></Person><Person Id="P2"><Note>{CANARY}</Note></Person></People></Case>
</Cases></Submission>"""
FLAT = [
    {"Ref": "P1", "Surname": CANARY, "Date of birth": "2015-02-01", "Opened": "2026-01-05", "Open": True},
    {"Ref": "P2", "Surname": CANARY, "Date of birth": None, "Opened": "2026-01-06", "Open": None},
    {"Ref": "", "Surname": None, "Date of birth": None, "Opened": "2026-01-07", "Open": False},
]


def mapping_path(name: str) -> Path:
    """Return the mapping of a seed: one of our own beside this file, or one that ships."""
    own = OWN_MAPPINGS / name
    return own if own.is_file() else MAPPINGS / name


def load_seeds(folder: Path, with_place: bool) -> list[Seed]:
    """Return the seeds; `with_place` adds what a small example place writes, and the shared material where it is."""
    seeds = [*_of_examples(), *_of_documents(), *_of_mapped(), *_of_workbooks(), *_of_rules(), *_of_publishers(folder)]
    if with_place:
        seeds += [*_of_place(), *_of_shared()]
    return seeds


def _of_examples() -> Iterator[Seed]:
    for example in load_examples():
        mapping, text = example.get("mapping", ""), example["text"].lstrip("\n")
        yield Seed(
            "connector",
            _form(example["file"]),
            example["file"],
            text.encode(),
            example["standard"],
            example["year"],
            mapping,
        )


def _of_documents() -> Iterator[Seed]:
    for standard, value in DOCUMENTS.items():
        yield Seed("connector", "json", "document.json", json.dumps(value, indent=1).encode(), standard)
    yield Seed("connector", "xml", "bundle.xml", PATIENT_XML.encode(), "fhir_ukcore")


def _of_mapped() -> Iterator[Seed]:
    """Yield JSON, JSON lines, XML and Parquet that a mapping reads."""
    held = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(FLAT), held)
    lines = "\n".join(json.dumps(row) for row in FLAT).encode()
    for form, name, data, mapping in (
        ("json", "cases.json", json.dumps(CASES, indent=1).encode(), "cases.toml"),
        ("json", "lines.json", lines, "flat.toml"),
        ("xml", "submission.xml", SUBMISSION.encode(), "submission.toml"),
        ("parquet", "table.parquet", held.getvalue(), "flat.toml"),
    ):
        yield Seed("connector", form, name, data, "mapped_csv", mapping=mapping)


def _of_workbooks() -> Iterator[Seed]:
    for example in load_examples():
        if example["standard"] in ("annex_a", "annex_a_sen", "sen2"):
            book = Workbook()
            for row in csv.reader(io.StringIO(example["text"].lstrip("\n"))):
                book.active.append(row)
            held = io.BytesIO()
            book.save(held)
            yield Seed("connector", "xlsx", "book.xlsx", held.getvalue(), example["standard"], example["year"])


def _of_rules() -> Iterator[Seed]:
    """Yield mappings and definitions, whole: a damaged one must be refused with a word on it, not break."""
    for path in sorted(Path(SHIPPED).glob("*.toml")):
        yield Seed("mapping", "toml", path.name, path.read_bytes())
    for path in sorted(DEFINITIONS.glob("*.toml")):
        yield Seed("definition", "toml", path.name, path.read_bytes())
    for standard in LAYOUTS:
        for path in sorted((RULES / standard).glob("*.toml"))[::EACH_RULE]:
            yield Seed("rule", "toml", path.name, path.read_bytes(), standard)


def _of_publishers(folder: Path) -> Iterator[Seed]:
    place = folder / "publishers"
    place.mkdir(parents=True, exist_ok=True)
    for path in sorted(one for one in publishers.write_all(place).rglob("*") if one.is_file()):
        data = path.read_bytes()
        form = _form(path.name)
        yield Seed("reference", form, path.name, data if form == "json" else _first_lines(data))


def _of_place() -> Iterator[Seed]:
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        write_example(folder, people=500, also=["all"])
        for feed in tomllib.loads((folder / "place.toml").read_text())["feed"]:
            extracts = folder / "extracts" / feed["id"]
            if not extracts.is_dir():
                continue
            newest = max(extracts.iterdir())
            for path in sorted(newest.iterdir()):
                yield Seed(
                    "connector", _form(path.name), path.name, _shortened(path), feed["standard"], int(feed["year"]),
                    f"{feed['mapping']}.toml" if feed.get("mapping") else "",
                )  # fmt: skip


def _of_shared() -> Iterator[Seed]:
    root = Path(os.environ.get("BRAID_SHARED", REPOSITORY.parent / "shared")) / "fixtures"
    for standard in ("cin", "common_platform", "core", "fhir_ukcore", "fpl", "oruk", "ssda903"):
        for path in sorted((root / standard).glob("*.*")):
            if path.stat().st_size < 16_000:
                yield Seed("connector", _form(path.name), path.name, _shortened(path), standard, 2023)


def _shortened(path: Path) -> bytes:
    data = path.read_bytes()
    if len(data) <= LONGEST:
        return data
    if path.suffix == ".json":
        value = json.loads(data)
        return json.dumps(value[:1] if isinstance(value, list) else value, indent=1).encode()
    return _first_lines(data) if path.suffix == ".csv" else data


def _first_lines(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:12])


def _form(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return {"geojson": "json", "ics": "csv", "txt": "csv"}.get(ending, ending)
