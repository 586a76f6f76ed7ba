"""Every file that other people published: what was read and refused is what plain readers find in the bytes."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from braid.extracts.model import Reading, Source
from braid.extracts.read import read_feed, read_file
from braid.extracts.recognition import choose
from braid.extracts.standards.cin import PARTS
from shared import shared_folder

FOLDERS = ("cin", "common_platform", "core", "fhir_ukcore", "fpl", "oruk", "ssda903")


def read(path: Path) -> Reading:
    return read_file(path, Source("feed", "partner", path.parent.name, 2023, "2023-03-31"))


def rows_in(reading: Reading) -> dict[str, int]:
    return {part: count.rows_in for part, count in reading.parts.items()}


@pytest.mark.parametrize("standard", FOLDERS)
def test_nothing_of_a_published_file_is_lost(standard: str) -> None:
    for path in sorted(shared_folder("fixtures", standard).iterdir()):
        reading = read(path)
        assert reading.parts, path.name
        for part, count in reading.parts.items():
            assert count.rows_in == count.rows_read + count.rows_rejected, (path.name, part)
        refused = sum(count.rows_rejected for count in reading.parts.values())
        assert len(reading.rejects) == refused, path.name
        if path.read_bytes().strip():
            assert choose(path).standard == standard, path.name


def test_a_census_holds_as_many_blocks_as_its_elements() -> None:
    for path in sorted(shared_folder("fixtures", "cin").iterdir()):
        root = etree.parse(str(path)).getroot()
        held = Counter(etree.QName(element).localname for element in root.iter("{*}*"))
        assert rows_in(read(path)) == {part: held[part] for part in PARTS if held[part]}, path.name


def test_a_return_holds_as_many_rows_as_its_lines() -> None:
    for path in sorted(shared_folder("fixtures", "ssda903").iterdir()):
        with path.open(newline="", encoding="utf-8-sig") as stream:
            lines = sum(any(row) for row in csv.reader(stream))
        assert sum(rows_in(read(path)).values()) == max(lines - 1, 0), path.name


def test_pupil_numbers_with_a_wrong_letter_are_kept_and_flagged() -> None:
    reading = read(shared_folder("fixtures", "cin", "fake_CIN_data.xml"))
    numbers = Counter(row["check_result"] for row in reading.records["identifier"] if row["scheme"] == "upn")
    flagged = sum(issue.rule == "upn_check" for issue in reading.issues if issue.field == "UPN")
    assert numbers["fail"] == flagged and numbers["fail"] > 20 * numbers["pass"] > 0
    assert len(reading.records["person_record"]) == 332, "nobody is lost for a wrong letter"


def test_the_returns_of_two_years_name_the_same_children_once() -> None:
    folder = shared_folder("fixtures", "ssda903")
    keys = []
    for year in (2019, 2020):
        source = Source("feed", "partner", "ssda903", year, f"{year}-03-31")
        (reading,) = read_feed([folder / f"{year}-header.csv"], source)
        keys.append({row["partner_record_id"]: row["record_id"] for row in reading.records["person_record"]})
    both = keys[0].keys() & keys[1].keys()
    assert both and all(keys[0][key] == keys[1][key] for key in both)
