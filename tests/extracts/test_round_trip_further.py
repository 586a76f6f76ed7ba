"""Every further format of the example place, written and read back, says the world; a planted error is reported."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from braid.example import errors
from braid.example.further_formats import BY_STANDARD, FORMATS
from braid.example.further_services import simulate_further
from braid.example.model import World
from braid.example.world import build_world
from braid.example.write import write_example
from braid.extracts.definition import Definition
from braid.extracts.definition_files import load_definitions
from braid.extracts.definition_years import resolve
from braid.extracts.model import Reading, Source
from braid.extracts.read import read_feed
from braid.store.place_folder import Feed, Place, load_place
from extracts.further_truth import AMONG_OTHERS, AS_OF, FIELDS, WHOLE
from extracts.test_round_trip import COARSER, Planted, content_of, node, said_of, text_of

PEOPLE = 2500
NAMED = ("given_name", "family_name")
CODED = ("birth_date", "sex", "ethnicity")
CARRIED: Mapping[str, tuple[str, ...]] = {
    "annex_a": CODED,
    "annex_a_sen": CODED,
    "csc_api": (*NAMED, *CODED),
    "sen2": (),
    "school_census": (*NAMED, *CODED),
    "ctf": (*NAMED, *CODED),
    "attendance": (*NAMED, "birth_date"),
    "core": ("sex", "ethnicity"),
    "csds": CODED,
    "mhsds": CODED,
    "ecds": CODED,
    "rtt_open_pathways": CODED,
    "fhir_ukcore": (*NAMED, *CODED),
    "xhibit": (*NAMED, "birth_date"),
    "marac": (*NAMED, *CODED),
    "gias": (),
    "oruk": (),
}
"""What of a person each format can say. A letting says an age alone, which becomes a year."""
PARTLY = {
    ("marac", "ethnicity"), ("marac", "sex"), ("fhir_ukcore", "ethnicity"), ("core", "ethnicity"),
    ("annex_a", "birth_date"),
}  # fmt: skip
"""What a format says of some people only: of victims, patients, lead tenants and children."""
NOT_READ = {
    "core": {"status"},
    "annex_a": {"sheet 1"},
    "fhir_ukcore": {
        "type", "entry.resource.class.system", "entry.resource.participant.status",
        "entry.resource.relationship.coding.system",
    },
    "oruk": {
        "contents.description", "contents.organization.description",
        *(f"contents.schedules.{name}" for name in ("id", "freq", "byday", "opens_at", "closes_at")),
        *(f"contents.cost_options.{name}" for name in ("id", "option", "amount")),
        "contents.service_at_locations.id",
        *(f"contents.service_at_locations.location.addresses.{name}"
          for name in ("id", "address_1", "city", "state_province", "country", "address_type")),
    },
}  # fmt: skip
"""What the formats say that no record of the common language holds: counted, and nothing else is."""
COLUMNS_NOT_WRITTEN = {
    "csds": {
        "RECORD START DATE", "RECORD END DATE", "ETHNIC CATEGORY 2021",
        "SAFEGUARDING VULNERABILITY FACTORS INDICATOR", "ATTENDANCE STATUS",
    },
    "mhsds": {"GenderIDCode", "EthnicCategory2021", "AttendStatus"},
    "ecds": {
        "attendance.arrival.arrival_mode.code", "attendance.arrival.attendance_source.code",
        "attendance.initial_assessment.date", "attendance.initial_assessment.time",
        "attendance.seen_for_treatment.date", "attendance.seen_for_treatment.time",
        "attendance.discharge.destination.code",
        "attendance.discharge.follow_up.code", "ROWNUMBER_ID", "PRIMARYKEY_ID",
    },
    "marac": {"PerpetratorAKA"},
}  # fmt: skip
"""Columns that a definition knows and these extracts, like many, leave out. All others are written."""


@dataclass(frozen=True)
class Read:
    """A place without errors that sends every further format, its truth, and what each feed says."""

    place: Place
    world: World
    persons: Mapping[str, Mapping[str, str]]
    who: Mapping[tuple[str, str], int]
    readings: Mapping[str, list[Reading]]

    def feeds(self, standard: str) -> list[Feed]:
        return [feed for feed in self.place.feeds if feed.standard == standard]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("further") / "place"
    write_example(folder, people=PEOPLE, errors=errors.NONE, also=["all"])
    world = build_world(PEOPLE, 1, AS_OF)
    simulate_further(world, BY_STANDARD.keys())
    place = load_place(folder)
    readings = {}
    for feed in place.feeds:
        if feed.standard in BY_STANDARD or feed.standard == "school":
            readings[feed.id] = read_files(feed, place.extract_files(feed, AS_OF)[1])
    return Read(
        place,
        world,
        {row["true_person_id"]: row for row in rows_of(folder / "truth" / "persons.csv")},
        {
            (row["feed"], row["partner_record_id"]): int(row["true_person_id"][1:])
            for row in rows_of(folder / "truth" / "people.csv")
        },
        readings,
    )


def read_files(feed: Feed, files: Sequence[Path]) -> list[Reading]:
    return read_feed(files, Source(feed.id, feed.organisation, feed.standard, feed.year, AS_OF.isoformat()))


def people_of(read: Read, feed: Feed) -> dict[str, int]:
    """Return whom each person record of a feed is about."""
    return {
        row["record_id"]: read.who[feed.id, row["partner_record_id"]]
        for reading in read.readings[feed.id]
        for row in reading.records.get("person_record", ())
    }


def plain(value: Any) -> Any:
    """Return a value as both sides write it: a day as a day, a number as a number."""
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return dt.date.fromisoformat(value)
    return value


def told(read: Read, standard: str) -> set[tuple[Any, ...]]:
    """Return what the feeds of a standard say, as `FIELDS` has it, but for the partners' own numbers of people."""
    said = set()
    for feed in read.feeds(standard):
        people = people_of(read, feed)
        for reading in read.readings[feed.id]:
            for kind, rows in reading.records.items():
                for row in rows:
                    if kind == "person_record" or row.get("scheme") in ("la_child", "local"):
                        continue
                    held = {**row, "other": people.get(row.get("other_person_record_id") or "")}
                    values = (plain(held.get(name)) for name in FIELDS[kind])
                    said.add((kind, people.get(row.get("person_record_id") or ""), *values))
    return said


