# ruff: noqa: DTZ001 - the dates of a workbook have no zone
"""Workbooks as partners send them: an Annex A with every trap that was seen in one, and files that are none."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import check_counts, read_file
from braid.extracts.recognition import choose
from braid.extracts.workbooks import text_of

CONTACT = ["Child Unique ID", "Gender", "Ethnicity ", "Date of Birth", "Age of Child (Years)", "Date of Contact"]
CARE_LEAVER = [
    "Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)",
    "Does the Child have a Disability", "Eligibility Category", "LA in Touch", "Type of Accommodation",
    "Suitability of Accommodation", "Activity Status", "Allocated Team", "Allocated Worker",
]  # fmt: skip


def read(path: Path, standard: str = "annex_a") -> Reading:
    reading = read_file(path, Source("feed", "partner", standard, 2026))
    check_counts(reading)
    return reading


def write(folder: Path, sheets: dict[str, list[list[Any]]], name: str = "annex_a.xlsx") -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    book.save(path)
    return path


def annex(folder: Path, name: str = "annex_a.xlsx") -> Path:
    """Write a workbook of two lists and a sheet of notes, with titles above a heading and the blemishes seen."""
    contacts = [
        ["Annex A: contacts of the last three months"],
        [],
        [*CONTACT, "Contact\u00a0Source"],
        ["C1", "b) Female", "a) WBRI", dt.datetime(2015, 2, 1), 11, dt.date(2026, 3, 3), "q) 6: Police"],
        ["C2", "Male", "White\u00a0British", "01/02/2016", 10, "=DATE(2026,3,4)", "6"],
        ["C3", "a) Male", "#N/A", "#N/A", "#N/A", "4th of March", "nobody knows"],
        ["C4", "d) Neither", "s) REFU", None, 7, "=TODAY()-3", "a) 1A: Individual"],
        [
            5,
            "c) Not stated/recorded",
            "WBRI",
            dt.datetime(2017, 5, 9, 12, 30),
            None,
            dt.datetime(2026, 3, 5),
            "Housing",
        ],
    ]
    leavers = [CARE_LEAVER, ["C9", "b) Female", "WBRI", "01/02/2006", 20, "b) No", "a) Relevant child", "e) NREQ",
                             "S: No fixed abode/homeless", "b) Unsuitable", "G5: other", "T", "W"]]  # fmt: skip
    return write(folder, {"Notes": [["Made by hand"]], "List_1": contacts, "List 9 - leavers": leavers}, name)


def test_every_trap_of_an_annex_is_read_or_said(tmp_path: Path) -> None:
    reading = read(annex(tmp_path))
    counts = {part: (one.rows_in, one.rows_read, one.rows_rejected) for part, one in reading.parts.items()}
    assert counts == {"List 1": (5, 3, 2), "List 9": (1, 1, 0)}
    contacts = {row["person_record_id"]: row for row in reading.records["event"]}
    people = {row["partner_record_id"]: row for row in reading.records["person_record"]}
    assert set(people) == {"C1", "C2", "5", "C9"}
    assert people["C2"]["ethnicity"] == "white_british" and people["C2"]["birth_date"] == dt.date(2016, 2, 1)
    assert people["5"]["sex"] == "unknown" and people["5"]["birth_date"] == dt.date(2017, 5, 9)
    found = {name: contacts[people[name]["record_id"]] for name in ("C1", "C2", "5")}
    assert {name: (one["start_date"].day, one["subkind"]) for name, one in found.items()} == {
        "C1": (3, "cin_source:6"), "C2": (4, "cin_source:6"), "5": (5, "cin_source:4"),
    }  # fmt: skip
    assert [(one.rule, one.position) for one in reading.rejects] == [
        ("date_invalid", "sheet 2 row 6"), ("date_missing", "sheet 2 row 7"),
    ]  # fmt: skip
    said = {(one.rule, one.position) for one in reading.issues}
    assert ("formula_without_value", "sheet 2 row 7") in said
    assert ("rows_above_heading", "sheet 2 row 3") in said
    assert ("sheet_unknown", "sheet 1") in said and reading.unmapped["sheet 1"] == 1
    assert [row["code"] for row in reading.records["need"]] == ["homeless"]
    assert [row["kind"] for row in reading.records["stay"]] == ["no_fixed_abode"]


def test_a_workbook_is_known_by_its_bytes_and_not_its_name(tmp_path: Path) -> None:
    named, as_text = read(annex(tmp_path)), read(annex(tmp_path, "annex_a.csv"))
    assert {kind: len(rows) for kind, rows in named.records.items()} == {
        kind: len(rows) for kind, rows in as_text.records.items()
    }
    found = choose(tmp_path / "annex_a.csv")
    assert (found.standard, found.part) == ("annex_a", "List 1, List 9")
    assert "its sheet is List 9" in found.reasons


def test_no_message_of_a_workbook_repeats_a_cell(tmp_path: Path) -> None:
    reading = read(annex(tmp_path))
    said = " ".join(f"{one.rule} {one.field} {one.position} {one.message}" for one in reading.issues)
    assert "nobody" not in said and "4th" not in said and "TODAY" not in said


def test_an_error_of_a_cell_is_left_out_and_said(tmp_path: Path) -> None:
    row = ["C1", "F", "#REF!", "01/02/2015", 11, "03/03/2026", "6"]
    reading = read(write(tmp_path, {"List 1": [[*CONTACT, "Contact Source"], row]}))
    assert "cell_error" in {one.rule for one in reading.issues}
    assert reading.records["person_record"][0].get("ethnicity") is None


def test_a_sheet_of_several_parts_is_told_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, {"List 11": [CONTACT, ["C1", "F", "WBRI", None, 3, "03/03/2026"]]})
    assert list(read(path).parts) == ["List 1"], "its columns are those of list 1, whatever the sheet is called"


def test_files_that_are_no_workbooks_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "annex_a.xlsx"
    path.write_bytes(b"PK\x03\x04rest")
    with pytest.raises(UnreadableFile) as broken:
        read(path)
    assert broken.value.rule == "workbook_broken"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list_1.csv", "Child Unique ID")
    with pytest.raises(UnreadableFile) as none:
        read(path)
    assert none.value.rule == "file_binary"
    with pytest.raises(UnreadableFile) as other:
        read(write(tmp_path, {"Sheet": [["a", "b"], [1, 2]]}))
    assert other.value.rule == "wrong_standard"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * 2_000_000)
    monkeypatch.setenv("BRAID_MAX_FILE_MB", "1")
    with pytest.raises(UnreadableFile) as bomb:
        read(path)
    assert bomb.value.rule == "file_too_large"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (True, "TRUE"), (3, "3"), (3.0, "3"), (2.5, "2.5"), (dt.date(2026, 1, 5), "2026-01-05"),
        (dt.datetime(2026, 1, 5), "2026-01-05"), (dt.datetime(2026, 1, 5, 9, 30), "2026-01-05 09:30:00"),
        (dt.time(9, 30), "09:30:00"), ("\u00a0a\u00a0b ", "a b"),
    ],
)  # fmt: skip
def test_a_cell_is_the_text_it_shows(value: Any, text: str) -> None:
    assert text_of(value) == text


PLAN = [
    "Unique ID", "UPN", "ULN", "Date of birth", "Gender", "Ethnicity", "Date initial EHC plan issued",
    "SEN primary need", "Main education establishment \u2013 URN", "Main education establishment \u2013 phase",
    "Suspensions", "Absence", "Known to children\u2019s social care?",
]  # fmt: skip
SUPPORT = [name for name in PLAN if "plan" not in name]


def test_lists_of_one_name_are_told_apart_by_their_headings(tmp_path: Path) -> None:
    plan = ["S1", None, None, dt.date(2015, 2, 1), 2, "WBRI", "05/01/2024", "ASD", 900001, 2, 1, 0.11, "yes"]
    support = ["S2", None, None, dt.date(2016, 2, 1), 1, "WBRI", "SLCN", 900001, 2, 0, 0.02, "No"]
    needs = write(tmp_path, {"List_1": [PLAN, plan], "List_2": [SUPPORT, support]}, "needs.xlsx")
    assert (choose(needs).standard, choose(needs).part) == ("annex_a_sen", "List 1, List 2")
    assert {part: one.rows_read for part, one in read(needs, "annex_a_sen").parts.items()} == {"List 1": 1, "List 2": 1}
    care = annex(tmp_path)
    assert choose(care).standard == "annex_a"
    with pytest.raises(UnreadableFile) as refused:
        read(care, "annex_a_sen")
    assert refused.value.rule == "wrong_standard"
    alone = write(tmp_path, {"Sheet1": [SUPPORT, support]}, "alone.xlsx")
    assert choose(alone).part == "List 2"


def test_what_no_source_settles_is_kept_as_it_stands(tmp_path: Path) -> None:
    rows = [
        ["S1", "", "", "01/02/2015", "Female", "WBRI", "05/01/2024", "a) ASD", "ok", "KS2", "two terms", "11%", "Yes"],
        ["S2", "", "", "01/02/2016", "M", "WBRI", "", "Moderate learning difficulty", 900002, 4, 3, 80, "perhaps"],
        ["S3", "", "", "01/02/2016", "M", "WBRI", "soon", "H5", None, None, None, None, "Unknown"],
    ]
    reading = read(write(tmp_path, {"List_1": [PLAN, *rows]}), "annex_a_sen")
    assert reading.parts["List 1"].rows_read == 3
    schools = {(one["organisation_ref"], one["service"]) for one in reading.records["episode"] if "service" in one}
    assert schools == {("ok", "KS2"), ("900002", "4")}
    results = {(one["measure"].partition(":")[2], one["result"]) for one in reading.records["outcome"]}
    assert results == {("suspensions", "two terms"), ("absence", "11%"), ("suspensions", "3"), ("absence", "80")}
    assert [one.get("source_code") for one in reading.records["need"]] == ["sen_type:ASD", "sen_type:MLD", None]
    plans = [one.get("start_date") for one in reading.records["episode"] if one["kind"] == "ehcp"]
    assert plans == [dt.date(2024, 1, 5), None, None]
    assert reading.unmapped["SEN primary need:code-unknown"] == 1
    assert reading.unmapped["Known to children's social care?:code-unknown"] == 1
