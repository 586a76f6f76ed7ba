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
