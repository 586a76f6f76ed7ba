"""Publishers' files are recognised by what is in them, checked, and stored with where they are from."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from publishers import (
    AREAS_EACH,
    DIRECTORY,
    DISTRICTS,
    INDICES_2019,
    area_features,
    bank_holidays,
    courts,
    directory_rows,
    district_features,
    feature,
    square,
    write_all,
    write_csv,
    write_directory,
    write_features,
    write_indices,
    write_schools,
)

from braid.extracts.model import UnreadableFile
from braid.extracts.reference.files import read_features
from braid.extracts.reference.forms import find_form
from braid.extracts.reference.load import NotKnown, Said, load_file, load_folder
from braid.store.reference_data import UNDATED, Dataset, attribution_lines, find_dataset, list_datasets, rows_of
from shared import shared_folder


def rows(folder: Path, dataset: Dataset) -> list[dict[str, object]]:
    return list(rows_of(folder, dataset))


def refused(path: Path, folder: Path, said: Said | None = None) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as error:
        load_file(path, folder, said)
    assert not list((folder / "reference").glob("**/*")), "nothing is left of a file that was refused"
    return error.value


def test_each_kind_is_recognised_and_keeps_where_it_is_from(tmp_path: Path) -> None:
    loaded, unknown = load_folder(write_all(tmp_path / "given"), tmp_path)
    assert unknown == []
    found = {each.dataset.kind: each.dataset for each in loaded}
    assert {kind: (one.vintage, one.area_years, one.rows_read) for kind, one in found.items()} == {
        "postcodes": ("2025-11", (2011, 2021), 288),
        "area_boundaries": ("2021", (2021,), DISTRICTS * AREAS_EACH),
        "district_boundaries": ("2023", (), DISTRICTS),
        "authority_boundaries": ("2023", (), 1),
        "deprivation": ("2025", (2021,), DISTRICTS * AREAS_EACH),
        "schools": ("2025-07-01", (), 15),
        "courts": (UNDATED, (), 3),
        "bank_holidays": ("2026", (), 8),
        "term_dates": (UNDATED, (), 1),
    }
    directory = found["postcodes"]
    assert directory.sha256 == hashlib.sha256((tmp_path / "given" / directory.file_name).read_bytes()).hexdigest()
    assert directory.publisher == "Office for National Statistics" and "Open Government" in directory.licence
    assert "pcds" in directory.recognised_by
    assert "Contains OS data © Crown copyright and database right 2021, 2023, 2025." in attribution_lines(tmp_path)
    assert len(set(attribution_lines(tmp_path))) == len(attribution_lines(tmp_path))


@pytest.mark.parametrize(
    ("headings", "years"),
    [
        ("pcd,pcd2,pcds,dointr,doterm,oscty,oslaua,osward,oseast1m,osnrth1m,lsoa11,msoa11,lat,long", {"area_2011"}),
        ("pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,laua,lsoa21,msoa21,lat,long", {"area_2021"}),
        ("pcd7,pcd8,pcds,doterm,east1m,north1m,lad25cd,lsoa21cd,lat,long,imd20ind", {"area_2021"}),
        ("PCDS,DOTERM,EAST1M,NORTH1M,LAD26CD,LSOA21CD,LSOA11CD,LAT,LONG", {"area_2011", "area_2021"}),
    ],
)
def test_a_directory_is_known_by_the_headings_of_its_year(headings: str, years: set[str]) -> None:
    fitted = find_form(headings.split(","))
    assert fitted is not None and fitted.form.kind == "postcodes"
    assert {name for name in fitted.positions if name.startswith("area_2")} == years
    assert fitted.headings["postcode"] == "pcds"


def test_a_postcode_that_ended_or_has_no_place_is_kept_as_such(tmp_path: Path) -> None:
    first, second, third = directory_rows()[:3]
    first["doterm"], second["pcds"], first["lsoa11cd"] = "202301", "zz1 0  1ax", "95GG01S1"
    third |= {"lat": "99.999999", "long": "0.000000", "east1m": "", "north1m": ""}
    found = rows(
        tmp_path, load_file(write_csv(tmp_path / "a.csv", DIRECTORY, [first, second, third]), tmp_path).dataset
    )
    assert (found[0]["terminated"], found[0]["area_2011"]) == ("2023-01", "95GG01S1")
    assert found[1]["postcode"] == "ZZ10 1AX"
    assert (found[2]["latitude"], found[2]["easting"]) == (None, None)


def test_rows_in_are_rows_read_and_rejected_by_rule_and_line(tmp_path: Path) -> None:
    given = directory_rows()[:5]
    given[0]["pcds"], given[1]["pcds"] = "nowhere", "12345"
    given[2]["lad25cd"] = "Bolton"
    loaded = load_file(write_csv(tmp_path / "ONSPD_FEB_2026_UK.csv", DIRECTORY, given), tmp_path)
    dataset = loaded.dataset
    assert (dataset.rows_in, dataset.rows_read, dataset.rows_rejected) == (5, 2, 3)
    assert dataset.rejected == {"postcode_form": 2, "district_code_form": 1}
    assert loaded.messages[0] == "the postcode has not the form of one: 2 rows, lines 2, 3"
    assert not any("nowhere" in message or "Bolton" in message for message in loaded.messages)


def test_the_same_file_twice_changes_nothing_and_a_later_one_stands_beside_it(tmp_path: Path) -> None:
    first = load_file(write_directory(tmp_path), tmp_path)
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "reference").rglob("*")}
    again = load_file(tmp_path / "ONSPD_NOV_2025_UK.csv", tmp_path)
    assert first.is_fresh and not again.is_fresh and again.dataset == first.dataset
    assert stamps == {path: path.stat().st_mtime_ns for path in (tmp_path / "reference").rglob("*")}
    later = write_csv(tmp_path / "ONSPD_FEB_2026_UK.csv", DIRECTORY, directory_rows()[:20])
    load_file(later, tmp_path)
    assert [dataset.vintage for dataset in list_datasets(tmp_path)] == ["2025-11", "2026-02"]
    newest = find_dataset(tmp_path, "postcodes")
    assert newest and newest.vintage == "2026-02"


def test_what_the_file_does_not_say_is_asked_for_or_told(tmp_path: Path) -> None:
    loaded = load_file(write_directory(tmp_path, "directory.csv"), tmp_path)
    assert loaded.dataset.vintage == UNDATED and "--vintage" in loaded.messages[-1]
    dated = load_file(tmp_path / "directory.csv", tmp_path, Said("2025-11")).dataset
    assert dated.vintage == "2025-11"
    another = write_csv(tmp_path / "another.csv", DIRECTORY, directory_rows()[:9])
    assert load_file(another, tmp_path).messages[-1].startswith("it took the place of directory.csv")
    with pytest.raises(UnreadableFile, match="a vintage is a year"):
        load_file(tmp_path / "directory.csv", tmp_path, Said("November"))


def test_the_census_of_small_areas_is_never_guessed(tmp_path: Path) -> None:
    told = [
        {**one, "properties": {"area_code": one["properties"]["LSOA21CD"], "area_name": "A"}} for one in area_features()
    ]
    unsaid = write_features(tmp_path / "outlines.geojson", told)
    assert refused(unsaid, tmp_path).rule == "areas_not_said"
    assert refused(unsaid, tmp_path, Said(area_year=2011)).rule == "areas_mixed", "codes that came in 2021"
    assert refused(unsaid, tmp_path, Said(area_year=2001)).rule == "areas_unknown"
    assert load_file(unsaid, tmp_path, Said(area_year=2021)).dataset.area_years == (2021,)
    named = write_features(tmp_path / "lsoa21.geojson", told[:7])
    assert load_file(named, tmp_path).dataset.area_years == (2021,)


def test_codes_of_wales_say_no_more_of_their_census_than_those_of_england(tmp_path: Path) -> None:
    told = [{**area_features()[0], "properties": {"code": "W01000001", "name": "A"}}]
    assert refused(write_features(tmp_path / "outlines.geojson", told), tmp_path).rule == "areas_not_said"


def test_headings_and_codes_of_two_censuses_are_refused(tmp_path: Path) -> None:
    rows_2011 = directory_rows()
    for row in rows_2011:
        row["lsoa11cd"] = row["lsoa21cd"]
    assert refused(write_csv(tmp_path / "a.csv", DIRECTORY, rows_2011), tmp_path).rule == "areas_mixed"
    both = write_features(tmp_path / "b.geojson", [*area_features(2021)[:3], *area_features(2011)[4:]])
    assert refused(both, tmp_path).rule == "areas_mixed"


def test_indices_are_of_the_year_that_their_districts_tell(tmp_path: Path) -> None:
    dataset = load_file(write_indices(tmp_path / "indices.csv", INDICES_2019, 2011), tmp_path).dataset
    assert (dataset.vintage, dataset.area_years) == ("2019", (2011,))
    assert rows(tmp_path, dataset)[0]["rank"] == 1204


def test_schools_are_read_in_the_encoding_of_their_register(tmp_path: Path) -> None:
    found = rows(tmp_path, load_file(write_schools(tmp_path), tmp_path).dataset)
    assert found[-1]["name"] == "Café House"
    assert (found[0]["places"], found[0]["pupils"]) == (420, None), "a blank number is not zero"
    assert "LSOA" not in json.dumps(found), "of which census its small areas are the register does not say"


def test_courts_are_read_from_json_and_from_a_table(tmp_path: Path) -> None:
    (tmp_path / "courts.json").write_text(json.dumps(courts()), encoding="utf-8")
    found = rows(tmp_path, load_file(tmp_path / "courts.json", tmp_path).dataset)
    assert found[0]["postcode"] == "ZZ12 1AX", "that of the address to visit, not of the box"
    assert found[0]["crown_code"] == "999" and found[2]["status"] == "closed"
    table = write_csv(tmp_path / "courts.csv", list(courts()[0]), courts())
    again = rows(tmp_path, load_file(table, tmp_path, Said("2026")).dataset)
    assert again == found


CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//uk.gov/GOVUK calendars//EN\r\nBEGIN:VEVENT\r\n"
    "DTEND;VALUE=DATE:20260407\r\nDTSTART;VALUE=DATE:20260406\r\nSUMMARY:Easter\r\n  Monday\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)


def test_bank_holidays_come_as_json_or_as_a_calendar_and_of_one_nation(tmp_path: Path) -> None:
    (tmp_path / "bank-holidays.json").write_text(json.dumps(bank_holidays()), encoding="utf-8")
    found = rows(tmp_path, load_file(tmp_path / "bank-holidays.json", tmp_path).dataset)
    assert len(found) == 8 and "2026-01-02" not in {row["date"] for row in found}
    (tmp_path / "a.ics").write_text(CALENDAR, encoding="utf-8", newline="")
    dataset = load_file(tmp_path / "a.ics", tmp_path, Said("2026-04")).dataset
    assert rows(tmp_path, dataset) == [{"date": "2026-04-06", "name": "Easter Monday"}]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Easter\r\n  Monday", "St Andrew's Day", "another_nation"),
        ("GOVUK", "school", "calendar_unknown"),
        ("END:VCALENDAR\r\n", "", "file_truncated"),
        ("20260406", "soon", "no_rows"),
    ],
)
def test_a_calendar_that_is_another_one_is_refused(tmp_path: Path, old: str, new: str, rule: str) -> None:
    text = CALENDAR.replace(old, new).replace("uk.gov/", "example/" if new == "school" else "uk.gov/")
    (tmp_path / "a.ics").write_text(text, encoding="utf-8", newline="")
    assert refused(tmp_path / "a.ics", tmp_path).rule == rule


def test_a_row_of_term_dates_that_may_be_a_holiday_is_refused(tmp_path: Path) -> None:
    text = (
        "Term,Start date,End date\nAutumn,2026-09-03,2026-12-18\nHalf term,26/10/2026,30/10/2026\nSpring,2027-01-04,x\n"
    )
    (tmp_path / "terms.csv").write_text(text, encoding="utf-8")
    loaded = load_file(tmp_path / "terms.csv", tmp_path)
    assert loaded.dataset.rejected == {"term_or_holiday": 1, "date": 1}
    assert rows(tmp_path, loaded.dataset)[0]["last_date"] == "2026-12-18"


def test_a_compressed_table_and_one_in_parquet_hold_the_same(tmp_path: Path) -> None:
    plain = write_directory(tmp_path)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    pq.write_table(pa.Table.from_pylist(directory_rows()), tmp_path / "b.parquet")
    found = [
        rows(tmp_path, load_file(path, tmp_path, Said(vintage)).dataset)
        for path, vintage in ((plain, ""), (tmp_path / "a.csv.gz", "2025-01"), (tmp_path / "b.parquet", "2025-02"))
    ]
    assert found[0] == found[1] == found[2] and len(found[0]) == 288


def cut(path: Path, size: int) -> Path:
    path.write_bytes(path.read_bytes()[:size])
    return path


def test_damaged_files_are_refused_whole_with_the_next_step(tmp_path: Path) -> None:
    table = write_directory(tmp_path)
    middle = table.read_text().rindex(",")
    assert refused(cut(table, middle), tmp_path).rule == "file_truncated"
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(table.read_bytes()))
    assert refused(cut(packed, 900), tmp_path).rule == "file_truncated"
    outlines = write_features(tmp_path / "lsoa21.geojson", area_features())
    assert refused(cut(outlines, outlines.stat().st_size - 40), tmp_path).rule == "file_broken"
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 and more")
    assert "unpack" in refused(tmp_path / "b.zip", tmp_path).message
    (tmp_path / "c.csv").write_bytes(b"")
    assert refused(tmp_path / "c.csv", tmp_path).rule == "file_empty"
    assert refused(tmp_path / "none.csv", tmp_path).rule == "file_absent"
    (tmp_path / "d.csv").write_text('pcds,lad25cd,east1m,north1m\nZZ1 1AA,"E08000001,1,2\n', encoding="utf-8")
    assert refused(tmp_path / "d.csv", tmp_path).rule == "file_broken"


def test_a_part_of_a_directory_or_a_postcode_twice_is_refused(tmp_path: Path) -> None:
    assert refused(write_directory(tmp_path, "ONSPD_NOV_2025_UK_M.csv"), tmp_path).rule == "file_part"
    twice = write_csv(tmp_path / "a.csv", DIRECTORY, [*directory_rows(), directory_rows()[0]])
    assert refused(twice, tmp_path).rule == "rows_repeated"
    again = write_features(tmp_path / "lsoa21.geojson", [*area_features(), area_features()[0]])
    assert refused(again, tmp_path).rule == "rows_repeated"


def test_what_is_no_reference_data_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "dentists.csv").write_text(
        "name,postcode,lon,lat,lsoa21cd\nA,M1 1AA,-2,53,E01005001\n", encoding="utf-8"
    )
    with pytest.raises(NotKnown, match="geography-files"):
        load_file(tmp_path / "dentists.csv", tmp_path)


SQUARE = square(-2.5, 53.5, 0.1, 0.1)


@pytest.mark.parametrize(
    ("polygons", "rule"),
    [
        (square(400000.0, 390000.0, 100.0, 100.0), "projection"),
        ([[point[::-1] for point in SQUARE[0]]], "no_rows"),
        ([SQUARE[0][:-1]], "no_rows"),
        ([[["a", 1]] * 4], "no_rows"),
        ([], "no_rows"),
    ],
)
def test_outlines_that_lie_nowhere_are_refused(tmp_path: Path, polygons: object, rule: str) -> None:
    path = write_features(tmp_path / "a.geojson", [feature({"LAD23CD": "E08000001", "LAD23NM": "A"}, polygons)])
    assert refused(path, tmp_path).rule == rule


def test_a_file_that_names_the_national_grid_or_two_kinds_of_ground_is_refused(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    assert refused(write_features(tmp_path / "a.geojson", district_features(), crs=crs), tmp_path).rule == "projection"
    both = write_features(tmp_path / "b.geojson", [*area_features()[:2], *district_features()])
    assert refused(both, tmp_path).rule == "kinds_mixed"


def test_features_are_read_one_by_one_whatever_stands_beside_them() -> None:
    text = json.dumps({"name": "a]}", "features": district_features(), "type": "FeatureCollection"}, indent=2)
    parts = list(read_features(io.StringIO(text)))
    assert [value for name, value in parts if name == "feature"] == district_features()
    assert parts[0] == ("name", "a]}") and parts[-1] == ("type", "FeatureCollection")
    assert list(read_features(io.StringIO('{"features": []}'))) == []
    for broken in ('{"features": [{"a": 1}', '{"features": [{"a": ]}', "{} 1", '{"a"', ""):
        with pytest.raises(UnreadableFile):
            list(read_features(io.StringIO(broken)))


@pytest.mark.slow
def test_a_large_file_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    """Ten times the rows, the same peak of Python's memory: rows go to the disk as they come."""
    peaks = []
    for many in (40_000, 400_000):
        path = tmp_path / f"directory-{many}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("pcds,lad25cd,east1m,north1m,lsoa21cd,lat,long\n")
            file.writelines(f"{nth_postcode(each)},E08000001,1,2,E01005000,53.5,-2.2\n" for each in range(many))
        tracemalloc.start()
        dataset = load_file(path, tmp_path / str(many)).dataset
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (dataset.rows_read, dataset.rows_rejected) == (many, 0)
    print(f"peak of Python's memory: {peaks[0] / 1e6:.0f} MB for 40,000 rows, {peaks[1] / 1e6:.0f} MB for 400,000")
    assert peaks[1] < peaks[0] * 1.5


