"""The further formats of the example place: written where asked for, alike every time, and changing nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from braid.example.further_formats import FORMATS
from braid.example.workbook_file import Formula, write_workbook
from braid.example.write import write_example

PEOPLE = 500
FIXED = re.compile(r"^(extracts|geography)/")


def sums(folder: Path) -> dict[str, str]:
    """Return the hash of each file by its place in the folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    folder = tmp_path_factory.mktemp("further")
    for name, also in (("usual", ()), ("all", ("all",)), ("again", ("all",)), ("one", ("gias",))):
        write_example(folder / name, people=PEOPLE, also=also)
    return {name: sums(folder / name) for name in ("usual", "all", "again", "one")} | {"folder": {"": str(folder)}}


def test_the_same_arguments_write_the_same_bytes(written: dict[str, dict[str, str]]) -> None:
    assert written["all"] == written["again"]


def test_what_is_asked_for_changes_no_extract_that_was_there(written: dict[str, dict[str, str]]) -> None:
    usual = {name: digest for name, digest in written["usual"].items() if FIXED.match(name)}
    assert usual.items() <= written["all"].items()
    assert usual.items() <= written["one"].items()
    assert {name.split("/")[1] for name in written["one"].keys() - written["usual"].keys()} == {"schools-register"}


def test_every_format_is_a_feed_with_files_of_an_organisation(written: dict[str, dict[str, str]]) -> None:
    folder = Path(written["folder"][""]) / "all"
    place = tomllib.loads((folder / "place.toml").read_text(encoding="utf-8"))
    feeds = {feed["id"]: feed for feed in place["feed"]}
    organisations = {organisation["id"] for organisation in place["organisation"]}
    for each in FORMATS:
        names = [name for name, feed in feeds.items() if feed["standard"] == each.standard]
        assert len(names) == (len(place["district"]) if each.is_of_councils else 1), each.standard
        for name in names:
            assert feeds[name]["organisation"] in organisations
            assert any((folder / "extracts" / name).glob("2026-11-15/*")), name


def test_no_refuge_is_told_of_by_its_place(written: dict[str, dict[str, str]]) -> None:
    folder = Path(written["folder"][""]) / "all"
    lines = (folder / "restricted" / "refuges.csv").read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("postcode")
    postcodes = {line.split(",")[place].replace(" ", "") for line in lines[1:]}
    assert postcodes
    for path in (folder / "extracts").rglob("*.*"):
        if path.suffix != ".xlsx" and path.name != "referrals.csv":
            text = path.read_bytes().decode("iso-8859-1").upper().replace(" ", "")
            assert not any(re.search(rf"\b{postcode}\b", text) for postcode in postcodes), path.name


def test_a_format_that_there_is_not_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no further format is called maric"):
        write_example(tmp_path / "place", people=PEOPLE, also=["maric"])
    assert not (tmp_path / "place").exists()


def test_a_workbook_holds_its_cells_as_another_program_reads_them(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    day = dt.date(2026, 3, 4)
    row = ["a & b", 7, day, Formula("DATE(2026,3,4)", day), Formula("1+1"), None, "#N/A", *["x"] * 30]
    write_workbook(tmp_path / "book.xlsx", [("Seen", [row]), ("Not seen", [["n"]])], frozenset({"Not seen"}))
    book = load_workbook(tmp_path / "book.xlsx", data_only=True)
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "hidden"]
    (cells,) = book["Seen"].iter_rows(values_only=True)
    midnight = dt.datetime(2026, 3, 4)  # noqa: DTZ001 - a cell has no zone
    assert cells == ("a & b", 7, midnight, midnight, None, None, "#N/A", *["x"] * 30)
    assert load_workbook(tmp_path / "book.xlsx")["Seen"]["D1"].value == "=DATE(2026,3,4)"