@pytest.mark.parametrize("each", FORMATS, ids=lambda one: one.standard)
def test_nothing_is_doubted_or_left_out(each: Any, read: Read) -> None:
    feeds = read.feeds(each.standard)
    assert len(feeds) == (5 if each.is_of_councils else 1)
    for feed in feeds:
        for reading in read.readings[feed.id]:
            assert [issue for issue in reading.issues if issue.severity != "note"] == [], feed.id
            assert reading.unmapped.keys() <= NOT_READ.get(each.standard, set()), feed.id
            assert all(count.rows_in == count.rows_read for count in reading.parts.values()), feed.id


@pytest.mark.parametrize("each", FORMATS, ids=lambda one: one.standard)
def test_every_person_is_read_back_field_by_field(each: Any, read: Read) -> None:
    said: Counter[str] = Counter()
    carried = CARRIED[each.standard]
    for feed in read.feeds(each.standard):
        people = [row for reading in read.readings[feed.id] for row in reading.records.get("person_record", ())]
        assert {row["partner_record_id"] for row in people} == {key for name, key in read.who if name == feed.id}
        for row in people:
            truth = read.persons[f"T{read.who[feed.id, row['partner_record_id']]:07d}"]
            for name in (*NAMED, *CODED):
                found, true = text_of(row.get(name)), truth[name]
                if each.standard == "core" and name == "birth_date":
                    assert abs(int(found[:4]) - int(true[:4])) <= 1 and row["birth_date_precision"] == "year"
                elif name not in carried:
                    assert found == "", (feed.id, name)
                elif found or (each.standard, name) not in PARTLY:
                    assert found == true or (name == "ethnicity" and (true, found) in COARSER), (feed.id, name)
                    said[name] += 1
    assert set(said) == set(carried)


@pytest.mark.parametrize("standard", sorted(WHOLE))
def test_every_record_is_one_of_the_world_and_none_is_missing(standard: str, read: Read) -> None:
    true, found = set(WHOLE[standard](read.world)), told(read, standard)
    assert {said[0] for said in found} == {said[0] for said in true}
    assert found - true == set()
    assert true - found == set()


