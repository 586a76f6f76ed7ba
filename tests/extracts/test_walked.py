"""Standards that a connector walks by their definition: what the language allows, and next year's version."""

from __future__ import annotations

import csv
import difflib
import json
import os
import subprocess
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import braid
from braid.extracts.checks import check_date
from braid.extracts.definition_files import definition_of
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import read_file
from braid.extracts.rules.cin_tables import gather_cin
from braid.extracts.rules.gather import Gathered
from braid.extracts.rules.layouts import LAYOUTS
from braid.extracts.source_rows import read_source_row
from braid.extracts.walked import walked
from extracts.rules_census import write_census

HOUSE = Path(braid.__file__).resolve().parent
DEFINITIONS = HOUSE / "extracts" / "definitions"
PAGE = 60
"""Lines of a page."""


def read(path: Path, standard: str, year: int = 2026) -> Reading:
    return read_file(path, Source("feed", "council", standard, year))


def test_every_record_of_a_census_says_by_xpath_where_it_stands(tmp_path: Path) -> None:
    path = write_census(tmp_path / "census.xml", 40, 3)
    reading = read(path, "cin")
    document = etree.parse(path)
    keys = {row["record_id"]: row["partner_record_id"] for row in reading.records["person_record"]}
    seen = set()
    for record_type, rows in reading.records.items():
        for row in rows:
            (element,) = document.xpath(row["row_ref"])
            whole = next(one for one in (element, *element.iterancestors()) if one.tag == "Child")
            owner = keys.get(row["record_id"] if record_type == "person_record" else row["person_record_id"])
            assert owner is None or whole.findtext("ChildIdentifiers/LAchildID").strip() == owner
            seen.add(element.tag)
    assert seen >= {"Child", "CINdetails", "Assessments", "Section47", "ChildProtectionPlans"}
    refused = {one.position for one in reading.rejects}
    assert refused and all(len(document.xpath(place)) == 1 for place in refused)
    some = next(row["row_ref"] for row in reading.records["episode"] if "Assessments" not in row["row_ref"])
    assert etree.fromstring(read_source_row(path, some).text).tag == document.xpath(some)[0].tag


TANGLED = """<?xml version="1.0"?>
<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails></Header>
<Children><Child/><Extra/>{first}</Children>stray
<Children>{second}<CINdetails><CINreferralDate>2026-01-01</CINreferralDate></CINdetails>{first}</Children></Message>"""
CHILD = (
    "<Child><ChildIdentifiers><LAchildID>{0}</LAchildID></ChildIdentifiers><CINdetails><ReferralNFA>1</ReferralNFA>"
    "</CINdetails><CINdetails><CINreferralDate>2025-05-01</CINreferralDate></CINdetails></Child>"
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 3), second=st.integers(0, 3))
def test_places_hold_in_a_file_that_is_read_piece_by_piece(first: int, second: int, tmp_path: Path) -> None:
    parts = {"first": "".join(map(CHILD.format, range(first))), "second": "<Extra/>" * second}
    path = tmp_path / "tangled.xml"
    path.write_text(TANGLED.format(**parts), encoding="utf-8")
    document = etree.parse(path)
    reading = read(path, "cin")
    refused = [one for one in reading.rejects if one.rule in ("date_missing", "block_misplaced", "key_missing")]
    assert len(refused) == 2 * first + 2
    for one in refused:
        (element,) = document.xpath(one.position)
        assert element.tag == one.part
        held = [two.strip() for two in element.itertext() if two.strip()]
        assert all(text in one.row for text in held)


def test_rules_name_the_places_that_the_connector_names(tmp_path: Path) -> None:
    path = write_census(tmp_path / "census.xml", 60, 5)
    document = etree.parse(path)
    layout = LAYOUTS["cin"]
    with ExitStack() as stack:
        tables = {table.name: stack.enter_context(Gathered(table, tmp_path)) for table in layout.tables}
        assert gather_cin(path, 0, tables) == 2026
    for name, table in tables.items():
        for place in pq.read_table(table.path).column("position").to_pylist():
            (element,) = document.xpath(place)
            assert element.tag in (name, INSIDE.get(name))
    assert read_source_row(path, place).text


