"""How much memory a very large file takes: XML, JSON and CSV of any size, read as a run reads them.

    python benchmarks/extracts/large_files.py --mb 2000                          # every kind, one after another
    python benchmarks/extracts/large_files.py --mb 200 --only fpl --folder /tmp  # one of them

A file is written from a seed, read by `read_feed_by_columns` down to the tables of a run, in a process of its own, and
removed. Printed are megabytes, rows, records, seconds by the clock and of CPU, and the most memory the process held.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests"), str(Path(__file__).parent)]

from throughput import YEAR, apart, write_rows  # noqa: E402

from braid.extracts.definition_files import load_definitions  # noqa: E402
from braid.extracts.definition_years import resolve  # noqa: E402
from braid.extracts.feed_columns import find_definition, read_feed_by_columns  # noqa: E402
from braid.extracts.model import Source  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402

NAMESPACE = "http://hl7.org/fhir"


def main() -> None:
    """Measure what is asked for and print a line for each."""
    arguments = _parse()
    print("file: MB | rows in, rejected | records | seconds: clock, CPU | MB at the peak")
    for name, (standard, write) in FILES.items():
        if arguments.only in ("", name):
            with tempfile.TemporaryDirectory(dir=arguments.folder) as text:
                path = Path(text) / name
                write(path, arguments.mb * 1_000_000)
                print(describe(name, path, apart(read_large, path, standard)), flush=True)


def describe(name: str, path: Path, found: dict[str, Any]) -> str:
    """Return the line of a measurement."""
    size = path.stat().st_size / 1e6
    return (
        f"{name}: {size:.0f} | {found['rows']}, {found['rejected']} | {found['records']} | "
        f"{found['wall']:.0f}, {found['cpu']:.0f} | {found['peak']:.0f}"
    )


def read_large(path: Path, standard: str, engine_memory: str = "300MB") -> dict[str, Any]:
    """Read a file as a run does and return what it gave. What repeats is found by the engine, within its own bound."""
    source = Source("feed", "partner", standard, YEAR, "2026-06-01")
    target = path.parent / "tables"
    target.mkdir()
    engine = DuckDBEngine(engine_memory, 2, path.parent)
    mapping = tomllib.loads(MAPPING) if standard == "mapped_csv" else None
    definition = find_definition(source, mapping)
    found = read_feed_by_columns([path], source, definition, engine, target, "read", mapping=mapping)
    engine.close()
    counts = found.readings[0].parts.values()
    return {
        "rows": sum(count.rows_in for count in counts),
        "rejected": sum(count.rows_rejected for count in counts),
        "records": found.records,
    }


def write_census(path: Path, size: int) -> None:
    """Write a census of children with a referral, an assessment and a plan each; one in a hundred has a bad date."""
    chance = random.Random(1)
    with path.open("w") as stream:
        stream.write("<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year>")
        stream.write("<ReferenceDate>2026-03-31</ReferenceDate></CollectionDetails></Header><Children>\n")
        for number in _until(stream, size):
            referred = "2026-01-05" if chance.random() > 0.01 else "soon"
            stream.write(
                f"<Child><ChildIdentifiers><LAchildID>C{number}</LAchildID>"
                "<PersonBirthDate>2015-03-27</PersonBirthDate><Sex>F</Sex></ChildIdentifiers>"
                "<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>"
                f"<CINdetails><CINreferralDate>{referred}</CINreferralDate><ReferralSource>4</ReferralSource>"
                "<PrimaryNeedCode>N1</PrimaryNeedCode><ReferralNFA>false</ReferralNFA><Assessments>"
                "<AssessmentActualStartDate>2026-01-06</AssessmentActualStartDate><FactorsIdentifiedAtAssessment>"
                "<AssessmentFactors>3A</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>"
                "<CINPlanDates><CINPlanStartDate>2026-02-01</CINPlanStartDate></CINPlanDates></CINdetails></Child>\n"
            )
        stream.write("</Children></Message>\n")


def write_family_cases(path: Path, size: int) -> None:
    """Write an array of family cases with two children, a respondent and a hearing each."""
    party = {"firstName": "Fern", "lastName": "Example", "dateOfBirth": "2015-03-27", "gender": "Girl"}
    _write_array(path, size, lambda number: {
        "id": str(number),
        "state": "CASE_MANAGEMENT",
        "caseData": {
            "familyManCaseNumber": f"QB26C{number}",
            "dateSubmitted": "2026-01-05",
            "children1": [
                {"id": f"{number}-{child}", "value": {"party": {**party, "partyId": f"{number}-{child}"}}}
                for child in "ab"
            ],
            "respondents1": [{"id": f"{number}-r", "value": {"party": {**party, "dateOfBirth": "1985-01-01"}}}],
            "orders": {"orderType": ["CARE_ORDER"]},
            "hearingDetails": [
                {"id": f"{number}-h", "value": {"type": "CASE_MANAGEMENT", "startDate": "2026-02-01T10:00:00",
                 "endDate": "2026-02-01T12:00:00", "venue": "1"}}
            ],
        },
    })  # fmt: skip


def write_search_result(path: Path, size: int) -> None:
    """Write a search result of criminal cases with a defendant and a hearing each."""
    with path.open("w") as stream:
        stream.write('{"totalResults": 0, "cases": [\n')
        for number in _until(stream, size):
            case = {
                "prosecutionCaseReference": f"20GD{number:08}", "caseStatus": "ACTIVE",
                "defendantSummary": [{
                    "defendantId": f"D{number}", "defendantFirstName": "Fern", "defendantLastName": "Example",
                    "defendantDOB": "1990-01-01", "proceedingsConcluded": False,
                    "offenceSummary": [{"offenceCode": "CA03010", "chargeDate": "2026-01-02"}],
                }],
                "hearingSummary": [{
                    "hearingId": f"H{number}", "jurisdictionType": "CROWN", "hearingType": {"description": "Trial"},
                    "courtCentre": {"name": "Example Crown Court"}, "defendantIds": [f"D{number}"],
                    "hearingDays": [{"sittingDay": "2026-03-02T10:00:00Z"}],
                }],
            }  # fmt: skip
            stream.write((",\n" if number else "") + json.dumps(case))
        stream.write("\n]}\n")


def _entry(number: int) -> dict[str, Any]:
    """Return a bundle's entry: each patient is followed by a referral."""
    patient = f"p{number - number % 2}"
    if number % 2 == 0:
        resource: dict[str, Any] = {
            "resourceType": "Patient", "id": patient, "gender": "female", "birthDate": "1990-01-01",
            "name": [{"family": "Example", "given": ["Fern"]}],
            "address": [{"line": ["1 The Row"], "postalCode": "QB1 1AA"}],
        }  # fmt: skip
    else:
        resource = {
            "resourceType": "ServiceRequest", "id": f"s{number}", "status": "active", "intent": "order",
            "subject": {"reference": f"Patient/{patient}"}, "authoredOn": "2026-01-05T09:00:00Z",
        }  # fmt: skip
    return {"fullUrl": f"https://example.test/{resource['resourceType']}/{resource['id']}", "resource": resource}


