"""The published table and census samples, and what damaged, doubled and hostile files do to the connectors."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from braid.extracts.catalogue import CONNECTORS, UnknownStandard, find_connector, get_latest_year
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import read_feed, read_file
from braid.extracts.walked import walked
from extracts.connector_page import MAPPINGS, load_examples
from shared import shared_folder

HCLIC = load_mapping(MAPPINGS / "hclic.toml")
EXAMPLES = load_examples()
BY_STANDARD = {example["standard"]: example for example in EXAMPLES}
TEXTS = [(example["standard"], example["year"], example["file"], example["text"].lstrip("\n")) for example in EXAMPLES]
TABLES = [entry for entry in TEXTS if entry[2].endswith(".csv")]
CIN_PARTS = "Child CINdetails Assessments CINPlanDates Section47 ChildProtectionPlans PreProceedingsandFGDM".split()
CANARY = "Zzcanary"
no_deadline = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, standard: str, year: int | None = None) -> Reading:
    source = Source("feed", "partner", standard, year or get_latest_year(standard))
    return read_file(path, source, HCLIC if standard == "hclic" else None)


def read_bytes(folder: Path, name: str, data: bytes, standard: str) -> Reading | UnreadableFile:
    """Read bytes as a standard: the reading, whose counts must agree, or the refusal."""
    path = folder / name
    path.write_bytes(data)
    try:
        reading = read(path, standard)
    except UnreadableFile as refusal:
        assert refusal.rule and CANARY.upper() not in refusal.message.upper()
        return refusal
    assert all(count.rows_in == count.rows_read + count.rows_rejected for count in reading.parts.values())
    assert len(reading.rejects) == sum(count.rows_rejected for count in reading.parts.values())
    return reading


def says(reading: Reading) -> str:
    """Everything that a reader of messages sees."""
    issues = [f"{issue.rule} {issue.field} {issue.position} {issue.message}" for issue in reading.issues]
    return " ".join([*issues, *reading.unmapped])


@pytest.mark.parametrize("name", ["CIN2rows.xml", "CIN_Census_2021.xml", "fake_CIN_data.xml"])
def test_every_block_of_a_census_is_counted(name: str) -> None:
    path = shared_folder("fixtures", "cin", name)
    names = Counter(element.tag for element in etree.fromstring(path.read_bytes()).iter())
    reading = read(path, "cin", 2022)
    assert {part: count.rows_in for part, count in reading.parts.items()} == {
        part: names[part] for part in CIN_PARTS if names[part]
    }
    assert sum(count.rows_rejected for count in reading.parts.values()) == 0
    assert len(reading.records["person_record"]) == names["Child"]


def test_wrong_pupil_numbers_are_kept_and_flagged() -> None:
    reading = read(shared_folder("fixtures", "cin", "fake_CIN_data.xml"), "cin", 2022)
    upns = [row for row in reading.records["identifier"] if row["scheme"] == "upn"]
    assert len(upns) == 332
    assert Counter(row["check_result"] for row in upns) == {"fail": 320, "pass": 12}
    assert {row["quality"] for row in upns if row["check_result"] == "fail"} == {"upn_check"}


def test_every_row_of_the_looked_after_return_is_counted() -> None:
    paths = sorted(shared_folder("fixtures", "ssda903").glob("*.csv"))
    assert len(paths) >= 21
    for path in paths:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8").splitlines()) if any(row)]
        (count,) = read(path, "ssda903", 2020).parts.values()
        assert (count.rows_in, count.rows_read) == (max(len(rows) - 1, 0), max(len(rows) - 1, 0)), path.name


def test_next_years_return_extends_periods_of_care() -> None:
    folder = shared_folder("fixtures", "ssda903")
    source = Source("feed", "partner", "ssda903", 2020)
    both = read_feed([folder / "2019-episodes.csv", folder / "2020-episodes.csv", folder / "2020-reviews.csv"], source)
    ids = [row["record_id"] for reading in both for rows in reading.records.values() for row in rows]
    assert len(ids) == len(set(ids))
    placed = [row for reading in both for row in reading.records["stay"] if row["kind"] != "unknown"]
    keys: set[tuple[str, str]] = set()
    for name in ("2019-episodes.csv", "2020-episodes.csv"):
        rows = csv.DictReader((folder / name).read_text(encoding="utf-8").splitlines())
        keys |= {(row["CHILD"], row["DECOM"]) for row in rows}
    assert len(placed) == len(keys)
    periods = [row for reading in both for row in reading.records["episode"]]
    assert len(periods) < 303 + 192, "periods of the second year extend those of the first"
    waits = [row for reading in both for row in reading.records["wait"]]
    assert waits and {row["kind"] for row in waits} == {"cla_review", "cla_review_second", "cla_review_later"}
    assert all(row["stop_date"] is None or row["stop_date"] >= row["start_date"] for row in waits)


@pytest.mark.parametrize("kind", ["codes", "labels"])
def test_both_lettings_exports_say_the_same(kind: str) -> None:
    reading = read(shared_folder("fixtures", "core", f"lettings_log_csv_export_{kind}_24.csv"), "core", 2024)
    assert (reading.parts["letting"].rows_in, reading.parts["letting"].rows_read) == (1, 1)
    assert [row["sex"] for row in reading.records["person_record"]] == ["female", "male", "unknown", "unknown"]
    assert [row["kind"] for row in reading.records["relationship"]] == ["partner", "household", "household"]
    assert {row["code"] for row in reading.records["need"]} == {"overcrowding", "physical_disability"}
    assert [row["start_event"] for row in reading.records["wait"]] == ["core_waityear:7"]


def test_the_bulk_upload_form_is_read_below_its_preamble() -> None:
    reading = read(shared_folder("fixtures", "core", "2023_24_lettings_bulk_upload.csv"), "core", 2023)
    assert (reading.parts["letting"].rows_in, reading.parts["letting"].rows_read) == (1, 1)
    assert reading.records["event"][0]["start_date"].isoformat() == "2023-10-10"
    assert "field 1" in reading.unmapped


@pytest.mark.parametrize(("standard", "year", "name", "text"), TEXTS)
def test_the_same_file_twice_gives_the_same_ids(tmp_path: Path, standard: str, year: int, name: str, text: str) -> None:
    ids = []
    for number in range(2):
        path = tmp_path / str(number) / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        reading = read(path, standard, year)
        ids.append({kind: [row["record_id"] for row in rows] for kind, rows in reading.records.items()})
    assert ids[0] == ids[1]
    flat = [one for rows in ids[0].values() for one in rows]
    assert len(flat) == len(set(flat))


@pytest.mark.parametrize(("standard", "year", "name", "text"), TABLES)
def test_blemishes_change_nothing(tmp_path: Path, standard: str, year: int, name: str, text: str) -> None:
    plain = read_bytes(tmp_path, name, text.encode(), standard)
    assert isinstance(plain, Reading)
    header, _, rest = text.partition("\n")
    blemished = {
        "mark": b"\xef\xbb\xbf" + text.encode(),
        "utf-16": text.encode("utf-16"),
        "line ends": text.replace("\n", "\r\n").encode(),
        "heading": (header.replace(",", "\u00a0,").lower() + " \n" + rest).encode(),
        "blank lines": (text + "\n\n,,,\n").encode(),
        "no-break spaces": text.replace(",", "\u00a0,\u00a0").encode(),
    }
    for what, data in blemished.items():
        other = read_bytes(tmp_path, name, data, standard)
        assert isinstance(other, Reading), what
        assert {kind: len(rows) for kind, rows in other.records.items()} == {
            kind: len(rows) for kind, rows in plain.records.items()
        }, what


def test_latin_letters_are_read_and_noted(tmp_path: Path) -> None:
    text = BY_STANDARD["victim_service"]["text"].lstrip("\n").replace("Bea,Rush", "Zoë,Rush")
    for encoding in ("cp1252", "iso-8859-1"):
        reading = read_bytes(tmp_path, "referrals.csv", text.encode(encoding), "victim_service")
        assert isinstance(reading, Reading)
        assert reading.records["person_record"][0]["given_name"] == "Zoë"
        assert "encoding" in {issue.rule for issue in reading.issues}


@pytest.mark.parametrize(("standard", "year", "name", "text"), TEXTS)
@pytest.mark.parametrize(
    "data",
    [b"", b"\x0a", b"PK\x03\x04rest", b"a\x00b", b"\xd0\xcf\x11\xe0", b"<html></html>", b"a,b\n1,2\n", b"%PDF-1"],
)
def test_other_files_are_refused_with_a_rule(
    tmp_path: Path, standard: str, year: int, name: str, text: str, data: bytes
) -> None:
    found = read_bytes(tmp_path, name if standard != "ssda903" else "file.csv", data, standard)
    assert isinstance(found, UnreadableFile)
    assert re.fullmatch(r"[a-z_]+", found.rule)


@pytest.mark.parametrize(("standard", "year", "name", "text"), TEXTS)
def test_no_standard_reads_anothers_file(tmp_path: Path, standard: str, year: int, name: str, text: str) -> None:
    for other in BY_STANDARD:
        # The open pathways are a table of the waiting list data set, whose older reader needs three of its names.
        if other != standard and (standard, other) != ("rtt_open_pathways", "wlmds"):
            assert isinstance(read_bytes(tmp_path, "file.dat", text.encode(), other), UnreadableFile), (standard, other)


def test_files_cut_short_say_where(tmp_path: Path) -> None:
    cut = BY_STANDARD["cin"]["text"].encode()[:900]
    found = read_bytes(tmp_path, "census.xml", cut, "cin")
    assert isinstance(found, UnreadableFile) and found.rule == "xml_malformed" and "line" in found.message
    quoted = b'PupilId,WeekCommencing,Marks\nP1,05/10/2026,"/ / /\nP2,05/10/2026,/\n'
    found = read_bytes(tmp_path, "attendance.csv", quoted, "school")
    assert isinstance(found, UnreadableFile) and found.rule == "open_quote" and "line 2" in found.message


@pytest.mark.parametrize("last", ["479546,2,20/06/", "479546", "479546,2,13/02/2006,20/09/2022"])
def test_a_table_that_ends_in_the_middle_of_a_row_is_unreadable(tmp_path: Path, last: str) -> None:
    text = f"CHILD,SEX,DOB,DUC\n582902,1,13/02/2006,09/02/2024\n{last}"
    found = read_bytes(tmp_path, "uasc.csv", text.encode(), "ssda903")
    if last.count(",") < 3:
        assert isinstance(found, UnreadableFile) and found.rule == "file_truncated" and "line 3" in found.message
    else:
        assert isinstance(found, Reading)
    whole = read_bytes(tmp_path, "uasc.csv", f"{text}\n".encode(), "ssda903")
    assert isinstance(whole, Reading) and whole.parts["uasc"].rows_in == 2


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Message>&b;</Message>'
    for data in (bomb.encode(), bomb.encode("utf-16"), bomb.encode("utf-16-le")):
        found = read_bytes(tmp_path, "census.xml", data, "cin")
        assert isinstance(found, UnreadableFile)
    assert isinstance(found, UnreadableFile)
    utf8 = read_bytes(tmp_path, "census.xml", bomb.encode(), "cin")
    assert isinstance(utf8, UnreadableFile) and utf8.rule == "xml_doctype"


def test_protection_wins_where_two_rows_disagree(tmp_path: Path) -> None:
    lines = BY_STANDARD["victim_service"]["text"].strip().split("\n")
    later = lines[1].replace("R1,", "R2,").replace(",Y,2 Low Street", ",N,2 Low Street")
    for rows in ([lines[1], later], [later, lines[1]]):
        reading = read_bytes(tmp_path, "referrals.csv", "\n".join([lines[0], *rows]).encode(), "victim_service")
        assert isinstance(reading, Reading)
        assert [row["confidential"] for row in reading.records["stay"]] == [True]


def test_a_file_over_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAID_MAX_FILE_MB", "1")
    found = read_bytes(tmp_path, "roll.csv", b"x" * 1_000_001, "school")
    assert isinstance(found, UnreadableFile) and found.rule == "file_too_large"


def test_a_row_without_its_date_is_kept_whole_and_a_doubtful_one_is_read(tmp_path: Path) -> None:
    text = "CHILD,DECOM,RNE,LS,DEC,REC\n1,31/02/2025,S,C2,,\n2,01/02/2025,S,ZZ,01/01/2025,X1\n,01/02/2025,S,C2,,\n3\n"
    reading = read_bytes(tmp_path, "episodes.csv", text.encode(), "ssda903")
    assert isinstance(reading, Reading)
    count = reading.parts["episodes"]
    assert (count.rows_in, count.rows_read, count.rows_rejected) == (4, 1, 3)
    assert [(reject.rule, reject.position, reject.row) for reject in reading.rejects] == [
        ("date_invalid", "line 2", "1,31/02/2025,S,C2,,"),
        ("key_missing", "line 4", ",01/02/2025,S,C2,,"),
        ("date_missing", "line 5", "3"),
    ]
    (episode,) = reading.records["episode"]
    assert episode["quality"] == "dates_out_of_order code_unknown"
    assert reading.unmapped == {"LS:code-unknown": 1}


def test_rows_with_broken_quotes_or_too_many_cells_are_refused_alone(tmp_path: Path) -> None:
    text = 'CHILD,MISSING,MIS_START\n1,"M"x,01/01/2026\n2,M,01/01/2026,,9\n3,M,01/01/2026\n'
    reading = read_bytes(tmp_path, "missing.csv", text.encode(), "ssda903")
    assert isinstance(reading, Reading)
    assert [reject.rule for reject in reading.rejects] == ["broken_quotes", "row_too_long"]
    assert reading.rejects[0].row == '1,"M"x,01/01/2026'
    assert reading.parts["missing"].rows_read == 1


def test_new_columns_are_counted_and_local_ones_ignored(tmp_path: Path) -> None:
    text = "CHILD,MISSING,MIS_START,LA,YEAR,NEW_FIELD\n1,M,2026-01-01,991,2026,x\n"
    reading = read_bytes(tmp_path, "missing.csv", text.encode(), "ssda903")
    assert isinstance(reading, Reading) and reading.unmapped == {"NEW_FIELD": 1}


def test_blocks_of_a_refused_child_and_misplaced_blocks_are_counted(tmp_path: Path) -> None:
    text = """<Message><Children><Child><ChildIdentifiers/><CINdetails><CINreferralDate>2026-01-01</CINreferralDate>
    <Assessments/></CINdetails></Child><Child><ChildIdentifiers><LAchildID>1</LAchildID></ChildIdentifiers><Section47/>
    <CINdetails><CINreferralDate>nope</CINreferralDate><Section47/></CINdetails></Child></Children></Message>"""
    reading = read_bytes(tmp_path, "census.xml", text.encode(), "cin")
    assert isinstance(reading, Reading)
    assert {part: (count.rows_in, count.rows_rejected) for part, count in reading.parts.items()} == {
        "Child": (2, 1), "CINdetails": (2, 2), "Assessments": (1, 1), "Section47": (2, 2),
    }  # fmt: skip
    assert Counter(reject.rule for reject in reading.rejects) == {
        "key_missing": 1, "parent_refused": 3, "date_invalid": 1, "block_misplaced": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("standard", "year", "name", "text"), TABLES)
def test_no_message_repeats_a_cell(tmp_path: Path, standard: str, year: int, name: str, text: str) -> None:
    lines = text.rstrip("\n").split("\n")
    header_lines = 2 if standard == "core" else 1
    width = len(lines[header_lines].split(","))
    for column in range(width):
        cells = lines[header_lines].split(",")
        cells[column] = CANARY
        data = "\n".join([*lines[:header_lines], ",".join(cells)]).encode()
        found = read_bytes(tmp_path, name, data, standard)
        if isinstance(found, Reading):
            assert CANARY.upper() not in says(found).upper(), (standard, name, column)


def test_no_message_of_a_census_repeats_a_text(tmp_path: Path) -> None:
    text = BY_STANDARD["cin"]["text"].strip()
    for match in re.finditer(r">([^<>\s][^<>]*)<", text):
        if match[1] == "CIN":
            continue
        data = text[: match.start(1)] + CANARY + text[match.end(1) :]
        found = read_bytes(tmp_path, "census.xml", data.encode(), "cin")
        assert isinstance(found, Reading)
        assert CANARY.upper() not in says(found).upper()


def test_every_assessment_factor_is_a_need_of_somebody(tmp_path: Path) -> None:
    known = walked("cin").lists["factors"].codes
    factors = "".join(
        f"<AssessmentFactors>{code}</AssessmentFactors>"
        for code in walked("cin").lists["factors"].codes
        if code != "21"
    )
    text = BY_STANDARD["cin"]["text"].replace("<AssessmentFactors>3B</AssessmentFactors>", factors)
    reading = read_bytes(tmp_path, "census.xml", text.strip().encode(), "cin")
    assert isinstance(reading, Reading) and not reading.unmapped
    needs = {row["source_code"]: row["whose"] for row in reading.records["need"]}
    assert len([code for code in needs if code.startswith("cin_factor:")]) == len(known) - 1
    assert (needs["cin_factor:1C"], needs["cin_factor:4B"], needs["cin_factor:20"]) == ("household", "parent", "person")


@given(data=st.binary(max_size=400), standard=st.sampled_from(sorted(BY_STANDARD)))
@no_deadline
def test_garbage_is_read_or_refused(tmp_path: Path, data: bytes, standard: str) -> None:
    read_bytes(tmp_path, "episodes.csv", data, standard)


@given(entry=st.sampled_from(TEXTS), start=st.integers(0, 2000), length=st.integers(0, 40), new=st.text(max_size=12))
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_files_are_read_or_refused(
    tmp_path: Path, entry: tuple[str, int, str, str], start: int, length: int, new: str
) -> None:
    standard, _, name, text = entry
    begin = start % len(text)
    changed = text[:begin] + new + text[begin + length :]
    read_bytes(tmp_path, name, changed.encode("utf-8", "surrogatepass"), standard)


@given(
    entry=st.sampled_from(TABLES),
    column=st.integers(0, 40),
    cell=st.one_of(st.text(max_size=20), st.dates().map(str), st.integers().map(str), st.sampled_from(["²", "٣"])),
)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_cells_keep_the_counts(
    tmp_path: Path, entry: tuple[str, int, str, str], column: int, cell: str
) -> None:
    standard, _, name, text = entry
    lines = text.rstrip("\n").split("\n")
    cells = lines[-1].split(",")
    cells[column % len(cells)] = '"' + cell.replace('"', '""').replace("\x00", "") + '"'
    data = "\n".join([*lines[:-1], ",".join(cells)]).encode("utf-8", "replace")
    found = read_bytes(tmp_path, name, data, standard)
    assert isinstance(found, Reading)
    assert sum(count.rows_in for count in found.parts.values()) in (
        len(lines) - (2 if standard == "core" else 1),
        len(lines) - (2 if standard == "core" else 1) - 1,
    )


def test_the_shipped_mapping_is_used_where_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(BY_STANDARD["hclic"]["text"].lstrip("\n"), encoding="utf-8")
    reading = read_file(path, Source("feed", "partner", "hclic", 2026))
    assert reading.parts["case_person"].rows_read == 2
    with pytest.raises(UnreadableFile, match="name a mapping file"):
        read_file(path, Source("feed", "partner", "mapped_csv", 2026))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not toml", "no TOML"),
        ("[table]\nperson = 'a'", "no \\[\\[record"),
        ("[table]\nperson = 'a'\n[[record]]\ntype = 'case'", "type is none of"),
        ("[table]\nperson = 'a'\n[[record]]\ntype = 'need'\n[record.values]\ncode = 'x'", "needs codes"),
        (
            "[table]\nperson = 'a'\n[[record]]\ntype = 'wait'\n[record.values]\nstart_date = 'x'",
            "lacks values for kind",
        ),
        ("[table]\nperson = 'a'\n[[record]]\ntype = 'event'\n[record.values]\nkind = {value = 'x'}", "not in the list"),
    ],
)
def test_a_mapping_that_will_not_do_says_why(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=reason):
        load_mapping(path)


def test_standards_and_years_are_found_or_named() -> None:
    assert len({connector.standard for connector in CONNECTORS}) == 30
    assert find_connector("cin").standard == "cin"
    with pytest.raises(UnknownStandard, match="ssda903:2017-2030"):
        find_connector("ssda9o3")
    with pytest.raises(UnknownStandard, match="2017 to 2030, not 1999"):
        find_connector("cin", 1999)


def test_a_table_without_a_last_line_end_is_read_with_the_doubt(tmp_path: Path) -> None:
    for end, doubted in (("\n", False), ("", True)):
        path = tmp_path / "oc3.csv"
        path.write_text(f"CHILD,DOB,IN_TOUCH,ACTIV,ACCOM\n1,15/08/2002,NREQ,F2,U1{end}", encoding="utf-8", newline="")
        reading = read_file(path, Source("f", "o", "ssda903", 2020))
        assert any(issue.rule == "line_end_missing" for issue in reading.issues) == doubted
        assert reading.parts["oc3"].rows_read == 1
