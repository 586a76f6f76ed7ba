"""place.toml: what is wrong is named, with what to write instead."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from braid.store.place_folder import PlaceInvalid, load_place

WHOLE = """
[place]
id = "somewhere"
name = "Somewhere"
as_of = "2026-11-15"
[calendar]
terms = [["2026-09-02", "2026-10-23"]]
closed_days = ["2026-09-04"]
[[organisation]]
id = "council"
name = "The council"
kind = "council"
[[district]]
code = "E08990001"
id = "north"
name = "North"
council = "council"
[[feed]]
id = "north-cin"
organisation = "council"
standard = "cin"
year = 2026
"""


def _write(folder: Path, text: str) -> Path:
    (folder / "place.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_whole_place_is_read(tmp_path: Path) -> None:
    place = load_place(_write(tmp_path, WHOLE))
    assert (place.name, place.as_of) == ("Somewhere", dt.date(2026, 11, 15))
    assert place.calendar.is_school_day(dt.date(2026, 9, 3))
    assert not place.calendar.is_school_day(dt.date(2026, 9, 4))
    assert place.district_names() == {"E08990001": "North"}
    assert place.reference_rows("schools") == []


def test_an_engine_is_one_of_two_and_embedded_where_none_is_named(tmp_path: Path) -> None:
    assert load_place(_write(tmp_path, WHOLE)).engine == "duckdb"
    assert load_place(_write(tmp_path, WHOLE.replace("[calendar]", 'engine = "spark"\n[calendar]'))).engine == "spark"
    with pytest.raises(PlaceInvalid, match='engine is "duckdb" or "spark"'):
        load_place(_write(tmp_path, WHOLE.replace("[calendar]", 'engine = "sparc"\n[calendar]')))


def test_a_feed_says_where_it_stands_among_the_sources_of_a_wait(tmp_path: Path) -> None:
    assert load_place(_write(tmp_path, WHOLE)).precedence() == {}
    assert load_place(_write(tmp_path, f"{WHOLE}precedence = 0\n")).precedence() == {"north-cin": 0}
    for wrong in ("-1", "100", "true", '"first"'):
        with pytest.raises(PlaceInvalid, match="precedence is a number from 0"):
            load_place(_write(tmp_path, f"{WHOLE}precedence = {wrong}\n"))


def test_the_newest_extract_on_or_before_the_day_is_found(tmp_path: Path) -> None:
    place = load_place(_write(tmp_path, WHOLE))
    for date in ("2026-11-01", "2026-11-08", "not-a-date"):
        folder = tmp_path / "extracts" / "north-cin" / date
        folder.mkdir(parents=True)
        (folder / "cin_census.xml").write_text("x")
        (folder / ".hidden").write_text("x")
    feed = place.feeds[0]
    date, files = place.extract_files(feed, dt.date(2026, 11, 7))
    assert (date, [file.name for file in files]) == (dt.date(2026, 11, 1), ["cin_census.xml"])
    assert place.extract_files(feed, dt.date(2026, 10, 31)) == (None, [])
    assert place.extract_dates() == [dt.date(2026, 11, 1), dt.date(2026, 11, 8)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[place]", "[plaice]", r"no \[place\] table"),
        ('name = "Somewhere"', "", r"\[place\]: name is missing"),
        ('as_of = "2026-11-15"', 'as_of = "soon"', "yyyy-mm-dd"),
        ('organisation = "council"', 'organisation = "counsel"', "not among"),
        ("year = 2026", "", "year is missing"),
        ('id = "north-cin"', 'id = "North CIN"', "small letters"),
        ('["2026-09-02", "2026-10-23"]', '"2026-09-02"', "each term"),
        ('closed_days = ["2026-09-04"]', "closed_days = 5", "square brackets"),
        ("[place]", "[place", "not valid TOML"),
        ("year = 2026", f"year = {'1' * 5000}", "not valid TOML"),
        ('name = "Somewhere"', 'name = "Some\\u0000where"', r"\[place\]: name holds a character that cannot"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(PlaceInvalid, match=message):
        load_place(_write(tmp_path, WHOLE.replace(old, new)))


def test_a_folder_without_place_toml_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(PlaceInvalid, match="braid example"):
        load_place(tmp_path)


def test_two_feeds_of_one_name_are_refused(tmp_path: Path) -> None:
    double = WHOLE + WHOLE[WHOLE.index("[[feed]]") :]
    with pytest.raises(PlaceInvalid, match="two"):
        load_place(_write(tmp_path, double))


def test_a_place_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaceInvalid, match="nested"):
        load_place(_write(tmp_path, "a = " + "[" * 100_000))


def test_reference_rows_that_are_no_text_are_refused(tmp_path: Path) -> None:
    place = load_place(_write(tmp_path, WHOLE))
    (tmp_path / "geography").mkdir(exist_ok=True)
    (tmp_path / "geography" / "postcodes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlaceInvalid, match="UTF-8"):
        place.reference_rows("postcodes")