INSIDE = {"Disabilities": "Disability"}
CELLS = st.sampled_from(["", "2025-05-01", "01/06/2025", "2025-07-31", "soon", "M", "a", "X"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.sampled_from(["", "C1", "C2"]), CELLS, CELLS, CELLS), max_size=5))
def test_times_missing_are_read_as_a_plain_reader_reads_them(
    rows: list[tuple[str, str, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "missing.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("CHILD", "MISSING", "MIS_START", "MIS_END"), *rows])
    reading = read(path, "ssda903")
    wanted: dict[tuple[str, str], tuple[object, ...]] = {}
    for child, kind, began, ended in rows:
        start, end = check_date(began)[0] if began else None, check_date(ended)[0] if ended else None
        if not child or start is None:
            continue
        code = f"ssda903:{kind.upper()}" if kind.upper() in ("M", "A") else None
        end = None if end and end < start else end
        first = wanted.get((child, start.isoformat()), (None, None))
        wanted[child, start.isoformat()] = (first[0] or code, first[1] or end)
    persons = {reading.person_record_id(child): child for child in ("C1", "C2")}
    events = {
        (persons[one["person_record_id"]], one["start_date"].isoformat()): (one["subkind"], one["end_date"])
        for one in reading.records["event"]
    }
    assert events == wanted
    assert sum(count.rows_in for count in reading.parts.values()) == sum(1 for row in rows if any(row))


PLAIN = """
standard = "plain"
[[part]]
name = "row"
person = "Id"
[part.columns]
Id = { required = true }
Day = { type = "date" }
[[part.record]]
type = "event"
WORD
[part.record.values]
kind = { value = "visit" }
start_date = "Day"
"""


@pytest.mark.parametrize("word", ['id = ["{Id}"]', 'needs = ["start_date"]', 'about = "{Id}/baby"', 'doubts = "own"'])
def test_words_of_walked_definitions_are_no_words_of_others(word: str) -> None:
    text = PLAIN.replace("WORD", word)
    with pytest.raises(UnreadableFile, match="which the language has not"):
        definition_of(tomllib.loads(text))
    assert definition_of(tomllib.loads("walked = true\n" + text)).is_walked


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ('id = ["{Nobody}"]', "there is no column Nobody"),
        ('doubts = "all"', "doubts is none of row, own"),
        ('when = [{ column = "Id", listed = "letters" }]', "there is no code list letters"),
    ],
)
def test_a_walked_definition_is_read_strictly(word: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        definition_of(tomllib.loads("walked = true\n" + PLAIN.replace("WORD", word)))


def test_codes_and_columns_of_other_years_are_read_and_the_rules_say_so() -> None:
    places = walked("ssda903").part("episodes").columns["PLACE"].cell.codes
    assert places and places.find("H5") == "H5" and places.until["H5"] == 2023
    assert "H5" not in places.resolve(2024).codes and "K3" in places.resolve(2024).codes


HOUSING = 'HousingDate = { type = "date", since = 2027 }\n'
NEXT_YEAR = {
    "ssda903.toml": [
        ("since = { K3 = 2024,", "since = { Q9 = 2027, K3 = 2024,"),
        ('    "U5", "U6", "Z1",', '    "Q9", "U5", "U6", "Z1",'),
        ("\nURN = {}\n", '\nURN = {}\nNIGHTS = { type = "number", high = 366, since = 2027 }\n'),
    ],
    "cin.toml": [
        ('22A = "fgm"\n', '22A = "fgm"\n25A = "homeless"\n'),
        ('ReferralNFA = { type = "flag" }\n', 'ReferralNFA = { type = "flag" }\n' + HOUSING),
        ('[[part]]\nname = "Assessments"', """[[part.record]]
type = "event"
id = ["{case}", "housing", "{HousingDate}"]
needs = ["start_date"]
[part.record.values]
kind = { value = "contact" }
subkind = { value = "cin:HousingDate" }
start_date = "HousingDate"

[[part]]
name = "Assessments\""""),
    ],
}  # fmt: skip
"""A made-up version of 2027: a code and a column of one return, a factor, a date and what it makes of the other."""
EPISODES = "CHILD,DECOM,RNE,LS,PLACE,NIGHTS\nC1,2026-05-01,S,C2,Q9,12\n"
CENSUS = """<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2027</Year>
<ReferenceDate>2027-03-31</ReferenceDate></CollectionDetails></Header><Children><Child>
<ChildIdentifiers><LAchildID>C1</LAchildID></ChildIdentifiers>
<CINdetails><CINreferralDate>2026-05-01</CINreferralDate><HousingDate>2026-05-09</HousingDate>
<Assessments><AssessmentActualStartDate>2026-05-02</AssessmentActualStartDate>
<AssessmentFactors>25A</AssessmentFactors></Assessments></CINdetails></Child></Children></Message>
"""


def house_of_next_year(folder: Path) -> list[str]:
    """Put up the house with other definitions alone, all else being links to ours; return the lines that differ."""
    inside = folder / "braid" / "extracts" / "definitions"
    inside.mkdir(parents=True)
    for room, kept in ((HOUSE, "extracts"), (HOUSE / "extracts", "definitions")):
        for entry in room.iterdir():
            if entry.name not in (kept, "__pycache__"):
                (folder / "braid" / entry.relative_to(HOUSE)).symlink_to(entry)
    lines = []
    for path in DEFINITIONS.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        changed = text
        for old, new in NEXT_YEAR.get(path.name, []):
            assert changed.count(old) == 1, old
            changed = changed.replace(old, new)
        (inside / path.name).write_text(changed, encoding="utf-8")
        lines += difflib.unified_diff(text.splitlines(), changed.splitlines(), path.name, path.name, lineterm="")
    return lines


READ = """
import json, sys
from pathlib import Path
from braid.extracts.model import Source
from braid.extracts.read import read_file
from braid.extracts.recognition import choose
from braid.extracts.rules.check import codes_of
from braid.extracts.rules.layouts import LAYOUTS
found = []
for name in sys.argv[1:]:
    fit = choose(Path(name))
    reading = read_file(Path(name), Source("feed", "council", fit.standard, fit.year))
    records = {kind: len(rows) for kind, rows in reading.records.items()}
    found.append({"year": fit.year, "unmapped": dict(reading.unmapped), "records": records})
places = {year: "Q9" in codes_of(LAYOUTS["ssda903"], "places", year) for year in (2026, 2027)}
print(json.dumps([found, places]))
"""


def read_in(folder: Path, *paths: Path) -> tuple[list[dict[str, dict[str, int]]], dict[str, bool]]:
    """Return what a house makes of files, and in which years rules know the made-up code."""
    command = [sys.executable, "-c", READ, *map(str, paths)]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(folder)}, check=False
    )
    assert not done.returncode, done.stderr
    found, places = json.loads(done.stdout)
    return found, places


def test_next_years_version_is_a_diff_of_a_page_that_touches_definitions_alone(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    changed = house_of_next_year(folder)
    assert 0 < len(changed) <= PAGE
    episodes, census = tmp_path / "episodes.csv", tmp_path / "census.xml"
    episodes.write_text(EPISODES, encoding="utf-8")
    census.write_text(CENSUS, encoding="utf-8")
    ours, _ = read_in(HOUSE.parent, episodes, census)
    theirs, places = read_in(folder, episodes, census)
    assert [one["year"] for one in theirs] == [2027, 2027]
    assert ours[0]["unmapped"] == {"NIGHTS": 1, "PLACE:code-unknown": 1} and theirs[0]["unmapped"] == {}
    assert ours[1]["unmapped"] == {"HousingDate": 1, "AssessmentFactors:code-unknown": 1}
    assert theirs[1]["unmapped"] == {}
    assert theirs[1]["records"]["event"] == ours[1]["records"]["event"] + 1
    assert theirs[1]["records"]["need"] == ours[1]["records"].get("need", 0) + 1
    assert places == {"2026": False, "2027": True}, "rules ask for the codes of their year"