@pytest.mark.parametrize("standard", sorted(AMONG_OTHERS))
def test_what_the_world_holds_is_among_what_is_read(standard: str, read: Read) -> None:
    true, found = set(AMONG_OTHERS[standard](read.world)), told(read, standard)
    assert true - found == set()
    clocks = {said for said in found if said[0] == "wait"}
    assert clocks - true == set(), "no clock runs that the world does not know"


def test_services_of_the_directory_are_read_back(read: Read) -> None:
    found = told(read, "oruk")
    services = sorted(said[2:6] for said in found if said[0] == "service")
    districts = len(read.world.geography.districts)
    assert len(services) == 6 * districts
    ages = Counter((status, low, high) for _, status, low, high in services)
    assert ages == {
        ("active", 0.0, 19.0): districts, ("active", 7.0, 16.0): districts, ("active", 16.0, None): districts,
        ("active", 18.0, None): districts, ("temporarily_closed", 50.0, 120.0): districts,
        ("defunct", 0.0, 5.0): districts,
    }  # fmt: skip
    sites = [*read.world.geography.schools, *read.world.geography.hospitals]
    postcodes = {f"{990000000000 + site.address}": read.world.geography.postcode_of(site.address) for site in sites}
    places = [said[3:] for said in found if said[0] == "location"]
    assert {kind for kind, _, _ in places} == {"physical", "virtual"}
    assert all(kind == "virtual" or postcodes[uprn] == postcode for kind, postcode, uprn in places)


def test_registers_say_what_the_weekly_file_says_of_the_same_weeks(read: Read) -> None:
    def sessions(feed: Feed) -> set[tuple[Any, ...]]:
        people = people_of(read, feed)
        return {
            (people[row["person_record_id"]], plain(row["start_date"]), row["subkind"], row["status"])
            for reading in read.readings[feed.id]
            for row in reading.records.get("event", ())
            if row["kind"] == "absence_session"
        }

    first = dt.date(2026, 11, 2)
    registers = {one for feed in read.feeds("attendance") for one in sessions(feed)}
    weekly = {one for feed in read.feeds("school") for one in sessions(feed) if one[1] >= first}
    assert {one[:2] for one in registers} == {one[:2] for one in weekly} != set()
    assert Counter(one[3] for one in registers) == Counter(one[3] for one in weekly)


DEFINED = {one.standard: one for one in load_definitions() if one.standard in BY_STANDARD}


def plain_heading(cell: Any) -> str:
    """Return a heading with the marks of a keyboard."""
    return str(cell).replace("\u00a0", " ").replace("\u2013", "-").replace("\u2019", "'")


def headings_of(path: Path, definition: Definition) -> set[str]:
    """Return the columns of a table's file as the definition names them."""
    if path.suffix == ".xlsx":
        rows = [row for sheet in load_workbook(path) for row in sheet.iter_rows(max_row=3, values_only=True)]
        cells = {plain_heading(cell) for row in rows for cell in row if cell}
    else:
        cells = set(next(csv.reader(io.StringIO(path.read_bytes().decode("iso-8859-1")))))
    names = {alias: name for part in definition.parts for name, column in part.columns.items()
             for alias in (name, *column.aliases)}  # fmt: skip
    return {names[cell] for cell in cells if cell in names}


@pytest.mark.parametrize("standard", sorted(set(DEFINED) - {"ctf"}))
def test_every_column_of_the_definition_is_written(standard: str, read: Read) -> None:
    definition = resolve(DEFINED[standard], 2026)
    feed = read.feeds(standard)[0]
    written = {name for path in read.place.extract_files(feed, AS_OF)[1] for name in headings_of(path, definition)}
    known = {name for part in definition.parts for name in part.columns}
    assert known - written == COLUMNS_NOT_WRITTEN.get(standard, set())


FIELDS_LEFT_EMPTY = {
    "annex_a": {("stay", "location_ref")},
    "csds": {("event", "status_reason"), ("person_record", "death_date")},
    "mhsds": {("event", "status_reason"), ("person_record", "death_date")},
    "ctf": {("person_record", "other_names")},
    "school_census": {("person_record", "other_names")},
    "ecds": {("episode", "parent_episode_ref")},
    "rtt_open_pathways": {
        ("episode", "end_date"), ("wait", "stop_date"), ("wait", "stop_event"), ("wait", "stated_due_date"),
    },
    "sen2": {("episode", "end_date"), ("episode", "end_reason")},
}  # fmt: skip
"""What a definition can read and nobody of the example has: second names of pupils, deaths, plans that ceased."""


