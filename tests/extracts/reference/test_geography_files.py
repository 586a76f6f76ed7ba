"""The geography of a place is written from what was loaded, of one census, and over nobody's own file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from publishers import (
    DISTRICTS,
    INDICES_2019,
    area_code,
    area_features,
    bank_holidays,
    directory_rows,
    place_toml,
    write_all,
    write_csv,
    write_features,
    write_indices,
)

from braid.extracts.model import UnreadableFile
from braid.extracts.reference.geography_files import GeographyWriter
from braid.extracts.reference.ground import read_open_ground
from braid.extracts.reference.joined import find_court_kind, find_school_kind
from braid.extracts.reference.load import Said, load_file, load_folder
from braid.language.calendars import england_bank_holidays
from braid.language.findings import POSTCODE, SCHOOL
from braid.place.geography import load_geography
from braid.problems.nightly import rules_fingerprint
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.store.reference_rows import read_reference


@pytest.fixture
def place(tmp_path: Path) -> Place:
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "place.toml").write_text(place_toml(), encoding="utf-8")
    return load_place(folder)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return write_all(tmp_path / "given")


def rows(place: Place, name: str) -> list[dict[str, str]]:
    return place.reference_rows(name)


def test_what_was_loaded_becomes_what_the_chain_reads(place: Place, given: Path) -> None:
    load_folder(given, place.folder)
    GeographyWriter(place).write()
    geography = load_geography(place)
    assert len(geography.ground.area_districts) == len(geography.boundaries.areas) == DISTRICTS * 4
    assert "Office for National Statistics" in geography.boundaries.attribution
    postcodes = read_reference(place, POSTCODE)
    assert len(postcodes) == sum(row["doterm"] == "" for row in directory_rows())
    assert {row["deprivation_decile"] for row in postcodes if row["district_code"] == "E08000003"} == {3}
    schools = read_reference(place, SCHOOL)
    assert len(schools) == 2 * DISTRICTS + 1 and {row["kind"] for row in schools} == {"primary", "secondary", "special"}
    assert all(row["longitude"] is not None for row in schools), "as their postcodes lie"
    assert [(row["code"], row["kind"], row["district_code"]) for row in rows(place, "courts")] == [
        ("aldmoor-law-courts", "crown", "E08000001"),
        ("cranfold-family-court", "family", "E08000003"),
    ]


def test_a_file_of_the_places_own_is_left_and_one_that_was_written_is_written_anew(place: Place, given: Path) -> None:
    own = place.folder / "geography" / "schools.csv"
    own.parent.mkdir()
    own.write_text("urn,name\n1,Ours\n", encoding="utf-8")
    load_folder(given, place.folder)
    told = GeographyWriter(place).write()
    assert own.read_text(encoding="utf-8") == "urn,name\n1,Ours\n"
    assert any(message.startswith("geography/schools.csv is the place's own") for message in told)
    before = len(rows(place, "postcodes"))
    load_file(
        write_csv(given / "ONSPD_FEB_2026_UK.csv", list(directory_rows()[0]), directory_rows()[:100]), place.folder
    )
    GeographyWriter(place).write()
    assert 0 < len(rows(place, "postcodes")) < before
    (place.folder / "geography" / "postcodes.csv").write_text("postcode\n", encoding="utf-8")
    GeographyWriter(place).write()
    assert (place.folder / "geography" / "postcodes.csv").read_text(encoding="utf-8") == "postcode\n"


def test_small_areas_of_two_censuses_are_never_joined(place: Place, tmp_path: Path) -> None:
    """Indices of 2019 know small areas of 2011: no postcode of 2021 takes its decile from one, same code or not."""
    folder = tmp_path / "given"
    write_all(folder)
    (folder / "File_7_IoD2025_All_Ranks_Scores_Deciles.csv").unlink()
    (folder / "Lower_layer_Super_Output_Areas_December_2021.geojson").unlink()
    write_indices(folder / "File_7_IoD2019.csv", INDICES_2019, 2011)
    write_features(folder / "Lower_layer_Super_Output_Areas_December_2011.geojson", area_features(2011))
    load_folder(folder, place.folder)
    told = GeographyWriter(place).write()
    assert {row["deprivation_decile"] for row in rows(place, "postcodes")} == {""}
    assert not (place.folder / "geography" / "areas.geojson").exists()
    assert sum("they were not joined" in message for message in told) == 2
    with pytest.raises(UnreadableFile, match="outlines of small areas of 2021"):
        read_open_ground(place.folder)


def test_outlines_that_lack_an_area_are_not_written_and_the_next_step_is_said(place: Place, given: Path) -> None:
    write_features(given / "Lower_layer_Super_Output_Areas_December_2021.geojson", area_features()[1:])
    load_folder(given, place.folder)
    told = GeographyWriter(place).write()
    assert not (place.folder / "geography" / "areas.geojson").exists()
    assert any(area_code(0, 0) in message and "load outlines of the year" in message for message in told)


def test_a_postcode_on_a_border_does_not_put_a_small_area_into_two_districts(place: Place, given: Path) -> None:
    given_rows = directory_rows()
    given_rows[0]["lad25cd"] = "E08000002"
    write_csv(given / "ONSPD_NOV_2025_UK.csv", list(given_rows[0]), given_rows)
    load_folder(given, place.folder)
    GeographyWriter(place).write()
    found = {row["postcode"]: row for row in rows(place, "postcodes")}[given_rows[0]["pcds"]]
    assert (found["district_code"], found["area_code"]) == ("E08000002", "")
    load_geography(place)


def test_terms_and_bank_holidays_that_were_loaded_are_the_places_calendar(place: Place, given: Path) -> None:
    moved, before = bank_holidays(), rules_fingerprint(place, {})
    moved["england-and-wales"]["events"][3]["date"] = "2026-05-08"
    (given / "bank-holidays.json").write_text(json.dumps(moved), encoding="utf-8")
    text = "first_day,last_day,kind\n2026-09-03,2026-12-18,term\n2026-10-26,2026-10-30,closed\n"
    (given / "term_dates.csv").write_text(text, encoding="utf-8")
    load_folder(given, place.folder)
    GeographyWriter(place).write()
    calendar = load_place(place.folder).calendar
    assert calendar.is_school_day(dt.date(2026, 9, 4)) and not calendar.is_school_day(dt.date(2026, 10, 28))
    assert not calendar.is_working_day(dt.date(2026, 5, 8)), "a holiday that was moved"
    assert calendar.is_working_day(dt.date(2026, 5, 4)), "and is none on its old day any more"
    assert calendar.bank_holidays - england_bank_holidays() == {dt.date(2026, 5, 8)}
    assert rules_fingerprint(load_place(place.folder), {}) != before, "a night reckons everybody by the new calendar"
    assert not place.calendar.terms and place.calendar.bank_holidays == england_bank_holidays()


def test_a_few_bank_holidays_of_a_year_take_none_away(place: Place, given: Path) -> None:
    few = bank_holidays(2027)
    del few["england-and-wales"]["events"][2:]
    (given / "bank-holidays.json").write_text(json.dumps(few), encoding="utf-8")
    load_file(given / "bank-holidays.json", place.folder)
    GeographyWriter(place).write()
    assert england_bank_holidays() < load_place(place.folder).calendar.bank_holidays


@pytest.mark.parametrize("name", ["term_dates", "bank_holidays"])
def test_a_date_of_a_calendar_file_that_is_none_is_told_with_its_file(place: Place, name: str) -> None:
    folder = place.folder / "geography"
    folder.mkdir()
    (folder / f"{name}.csv").write_text("date,first_date,last_date\nsoon,soon,soon\n", encoding="utf-8")
    with pytest.raises(PlaceInvalid, match=rf"^geography/{name}\.csv: write a date"):
        load_place(place.folder)


def test_a_place_says_that_its_people_are_fictional_and_nothing_else_of_them(place: Place) -> None:
    text = (place.folder / "place.toml").read_text(encoding="utf-8")
    for value, is_fictional in (('people = "fictional"', True), ("", False)):
        (place.folder / "place.toml").write_text(text.replace("[place]", f"[place]\n{value}"), encoding="utf-8")
        assert load_place(place.folder).has_fictional_people is is_fictional
    (place.folder / "place.toml").write_text(text.replace("[place]", '[place]\npeople = "real"'), encoding="utf-8")
    with pytest.raises(PlaceInvalid, match="people says only that they are fictional"):
        load_place(place.folder)


@pytest.mark.parametrize(
    ("phase", "kind", "status", "found"),
    [
        ("Primary", "", "Open", "primary"),
        ("Middle deemed secondary", "", "Open, but proposed to close", "secondary"),
        ("Primary?", "", None, "primary"),
        ("Not applicable", "Foundation special school", "Open", "special"),
        ("Nursery", "", "Open", None),
        ("Primary", "", "Closed", None),
    ],
)
def test_schools_are_of_a_kind_or_left_out(phase: str, kind: str, status: str | None, found: str | None) -> None:
    assert find_school_kind({"phase": phase, "type": kind, "status": status}) == found


def test_a_court_is_of_the_first_kind_that_its_types_name() -> None:
    assert find_court_kind("County Court; Family Court") == "family"
    assert find_court_kind("Magistrates' Court, Crown Court") == "crown"
    assert find_court_kind(None) is None


def test_the_files_of_an_example_place_load_too(tmp_path: Path, place: Place) -> None:
    from braid.example.write import write_example

    write_example(tmp_path / "arden", people=500)
    loaded, unknown = load_folder(tmp_path / "arden" / "geography", place.folder)
    found = {each.dataset.file_name: each.dataset for each in loaded}
    assert set(unknown) == {"accommodation.csv", "hospitals.csv", "school_places.csv"}
    assert {name: one.kind for name, one in found.items()} == {
        "postcodes.csv": "postcodes",
        "areas.geojson": "area_boundaries",
        "districts.geojson": "district_boundaries",
        "schools.csv": "schools",
        "courts.csv": "courts",
    }
    assert all(not one.rows_rejected and one.area_years == () for one in found.values()), "areas of its own"


def test_own_small_areas_and_those_of_a_census_are_told_apart(place: Place, given: Path) -> None:
    columns = ["postcode", "area_code", "district_code", "easting", "northing"]
    row = dict(zip(columns, ("ZZ1 1AA", "E01005000", "E08000001", "1", "2"), strict=True))
    with pytest.raises(UnreadableFile, match="--areas"):
        load_file(write_csv(given / "own.csv", columns, [row]), place.folder)
    assert load_file(given / "own.csv", place.folder, Said("2026", 2021)).dataset.area_years == (2021,)