def write_bundle(path: Path, size: int) -> None:
    """Write a bundle of patients and referrals as JSON."""
    with path.open("w") as stream:
        stream.write('{"resourceType": "Bundle", "type": "collection", "entry": [\n')
        for number in _until(stream, size):
            stream.write((",\n" if number else "") + json.dumps(_entry(number)))
        stream.write("\n]}\n")


def write_resource_lines(path: Path, size: int) -> None:
    """Write the resources of the bundle one on each line; one line in a hundred is cut."""
    with path.open("w") as stream:
        for number in _until(stream, size):
            line = json.dumps(_entry(number)["resource"])
            stream.write((line if number % 100 else line[: len(line) // 2]) + "\n")


def write_bundle_xml(path: Path, size: int) -> None:
    """Write the same bundle as XML."""
    with path.open("w") as stream:
        stream.write(f'<Bundle xmlns="{NAMESPACE}"><type value="collection"/>\n')
        for number in _until(stream, size):
            entry = _entry(number)
            kind = entry["resource"].pop("resourceType")
            inside = "".join(f"<{name}>{_xml(below)}</{name}>" if isinstance(below, dict)
                             else f'<{name} value="{below}"/>' for name, below in entry["resource"].items()
                             if not isinstance(below, list))  # fmt: skip
            stream.write(
                f'<entry><fullUrl value="{entry["fullUrl"]}"/><resource><{kind}>{inside}</{kind}></resource></entry>\n'
            )
        stream.write("</Bundle>\n")


def _xml(value: dict[str, Any]) -> str:
    return "".join(f'<{name} value="{below}"/>' for name, below in value.items())


def write_table(path: Path, size: int) -> None:
    """Write open pathways as CSV."""
    definition = next(one for one in load_definitions() if one.standard == "rtt_open_pathways")
    with path.open("w", newline="") as stream:
        rows = write_rows(resolve(definition, YEAR).parts[0])
        for number, row in enumerate(rows):
            stream.write(row)
            if number % 1000 == 0 and stream.tell() >= size:
                break


def write_weekly_waits(path: Path, size: int) -> None:
    """Write a weekly extract of waiting lists, a table that no definition reads; one row in a hundred is bad."""
    with path.open("w") as stream:
        stream.write(
            "LOCAL_PATIENT_IDENTIFIER,PATIENT_PATHWAY_IDENTIFIER,REFERRAL_TO_TREATMENT_PERIOD_STATUS,WEEK_ENDING_DATE,"
            "REFERRAL_TO_TREATMENT_PERIOD_START_DATE,POSTCODE,WAITING_LIST_TYPE\n"
        )
        for number in _until(stream, size):
            pathway = f"W{number}" if number % 100 else ""
            stream.write(f"P{number},{pathway},20,2026-05-31,{number % 28 + 1:02}/01/2026,QB1 1AA,IRTT\n")


def write_periods_of_care(path: Path, size: int) -> None:
    """Write an episodes module: three rows for a child, of which the last stands behind those of 500 other children."""
    with path.open("w") as stream:
        stream.write("CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n")
        for number in _until(stream, size):
            stream.write(f"C{number},01/04/2025,S,C2,N1,U1,PR1,01/06/2025,X1,,QB1 1AA,QB1 1AB,\n")
            stream.write(f"C{number},01/06/2025,P,C2,N1,U4,PR1,01/09/2025,X1,CARPL,QB1 1AA,QB1 1AC,\n")
            if number >= 500:
                stream.write(f"C{number - 500},01/09/2025,P,C2,N1,U4,PR1,,,CARPL,QB1 1AA,QB1 1AD,\n")


MAPPING = """
[[part]]
name = "member"
rows = "cases.members"
person = "id"
[part.columns]
id = { required = true }
"name.family" = {}
"../opened" = { type = "date" }
"../ref" = {}
[[part.record]]
type = "person_record"
[part.record.values]
family_name = "name.family"
[[part.record]]
type = "event"
key = ["../ref"]
[part.record.values]
kind = { value = "referral" }
start_date = "../opened"
"""


def write_mapped_cases(path: Path, size: int) -> None:
    """Write cases with two members each, as a partner's own system may hold them, read by a mapping."""
    with path.open("w") as stream:
        stream.write('{"cases": [\n')
        for number in _until(stream, size):
            members = [{"id": f"M{number}-{one}", "name": {"family": "Example"}, "note": "x"} for one in "ab"]
            case = {"ref": f"C{number}", "opened": "2026-01-05", "members": members}
            stream.write((",\n" if number else "") + json.dumps(case))
        stream.write("\n]}\n")


def _write_array(path: Path, size: int, make: Callable[[int], dict[str, Any]]) -> None:
    with path.open("w") as stream:
        for number in _until(stream, size):
            stream.write((",\n" if number else "[") + json.dumps(make(number)))
        stream.write("]\n")


def _until(stream: TextIO, size: int) -> Iterator[int]:
    """Yield numbers until a file is as large as it should be."""
    number = 0
    while number % 1000 or stream.tell() < size:
        yield number
        number += 1


FILES: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "census.xml": ("cin", write_census),
    "family-cases.json": ("fpl", write_family_cases),
    "search-result.json": ("common_platform", write_search_result),
    "bundle.json": ("fhir_ukcore", write_bundle),
    "bundle.xml": ("fhir_ukcore", write_bundle_xml),
    "resources.ndjson": ("fhir_ukcore", write_resource_lines),
    "pathways.csv": ("rtt_open_pathways", write_table),
    "weekly-waits.csv": ("wlmds", write_weekly_waits),
    "episodes.csv": ("ssda903", write_periods_of_care),
    "mapped-cases.json": ("mapped_csv", write_mapped_cases),
}


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mb", type=int, default=2000)
    parser.add_argument("--only", default="", choices=["", *FILES])
    parser.add_argument("--folder", default=None, help="where the files rest meanwhile")
    return parser.parse_args()


if __name__ == "__main__":
    main()