@pytest.mark.parametrize("standard", sorted(DEFINED))
def test_every_field_that_the_definition_fills_is_filled(standard: str, read: Read) -> None:
    definition = resolve(DEFINED[standard], 2026)
    fillable = {(rule.type, name) for part in definition.parts for rule in part.rules for name in rule.values}
    filled = {
        (kind, name)
        for feed in read.feeds(standard)
        for reading in read.readings[feed.id]
        for kind, rows in reading.records.items()
        for row in rows
        for name, value in row.items()
        if value is not None
    }
    assert fillable - filled == FIELDS_LEFT_EMPTY.get(standard, set())


def cell(
    column: str, text: str, row: int = 3, heading: int = 0, encoding: str = "utf-8", having: str = ""
) -> Callable[[bytes], tuple[bytes, str]]:
    """Return a change of a cell of a table, of the first that begins with `having`; it says on which line."""

    def change(data: bytes) -> tuple[bytes, str]:
        rows = list(csv.reader(io.StringIO(data.decode(encoding), newline="")))
        place = rows[heading].index(column)
        at = next(n for n, cells in enumerate(rows) if cells[place].startswith(having)) if having else row
        rows[at][place] = text
        held = io.StringIO()
        csv.writer(held).writerows(rows)
        return held.getvalue().encode(encoding), f"line {at + 1}"

    return change


def text(old: str, new: str, place: str, number: int = 1) -> Callable[[bytes], tuple[bytes, str]]:
    """Return a change of the text after the first, second, … `old`, up to the next `<` or quote."""

    def change(data: bytes) -> tuple[bytes, str]:
        whole, at = data.decode(), -1
        for _ in range(number):
            at = whole.index(old, at + 1)
        start = at + len(old)
        end = min(found for mark in ("<", '"') if (found := whole.find(mark, start)) >= 0)
        return (whole[:start] + new + whole[end:]).encode(), place

    return change


def sheet_cell(sheet: str, column: str, value: str, row: int) -> Callable[[bytes], tuple[bytes, str]]:
    """Return a change of one cell of a workbook, which says in which sheet and row it is."""

    def change(data: bytes) -> tuple[bytes, str]:
        book = load_workbook(io.BytesIO(data))
        page = book[sheet]
        heading = next(
            r for r in page.iter_rows(max_row=5) if any(c.value in ("Child Unique ID", "Unique ID") for c in r)
        )
        place = next(c.column for c in heading if plain_heading(c.value) == column)
        number = heading[0].row + row
        page.cell(number, place).value = value
        held = io.BytesIO()
        book.save(held)
        return held.getvalue(), f"sheet {book.sheetnames.index(sheet) + 1} row {number}"

    return change


