"""The example place written and read back is the truth; a planted error is reported, and nothing else changes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from braid.example import errors
from braid.example.write import write_example
from braid.extracts.model import Reading, Source
from braid.extracts.read import read_feed
from braid.extracts.run import find_mapping
from braid.store.place_folder import Feed, Place, load_place

AS_OF = dt.date(2026, 11, 15)
PEOPLE = 1500
NAMED = ("given_name", "family_name")
CARRIED: Mapping[str, tuple[str, ...]] = {
    "cin": ("birth_date", "sex", "ethnicity"),
    "ssda903": ("birth_date", "sex", "ethnicity"),
    "housing_register": (*NAMED, "birth_date", "sex"),
    "hclic": (*NAMED, "birth_date", "sex"),
    "school": (*NAMED, "birth_date", "sex", "ethnicity"),
    "wlmds": ("birth_date", "sex", "ethnicity"),
    "fpl": (*NAMED, "birth_date", "sex"),
    "common_platform": (*NAMED, "birth_date"),
    "victim_service": (*NAMED, "birth_date", "sex", "ethnicity"),
}
"""What of a person each format of the place can say. A format that is not here is about nobody."""
COARSER = {("arab", "other"), ("roma", "white_other"), ("roma", "gypsy_traveller"), ("gypsy_traveller", "white_other")}
"""Ethnicities that a format has no code of its own for, and what it says of them."""
LEFT = {
    "housing_register": "assessment.bedroomNeed assessment.biddingNumber assessment.informationReceivedDate"
    " assessment.reason mainApplicant.person.relationshipType mainApplicant.person.title otherMembers.person.title",
    "fpl": "cancelledHearingDetails.value.judgeAndLegalAdvisor.judgeLastName"
    " cancelledHearingDetails.value.judgeAndLegalAdvisor.judgeTitle cancelledHearingDetails.value.vacatedDate"
    " caseLocalAuthority caseLocalAuthorityName caseName children1.value.completionDate"
    " children1.value.finalOrderIssued court.code court.name dateSubmitted"
    " hearingDetails.value.judgeAndLegalAdvisor.judgeLastName hearingDetails.value.judgeAndLegalAdvisor.judgeTitle"
    " respondents1.value.legalRepresentation respondents1.value.party.addressKnow",
    "common_platform": " ".join(
        [f"cases.defendantSummary.offenceSummary.{name}" for name in (
            "arrestDate", "modeOfTrial", "offenceCode", "offenceTitle", "orderIndex", "proceedingsConcluded",
            "startDate",
        )]
        + ["cases.hearingSummary.courtCentre.code", "cases.hearingSummary.hearingDays.listedDurationMinutes"]
        + ["cases.hearingSummary.hearingDays.listingSequence", "cases.prosecutionCaseId"]
    ),
}  # fmt: skip
"""What the formats say that no record of the common language holds; it is counted, whatever else would fail here."""
UNSEEN = {"school": {"sex", "ethnicity"}}
"""What a format leaves out of some people: who applies for a place is not on a roll yet."""


@dataclass(frozen=True)
class World:
    """A place without errors, its truth, and what every feed says when it is read."""

    place: Place
    persons: Mapping[str, Mapping[str, str]]
    who: Mapping[tuple[str, str], str]
    readings: Mapping[str, list[Reading]]

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.place.folder / "truth" / f"{table}.csv").open(newline="") as stream:
            return list(csv.DictReader(stream))


def read_of(place: Place, feed: Feed) -> list[Reading]:
    date, files = place.extract_files(feed, AS_OF)
    if date is None:
        return []
    source = Source(feed.id, feed.organisation, feed.standard, feed.year, date.isoformat())
    return read_feed(files, source, find_mapping(feed.mapping, place.folder))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("round") / "place"
    write_example(folder, people=PEOPLE, errors=errors.NONE)
    place = load_place(folder)

    def table(name: str) -> list[dict[str, str]]:
        with (folder / "truth" / f"{name}.csv").open(newline="") as stream:
            return list(csv.DictReader(stream))

    return World(
        place,
        {row["true_person_id"]: row for row in table("persons")},
        {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in table("people")},
        {feed.id: read_of(place, feed) for feed in place.feeds},
    )


def text_of(value: Any) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)


def records(readings: Sequence[Reading], kind: str) -> list[dict[str, Any]]:
    return [row for reading in readings for row in reading.records.get(kind, ())]


def test_nothing_of_a_place_without_errors_is_doubted_or_left_out(world: World) -> None:
    for feed, readings in world.readings.items():
        for reading in readings:
            assert [issue for issue in reading.issues if issue.severity != "note"] == [], feed
            left = LEFT.get(reading.source.standard, "").split()
            assert {name.removeprefix("caseData.") for name in reading.unmapped} <= set(left), feed
            assert all(count.rows_in == count.rows_read for count in reading.parts.values()), feed


def test_every_person_is_read_back_field_by_field(world: World) -> None:
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for feed in world.place.feeds:
        people = records(world.readings[feed.id], "person_record")
        carried = CARRIED.get(feed.standard, ())
        known = {key for name, key in world.who if name == feed.id}
        assert {row["partner_record_id"] for row in people} == known, feed.id
        for row in people:
            truth = world.persons[world.who[feed.id, row["partner_record_id"]]]
            for name in (*NAMED, "birth_date", "sex", "ethnicity"):
                found, true = text_of(row.get(name)), truth[name]
                if name not in carried:
                    assert found == "", (feed.id, name)
                elif found or name not in UNSEEN.get(feed.standard, ()):
                    assert found == true or (name == "ethnicity" and (true, found) in COARSER), (feed.id, name)
                    said[feed.standard][name] += 1
    assert {standard: set(names) for standard, names in said.items()} == {
        standard: set(names) for standard, names in CARRIED.items()
    }


def test_every_true_wait_is_read_back_with_its_days(world: World) -> None:
    read = set()
    for feed in world.place.feeds:
        readings = world.readings[feed.id]
        keys = {row["record_id"]: row["partner_record_id"] for row in records(readings, "person_record")}
        for row in records(readings, "wait"):
            person = world.who[feed.id, keys[row["person_record_id"]]]
            read.add((person, row["kind"], text_of(row["start_date"]), text_of(row.get("stop_date"))))
    true = {(row["true_person_id"], row["kind"], row["start_date"], row["stop_date"]) for row in world.rows("waits")}
    victims = {person for (feed, _), person in world.who.items() if feed == "victim-service"}
    missing = {wait for wait in true - read if not (wait[1] == "crown_trial" and wait[0] in victims)}
    ended = {(person, stop) for person, kind, _, stop in read if kind == "care_proceedings"}
    unheard = {wait for wait in missing if wait[1] == "care_first_hearing" and not wait[3]}
    assert missing == unheard, "victims wait with the defendant's case, which linking finds, not a connector"
    for person, kind, start, _ in unheard:
        (stop,) = {found[3] for found in read if found[:3] == (person, kind, start)}
        assert (person, stop) in ended, "who was never heard waits until the case ends"


@dataclass(frozen=True)
class Planted:
    """An error put into one row of one file: where, what it says instead, and what must be reported of it."""

    feed: str
    file: str
    change: Callable[[bytes], tuple[bytes, str]]
    severity: str
    rule: str
    field: str | None


def cell(column: str, text: str, row: int = 3) -> Callable[[bytes], tuple[bytes, str]]:
    """Return a change of one cell of a table, which says on which line it is."""

    def change(data: bytes) -> tuple[bytes, str]:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        rows[row][rows[0].index(column)] = text
        held = io.StringIO()
        csv.writer(held, lineterminator="\n").writerows(rows)
        return held.getvalue().encode(), f"line {row + 1}"

    return change


def node(pointer: str, value: Any) -> Callable[[bytes], tuple[bytes, str]]:
    """Return a change of one node of a JSON document, which says at which member of its list it is."""

    def change(data: bytes) -> tuple[bytes, str]:
        document = json.loads(data)
        *way, last = [int(step) if step.isdigit() else step for step in pointer.strip("/").split("/")]
        holder = document
        for step in way:
            holder = holder[step]
        holder[last] = value
        return json.dumps(document).encode(), pointer

    return change


def element(name: str, text: str, number: int = 2) -> Callable[[bytes], tuple[bytes, str]]:
    """Return a change of the text of one element of XML, which says on which line it is."""

    def change(data: bytes) -> tuple[bytes, str]:
        whole, at = data.decode(), -1
        for _ in range(number):
            at = whole.index(f"<{name}>", at + 1)
        end = whole.index("</", at)
        changed = whole[: at + len(name) + 2] + text + whole[end:]
        return changed.encode(), f"line {whole.count(chr(10), 0, at) + 1}"

    return change


WARNING, REJECT = "warning", "reject"
ROLL = ("hallowmere-schools", "roll.csv")
HOMELESS = ("hallowmere-homelessness", "hclic.csv")
HOSPITAL = ("hospital-waiting-list", "wlmds.csv")
REGISTER = ("hallowmere-housing-register", "register.json")
CENSUS = ("hallowmere-cin", "cin_census.xml")
PLANTED = [
    Planted(*ROLL, cell("DOB", "31/02/2015"), WARNING, "date_invalid", "DOB"),
    Planted(*ROLL, cell("UPN", "A999999999999"), WARNING, "upn_check", "UPN"),
    Planted(*ROLL, cell("Ethnicity", "ZZ9"), WARNING, "code_unknown", "Ethnicity"),
    Planted(*ROLL, cell("PupilId", ""), REJECT, "key_missing", "PupilId"),
    Planted(*HOSPITAL, cell("NHS_NUMBER", "9990000000"), WARNING, "nhs_check", "NHS_NUMBER"),
    Planted(*HOMELESS, cell("date_of_birth", "soon"), WARNING, "date_invalid", "date_of_birth"),
    Planted("hallowmere-ssda903", "episodes.csv", cell("LS", "Q9", 1), WARNING, "code_unknown", "LS"),
    Planted("hallowmere-ta-stock", "stock.csv", cell("Bedrooms", "many"), REJECT, "number_invalid", "Bedrooms"),
    Planted("victim-service", "referrals.csv", cell("DOB", "soon"), WARNING, "date_invalid", "DOB"),
    Planted(*CENSUS, element("PersonBirthDate", "soon"), WARNING, "date_invalid", "PersonBirthDate"),
    Planted(*CENSUS, element("CINreferralDate", ""), REJECT, "date_missing", "CINreferralDate"),
    Planted(*REGISTER, node("/2/mainApplicant/person/dateOfBirth", "soon"),
            WARNING, "date_not_readable", "mainApplicant.person.dateOfBirth"),
    Planted(*REGISTER, node("/2/mainApplicant/person/id", None), REJECT, "person_without_key", None),
    Planted("family-court", "cases.json", node("/1/caseData/children1/0/value/party/dateOfBirth", "soon"),
            WARNING, "date_not_readable", "caseData.children1.value.party.dateOfBirth"),
    Planted("crown-court", "cases.json", node("/cases/1/defendantSummary/0/defendantDOB", "soon"),
            WARNING, "date_not_readable", "cases.defendantSummary.defendantDOB"),
    Planted("court-list", "hearings.json", node("/1/hearingDetails/duration", "long"),
            REJECT, "number_invalid", "hearingDetails.duration"),
]  # fmt: skip


def said_of(readings: Sequence[Reading]) -> Counter[tuple[str, str, str | None, str | None]]:
    return Counter(
        (i.severity, i.rule, i.field, i.position) for r in readings for i in r.issues if i.severity != "note"
    )


def content_of(readings: Sequence[Reading]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every record but for the hash of its file."""
    return {
        (kind, row["record_id"]): {name: value for name, value in row.items() if name != "file_sha256"}
        for reading in readings
        for kind, rows in reading.records.items()
        for row in rows
    }


