"""Files as data officers save them: nothing that says "none" makes people one, and a table is a table however saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from braid.extracts import checks
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import check_counts, read_file
from braid.extracts.source_rows import read_source_row
from braid.store.duckdb_engine import DuckDBEngine
from extracts.connector_page import load_examples
from extracts.test_csc_api import CENSUS
from extracts.test_nasty_files import said
from extracts.test_twins import compare

EXAMPLES = {one["standard"]: one for one in reversed(load_examples()) if one["file"].endswith(".csv")}
OWN = ("wlmds", "victim_service", "school", "core", "ta_stock", "joint_work")
Rows = list[list[str]]


def rows_of(standard: str) -> Rows:
    text = EXAMPLES[standard]["text"].lstrip("\n")
    return [row for row in csv.reader(io.StringIO(text)) if any(row)]


def as_text(rows: Rows) -> bytes:
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows(rows)
    return held.getvalue().encode()


def as_book(*sheets: Rows) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append([cell or None for cell in row])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def read(path: Path, data: bytes, standard: str) -> Reading:
    path.write_bytes(data)
    reading = read_file(path, Source("feed", "partner", standard, EXAMPLES[standard]["year"]))
    check_counts(reading)
    return reading


def with_cell(rows: Rows, column: str, text: str) -> Rows:
    place = rows[0].index(column)
    return [rows[0], *([*row[:place], text, *row[place + 1 :]] for row in rows[1:])]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine("256MB", 1)
    yield made
    made.close()


@pytest.mark.parametrize("text", ["NULL", "null", "N/A", "#N/A", "Unknown", "-", "#REF!"])
def test_people_without_a_key_are_refused_and_never_one_person(text: str, tmp_path: Path) -> None:
    key = "LOCAL_PATIENT_IDENTIFIER"
    reading = read(tmp_path / "a.csv", as_text(with_cell(rows_of("wlmds"), key, text)), "wlmds")
    (count,) = reading.parts.values()
    assert count.rows_rejected == count.rows_in > 0
    assert not reading.records.get("person_record")
    assert {issue.rule for issue in reading.issues if issue.severity == "reject"} == {"key_missing"}
    assert all("none" in issue.message for issue in reading.issues if issue.severity == "reject")


@pytest.mark.parametrize(
    ("standard", "key"),
    [("rtt_open_pathways", "LOCAL_PATIENT_IDENTIFIER"), ("csds", "PERSON ID"), ("school_census", "UPN")],
)
def test_both_readers_of_a_definition_refuse_such_a_key(
    standard: str, key: str, tmp_path: Path, engine: DuckDBEngine
) -> None:
    rows = rows_of(standard)
    key = next(name for name in rows[0] if name.upper() == key)
    path = tmp_path / "a.csv"
    path.write_bytes(as_text(with_cell(rows, key, "Null")))
    found: Any = compare(path, standard, EXAMPLES[standard]["year"], engine)
    assert all(rejected == rows_in > 0 for rows_in, _, rejected in found["parts"].values())
    assert "person_record" not in found["records"]


def test_a_second_person_of_a_row_without_a_key_makes_nobody(tmp_path: Path) -> None:
    rows = rows_of("marac")
    name = next(one for one in rows[0] if "erpetrator" in one and "ref" in one.lower())
    reading = read(tmp_path / "a.csv", as_text(with_cell(rows, name, "NULL")), "marac")
    assert not [row for row in reading.records["person_record"] if "NULL" in row["partner_record_id"].upper()]


def test_somebody_called_null_is_somebody(tmp_path: Path) -> None:
    reading = read(
        tmp_path / "a.csv", as_text(with_cell(rows_of("victim_service"), "Surname", "Null")), "victim_service"
    )
    assert {row["family_name"] for row in reading.records["person_record"]} == {"Null"}


def test_every_word_for_no_key_is_short_and_in_capital_letters() -> None:
    assert all(word == word.upper().strip() and checks.is_no_key(f" {word.lower()} ") for word in checks.NO_KEYS)
    assert not any(checks.is_no_key(key) for key in ("0", "1", "A1", "NULL1", "C3851570440", "N"))


@pytest.mark.parametrize("standard", OWN)
def test_a_standard_with_a_connector_of_its_own_is_read_from_a_workbook(standard: str, tmp_path: Path) -> None:
    rows = rows_of(standard)
    plain = read(tmp_path / "a.csv", as_text(rows), standard)
    book = as_book([["Notes of the export"], ["nobody reads them"]], rows)
    reading = read(tmp_path / "a.xlsx", book, standard)
    assert said(reading) == said(plain) != {}
    assert {part: vars(count) for part, count in reading.parts.items()} == {
        part: vars(count) for part, count in plain.parts.items()
    }
    assert reading.unmapped["sheet 1"] == 1
    row = next(iter(reading.records.values()))[0]
    assert row["row_ref"].startswith("sheet 2 row ")
    assert read_source_row(tmp_path / "a.xlsx", row["row_ref"]).text


@pytest.mark.parametrize("standard", OWN)
def test_titles_above_the_heading_are_passed_over_and_said(standard: str, tmp_path: Path) -> None:
    rows = rows_of(standard)
    titles = [["Arden Vale, export"], ["Printed", "15/11/2026"], []]
    plain = read(tmp_path / "a.csv", as_text(rows), standard)
    reading = read(tmp_path / "a.csv", as_text([*titles, *rows]), standard)
    assert said(reading) == said(plain) != {}
    assert "rows_above_heading" in {issue.rule for issue in reading.issues}


def test_a_connector_of_its_own_reads_parquet(tmp_path: Path) -> None:
    rows = rows_of("wlmds")
    plain = read(tmp_path / "a.csv", as_text(rows), "wlmds")
    columns = {name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}
    pq.write_table(pa.table(columns), tmp_path / "b.parquet")
    reading = read(tmp_path / "a.parquet", (tmp_path / "b.parquet").read_bytes(), "wlmds")
    assert said(reading) == said(plain) != {}


@pytest.mark.parametrize(("standard", "column"), [("wlmds", "NHS_NUMBER"), ("victim_service", "Postcode")])
def test_a_known_column_that_stands_twice_is_refused(standard: str, column: str, tmp_path: Path) -> None:
    rows = rows_of(standard)
    place = rows[0].index(column)
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path / "a.csv", as_text([[*row, row[place]] for row in rows]), standard)
    assert refused.value.rule == "duplicate_heading" and column in refused.value.message


@pytest.mark.parametrize("standard", OWN)
def test_a_workbook_of_something_else_is_refused_with_a_next_step(standard: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path / "a.xlsx", as_book([["Ref", "Anything"], ["1", "x"]]), standard)
    assert refused.value.rule == "wrong_standard" and "check" in refused.value.message
    with pytest.raises(UnreadableFile) as empty:
        read(tmp_path / "a.xlsx", as_book([], []), standard)
    assert empty.value.rule in ("no_heading", "wrong_standard")


def test_a_child_without_a_key_is_refused_in_returns_that_are_walked(tmp_path: Path) -> None:
    path = tmp_path / "header.csv"
    path.write_text(
        "CHILD,SEX,DOB,ETHNIC,UPN\nNULL,1,02/02/2024,WBRI,UN1\nn/a,2,03/02/2024,WBRI,UN1\n", encoding="utf-8"
    )
    reading = read_file(path, Source("feed", "partner", "ssda903", 2026))
    (count,) = reading.parts.values()
    assert (count.rows_in, count.rows_rejected) == (2, 2) and not reading.records.get("person_record")
    census = tmp_path / "census.xml"
    census.write_text(re.sub(r"<LAchildID>.*?<", "<LAchildID>#N/A<", CENSUS), encoding="utf-8")
    reading = read_file(census, Source("feed", "partner", "cin", 2026))
    assert reading.parts["Child"].rows_rejected == reading.parts["Child"].rows_in > 0
    assert not reading.records.get("person_record")
