"""Dates and headings as databases write them, encodings that lie, what is no table at all, and what systems leave."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.extracts import checks
from braid.extracts.json_files import parse_json
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Source, UnreadableFile
from braid.extracts.proposal.propose import propose
from braid.extracts.proposal.samples import take_sample
from braid.extracts.proposal.write import write_mapping
from braid.extracts.read import read_file
from braid.extracts.recognition import choose
from braid.extracts.run import FeedTask, read_one_feed
from braid.extracts.source_rows import read_source_row
from braid.store.place_folder import load_place
from extracts.test_badly_filled import as_book, as_text, read, rows_of, with_cell
from extracts.test_csc_api import CENSUS
from extracts.test_nasty_files import said

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
PLACE = """
[place]
id = "vale"
name = "Vale"

[[organisation]]
id = "trust"
name = "Trust"
kind = "trust"

[[feed]]
id = "list"
organisation = "trust"
standard = "wlmds"
year = 2026
service = "Waiting list"
"""


@given(DAYS)
def test_dates_that_nobody_can_misread_are_read(day: dt.date) -> None:
    for text in (f"{day:%Y%m%d}", f"{day:%d-%b-%Y}", f"{day:%d %B %Y}", f"{day:%d-%b-%Y}".upper() + " 00:00:00"):
        assert checks.check_date(text) == (day, None)


@given(DAYS)
def test_eight_figures_with_the_day_first_are_never_another_day(day: dt.date) -> None:
    assert checks.check_date(f"{day:%d%m%Y}") == (None, checks.DATE_INVALID)


@pytest.mark.parametrize("text", ["46157", "04/13/2026", "01-Apr-26", "31-Sep-2026", "1 Mai 2026", "202604", "0260401"])
def test_what_may_be_misread_is_no_date(text: str) -> None:
    assert checks.check_date(text) == (None, checks.DATE_INVALID)


def test_a_register_with_dates_as_a_database_writes_them_is_the_same_register(tmp_path: Path) -> None:
    rows = rows_of("wlmds")
    place = rows[0].index("PERSON_BIRTH_DATE")
    written = [rows[0]]
    for row in rows[1:]:
        day = checks.check_date(row[place])[0]
        written.append([*row[:place], f"{day:%d-%b-%Y}" if day else row[place], *row[place + 1 :]])
    assert written != rows
    plain = read(tmp_path / "a.csv", as_text(rows), "wlmds")
    assert said(read(tmp_path / "a.csv", as_text(written), "wlmds")) == said(plain)


@pytest.mark.parametrize("standard", ["csds", "wlmds", "rtt_open_pathways", "victim_service"])
def test_underscores_and_spaces_of_a_heading_are_one(standard: str, tmp_path: Path) -> None:
    rows = rows_of(standard)
    turned = [[name.replace(" ", "~").replace("_", " ").replace("~", "_").lower() for name in rows[0]], *rows[1:]]
    plain = read(tmp_path / "a.csv", as_text(rows), standard)
    path = tmp_path / "a.csv"
    assert said(read(path, as_text(turned), standard)) == said(plain) != {}
    assert choose(path).standard == standard


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "file_binary"),
        (b"%PDF-1.7\n%", "file_binary"),
        (b"\x1f\x8b\x08\x00" + b"\x01" * 40, "file_binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "file_binary"),
        (b"{\\rtf1 a letter}", "file_binary"),
        (b"a,b\n\x00,1\n", "file_binary"),
        (b"<html><table><tr><td>Ref</td></tr></table></html>", "web_page"),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><html><body>Session expired</body></html>", "web_page"),
        (as_book([], []), "file_empty"),
    ],
)
def test_what_is_no_table_is_told_without_naming_standards(data: bytes, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile) as refused:
        choose(path)
    assert refused.value.rule == rule and "annex_a" not in refused.value.message
    assert any(step in refused.value.message for step in ("save", "send", "unpack", "ask", "export"))


def test_a_file_of_no_standard_says_how_to_describe_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Ref,Opened\nA1,01/02/2026\n")
    with pytest.raises(UnreadableFile, match="braid mapping new"):
        choose(path)


@pytest.mark.parametrize(
    "declared", ["", '<?xml version="1.0" encoding="utf-8"?>', "<?xml version='1.0' encoding='UTF8'?>"]
)
def test_letters_of_windows_are_read_whatever_the_xml_declares_and_traced(declared: str, tmp_path: Path) -> None:
    text = CENSUS[CENSUS.index("<Message") :]
    at = text.index("<LAchildID>") + len("<LAchildID>")
    path = tmp_path / "census.xml"
    path.write_bytes((declared + text[:at] + "Zoë" + text[at:]).encode("cp1252"))
    reading = read_file(path, Source("feed", "partner", "cin", 2026))
    people = reading.records["person_record"]
    assert any(row["partner_record_id"].startswith("Zoë") for row in people)
    assert "encoding" in {issue.rule for issue in reading.issues}
    assert "Zoë" in read_source_row(path, people[0]["row_ref"]).text


def test_one_object_on_each_line_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnreadableFile, match=r"line 2.*braid mapping new") as refused:
        parse_json('{"a": "Zzcanary"}\n{"a": 2}\n')
    assert refused.value.rule == "not_json" and "Zzcanary" not in refused.value.message


def _place(folder: Path) -> Path:
    extract = folder / "extracts" / "list" / "2026-11-15"
    extract.mkdir(parents=True)
    (folder / "place.toml").write_text(PLACE, encoding="utf-8")
    (extract / "list.csv").write_bytes(as_text(rows_of("wlmds")))
    return extract


def _read_feed(folder: Path) -> tuple[list[dict[str, str]], int]:
    place, parts = load_place(folder), folder / "parts"
    parts.mkdir()
    summary = read_one_feed(FeedTask(place, place.feeds[0], dt.date(2026, 11, 30), parts))
    written = parts / "issue.list.parquet"
    return pq.read_table(written).to_pylist() if written.exists() else [], summary.rows_in


def test_an_extract_that_cannot_be_read_says_by_which_of_its_files(tmp_path: Path) -> None:
    (_place(tmp_path) / "notes of the sender.txt").write_text("Please find the list attached.\n", encoding="utf-8")
    issues, rows_in = _read_feed(tmp_path)
    assert rows_in == 0
    assert [(one["file_name"], one["rule"]) for one in issues] == [("notes of the sender.txt", "wrong_standard")]


@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", "~$list.xlsx", ".DS_Store", "__MACOSX/list.csv"])
def test_what_systems_leave_in_a_folder_is_no_part_of_an_extract(name: str, tmp_path: Path) -> None:
    left = _place(tmp_path) / name
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"\x00\x05left behind")
    issues, rows_in = _read_feed(tmp_path)
    assert rows_in > 0 and not [one for one in issues if one["rule"] == "file_binary"]


def test_a_key_of_a_long_name_is_not_taken_for_none(tmp_path: Path) -> None:
    rows = with_cell(rows_of("wlmds"), "LOCAL_PATIENT_IDENTIFIER", "UNKNOWN-7")
    reading = read(tmp_path / "a.csv", as_text(rows), "wlmds")
    assert len(reading.records["person_record"]) == 1


@pytest.mark.parametrize(
    "wrap",
    [
        lambda rows: {"results": {"cases": rows}},
        lambda rows: {"cases": rows, "link": [{"relation": "next"}], "total": len(rows)},
    ],
)
def test_a_mapping_is_proposed_of_rows_that_are_wrapped(wrap: Callable[[Any], Any], tmp_path: Path) -> None:
    rows = [{"ref": f"Q{number}", "person": {"born": f"1980-01-{number:02}"}} for number in range(10, 20)]
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(wrap(rows)), encoding="utf-8")
    proposal = propose(take_sample(path))
    assert proposal.rows == 10 and proposal.key == "ref"
    mapping = tmp_path / "m.toml"
    mapping.write_text(write_mapping(proposal), encoding="utf-8")
    reading = read_file(path, Source("feed", "partner", "mapped_csv", 2026), load_mapping(mapping))
    assert [(one.rows_in, one.rows_read) for one in reading.parts.values()] == [(10, 10)]
    assert len(reading.records["person_record"]) == 10
