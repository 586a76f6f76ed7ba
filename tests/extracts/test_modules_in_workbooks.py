"""Modules of a looked-after children return however saved: in one workbook, in one each, below titles, in Parquet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import check_counts, read_feed
from braid.extracts.recognition import choose
from braid.extracts.rules.issues import read_rules
from braid.extracts.source_rows import read_source_row
from braid.store.duckdb_engine import DuckDBEngine
from extracts.test_badly_filled import Rows, as_book, as_text

HEADER = [
    ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"],
    ["C1", "2", "27/03/2015", "WBRI", "UN1", "", ""],
    ["C2", "1", "soon", "WBRI", "UN1", "", ""],
]
EPISODES = [
    ["CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE", "HOME_POST",
     "PL_POST", "URN"],
    ["C1", "01/04/2025", "S", "C2", "N1", "U1", "PR1", "01/06/2025", "X1", "", "QB1 1AA", "QB1 1AB", ""],
    ["C2", "05/05/2025", "S", "V2", "N1", "U4", "PR1", "", "", "", "QB1 1AA", "QB1 1AC", ""],
    ["C1", "01/06/2025", "P", "C2", "N1", "U4", "PR1", "", "", "CARPL", "QB1 1AA", "QB1 1AD", ""],
    ["Total", "3", "", "", "", "", "", "", "", "", "", "", ""],
]  # fmt: skip
REVIEWS = [["CHILD", "DOB", "REVIEW", "REVIEW_CODE"], ["C1", "27/03/2015", "20/04/2025", "PN1"]]
MODULES = {"header": HEADER, "episodes": EPISODES, "reviews": REVIEWS}
TITLES = [["Children looked after: made on 1 May"], [], ["Not for sharing"]]
SAID = {"rows_above_heading", "sheet_unknown", "sheet_hidden", "line_end_missing"}


def read(*paths: Path) -> list[Reading]:
    readings = read_feed(paths, Source("feed", "partner", "ssda903", 2026))
    for reading in readings:
        check_counts(reading)
    return readings


def said(readings: list[Reading]) -> tuple[list[object], Counter[str], Counter[tuple[str, str]]]:
    """Return records, counts and doubts of the files together, but for where they stood."""
    records = sorted(
        str(sorted((k, str(v)) for k, v in row.items() if k not in ("row_ref", "file_sha256")))
        for reading in readings for rows in reading.records.values() for row in rows
    )  # fmt: skip
    counts = Counter({
        f"{part} {what}": getattr(count, what)
        for reading in readings for part, count in reading.parts.items() for what in ("rows_in", "rows_rejected")
    })  # fmt: skip
    doubts = Counter((one.rule, str(one.field)) for reading in readings for one in reading.issues)
    return list(records), counts, Counter({key: times for key, times in doubts.items() if key[0] not in SAID})


@pytest.fixture
def plain(tmp_path: Path) -> list[Reading]:
    paths = [tmp_path / f"{name}.csv" for name in MODULES]
    for path, rows in zip(paths, MODULES.values(), strict=True):
        path.write_bytes(as_text(rows))
    return read(*paths)


def test_one_workbook_of_all_modules_says_what_their_files_say(plain: list[Reading], tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    path.write_bytes(as_book([["Notes"], ["Made by hand"]], *[[*TITLES, *rows] for rows in MODULES.values()]))
    found = read(path)
    assert said(found) == said(plain) and said(plain)[0]
    (reading,) = found
    assert reading.unmapped["sheet 1"] == 1
    assert {one.rule for one in reading.issues} >= {"rows_above_heading", "sheet_unknown"}
    assert (choose(path).standard, choose(path).part) == ("ssda903", "header, episodes, reviews")


def test_a_workbook_for_each_module_says_what_their_files_say(plain: list[Reading], tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.csv" for name in ("x", "y", "z")]
    for path, rows in zip(paths, MODULES.values(), strict=True):
        path.write_bytes(as_book(rows))
    assert said(read(*paths)) == said(plain)


def test_titles_above_the_heading_of_a_csv_are_passed_over_and_said(plain: list[Reading], tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}-titled.csv" for name in MODULES]
    for path, rows in zip(paths, MODULES.values(), strict=True):
        path.write_bytes(as_text(TITLES) + as_text(rows))
    found = read(*paths)
    assert said(found) == said(plain)
    assert all("rows_above_heading" in {one.rule for one in reading.issues} for reading in found)
    assert found[1].rejects[0].position == "line 8" and found[1].rejects[0].row.startswith("Total")


def test_a_module_in_parquet_says_what_its_file_says(plain: list[Reading], tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.parquet" for name in MODULES]
    for path, (heading, *rows) in zip(paths, MODULES.values(), strict=True):
        pq.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(heading)}), path)
    assert said(read(*paths)) == said(plain)


def test_rows_are_numbered_as_a_human_sees_them_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    path.write_bytes(as_book(HEADER, [*TITLES, *EPISODES]))
    (reading,) = read(path)
    book = load_workbook(path)
    (rejected,) = reading.rejects
    (sheet, row) = rejected.position.removeprefix("sheet ").split(" row ")
    assert book.worksheets[int(sheet) - 1].cell(int(row), 1).value == "Total"
    stays = {one["row_ref"] for one in reading.records["stay"]}
    assert stays == {"sheet 2 row 5", "sheet 2 row 6", "sheet 2 row 7"}
    for place in stays:
        shown = next(csv.reader(io.StringIO(read_source_row(path, place).text)))
        number = int(place.rpartition(" ")[2])
        assert shown[:3] == [book.worksheets[1].cell(number, column).value for column in (1, 2, 3)]


def test_rules_find_the_same_in_a_workbook_and_say_its_rows(tmp_path: Path) -> None:
    texts, book = [tmp_path / f"{name}.csv" for name in MODULES], tmp_path / "return.xlsx"
    for path, rows in zip(texts, MODULES.values(), strict=True):
        path.write_bytes(as_text(rows))
    book.write_bytes(as_book(*MODULES.values()))
    with closing(DuckDBEngine("64MB", 1)) as engine:
        apart = read_rules(texts, "ssda903", 2026, engine, tmp_path, 100)
        together = read_rules([book], "ssda903", 2026, engine, tmp_path, 100)
    (found,) = together
    assert found.found == sum((Counter(one.found) for one in apart), Counter()) != Counter()
    places = {one.position for one in found.issues}
    assert places == {
        f"sheet {number} {(one.position or '').replace('line', 'row')}"
        for number, read in enumerate(apart, 1) for one in read.issues
    }  # fmt: skip


def test_a_sheet_that_holds_nothing_is_the_module_that_its_name_says(tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    path.write_bytes(as_book(HEADER, []))
    book = load_workbook(path)
    book.worksheets[1].title = "Return 2026 Episodes"
    book.save(path)
    (reading,) = read(path)
    assert reading.parts["episodes"].rows_in == 0 and "module_empty" in {one.rule for one in reading.issues}


@pytest.mark.parametrize(
    ("sheets", "rule"),
    [([[["Notes"], ["x"]]], "wrong_standard"), ([[]], "no_heading"), ([[HEADER[0][1:], ["x"]]], "wrong_standard")],
)
def test_a_workbook_of_no_module_is_refused(sheets: list[Rows], rule: str, tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    path.write_bytes(as_book(*sheets))
    with pytest.raises(UnreadableFile) as refused:
        read(path)
    assert refused.value.rule == rule and "Notes" not in refused.value.message
