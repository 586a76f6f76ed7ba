"""Mappings proposed for files nobody described: what is told of a column, what is never written, and that they read."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from braid.extracts.definition_files import definition_of
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.proposal.check import compare
from braid.extracts.proposal.contents import look_at, may_be_told
from braid.extracts.proposal.names import KEY, Meaning, find_meanings
from braid.extracts.proposal.propose import Clock, Proposal, propose
from braid.extracts.proposal.samples import take_sample
from braid.extracts.proposal.write import quote, write_mapping
from braid.extracts.read import read_file
from braid.language.identifiers import nhs_check_digit, upn_check_letter
from extracts.connector_page import load_examples

HEADING = [
    "Client Ref", "First name", "Last Name", "D.O.B.", "Gender", "NHS No", "Pupil", "Post Code", "Address 1", "Band",
    "Case worker", "Date applied", "Urgent?", "Notes", "Outcome", "Mail",
]  # fmt: skip


def nhs(number: int) -> str:
    """Return the first test number from `number` on that has a check digit."""
    nine = f"999{number % 10**6:06}"
    return nine + (nhs_check_digit(nine) or nhs(number + 1)[-1]) if nhs_check_digit(nine) else nhs(number + 1)


def make_rows(count: int = 120) -> list[list[str]]:
    """Return rows of a housing export with everything in it that must not be written down."""
    chance = random.Random(7)
    rows = []
    for number in range(count):
        twelve = f"9912000{number:05}"
        rows.append(
            [
                f"HX{number:05}", chance.choice(["Ada", "Kim", "Sol"]), chance.choice(["Quill", "Reed"]),
                (dt.date(1960, 1, 1) + dt.timedelta(chance.randrange(20_000))).strftime("%d/%m/%Y"),
                chance.choice(["Female", "Male"]), nhs(number * 17), upn_check_letter(twelve) + twelve,
                f"QB{chance.randrange(1, 9)} {chance.randrange(9)}AA", f"{chance.randrange(1, 99)} Low Street",
                chance.choice(["1", "2", "3A"]), chance.choice(["KIM", "JS", "Jo"]),
                (dt.date(2026, 1, 1) + dt.timedelta(number)).isoformat(), chance.choice(["Y", "N"]),
                "rang about the roof and said that Zzcanary next door is loud again, and again",
                chance.choice(["Y1", "Zzcan", "B"]), f"zz{number}@example.org",
            ]
        )  # fmt: skip
    return rows


def write(folder: Path, rows: Sequence[Sequence[Any]], heading: Sequence[str] = HEADING, name: str = "x.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([heading, *rows])
    return path


def read_by(path: Path, text: str, folder: Path) -> Reading:
    mapping = folder / "proposed.toml"
    mapping.write_text(text, encoding="utf-8")
    return read_file(path, Source("feed", "partner", "mapped_csv", 2026), load_mapping(mapping))


def taken(proposal: Proposal) -> dict[str, str]:
    return {one.name: one.said for one in proposal.columns}


def test_columns_are_told_by_headings_and_cells_with_why_and_how_sure(tmp_path: Path) -> None:
    proposal = propose(take_sample(write(tmp_path, make_rows())))
    assert proposal.key == "Client Ref" and not proposal.is_protected
    assert taken(proposal) == {
        "Client Ref": "the key of the person", "First name": "given name", "Last Name": "family name",
        "D.O.B.": "birth date", "Gender": "sex", "NHS No": "an identifier (nhs)", "Pupil": "an identifier (upn)",
        "Post Code": "postcode", "Address 1": "address lines", "Band": "not used yet", "Case worker": "not used yet",
        "Date applied": "not used yet", "Urgent?": "not used yet", "Notes": "not used yet", "Outcome": "not used yet",
        "Mail": "not used yet",
    }  # fmt: skip
    by_name = {one.name: one for one in proposal.columns}
    assert (by_name["NHS No"].certainty, by_name["Pupil"].certainty) == ("sure", "sure")
    assert by_name["First name"].certainty == "likely"
    assert "120 of 120 cells pass the check of a pupil number" in by_name["Pupil"].reasons
    assert all(one.reasons for one in proposal.columns)


def test_a_proposal_reads_its_own_file_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, make_rows())
    reading = read_by(path, write_mapping(propose(take_sample(path))), tmp_path)
    assert vars(reading.parts["row"]) == {"rows_in": 120, "rows_read": 120, "rows_rejected": 0}
    assert {kind: len(rows) for kind, rows in reading.records.items()} == {
        "person_record": 120, "identifier": 240, "stay": 120,
    }  # fmt: skip
    person = reading.records["person_record"][0]
    assert (person["partner_record_id"], person["sex"] in ("female", "male")) == ("HX00000", True)
    assert isinstance(person["birth_date"], dt.date) and not reading.unmapped and not reading.issues


def test_nobody_s_own_value_is_written(tmp_path: Path) -> None:
    rows = make_rows()
    text = write_mapping(propose(take_sample(write(tmp_path, rows))))
    for column, name in enumerate(HEADING):
        if name not in ("Band", "Urgent?", "Outcome"):
            told = [row[column] for row in rows if f'"{row[column]}"' in text]
            told += [row[column] for row in rows if len(row[column]) > 3 and row[column] in text]
            assert not told, name
    assert "Zzcan" not in text and "KIM" not in text and '"JS"' not in text and '"Jo"' not in text
    lists = tomllib.loads(text)["codes"]
    known = {entry.get("system"): (entry.get("known"), entry.get("open")) for entry in lists.values()}
    assert known["band"] == (["1", "2", "3A"], None)
    assert known["outcome"] == (["B", "Y1"], True)
    assert known["caseworker"] == (None, True)


@pytest.mark.parametrize("cell", ["Ada", "KIM", "JS", "Jo", "Zoë", "12345", "QB1 1AA", "a b", "", "Quill"])
def test_what_may_be_somebody_s_own_is_no_code(cell: str) -> None:
    assert not may_be_told(cell)


@pytest.mark.parametrize("cell", ["1", "A", "3A", "Y1", "RC1", "yes", "WBRI", "SEMH", "10"])
def test_what_lists_know_or_what_is_short_with_a_digit_is_a_code(cell: str) -> None:
    assert may_be_told(cell)


def test_a_code_of_a_few_rows_is_not_written(tmp_path: Path) -> None:
    rows = [[f"R{number}", "1" if number else "7Z"] for number in range(60)]
    text = write_mapping(propose(take_sample(write(tmp_path, rows, ["Ref", "Band"]))))
    assert '"1"' in text and "7Z" not in text and "open = true" in text


def test_the_first_row_of_a_file_without_a_heading_is_not_written(tmp_path: Path) -> None:
    for row in (
        ["HX1", "Quill", "01/02/1990"],
        ["9990000018", "Quill", "x"],
        ["Quill", "QB1 1AA", "x"],
        ["12", "a", "b"],
    ):
        with pytest.raises(UnreadableFile) as refused:
            take_sample(write(tmp_path, make_rows(5), row))
        assert refused.value.rule == "no_heading" and "Quill" not in refused.value.message


def test_files_about_people_in_danger_are_protected(tmp_path: Path) -> None:
    heading = ["Ref", "Victim surname", "Postcode", "DASH score"]
    path = write(tmp_path, [[f"V{number}", "Vane", "QB1 1AA", "15"] for number in range(9)], heading)
    proposal = propose(take_sample(path))
    assert proposal.is_protected
    reading = read_by(path, write_mapping(proposal), tmp_path)
    rows = [row for found in reading.records.values() for row in found]
    assert {row["sensitivity"] for row in rows} == {"safe_address"}
    assert all(row["confidential"] for row in reading.records["stay"])


def test_where_a_column_may_withhold_addresses_all_are_withheld_until_somebody_read_it(tmp_path: Path) -> None:
    heading = ["Ref", "Postcode", "Confidential"]
    path = write(tmp_path, [[f"V{number}", "QB1 1AA", "N"] for number in range(9)], heading)
    reading = read_by(path, write_mapping(propose(take_sample(path))), tmp_path)
    assert all(row["confidential"] for row in reading.records["stay"])


def test_a_field_is_filled_by_one_column_and_the_surest(tmp_path: Path) -> None:
    rows = [[f"R{number}", "QB", "QB1 1AA", "Quill", "Reed"] for number in range(9)]
    path = write(tmp_path, rows, ["Ref", "Postcode", "Where", "Surname", "Last name"])
    said = taken(propose(take_sample(path)))
    assert said == {
        "Ref": "the key of the person", "Postcode": "not used yet", "Where": "postcode", "Surname": "family name",
        "Last name": "not used yet",
    }  # fmt: skip


def test_a_wait_that_a_human_names_becomes_a_record(tmp_path: Path) -> None:
    rows = [[f"R{number}", "2026-01-05", "2026-02-05" if number % 2 else ""] for number in range(10)]
    path = write(tmp_path, rows, ["Ref", "Applied", "Housed"])
    found = propose(take_sample(path))
    proposal = Proposal(**{**vars(found), "clocks": (Clock("register", "Applied", "Housed"),)})
    waits = read_by(path, write_mapping(proposal), tmp_path).records["wait"]
    assert len(waits) == 10 and {row["kind"] for row in waits} == {"register"}
    assert [row.get("stop_event") for row in waits[:2]] == [None, "Housed"]


def test_workbooks_documents_and_parquet_are_sampled_too(tmp_path: Path) -> None:
    rows = make_rows(30)
    objects = [dict(zip(HEADING, row, strict=True)) for row in rows]
    nested = [{"id": row[0], "person": {"name": {"family": row[2]}, "dob": row[3]}, "tags": ["a", "b"]} for row in rows]
    book = Workbook()
    for row in [["Export of the register"], [], HEADING, *rows]:
        book.active.append(row)
    book.save(tmp_path / "book.csv")
    pq.write_table(pa.Table.from_pylist(objects), tmp_path / "x.parquet")
    (tmp_path / "x.json").write_text(json.dumps(nested))
    (tmp_path / "x.jsonl").write_text("\n".join(json.dumps(one) for one in objects) + "\n")
    people = "".join(f"<Person Id='{r[0]}'><Ref>{r[0]}</Ref><DOB>{r[3]}</DOB></Person>" for r in rows)
    (tmp_path / "x.xml").write_text(f"<Return><Header><Year>2026</Year></Header><People>{people}</People></Return>")
    born = {"book.csv": "D.O.B.", "x.parquet": "D.O.B.", "x.jsonl": "D.O.B.", "x.json": "person.dob", "x.xml": "DOB"}
    for name, column in born.items():
        proposal = propose(take_sample(tmp_path / name))
        assert taken(proposal)[column] == "birth date", name
        reading = read_by(tmp_path / name, write_mapping(proposal), tmp_path)
        assert reading.parts["row"].rows_read == 30, name
        assert isinstance(reading.records["person_record"][0]["birth_date"], dt.date), name
    assert take_sample(tmp_path / "x.xml").path == "Return/People/Person"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "file_empty"),
        ("\n\n", "file_empty"),
        ("a,b\n,\n", "no_key"),
        ("a,a\n1,2\n", "no_heading"),
        ("{}", "wrong_standard"),
    ],
)
def test_what_nothing_can_be_proposed_for_is_refused(text: str, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(UnreadableFile) as refused:
        propose(take_sample(path))
    assert refused.value.rule == rule


def test_headings_are_learned_from_every_definition() -> None:
    assert Meaning("person_record", "birth_date") in find_meanings("PERSON BIRTH DATE")
    assert Meaning("identifier", "value", "nhs") in find_meanings("nhs  number")
    assert Meaning("identifier", "value", "former_upn") in find_meanings("FormerUPN")
    assert KEY in find_meanings("Child Unique ID")
    assert Meaning("person_record", "family_name") in find_meanings("person/name.Surname")
    # A heading of a person beside the row's own is none of the row's own.
    assert not find_meanings("PerpetratorSurname")


def test_the_standards_own_examples_are_proposed_for_and_read(tmp_path: Path) -> None:
    """Whatever the file, the proposal keeps the language and reads the file without a row lost for want of a column."""
    for number, example in enumerate(one for one in load_examples() if one["file"].endswith(".csv")):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / example["file"]
        path.write_text(example["text"].lstrip("\n"), encoding="utf-8")
        reading = read_by(path, write_mapping(propose(take_sample(path))), folder)
        assert reading.parts["row"].rows_read, example["file"]


cells = st.one_of(
    st.sampled_from(
        ["", "1", "A", "Y", "N", "2026-01-05", "01/02/2026", "9990000018", "QB1 1AA", '"', "'", "\\", "x" * 90]
    ),
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=8),
)


@given(data=st.data(), width=st.integers(1, 5))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_table_is_refused_or_proposed_for_and_read(data: st.DataObject, width: int, tmp_path: Path) -> None:
    heading = data.draw(st.lists(cells, min_size=width, max_size=width))
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=12))
    path = write(tmp_path, rows, heading)
    try:
        proposal = propose(take_sample(path))
    except UnreadableFile as refused:
        assert refused.rule in ("no_heading", "no_key", "file_empty", "file_truncated", "open_quote", "wrong_standard")
        return
    text = write_mapping(proposal)
    definition_of(tomllib.loads(text))
    try:
        read_by(path, text, tmp_path)
    except UnreadableFile as refused:
        assert refused.rule in ("duplicate_heading", "wrong_standard", "open_quote"), refused.message


@given(text=st.text(st.characters(blacklist_categories=("Cs",)), max_size=12))
def test_any_text_is_written_as_toml_reads_it(text: str) -> None:
    assert tomllib.loads(f"a = {quote(text)}") == {"a": text}


@given(cells=st.lists(st.text(max_size=8).filter(bool), max_size=30))
def test_codes_that_are_told_stand_in_enough_rows(cells: list[str]) -> None:
    assert all(cells.count(code) >= 5 and may_be_told(code) for code in look_at(cells).codes)


def test_a_mapping_is_held_against_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, make_rows(30))
    definition = definition_of(tomllib.loads(write_mapping(propose(take_sample(path)))))
    assert vars(compare(definition, path)) == {"lacks": (), "absent": (), "not_mapped": ()}
    other = write(tmp_path, make_rows(30), ["Client Reference", *HEADING[1:9], "BAND", *HEADING[10:]], "y.csv")
    assert vars(compare(definition, other)) == {
        "lacks": ("Client Ref",), "absent": (), "not_mapped": ("Client Reference",),
    }  # fmt: skip
