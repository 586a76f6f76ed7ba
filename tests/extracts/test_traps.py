"""Traps of partners' files that no other test is about, each by name; docs/reference/traps.md lists them all."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from braid.extracts import checks
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import check_counts, read_file
from braid.language.codes import ETHNICITY_CROSSWALKS, ETHNICITY_GROUP_ONLY
from braid.language.identifiers import check, find_postcode, normalise
from extracts.connector_page import load_examples


def read(folder: Path, name: str, text: str, standard: str, year: int = 2026) -> Reading:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    reading = read_file(path, Source("feed", "partner", standard, year))
    check_counts(reading)
    return reading


def census(folder: Path, identifiers: str, details: str = "", year: int = 2026) -> Reading:
    """Read a census of one child, C1, with elements among its identifiers and inside a referral of 5 January 2026."""
    referral = f"<CINdetails><CINreferralDate>2026-01-05</CINreferralDate>{details}</CINdetails>" if details else ""
    text = (
        "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails></Header><Children><Child>"
        f"<ChildIdentifiers><LAchildID>C1</LAchildID>{identifiers}</ChildIdentifiers>{referral}"
        "</Child></Children></Message>"
    )
    return read(folder, "census.xml", text, "cin", year)


def only(reading: Reading, table: str, /, **values: Any) -> dict[str, Any]:
    """Return the one record of a table that holds these values."""
    (found,) = [row for row in reading.records.get(table, ()) if values.items() <= row.items()]
    return found


def changed(standard: str, **cells: str) -> str:
    """Return the first worked example of a standard with cells of its first row changed."""
    example = next(one for one in load_examples() if one["standard"] == standard)
    rows = list(csv.reader(io.StringIO(example["text"].lstrip("\n"))))
    heading = next(n for n, row in enumerate(rows) if set(cells) <= set(row))
    for name, text in cells.items():
        rows[heading + 1][rows[heading].index(name)] = text
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows(rows)
    return held.getvalue()


@pytest.mark.parametrize("year", [2021, 2026])
@pytest.mark.parametrize(
    ("said", "sex"),
    [
        ("<GenderCurrent>2</GenderCurrent>", "female"),
        ("<Sex>M</Sex>", "male"),
        ("<GenderCurrent>2</GenderCurrent><Sex>M</Sex>", "male"),
        ("<GenderCurrent>0</GenderCurrent>", "unknown"),
        ("<GenderCurrent>9</GenderCurrent>", "unknown"),
    ],
    ids=["the-old-name", "the-new-name", "both", "nought", "nine"],
)
def test_the_sex_of_a_child_under_its_old_name_its_new_one_or_both(
    said: str, sex: str, year: int, tmp_path: Path
) -> None:
    assert only(census(tmp_path, said, year=year), "person_record")["sex"] == sex


def test_a_child_who_is_not_born_yet_has_an_expected_day_alone(tmp_path: Path) -> None:
    found = only(
        census(tmp_path, "<ExpectedPersonBirthDate>2026-05-01</ExpectedPersonBirthDate><Sex>U</Sex>"), "person_record"
    )
    assert found.get("birth_date") is None
    assert str(found["birth_expected_date"]) == "2026-05-01"


@pytest.mark.parametrize("text", ["true", "TRUE", "1", "false", "FALSE", "0"])
def test_no_further_action_in_every_spelling(text: str, tmp_path: Path) -> None:
    reading = census(tmp_path, "", f"<ReferralNFA>{text}</ReferralNFA>")
    clocks = [row["kind"] for row in reading.records.get("wait", ())]
    assert ("cin_decision" in clocks) is (text.lower() in ("false", "0"))
    assert [one for one in reading.issues if one.severity != "note"] == []


def test_a_conference_beside_the_enquiries_gives_way_to_that_of_an_enquiry(tmp_path: Path) -> None:
    inside = (
        "<DateOfInitialCPC>2026-02-27</DateOfInitialCPC><Section47><S47ActualStartDate>2026-02-02</S47ActualStartDate>"
        "<DateOfInitialCPC>2026-02-20</DateOfInitialCPC><ICPCnotRequired>false</ICPCnotRequired></Section47>"
    )
    reading = census(tmp_path, "", inside)
    assert str(only(reading, "event", kind="conference")["start_date"]) == "2026-02-20"
    alone = census(tmp_path, "", "<DateOfInitialCPC>2026-02-27</DateOfInitialCPC>")
    assert str(only(alone, "event", kind="conference")["start_date"]) == "2026-02-27"


def test_a_reason_for_no_pupil_number_is_said_and_is_no_number(tmp_path: Path) -> None:
    reading = census(tmp_path, "<UPNunknown>UN4</UPNunknown>")
    assert {row["scheme"] for row in reading.records["identifier"]} == {"la_child"}
    assert "upn_unknown" in {one.rule for one in reading.issues}
    text = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n77,2,01/02/2009,MWBC,UN3,,\n"
    header = read(tmp_path, "header.csv", text, "ssda903")
    assert "upn" not in {row["scheme"] for row in header.records.get("identifier", ())}


@pytest.mark.parametrize(
    ("accommodation", "homeless"),
    [("W2", True), ("S2", True), ("V1", True), ("B1", False), ("U2", False)],
)
def test_where_a_care_leaver_lives_says_homeless_by_its_letter_whatever_its_digit(
    accommodation: str, homeless: bool, tmp_path: Path
) -> None:
    text = f"CHILD,DOB,IN_TOUCH,ACTIV,ACCOM\n78,01/02/2006,YES,G5,{accommodation}\n"
    needs = [row["code"] for row in read(tmp_path, "oc3.csv", text, "ssda903").records.get("need", ())]
    assert ("homeless" in needs) is homeless


@pytest.mark.parametrize(("code", "homeless"), [("1", False), ("11", True)])
def test_one_means_no_and_eleven_means_yes(code: str, homeless: bool, tmp_path: Path) -> None:
    reading = read(tmp_path, "core.csv", changed("core", homeless=code), "core", 2025)
    assert ("homeless" in {row["code"] for row in reading.records["need"]}) is homeless


@pytest.mark.parametrize(("code", "years"), [("2", 0.5), ("5", 6.5), ("11", 7.5), ("12", 12.0)])
def test_the_band_of_a_wait_is_that_of_its_year(code: str, years: float, tmp_path: Path) -> None:
    """Five years and more was one code (5) and became two (11, 12)."""
    reading = read(tmp_path, "core.csv", changed("core", waityear=code), "core", 2025)
    wait = only(reading, "wait", kind="register")
    assert abs((wait["stop_date"] - wait["start_date"]).days / 365.25 - years) < 0.01
    assert "start_banded" in wait["quality"]


@pytest.mark.parametrize("code", ["13", "6"])
def test_who_was_on_no_list_or_does_not_know_has_no_wait(code: str, tmp_path: Path) -> None:
    reading = read(tmp_path, "core.csv", changed("core", waityear=code), "core", 2025)
    assert not reading.records.get("wait")


def test_a_transfer_file_of_nobody_is_a_part_without_rows(tmp_path: Path) -> None:
    text = "<CTfile><Header><CTFversion>25.0</CTFversion></Header><CTFpupilData></CTFpupilData></CTfile>"
    reading = read(tmp_path, "ctf.xml", text, "ctf")
    assert {part: one.rows_in for part, one in reading.parts.items()} == {"pupil": 0}
    assert not any(reading.records.values())
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path, "ctf.xml", "<CTfile><Header/></CTfile>", "ctf")
    assert refused.value.rule == "wrong_standard"


@pytest.mark.parametrize(("outcome", "kinds"), [("A", {"ehcp_decision", "ehcp_plan"}), ("H", set())])
def test_an_undecided_request_waits_and_a_historical_one_does_not(
    outcome: str, kinds: set[str], tmp_path: Path
) -> None:
    text = (
        "send_person_id,ehcr_ehcp_request_id,ehcr_ehcp_req_date,ehcr_ehcp_req_outcome,ehcr_ehcp_req_outcome_date\n"
        f"P1,R1,2026-01-05,{outcome},1900-01-01\n"
    )
    reading = read(tmp_path, "sen2.csv", text, "sen2")
    assert {row["kind"] for row in reading.records.get("wait", ())} == kinds
    assert all(row.get("stop_date") is None for row in reading.records.get("wait", ()))


@pytest.mark.parametrize(
    ("status", "is_wait"), [("10", True), ("21", True), ("31", True), ("36", True), ("90", False), ("98", False)]
)
def test_statuses_from_ninety_on_start_no_clock(status: str, is_wait: bool, tmp_path: Path) -> None:
    ended = "15/06/2026" if status in ("31", "36") else ""
    text = changed(
        "rtt_open_pathways",
        REFERRAL_TO_TREATMENT_PERIOD_STATUS=status, REFERRAL_TO_TREATMENT_PERIOD_END_DATE=ended,
    )  # fmt: skip
    waits = read(tmp_path, "open_pathways.csv", text, "rtt_open_pathways").records.get("wait", [])
    assert bool(waits) is is_wait
    assert [bool(row.get("stop_date")) for row in waits] == [bool(ended)] * is_wait


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("M1  1AA", "M1 1AA"), ("m11aa", "M1 1AA"), ("M1\u00a01AA", "M1 1AA"), (" SW1A 1AA ", "SW1A 1AA"),
        ("GIR 0AA", "GIR 0AA"), ("ZZ99 3VZ", "ZZ99 3VZ"), ("ZZ99 3WZ", "ZZ99 3WZ"), ("nowhere", None), ("M1", None),
    ],
)  # fmt: skip
def test_a_postcode_seven_wide_without_a_space_or_for_no_place(written: str, read_as: str | None) -> None:
    assert find_postcode(written) == read_as


@pytest.mark.parametrize(
    ("system", "text", "sex"),
    [
        ("dfe", "1", "male"), ("dfe", "2", "female"), ("dfe", "0", "unknown"), ("dfe", "9", "unknown"),
        ("nhs", "1", "male"), ("nhs", "2", "female"), ("nhs", "9", "other"), ("nhs", "X", "unknown"),
        ("core", "X", "other"), ("core", "R", "unknown"),
    ],
)  # fmt: skip
def test_the_same_sign_for_a_sex_means_what_its_system_says(system: str, text: str, sex: str) -> None:
    found, rule = checks.check_sex(system, text)
    assert rule is None and found == sex


def test_a_code_of_several_groups_is_read_with_the_precision_of_a_group() -> None:
    for system, codes in ETHNICITY_GROUP_ONLY.items():
        for code in codes & ETHNICITY_CROSSWALKS[system].keys():
            found, rule = checks.check_ethnicity(system, code)
            assert rule is None and found["ethnicity_precision"] == "group"
    assert "C" in ETHNICITY_GROUP_ONLY["nhs"]
    exact, _ = checks.check_ethnicity("nhs", "A")
    assert exact["ethnicity_precision"] == "exact"


def test_days_come_before_months_unless_a_date_is_iso() -> None:
    assert str(checks.check_date("01/02/2020")[0]) == "2020-02-01"
    assert str(checks.check_date("2020-02-01")[0]) == "2020-02-01"
    assert checks.check_date("13/31/2020") == (None, checks.DATE_INVALID)


@pytest.mark.parametrize(
    ("scheme", "text", "result"),
    [
        ("nhs", "999 000 0018", "pass"), ("nhs", "9990000000", "fail"), ("nhs", "12345", "fail"),
        ("upn", "D991200000001", "pass"), ("upn", "E991200000001", "fail"), ("upn", "I991200000001", "fail"),
        ("upn", "D99120000000I", "fail"), ("nino", "QQ123456C", "fail"), ("uprn", "1234567890123", "fail"),
    ],
)  # fmt: skip
def test_a_number_that_fails_its_check_is_told_from_one_that_passes(scheme: str, text: str, result: str) -> None:
    assert check(scheme, normalise(scheme, text)) == result


@pytest.mark.parametrize(
    "standard", ["annex_a", "annex_a_sen", "sen2", "csds", "ecds", "gias", "marac", "xhibit", "school_census"]
)
def test_a_new_column_is_counted_and_never_lost(standard: str, tmp_path: Path) -> None:
    example = next(one for one in load_examples() if one["standard"] == standard)
    rows = list(csv.reader(io.StringIO(example["text"].lstrip("\n"))))
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows([[*rows[0], "Brand New"], *[[*row, "x"] for row in rows[1:]]])
    reading = read(tmp_path, example["file"], held.getvalue(), standard, example["year"])
    assert reading.unmapped["Brand New"] > 0
    assert sum(part.rows_rejected for part in reading.parts.values()) == 0


@pytest.mark.parametrize("sums", ["Total,2", "Grand total,,,,2", "TOTAL"])
@pytest.mark.parametrize(
    ("module", "heading", "row"),
    [
        ("header.csv", "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB", "total1,1,01/02/2012,WBRI,,0,"),
        ("episodes.csv", "CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC", "total1,01/04/2025,S,C2,N1,U1,,"),
    ],
)
def test_a_line_of_sums_below_a_module_is_no_child(
    sums: str, module: str, heading: str, row: str, tmp_path: Path
) -> None:
    """It is kept and said, and a child whose number begins like it is read."""
    reading = read(tmp_path, module, f"{heading}\n{row}\n{sums}\n", "ssda903")
    assert [(one.rule, one.position, one.row) for one in reading.rejects] == [("row_is_total", "line 3", sums)]
    people = {one["person_record_id"] for one in reading.records.get("episode", ())}
    people |= {one["record_id"] for one in reading.records.get("person_record", ())}
    assert people == {reading.person_record_id("total1")}
