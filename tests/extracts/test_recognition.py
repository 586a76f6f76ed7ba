"""A file says itself what it is: every example and published sample is recognised, and nothing is guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.extracts.catalogue import get_standards
from braid.extracts.model import UnreadableFile
from braid.extracts.recognition import choose, recognise
from braid.extracts.recognition_marks import load_marks
from braid.extracts.recognition_years import make_year_rule
from extracts.connector_page import load_examples
from shared import shared_folder

SAMPLES = {
    "cin/CIN2rows.xml": ("cin", "census"),
    "cin/CIN_Census_2021.xml": ("cin", "census"),
    "cin/fake_CIN_data.xml": ("cin", "census"),
    "common_platform/hearing_summary_all_fields.json": ("common_platform", "hearing"),
    "common_platform/hearing_with_prosecution_case.json": ("common_platform", "hearing"),
    "common_platform/prosecution_case_search_result.json": ("common_platform", "search result"),
    "core/2023_24_lettings_bulk_upload.csv": ("core", "bulk upload form"),
    "core/lettings_log_csv_export_codes_24.csv": ("core", "letting"),
    "core/lettings_log_csv_export_labels_24.csv": ("core", "letting"),
    "fhir_ukcore/UKCore-Patient-RichardSmith-Example.xml": ("fhir_ukcore", "resource"),
    "fpl/gatekeepingWithPastHearingDetails.json": ("fpl", "cases"),
    "fpl/mandatoryWithMultipleChildren.json": ("fpl", "cases"),
    "oruk/service_full.json": ("oruk", "services"),
    "oruk/service_list.json": ("oruk", "services"),
    "oruk/taxonomy.json": ("oruk", "taxonomy"),
    "ssda903/2019-episodes.csv": ("ssda903", "episodes"),
    "ssda903/2019-header.csv": ("ssda903", "header"),
    "ssda903/2020-reviews.csv": ("ssda903", "reviews"),
    "ssda903/2020-uasc.csv": ("ssda903", "uasc"),
}


def _write(example: dict[str, Any], folder: Path) -> Path:
    path = folder / example["file"]
    path.write_text(example["text"].lstrip("\n"), encoding="utf-8")
    return path


def test_every_example_is_recognised(tmp_path: Path) -> None:
    for example in load_examples():
        found = choose(_write(example, tmp_path))
        assert found.standard == example["standard"], example["file"]
        assert found.first_year <= example["year"] <= found.last_year
        assert found.first_year <= found.year <= found.last_year and found.year_reason
        assert found.reasons
        assert found.part in example["rows"] or found.standard in ("cin", "fhir_ukcore", "hearing_management", "fpl")


def test_published_samples_are_recognised() -> None:
    folder = shared_folder("fixtures")
    found = {name: choose(folder / name) for name in SAMPLES}
    assert {name: (one.standard, one.part) for name, one in found.items()} == SAMPLES
    # The name of this file says 2021 and its header says 2023: what stands in the file counts.
    assert found["cin/CIN_Census_2021.xml"].years == "2023"
    assert "it states the year 2023 itself" in found["cin/CIN_Census_2021.xml"].reasons


def test_a_column_of_some_years_tells_the_year(tmp_path: Path) -> None:
    example = next(one for one in load_examples() if one["file"] == "CYP001MPI.csv")
    with_it = choose(_write(example, tmp_path))
    assert (with_it.first_year, with_it.last_year) == (2023, 2035)
    assert "ETHNIC CATEGORY 2021 is there from 2023 on" in with_it.reasons
    without = {**example, "text": example["text"].replace("ETHNIC CATEGORY 2021", "LOCAL COLUMN")}
    assert choose(_write(without, tmp_path)).years == "2021 to 2035"


LETTINGS = "startdate,homeless,prevten\n"
TODAY = dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("rows", "year", "why"),
    [
        ("01/06/2024,1,30\n31/03/2025,1,30\n", 2024, "the newest date under startdate is of 2024"),
        ("31/03/2024,1,30\n2024-04-01,1,30\n", 2024, "is of 2024"),
        ("31/03/2024,1,30\n", 2023, "is of 2023"),
        ("01/06/2024,1,30\n01/06/2062,1,30\n", 2024, "is of 2024"),
        ("01/06/2011,1,30\n", 2023, "is of 2011, and 2023 is the nearest year that fits"),
        ("soon,1,30\n,1,30\n", 2026, "no date in it tells the year"),
        ("", 2026, "no date in it tells the year"),
        ('01/06/2024,1,30\n01/06/2025,1,"30\n', 2024, "is of 2024"),
    ],
)
def test_where_several_years_fit_the_newest_date_tells_the_year(rows: str, year: int, why: str, tmp_path: Path) -> None:
    path = tmp_path / "core.csv"
    path.write_text(LETTINGS + rows)
    found = choose(path, TODAY)
    assert (found.years, found.year) == ("2023 to 2030", year)
    assert why in found.year_reason


def test_the_end_of_a_long_file_tells_its_year_too(tmp_path: Path) -> None:
    path = tmp_path / "core.csv"
    path.write_text(LETTINGS + "01/06/2023,1,30\n" * 40_000 + "01/06/2025,1,30\n")
    assert choose(path, TODAY).year == 2025
    path.write_text(LETTINGS + "01/06/2023,1,30\n" * 40_000)
    assert choose(path, TODAY).year == 2023


@given(date=st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31)), month=st.integers(1, 12), by_end=st.booleans())
def test_a_year_lasts_from_its_first_day_to_the_day_before_the_next(date: dt.date, month: int, by_end: bool) -> None:
    rule = make_year_rule(f"{month:02}-01", "end" if by_end else "start")
    began = dt.date(rule.year_of(date) - by_end, month, 1)
    assert began <= date < dt.date(began.year + 1, month, 1)


@pytest.mark.parametrize(("begins", "named_by"), [("4-1", None), ("13-01", None), ("02-32", None), (None, "first")])
def test_a_year_that_cannot_begin_is_refused(begins: str | None, named_by: str | None) -> None:
    with pytest.raises(ValueError, match="year_"):
        make_year_rule(begins, named_by)


def test_what_is_of_two_standards_alike_is_said(tmp_path: Path) -> None:
    path = tmp_path / "both.csv"
    path.write_text("UnitRef,Type,Bedrooms,CHILD,DOB,DOLO_START\n")
    found = recognise(path)
    assert {one.standard for one in found.fits} == {"ta_stock", "ssda903"}
    with pytest.raises(UnreadableFile, match="several standards alike") as refused:
        choose(path)
    assert refused.value.rule == "standard_ambiguous"


def test_what_is_of_no_standard_names_the_nearest_and_what_lacks(tmp_path: Path) -> None:
    path = tmp_path / "near.csv"
    path.write_text("CHILD,DECOM,RNE,Notes\n1,2,3,Zzcanary\n")
    with pytest.raises(UnreadableFile, match="ssda903, part episodes, which lacks LS") as refused:
        choose(path)
    assert refused.value.rule == "standard_unknown" and "Zzcanary" not in refused.value.message
    path.write_text("Wholly,Strange\n")
    with pytest.raises(UnreadableFile, match="known are annex_a, annex_a_sen, attendance, cin, "):
        choose(path)


@pytest.mark.parametrize("text", ["", "{", "[1", "<a", "<a></b>", '"', "x", "\x01\x02", "{}", "[]", "<html/>"])
def test_other_files_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(UnreadableFile):
        choose(path)


def test_marks_are_of_standards_there_are() -> None:
    assert {mark.standard for mark in load_marks()} <= get_standards().keys()
    assert all(mark.all or mark.any or mark.namespace for mark in load_marks())