FOLLOWING = ("parent_refused", "no_main_applicant")
"""What is said of a row because the row it belongs to was refused."""


def is_there(position: str, place: str, changed: bytes) -> bool:
    """Whether a position lies in the row, the member of a list or the child in which an error was planted."""
    if place.startswith("/"):
        steps = 3 if place.startswith("/cases/") else 2
        return position.split("/")[:steps] == place.split("/")[:steps]
    if not changed.lstrip().startswith(b"<"):
        return position == place
    lines = changed.decode().split("\n")[: int(place.removeprefix("line "))]
    child = f"/Message/Children[1]/Child[{sum('<Child>' in line for line in lines)}]"
    return position == child or position.startswith(f"{child}/")


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: f"{one.feed}-{one.file}-{one.rule}-{one.field}")
def test_a_planted_error_is_reported_and_nothing_else_changes(planted: Planted, world: World, tmp_path: Path) -> None:
    feed = next(one for one in world.place.feeds if one.id == planted.feed)
    date, files = world.place.extract_files(feed, AS_OF)
    assert date is not None
    copies = [Path(shutil.copy(path, tmp_path / path.name)) for path in files]
    (damaged,) = [path for path in copies if path.name == planted.file]
    changed, place = planted.change(damaged.read_bytes())
    damaged.write_bytes(changed)
    source = Source(feed.id, feed.organisation, feed.standard, feed.year, date.isoformat())
    after = read_feed(copies, source, find_mapping(feed.mapping, world.place.folder))
    before = world.readings[feed.id]
    said = said_of(after) - said_of(before)
    assert said_of(before) - said_of(after) == Counter()
    told = {one[:3]: one[3] or "" for one in said if one[1] not in FOLLOWING}
    assert list(told) == [(planted.severity, planted.rule, planted.field)], said
    assert said[(*next(iter(told)), next(iter(told.values())))] == 1, "once"
    assert is_there(next(iter(told.values())), place, changed)
    old, new = content_of(before), content_of(after)
    differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    assert differing, "a value that changes nothing is not read"
    assert all(is_there((old.get(key) or new[key])["row_ref"], place, changed) for key in differing)