WARNING, REJECT = "warning", "reject"
ED = ("emergency-care", "attendances.csv")
OPEN = ("open-pathways", "open_pathways.csv")
CENSUS = ("hallowmere-school-census", "census_pupils.csv")
REGISTER = ("hallowmere-registers", "registers.csv")
SCHOOLS = ("schools-register", "edubasealldata.csv")
RISK = ("marac", "marac_referrals.csv")
MOVED = ("crown-court-moved", "xhibit_cases.csv")
FEED_OF_CARE = ("hallowmere-social-care-feed", "children.json")
TRANSFER = ("hallowmere-transfer-files", "ctf.xml")
LIST = ("hallowmere-annex-a", "annex_a.xlsx")
NEEDS = ("hallowmere-annex-a-sen", "annex_a_sen.xlsx")
JSON_RECORDS, XML_RECORDS = ("hospital-records", "bundle.json"), ("hospital-records", "bundle.xml")
SERVICES = ("service-directory", "services.json")
MENTAL = "mental-health"
PLANTED = [
    Planted(*ED, cell("attendance.arrival.date", "31/02/2026"), REJECT, "date_invalid", "attendance.arrival.date"),
    Planted(*ED, cell("patient.nhs_number.value", "9990000000"), WARNING, "nhs_check", "patient.nhs_number.value"),
    Planted(*ED, cell("patient.accommodation_status.code", "1"), WARNING, "code_unknown",
            "patient.accommodation_status.code"),
    Planted(*ED, cell("attendance.departure.date", "2020-01-01"), WARNING, "dates_out_of_order",
            "attendance.departure.date"),
    Planted("community-health", "CYP001_MPI.csv", cell("PERSON STATED GENDER CODE", "7"), WARNING, "code_unknown",
            "PERSON STATED GENDER CODE"),
    Planted("community-health", "CYP101_Referral.csv", cell("REFERRAL REQUEST RECEIVED DATE", ""), REJECT,
            "date_missing", "REFERRAL REQUEST RECEIVED DATE"),
    Planted("community-health", "CYP104_RTT.csv", cell("REFERRAL TO TREATMENT PERIOD STATUS", "77"), WARNING,
            "code_unknown", "REFERRAL TO TREATMENT PERIOD STATUS"),
    Planted(MENTAL, "MHS001MPI.csv", cell("PersonBirthDate", "soon"), WARNING, "date_invalid", "PersonBirthDate"),
    Planted(MENTAL, "MHS201CareContact.csv", cell("AttendOrDNACode", "X"), WARNING, "code_unknown", "AttendOrDNACode"),
    Planted(*OPEN, cell("PATIENT_PATHWAY_IDENTIFIER", ""), REJECT, "key_missing", "PATIENT_PATHWAY_IDENTIFIER"),
    Planted(*OPEN, cell("ETHNIC_CATEGORY", "ZZ"), WARNING, "code_unknown", "ETHNIC_CATEGORY"),
    Planted("hallowmere-sen2", "sen2.csv", cell("ehcr_ehcp_req_outcome", "Q", 1), WARNING, "code_unknown",
            "ehcr_ehcp_req_outcome"),
    Planted(*CENSUS, cell("UPN", ""), REJECT, "key_missing", "UPN"),
    Planted(*CENSUS, cell("DOB", "31/02/2015"), WARNING, "date_invalid", "DOB"),
    Planted(*CENSUS, cell("PostCode", "nowhere"), WARNING, "postcode_invalid", "PostCode"),
    Planted(*TRANSFER, text("<DOB>", "soon", "", 2), WARNING, "date_invalid", "DOB"),
    Planted(*TRANSFER, text("<EntryDate>", "", "", 2), REJECT, "date_missing", "EntryDate"),
    Planted(*REGISTER, cell("Attendance Code", "%", having="I - "), WARNING, "code_unknown", "Code"),
    Planted("quillbeck-lettings", "lettings.csv", cell("startdate", "soon", 2, 1), REJECT, "date_invalid", "startdate"),
    Planted("quillbeck-lettings", "lettings.csv", cell("waityear", "99", 2, 1), WARNING, "code_unknown", "waityear"),
    Planted(*MOVED, cell("defendant_last_name", ""), REJECT, "key_missing", "defendant_last_name"),
    Planted(*MOVED, cell("case_type", "Q"), WARNING, "code_unknown", "case_type"),
    Planted(*RISK, cell("Victim ethnicity", "QQQ"), WARNING, "code_unknown", "VictimEthnicity"),
    Planted(*RISK, cell("Victim reference", ""), REJECT, "key_missing", "VictimRef"),
    Planted("marac", "marac_children.csv", cell("Victim is child's", "aunt", 1), WARNING, "code_unknown",
            "VictimIsTheirs"),
    Planted(*SCHOOLS, cell("URN", "", encoding="iso-8859-1"), REJECT, "key_missing", "URN"),
    Planted(*SCHOOLS, cell("NumberOfPupils", "many", encoding="iso-8859-1"), WARNING, "number_invalid",
            "NumberOfPupils"),
    Planted(*LIST, sheet_cell("List 1 ", "Date of Contact", "soon", 2), REJECT, "date_invalid", "Date of Contact"),
    Planted(*LIST, sheet_cell("List 6 ", "Primary Need Code", "N99", 2), WARNING, "code_unknown", "Primary Need Code"),
    Planted(*NEEDS, sheet_cell("List_1", "Unique ID", "", 2), REJECT, "key_missing", "Unique ID"),
    Planted(*NEEDS, sheet_cell("List_1", "Date of birth", "soon", 2), WARNING, "date_invalid", "Date of birth"),
    Planted(*NEEDS, sheet_cell("List_2", "SEN primary need", "H5", 2), WARNING, "code_unknown", "SEN primary need"),
    Planted(*FEED_OF_CARE, node("/0/child_details/date_of_birth", "soon"), WARNING, "date_invalid", "date_of_birth"),
    Planted(*FEED_OF_CARE, node("/0/child_details/ethnicity", "ZZ9"), WARNING, "code_unknown", "ethnicity"),
    Planted(*JSON_RECORDS, node("/entry/0/resource/birthDate", "soon"), WARNING, "date_not_readable",
            "entry.resource.birthDate"),
    Planted(*JSON_RECORDS, node("/entry/0/resource/id", None), REJECT, "resource_without_id", None),
    Planted(*XML_RECORDS, text('<birthDate value="', "soon", "/Bundle/entry[1]/", 1), WARNING, "date_not_readable",
            "entry.resource.birthDate"),
    Planted(*SERVICES, node("/contents/2/service_at_locations/0/location/latitude", 200), WARNING,
            "coordinate_out_of_range", "contents.service_at_locations.location.latitude"),
    Planted(*SERVICES, node("/contents/0/id", None), REJECT, "service_without_key", None),
]  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: f"{one.file}-{one.rule}-{one.field}")
def test_a_planted_error_is_reported_and_nothing_else_changes(planted: Planted, read: Read) -> None:
    feed = next(one for one in read.place.feeds if one.id == planted.feed)
    with tempfile.TemporaryDirectory() as name:
        files = [Path(shutil.copy(path, name)) for path in read.place.extract_files(feed, AS_OF)[1]]
        (damaged,) = [path for path in files if path.name == planted.file]
        changed, place = planted.change(damaged.read_bytes())
        damaged.write_bytes(changed)
        after = read_files(feed, files)
    before = read.readings[feed.id]
    said = said_of(after) - said_of(before)
    assert said_of(before) - said_of(after) == Counter()
    assert {one[:3] for one in said} == {(planted.severity, planted.rule, planted.field)}, said
    (position,) = {one[3] or "" for one in said}
    assert sum(said.values()) == 1
    old, new = content_of(before), content_of(after)
    differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    assert differing, "a value that changes nothing is not read"
    touched = {(old.get(key) or new[key])["row_ref"] for key in differing}
    unit = find_unit(place or position)
    assert {find_unit(position)} | {find_unit(one) for one in touched} == {unit}


