"""What the standards by definition do with the blemishes that were seen in files of theirs."""

from __future__ import annotations

from pathlib import Path

from braid.extracts.model import Reading, Source
from braid.extracts.read import read_feed, read_file
from extracts.connector_page import load_examples

EXAMPLES = {one["file"]: one for one in load_examples()}


def read(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Reading:
    path = folder / name
    path.write_bytes(text.lstrip("\n").encode(encoding))
    return read_file(path, Source("feed", "partner", EXAMPLES[name]["standard"], 2026))


def test_an_xhibit_row_without_case_or_surname_is_refused_and_kept(tmp_path: Path) -> None:
    text = EXAMPLES["xhibit_cases.csv"]["text"]
    for old, field in (
        ("99QB0000126", "case_urn"),
        ("T20269001", "xhibit_case_number"),
        ("Ash", "defendant_last_name"),
    ):
        reading = read(tmp_path, "xhibit_cases.csv", text.replace(old, ""))
        assert [(one.rule, one.position) for one in reading.rejects] == [("key_missing", "line 2")], field
        assert [one.field for one in reading.issues if one.severity == "reject"] == [field]


def test_a_trial_that_nobody_dated_is_read_with_the_doubt(tmp_path: Path) -> None:
    reading = read(tmp_path, "xhibit_cases.csv", EXAMPLES["xhibit_cases.csv"]["text"].replace("2026-02-25", ""))
    assert "crown_start_missing" in {one.rule for one in reading.issues}
    assert not reading.records["wait"] and len(reading.records["episode"]) == 2
    committed = EXAMPLES["xhibit_cases.csv"]["text"].replace("ASN1,,2026-02-25", "ASN1,2026-02-20,")
    (wait,) = read(tmp_path, "xhibit_cases.csv", committed).records["wait"]
    assert (str(wait["start_date"]), wait["start_event"]) == ("2026-02-20", "committal_date")


def test_schools_are_read_from_latin_letters_and_a_blank_is_no_zero(tmp_path: Path) -> None:
    text = EXAMPLES["edubasealldata.csv"]["text"].replace("Hill Primary", "Écôle Hill")
    reading = read(tmp_path, "edubasealldata.csv", text, "iso-8859-1")
    assert [row["name"] for row in reading.records["organisation"]] == ["Low Street Primary", "Écôle Hill"]
    closed = next(row for row in reading.records["service"] if row["service_ref"] == "900002")
    assert closed.get("capacity_places") is None and closed.get("capacity_filled") is None
    assert "encoding" in {one.rule for one in reading.issues}


def test_a_late_correction_says_the_same_records_again(tmp_path: Path) -> None:
    text = EXAMPLES["WL_OpenPathways.csv"]["text"]
    one = read(tmp_path, "WL_OpenPathways.csv", text)
    again = read(tmp_path, "WL_OpenPathways.csv", text.replace("2026-03-02", "02/03/2026").replace("2026-12-20", ""))
    for kind, rows in one.records.items():
        assert [row["record_id"] for row in rows] == [row["record_id"] for row in again.records[kind]], kind
    assert again.records["wait"][0].get("stated_due_date") is None


def test_children_of_several_lists_are_one_record_each(tmp_path: Path) -> None:
    paths = []
    for name in ("list_1.csv", "list_3.csv", "list_7.csv"):
        paths.append(tmp_path / name)
        paths[-1].write_text(EXAMPLES[name]["text"].lstrip("\n"), encoding="utf-8")
    readings = read_feed(paths, Source("feed", "partner", "annex_a", 2026))
    people = [row["partner_record_id"] for reading in readings for row in reading.records.get("person_record", ())]
    assert sorted(people) == ["C1", "C2", "C3", "C4"]
    assert not {issue.rule for reading in readings for issue in reading.issues} & {"record_disagrees", "code_unknown"}


def test_an_adopter_is_no_child_of_the_same_number(tmp_path: Path) -> None:
    paths = []
    for name in ("list_10.csv", "list_11.csv"):
        paths.append(tmp_path / name)
        paths[-1].write_text(EXAMPLES[name]["text"].lstrip("\n"), encoding="utf-8")
    readings = read_feed(paths, Source("feed", "partner", "annex_a", 2026))
    people = {row["partner_record_id"]: row["record_id"] for one in readings for row in one.records["person_record"]}
    assert people.keys() == {"C8", "adopter/C8"} and len(set(people.values())) == 2


def test_a_perpetrator_has_neither_address_nor_case_and_a_victim_no_telephone(tmp_path: Path) -> None:
    reading = read(tmp_path, "marac_referrals.csv", EXAMPLES["marac_referrals.csv"]["text"])
    rows = [(kind, row) for kind, found in reading.records.items() for row in found]
    assert {row["sensitivity"] for _, row in rows} == {"safe_address"}
    people = {row["partner_record_id"]: row["record_id"] for row in reading.records["person_record"]}
    about = [kind for kind, row in rows if row.get("person_record_id") == people["perpetrator/X1"]]
    assert about == ["relationship"]
    (relationship,) = reading.records["relationship"]
    assert relationship["other_person_record_id"] == people["V1"]
    # The victim lives at the address that the form gives of both: it stands in one stay, and that is confidential.
    places = [row for _, row in rows if "QB1 1AC" in row.values() or "3 Low Street" in row.values()]
    assert [(row["person_record_id"], row["confidential"]) for row in places] == [(people["V1"], True)]
    assert "900123" not in str(rows) and not reading.unmapped


def test_ticks_and_criterion_of_a_risk_conference_are_held_against_each_other(tmp_path: Path) -> None:
    text = EXAMPLES["marac_referrals.csv"]["text"]
    rules = {ticks: set() for ticks in ("13", "14", "27")}
    levels = {}
    for ticks, found in rules.items():
        reading = read(tmp_path, "marac_referrals.csv", text.replace(",15,", f",{ticks},"))
        found |= {one.rule for one in reading.issues}
        levels[ticks] = reading.records["need"][0].get("level")
    assert levels == {"13": "medium", "14": "high", "27": None}
    assert "visible_high_risk_below_14" in rules["13"] and "visible_high_risk_below_14" not in rules["14"]
    assert "code_unknown" in rules["27"]


def test_a_code_of_another_school_year_makes_no_session(tmp_path: Path) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text("PupilId,SessionDate,Session,Code\nP1,10/06/2024,AM,Y\nP1,10/06/2024,PM,Q\nP1,11/06/2024,AM,i\n")
    made = {}
    for year in (2024, 2025):
        reading = read_file(path, Source("feed", "partner", "attendance", year))
        made[year] = [row["status_reason"] for row in reading.records["event"]]
        assert reading.unmapped == {"Code:code-unknown": 1} and reading.parts["session"].rows_read == 3
    assert made == {2024: ["attendance:Y", "attendance:I"], 2025: ["attendance:Q", "attendance:I"]}


def test_a_session_is_the_same_from_the_weekly_file_and_from_a_register(tmp_path: Path) -> None:
    session = read(tmp_path, "sessions.csv", EXAMPLES["sessions.csv"]["text"])
    path = tmp_path / "attendance.csv"
    path.write_text("PupilId,URN,WeekCommencing,Marks\nP1,900001,06/10/2025,Y1 \\\\ I N Q / / / / /\n")
    week = read_file(path, Source("feed", "partner", "school", 2026))
    assert {row["record_id"] for row in week.records["event"]} == {row["record_id"] for row in session.records["event"]}
    assert "reason_not_established" in {one.rule for one in week.issues}


def test_a_copy_without_names_and_postcodes_is_read_without_them(tmp_path: Path) -> None:
    text = EXAMPLES["ecds.csv"]["text"].replace("patient.nhs_number.value", "patient.nhs_number.value Pseudo")
    reading = read(tmp_path, "ecds.csv", text)
    assert not reading.records["identifier"] and len(reading.records["wait"]) == 3
    assert reading.unmapped["patient.nhs_number.value Pseudo"] == 1


def test_a_moment_that_is_none_is_left_out_and_a_day_is_none(tmp_path: Path) -> None:
    for written in ("2026-07-04", "4 July", "2026-07-04T25:00", "2026-13-04T10:00"):
        text = EXAMPLES["ecds.csv"]["text"].replace("2026-07-04 23:10:00", written)
        reading = read(tmp_path, "ecds.csv", text)
        assert [one.rule for one in reading.issues] == ["moment_invalid"]
        assert reading.records["event"][0].get("start_at") is None
