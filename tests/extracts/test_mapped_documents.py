"""Mappings over JSON, XML and Parquet: the same rows from each, where each row stands, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.extracts.definition_files import definition_of
from braid.extracts.document_trees import JsonTree, steps_of, text_of_scalar
from braid.extracts.documents import find_form
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.parquet_files import iterate_texts, open_parquet_table, read_names
from braid.extracts.read import check_counts, read_file
from braid.extracts.recognition import choose
from braid.store.duckdb_engine import DuckDBEngine
from extracts.connector_page import load_examples
from extracts.twins import read_fast, read_slowly

FLAT = """
[[part]]
name = "case"
person = "Ref"
[part.columns]
Ref = { required = true }
Surname = {}
"Date of birth" = { type = "date" }
Opened = { type = "date", required = true }
Open = { type = "flag" }
[[part.record]]
type = "person_record"
[part.record.values]
family_name = "Surname"
birth_date = "Date of birth"
[[part.record]]
type = "event"
key = ["Opened"]
[part.record.values]
kind = { value = "referral" }
start_date = "Opened"
"""
ROWS: list[dict[str, Any]] = [
    {
        "Ref": "P1",
        "Surname": "Quill",
        "Date of birth": dt.date(2015, 2, 1),
        "Opened": dt.date(2026, 1, 5),
        "Open": True,
    },
    {"Ref": "P2", "Surname": 'O\'Hara, "Al"', "Date of birth": None, "Opened": dt.date(2026, 1, 6), "Open": False},
    {"Ref": "", "Surname": "Nobody", "Date of birth": None, "Opened": dt.date(2026, 1, 7), "Open": None},
    {"Ref": 7, "Surname": "Zoë\u00a0", "Date of birth": dt.date(2001, 1, 1), "Opened": None, "Open": None},
]
NESTED = """
[[part]]
name = "household"
rows = "cases"
person = "ref"
[part.columns]
ref = { required = true }
"opened.on" = { type = "date", required = true }
"/needs/0/code" = {}
[[part.record]]
type = "event"
[part.record.values]
kind = { value = "referral" }
start_date = "opened.on"
[[part]]
name = "member"
rows = "cases/members"
person = "id"
[part.columns]
id = { required = true }
"name.family" = {}
"../ref" = {}
needs = {}
[[part.record]]
type = "person_record"
[part.record.values]
family_name = "name.family"
[[part.record]]
type = "identifier"
[part.record.values]
scheme = { value = "homelessness_case" }
value = "../ref"
[[part.record]]
type = "need"
each = "needs"
[part.record.values]
whose = { value = "person" }
source_type = { value = "flag" }
code = { item = true, codes = { sen = "sen", drugs = "substance_drugs" } }
"""
CASES = {
    "cases": [
        {
            "ref": "C1",
            "opened": {"on": "2026-01-05"},
            "needs": [{"code": "a"}],
            "members": [
                {"id": "M1", "name": {"family": "Quill"}, "needs": ["sen", "drugs"], "shoe size": 4},
                {"id": "M2", "name": {"family": "Quill"}, "needs": []},
            ],
        },
        {"ref": "C2", "opened": {"on": "05/02/2026"}, "members": [{"id": 3, "name": None}, {"name": {}}]},
    ]
}
HCLIC_XML = """
[[part]]
name = "case_person"
rows = "Submission/Cases/Case/People/Person"
person = "@Id"
[part.columns]
"@Id" = { required = true }
"../../CaseReference" = { required = true }
"../../ApplicationDate" = { type = "date", required = true }
"../../TemporaryAccommodation/EntryDate" = { type = "date" }
DateOfBirth = { type = "date" }
[[part.record]]
type = "person_record"
[part.record.values]
birth_date = "DateOfBirth"
[[part.record]]
type = "wait"
name = "ta"
key = ["../../CaseReference", "../../TemporaryAccommodation/EntryDate"]
when = [{ column = "../../TemporaryAccommodation/EntryDate" }]
[part.record.values]
kind = { value = "temporary_accommodation" }
episode_ref = "../../CaseReference"
start_date = "../../TemporaryAccommodation/EntryDate"
start_event = { value = "EntryDate" }
"""


def read(path: Path, mapping: str) -> Reading:
    toml = path.parent / "mapping.toml"
    toml.write_text(mapping, encoding="utf-8")
    reading = read_file(path, Source("feed", "partner", "mapped_csv", 2026), load_mapping(toml))
    check_counts(reading)
    return reading


def text_of(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def write_each(folder: Path) -> dict[str, Path]:
    """Write the same rows as CSV, JSON, JSON lines and Parquet."""
    rows = [{name: text_of(value) for name, value in row.items()} for row in ROWS]
    texts = [{name: text_of_scalar(value) for name, value in row.items()} for row in rows]
    paths = {name: folder / f"{name}.dat" for name in ("csv", "json", "lines", "wrapped", "parquet")}
    quoted = [[f'"{text.replace(chr(34), chr(34) * 2)}"' for text in row.values()] for row in texts]
    paths["csv"].write_text("\n".join([",".join(ROWS[0]), *(",".join(row) for row in quoted)]) + "\n")
    paths["json"].write_text(json.dumps(rows), encoding="utf-8")
    paths["lines"].write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    paths["wrapped"].write_text(json.dumps({"made": "2026-01-08", "results": rows}), encoding="utf-8")
    table = pa.table({name: [str(row[name]) if name == "Ref" else row[name] for row in ROWS] for name in ROWS[0]})
    pq.write_table(table, paths["parquet"])
    return paths


def test_the_same_rows_are_the_same_records_from_every_kind_of_file(tmp_path: Path) -> None:
    said = {}
    for name, path in write_each(tmp_path).items():
        reading = read(path, FLAT)
        records = {
            kind: [{k: v for k, v in row.items() if k not in ("row_ref", "file_sha256")} for row in rows]
            for kind, rows in reading.records.items()
        }
        rejects = [(one.rule, one.part) for one in reading.rejects]
        said[name] = (records, rejects, {part: vars(count) for part, count in reading.parts.items()})
    assert len(said["csv"][0]["event"]) == 2 and len(said["csv"][1]) == 2
    assert all(one == said["csv"] for one in said.values()), said


def test_a_row_is_told_by_where_it_stands(tmp_path: Path) -> None:
    paths = write_each(tmp_path)
    expected = {
        "csv": ("line 2", "line 4"), "json": ("/0", "/2"), "lines": ("line 1", "line 3"),
        "wrapped": ("/results/0", "/results/2"), "parquet": ("row 1", "row 3"),
    }  # fmt: skip
    for name, (first, refused) in expected.items():
        reading = read(paths[name], FLAT)
        assert (reading.records["event"][0]["row_ref"], reading.rejects[0].position) == (first, refused), name
        assert "Nobody" in reading.rejects[0].row


def test_nested_rows_reach_what_encloses_them(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(CASES), encoding="utf-8")
    reading = read(path, NESTED)
    assert {name: (one.rows_in, one.rows_read) for name, one in reading.parts.items()} == {
        "household": (2, 2), "member": (4, 3),
    }  # fmt: skip
    assert [(one.position, one.rule) for one in reading.rejects] == [("/cases/1/members/1", "key_missing")]
    held = {row["partner_record_id"]: row["record_id"] for row in reading.records["person_record"]}
    cases = {row["person_record_id"]: row["value"] for row in reading.records["identifier"]}
    assert {name: cases[record] for name, record in held.items()} == {"M1": "C1", "M2": "C1", "3": "C2"}
    assert [row["code"] for row in reading.records["need"]] == ["sen", "substance_drugs"]
    assert [str(row["start_date"]) for row in reading.records["event"]] == ["2026-01-05", "2026-02-05"]
    assert dict(reading.unmapped) == {"shoe size": 1}


def test_homelessness_cases_are_read_from_xml_by_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "cases.xml"
    path.write_text(
        "<Submission><Cases><Case><CaseReference>H1</CaseReference><ApplicationDate>2026-01-05</ApplicationDate>"
        "<People><Person Id='P1'><DateOfBirth>2015-02-01</DateOfBirth></Person><Person><DateOfBirth/></Person></People>"
        "<TemporaryAccommodation><EntryDate>2026-01-09</EntryDate></TemporaryAccommodation></Case></Cases></Submission>"
    )
    reading = read(path, HCLIC_XML)
    (wait,) = reading.records["wait"]
    assert (str(wait["start_date"]), wait["episode_ref"]) == ("2026-01-09", "H1")
    assert wait["row_ref"] == "/Submission/Cases[1]/Case[1]/People[1]/Person[1]"
    assert [one.position for one in reading.rejects] == ["/Submission/Cases[1]/Case[1]/People[1]/Person[2]"]


@pytest.mark.parametrize(
    ("text", "mapping", "rule"),
    [
        ("", FLAT, "file_empty"),
        ("{", FLAT, "wrong_standard"),
        ("[", FLAT, "wrong_standard"),
        ('{"Ref": 1', FLAT, "file_truncated"),
        ('{"a": 1}\nnope', FLAT, "not_json"),
        ('{"a": 1, "a": 2}', FLAT, "json_repeated_key"),
        ('[{"Ref": "P1"}]', NESTED, "wrong_standard"),
        ("<a><b/></a>", NESTED, "wrong_standard"),
        ("<Submission><Cases>", HCLIC_XML, "xml_malformed"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><Submission/>", HCLIC_XML, "xml_doctype"),
        ("Ref,Opened\nP1,2026-01-05\n", NESTED, "wrong_standard"),
        ("PAR1", FLAT, "parquet_broken"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_rule(text: str, mapping: str, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "file.dat"
    path.write_text(text)
    with pytest.raises(UnreadableFile) as refused:
        read(path, mapping)
    assert refused.value.rule == rule and refused.value.message


def test_keys_that_are_data_are_not_told_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "keyed.json"
    path.write_text(json.dumps([{"Ref": "P1", "Opened": "2026-01-05", "by": {f"Zz{n}": n for n in range(900)}}]))
    assert dict(read(path, FLAT).unmapped) == {"by.*": 1}
    people = {"9990000018": {"tel": 1}, "07700 900123": 2, "a.b@example.org": 3, "Notes": 4}
    path.write_text(json.dumps([{"Ref": "P1", "Opened": "2026-01-05", "by": people}]))
    assert dict(read(path, FLAT).unmapped) == {"by.*.tel": 1, "by.*": 1, "by.Notes": 1}


def test_cells_of_parquet_are_the_texts_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "typed.parquet"
    moment = dt.datetime(2026, 1, 5, 10, 30)  # noqa: DTZ001 - a file's own moment has no zone
    table = pa.table(
        {
            "text": pa.array([" a\u00a0", None]).dictionary_encode(),
            "whole": pa.array([5, None], pa.int32()),
            "decimal": pa.array([5.0, 2.5]),
            "flag": [True, None],
            "day": pa.array([dt.date(2026, 1, 5), None]),
            "at": pa.array([moment, dt.datetime(2026, 1, 5)]),  # noqa: DTZ001
            "many": [["x", "y"], []],
            "in": [{"a": 1, "b": {"c": "d"}}, None],
            "raw": [b"\x00", None],
        }
    )
    pq.write_table(table, path)
    names = read_names(path)
    assert names == ["text", "whole", "decimal", "flag", "day", "at", "many", "in.a", "in.b.c", "raw"]
    batches = [[column.to_pylist() for column in columns] for columns in iterate_texts(path, rows=1)]
    assert len(batches) == 2
    rows = [dict(zip(names, (column[0] for column in columns), strict=True)) for columns in batches]
    assert rows[0] == {
        "text": "a", "whole": "5", "decimal": "5", "flag": "TRUE", "day": "2026-01-05", "at": "2026-01-05 10:30:00",
        "many": "x;y", "in.a": "1", "in.b.c": "d", "raw": "",
    }  # fmt: skip
    assert set(rows[1].values()) == {"", "2.5", "2026-01-05"}


def test_both_readers_say_the_same_of_parquet(tmp_path: Path) -> None:
    path = write_each(tmp_path)["parquet"]
    definition = definition_of(load_mapping(_mapping(tmp_path)))
    source = Source("feed", "partner", "mapped_csv", 2026)
    engine = DuckDBEngine("128MB", 1)
    try:
        slow, fast = read_slowly(path, source, definition), read_fast(path, source, definition, engine)
    finally:
        engine.close()
    assert slow == fast and isinstance(slow, dict) and len(slow["rejects"]) == 2


def _mapping(folder: Path) -> Path:
    path = folder / "flat.toml"
    path.write_text(FLAT, encoding="utf-8")
    return path


def test_a_standard_as_parquet_is_recognised_and_read(tmp_path: Path) -> None:
    example = next(one for one in load_examples() if one["file"] == "sessions.csv")
    head, *rows = [line.split(",") for line in example["text"].strip().split("\n")]
    path = tmp_path / "sessions.csv"
    pq.write_table(pa.table(dict(zip(head, map(list, zip(*rows, strict=True)), strict=True))), path)
    found = choose(path)
    assert (found.standard, found.year, found.year_reason) == (
        "attendance", 2026, "the newest date under SessionDate is of 2026",
    )  # fmt: skip
    reading = read_file(path, Source("feed", "partner", "attendance", 2026))
    assert len(reading.records["event"]) == 4 and reading.records["event"][0]["row_ref"] == "row 1"
    assert [line.number for line in open_parquet_table(path).lines] == [0, 1, 2, 3, 4, 5]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(value=st.dictionaries(st.text(max_size=5), json_values, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_leaf_is_found_under_its_own_path(value: dict[str, Any]) -> None:
    tree = JsonTree()
    for steps in tree.leaves(value):
        pointer = "/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        assert steps_of(pointer, tree) == steps
        assert tree.texts(value, steps), steps


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("[]", "json"), ("{}", "json"), ('\ufeff [{"a": 1}]', "json"), ('{"a"', "json"), ("<a/>", "xml"),
        ("<?xml", "xml"), ("{name},b\n", ""), ("[x],y\n", ""), ("a,b\n", ""), ("<5,>10\n", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_document_is_known_by_how_it_begins(text: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    assert find_form(path) == form