def nth_postcode(number: int) -> str:
    letters = "".join("ABDEFGHJLNPQRSTUWXYZ"[number // 20**place % 20] for place in range(2))
    return f"{('ZZ', 'YY')[number // 396_000]}{number // 4000 % 99 + 1} {number // 400 % 10}{letters}"


def test_the_open_data_of_greater_manchester_loads_as_a_third_party_published_it(tmp_path: Path) -> None:
    loaded, unknown = load_folder(shared_folder("places", "greater-manchester"), tmp_path)
    found = {each.dataset.file_name: each.dataset for each in loaded}
    counts = {name: (one.kind, one.rows_in, one.rows_rejected, one.area_years) for name, one in found.items()}
    assert counts == {
        "postcodes.parquet": ("postcodes", 115364, 0, (2021,)),
        "lsoa21.csv.gz": ("deprivation", 1702, 0, (2021,)),
        "imd2019_lsoa11.csv.gz": ("deprivation", 1673, 0, (2011,)),
        "lsoa21.geojson": ("area_boundaries", 1702, 0, (2021,)),
        "msoa21.geojson": ("msoa_boundaries", 353, 0, ()),
        "ward23.geojson": ("ward_boundaries", 215, 0, ()),
        "lad23.geojson": ("district_boundaries", 10, 0, ()),
        "cauth23.geojson": ("authority_boundaries", 1, 0, ()),
        "schools.csv": ("schools", 1127, 0, ()),
        "courts.csv": ("courts", 20, 0, ()),
        "courts_england_wales.csv.gz": ("courts", 446, 0, ()),
    }
    assert found["lsoa21.csv.gz"].vintage == "2025" and found["imd2019_lsoa11.csv.gz"].vintage == "2019"
    assert any("pharmacies" in name for name in unknown)
