"""The language of definitions: what it refuses and how it says so, and what a collection year makes of a definition."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from braid.extracts.definition_files import definition_of, load_definitions
from braid.extracts.definition_years import resolve
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.standards.defined import read_by_rows

SMALL = """
standard = "small"
years = [2023, 2027]
blanks = ["n/k"]
[codes.outcome]
system = "small_outcome"
common = { A = "attended", D = "not_attended" }
known = ["Q", "X"]
words = { Came = "A" }
since = { Q = 2025 }
until = { X = 2024 }
[shape.person.columns]
Id = { required = true, aliases = ["Person Id"] }
[[part]]
name = "visit"
with = ["person"]
person = "Id"
told_by = ["Id", "Day"]
[part.columns]
Day = { type = "date", required = true }
Left = { type = "date", until = 2025 }
Until = { type = "date", since = 2026 }
Outcome = { type = "code", codes = "outcome", letter = true, label = ":" }
Minutes = { type = "number", high = 600 }
[[part.check]]
rule = "4.2"
severity = "reject"
message = "Minutes are missing of a visit that was attended: fill them in"
when = [{ column = "Outcome", values = ["A", "Came"] }]
then = [{ column = "Minutes" }]
[[part.record]]
type = "event"
name = "visit"
key = ["Day"]
[part.record.values]
kind = { value = "visit" }
start_date = "Day"
end_date = { first = ["Left", "Until"] }
status = "Outcome"
subkind = { column = "Outcome", as = "source" }
"""
SHORT = "[table]\nperson = 'a'\n[[record]]\ntype = 'need'\n"


def read(folder: Path, text: str, year: int) -> Reading:
    path = folder / "visits.csv"
    path.write_text(text, encoding="utf-8")
    reading = Reading(Source("feed", "partner", "small", year), "0" * 64, path.name)
    read_by_rows(path, reading, resolve(definition_of(tomllib.loads(SMALL)), year))
    return reading


def test_a_row_becomes_what_the_definition_says(tmp_path: Path) -> None:
    text = "Person ID,Day,Until,Outcome,Minutes\nP1,05/01/2026,06/01/2026,b) A: attended,30\nP2,06/01/2026,,came,n/k\n"
    reading = read(tmp_path, text, 2026)
    (event,) = reading.records["event"]
    assert (event["status"], event["subkind"], str(event["end_date"])) == ("attended", "small_outcome:A", "2026-01-06")
    assert [(one.rule, one.position, one.row) for one in reading.rejects] == [
        ("4.2", "line 3", "P2,06/01/2026,,came,n/k")
    ]
    assert "fill them in" in reading.issues[-1].message


def test_columns_and_codes_are_those_of_the_year(tmp_path: Path) -> None:
    text = "Id,Day,Left,Until,Outcome,Minutes\nP1,05/01/2026,06/01/2026,07/01/2026,{0},5\n"
    old, new = read(tmp_path, text.format("X"), 2024), read(tmp_path, text.format("X"), 2026)
    assert (
        str(old.records["event"][0]["end_date"]) == "2026-01-06"
        and str(new.records["event"][0]["end_date"]) == "2026-01-07"
    )
    assert dict(old.unmapped) == {"Until": 1}
    assert dict(new.unmapped) == {"Left": 1, "Outcome:code-unknown": 1}
    assert read(tmp_path, text.format("Q"), 2024).unmapped["Outcome:code-unknown"] == 1
    assert "Outcome:code-unknown" not in read(tmp_path, text.format("Q"), 2025).unmapped


def test_a_key_is_the_same_however_a_date_is_written(tmp_path: Path) -> None:
    ids = {
        read(tmp_path, f"Id,Day\nP1,{day}\n", 2026).records["event"][0]["record_id"]
        for day in ("05/01/2026", "2026-01-05", "5.1.2026")
    }
    assert len(ids) == 1


def test_rows_above_the_heading_are_passed_over_and_said(tmp_path: Path) -> None:
    reading = read(tmp_path, "Visits of the year\n\nWho,When\nId,Day\nP1,05/01/2026\n", 2026)
    assert len(reading.records["event"]) == 1
    assert [(one.rule, one.position) for one in reading.issues] == [("rows_above_heading", "line 4")]


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as doubled:
        read(tmp_path, "Id,Person Id,Day\nP1,P2,05/01/2026\n", 2026)
    assert doubled.value.rule == "duplicate_heading"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("blanks", "blancs", r"the file has blancs, which the language has not: did you mean blanks\?"),
        ("letter = true", "leter = true", r"column Outcome has leter, .* did you mean letter\?"),
        ('type = "number"', 'type = "integer"', "column Minutes: type is none of text, date"),
        ('codes = "outcome"', 'codes = "outcomes"', r"no code list outcomes; declare it as \[codes.outcomes\]"),
        ('A = "attended"', 'A = "came"', "status: came not in the list event_status"),
        ('start_date = "Day"', 'start_date = "Date"', "start_date: there is no column Date; declare it under columns"),
        ('start_date = "Day"', 'start_date = "Minutes"', "a column of type number does not fit the field"),
        ('start_date = "Day"', 'began = "Day"', "event has no field began to map"),
        ('with = ["person"]', 'with = ["people"]', r"there is no shape people; declare it as \[shape.people\]"),
        ('person = "Id"', "", "a event is about a person, and the part names no column as person"),
        ('severity = "reject"', 'severity = "fatal"', "severity is none of warning, reject"),
        ('then = [{ column = "Minutes" }]', "", "give order, two columns with dates, or then, conditions"),
        ("since = { Q = 2025 }", "since = { R = 2025 }", "since names R, which is no code of the list"),
        ('words = { Came = "A" }', 'words = { Came = "B" }', "words name B, which is no code of the list"),
        ("years = [2023, 2027]", "years = [2027, 2023]", "years is the first and the last collection year"),
        ('Day = { type', 'day = {}\nDay = { type', "day and Day may both be headed Day"),
        ('as = "source"', 'as = "origin"', "as is none of value, common, source, precision"),
        ('told_by = ["Id", "Day"]', 'told_by = ["Week"]', "told_by: there is no column Week"),
    ],
)  # fmt: skip
def test_what_the_language_has_not_is_refused_with_its_place(old: str, new: str, reason: str) -> None:
    assert old in SMALL
    with pytest.raises(UnreadableFile, match=reason) as refused:
        definition_of(tomllib.loads(SMALL.replace(old, new, 1)))
    assert refused.value.rule == "mapping_invalid"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SHORT, r"no \[values\] table"),
        (SHORT + "group = 'g'\ngroup_all = []\n[record.values]\nwhose = {value = 'person'}", "group_all"),
        (SHORT + "[record.values]\ncode = {item = true, codes = {a = 'other'}}", "the record has no each"),
        ("[[part]]\nname = 'x'\n[[part]]\nname = 'x'\n", r"it has no \[\[record\]\]"),
        ("standard = 'x'", r"no \[table\] table and no \[\[part\]\]"),
    ],
)
def test_a_mapping_is_held_to_the_same_language(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        definition_of(tomllib.loads(text))


def test_every_definition_resolves_in_each_of_its_years() -> None:
    for definition in load_definitions():
        parts = {part.name for part in definition.parts}
        for year in range(definition.first_year, definition.last_year + 1):
            resolved = resolve(definition, year)
            assert {part.name for part in resolved.parts} <= parts and resolved.parts
            for part in resolved.parts:
                assert part.rules or definition.is_walked, (definition.standard, year, part.name)