def find_unit(place: str) -> str:
    """Return the row that a place lies in: a child of a payload, an entry of a bundle, a service, a pupil, a line."""
    steps = place.split("/")
    return "/".join(
        steps[: {"entry": 3, "contents": 3, "Bundle": 3, "CTfile": 4}.get(steps[1], 2)] if steps[1:] else steps
    )


def test_every_further_format_has_planted_errors() -> None:
    standards = {feed for feed, *_ in ((one.feed,) for one in PLANTED)}
    ends = {each.feed for each in FORMATS}
    assert {end for end in ends if any(feed.endswith(end) for feed in standards)} == ends


@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(min_value=2, max_value=10_000), rates=st.sampled_from(["usual", "high"]))
def test_whatever_errors_are_made_every_row_is_read_or_refused_and_nobody_is_made_up(seed: int, rates: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "place"
        write_example(folder, people=500, seed=seed, errors=errors.PRESETS[rates], also=["all"])
        place = load_place(folder)
        known = {(row["feed"], row["partner_record_id"]) for row in rows_of(folder / "truth" / "people.csv")}
        for feed in place.feeds:
            if feed.standard in BY_STANDARD:
                readings = read_files(feed, place.extract_files(feed, AS_OF)[1])
                people = {
                    (feed.id, row["partner_record_id"])
                    for reading in readings
                    for row in reading.records.get("person_record", ())
                }
                assert people <= known, feed.id
                rejects = sum(part.rows_rejected for reading in readings for part in reading.parts.values())
                assert rejects == sum(len(reading.rejects) for reading in readings)
                told_of = [one for reading in readings for one in reading.issues if one.severity == "reject"]
                assert len(told_of) == rejects and all(one.position and one.message for one in told_of)
