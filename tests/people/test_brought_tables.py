"""Brought tables: read whole or refused with file, row and next step; their rows made comparable."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from braid.extracts.model import UnreadableFile
from braid.people.files.clusters import Clusters
from braid.people.files.linking import link_tables, score_clusters, write_clusters
from braid.people.files.mapping import MappingInvalid, parse_file_mapping
from braid.people.files.rows import clean_identifier, read_birth, standardise_rows
from braid.people.files.tables import read_tables
from braid.people.model import LinkageFailed
from braid.store.engine import EngineNotAvailable

SECRET = "Featherstonehaugh"
MAPPING = parse_file_mapping(
    {
        "columns": {"forename": "first", "surname": "last", "town": "town"},
        "birth": {"column": "born", "formats": ["dd/mm/yyyy"]},
        "compare": [{"name": "height", "column": "height", "kind": "number", "within": [2]}],
    }
)
ROWS = [
    {"id": 7, "first": "Ann", "last": SECRET, "town": "York", "born": "03/04/1980", "height": 1.7},
    {"id": 3, "first": "Anne", "last": SECRET, "town": "York", "born": "03/04/1980", "height": 1.7},
    {"id": 9, "first": "Karl", "last": "Ng", "town": None, "born": None, "height": None},
]


def bring(tmp_path: Path, name: str, rows: list[dict[str, object]]) -> Path:
    path = tmp_path / name
    table = pa.Table.from_pylist(rows)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        pc.write_csv(table, path)
    return path


def test_csv_and_parquet_of_the_same_rows_link_alike_in_any_order(tmp_path: Path) -> None:
    written = []
    for name, rows in (("a.csv", ROWS), ("b.parquet", ROWS), ("c.parquet", ROWS[::-1])):
        brought = read_tables([bring(tmp_path, name, rows)], MAPPING, "id")
        out = tmp_path / f"{name}.out"
        write_clusters(out, brought, link_tables(brought, MAPPING).clusters)
        found = pq.read_table(out).to_pylist()
        written.append([(str(row["record_id"]), row["cluster_id"], row["weight"]) for row in found])
    assert written[0] == written[1] == written[2]
    clusters = {record: cluster for record, cluster, _ in written[0]}
    assert clusters == {"3": "3", "7": "3", "9": "9"}
    assert [weight is None for _, _, weight in sorted(written[0])] == [False, False, True]


def test_an_id_stays_what_it_was_and_two_files_may_use_the_same(tmp_path: Path) -> None:
    paths = [bring(tmp_path, "a.parquet", ROWS[:1]), bring(tmp_path, "b.parquet", ROWS[:1])]
    brought = read_tables(paths, MAPPING, "id")
    write_clusters(tmp_path / "out", brought, link_tables(brought, MAPPING).clusters)
    found = pq.read_table(tmp_path / "out").to_pylist()
    assert [(row["file"], row["record_id"]) for row in found] == [("a.parquet", 7), ("b.parquet", 7)]
    assert {row["cluster_id"] for row in found} == {"a.parquet:7"}


@pytest.mark.parametrize(
    ("change", "rule", "words"),
    [
        ({"id": 3}, "id_twice", "rows 1 and 2 have the same id"),
        ({"id": None}, "id_empty", "row 1 has no id"),
    ],
)
def test_an_id_that_tells_no_row_is_refused(tmp_path: Path, change: dict[str, object], rule: str, words: str) -> None:
    path = bring(tmp_path, "a.parquet", [{**ROWS[0], **change}, *ROWS[1:]])
    with pytest.raises(UnreadableFile, match=words) as refused:
        read_tables([path], MAPPING, "id")
    assert refused.value.rule == rule


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", f"id,first,last\n1,x,{SECRET}\n", "lacks town, born, height"),
        ("a.csv", f"id,first,last,town,born,height\n1,x,{SECRET},y\n2,x,y,,,\n", "line 2 has 4 cells"),
        ("a.csv", f'id,first,last,town,born,height\n1,x,"{SECRET}"x,y,,\n2,x,y,,,\n', "line 2 has broken quotes"),
        ("a.csv", "", "the file is empty"),
        ("a.parquet", SECRET, "no whole Parquet file"),
        ("a.xlsx", SECRET, "save the sheet as CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_without_a_value(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=words) as refused:
        read_tables([tmp_path / name], MAPPING, "id")
    assert SECRET not in str(refused.value) and "a." in str(refused.value)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([b"\xff\xfe", b"ab"], pa.binary()),
        pa.array([b"\xff\xfe", b"ab"], pa.large_binary()),
        pa.array([b"\xff\xfe", b"ab"], pa.binary(2)),
        pa.array([["a"], []]),
    ],
    ids=lambda values: str(values.type),
)
def test_a_column_of_no_texts_is_refused_whatever_its_type(tmp_path: Path, values: pa.Array) -> None:
    table = pa.table({"id": [1, 2], "last": values})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(UnreadableFile, match="column last holds no text"):
        read_tables([tmp_path / "a.parquet"], parse_file_mapping({"columns": {"surname": "last"}}), "id")


def test_moments_and_numbers_without_end_are_ids_and_a_birth_date_with_a_time_is_a_day(tmp_path: Path) -> None:
    at = [dt.datetime.fromisoformat(f"1980-04-03 0{hour}:00") for hour in (1, 2)]
    mapping = parse_file_mapping({"columns": {"surname": "last"}, "birth": MAPPING_OF_BIRTH})
    for number, ids in enumerate((at, [1.0, float("inf")])):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(pa.table({"id": ids, "last": ["Ng", "Ng"], "born": at}), path)
        brought = read_tables([path], mapping, "id")
        assert [held for _, held in brought.keys.values()] == ids and len(brought.keys) == 2
        assert set(standardise_rows(brought.rows, mapping).column("birth_date").to_pylist()) == {"1980-04-03"}


MAPPING_OF_BIRTH = {"column": "born", "formats": ["yyyy-mm-dd"]}


def test_a_truth_that_nobody_has_is_refused(tmp_path: Path) -> None:
    path = bring(tmp_path, "a.parquet", [{**row, "who": None if row["id"] != 7 else "x"} for row in ROWS])
    assert read_tables([path], MAPPING, "id", "who").truth == {"7": "x"}
    with pytest.raises(UnreadableFile, match="no row has a who"):
        read_tables([bring(tmp_path, "b.csv", [{**row, "who": None} for row in ROWS])], MAPPING, "id", "who")


def test_a_share_of_no_pairs_is_none() -> None:
    alone = Clusters((("1",), ("2",)), {}, {})
    pairs, b_cubed = score_clusters(alone, {"1": "a", "2": "a"})
    assert (pairs["precision"], pairs["recall"], pairs["f1"]) == (None, 0.0, 0.0)
    assert (pairs["found"], pairs["true"], pairs["both"]) == (0, 1, 0)
    assert (b_cubed["precision"], b_cubed["recall"]) == (1.0, 0.5)
    assert [row["f1"] for row in score_clusters(alone, {"1": "a", "2": "b"})] == [None, 1.0]
    assert [row["f1"] for row in score_clusters(alone, {})] == [None, None]


def test_a_source_that_no_row_is_of_is_refused(tmp_path: Path) -> None:
    mapping = parse_file_mapping({"columns": {"surname": "last"}, "sources": {"one_row_a_person": ["b"]}})
    with pytest.raises(MappingInvalid, match="no row is of source b"):
        read_tables([bring(tmp_path, "a.csv", ROWS)], mapping, "id")


def test_rows_are_made_comparable(tmp_path: Path) -> None:
    mapping = parse_file_mapping(
        {"columns": {"full_name": "last", "sex": "first", "postcode": "town"}, "compare": MAPPING_OF_HEIGHT}
    )
    rows = [{"id": 1, "last": "O'Brien-Sørensen, Siân Mary", "first": "F", "town": "yo1 7hh", "height": "1,200"}]
    found = standardise_rows(read_tables([bring(tmp_path, "a.parquet", rows)], mapping, "id").rows, mapping)
    (row,) = found.to_pylist()
    assert (row["forename"], row["surname"], row["other_names"]) == ("sian", "obriensorensen", ["mary"])
    assert (row["sex"], row["postcode"], row["value_height"]) == ("female", "yo17hh", 1200.0)


MAPPING_OF_HEIGHT = [{"name": "height", "column": "height", "kind": "number"}]


@pytest.mark.parametrize(
    ("text", "formats", "date"),
    [
        ("12/08/2016", ("dd/mm/yyyy",), "2016-08-12"),
        ("12082016", ("yyyymmdd", "mmddyyyy"), "2016-12-08"),
        ("19560409", ("yyyymmdd", "mmddyyyy"), "1956-04-09"),
        ("1861-01-81", ("yyyy-mm-dd",), "1861-01-81"),
        ("l980-01-02", ("yyyy-mm-dd",), "l980-01-02"),
        ("3.4.1980", ("d.m.yyyy",), "1980-04-03"),
        ("April 1980", ("yyyy-mm-dd",), None),
        ("", ("yyyy-mm-dd",), None),
    ],
)
def test_a_birth_date_is_read_by_the_format_that_makes_it_a_day(
    text: str, formats: tuple[str, ...], date: str | None
) -> None:
    assert read_birth(text, formats) == date


@pytest.mark.parametrize(
    ("forename", "surname", "slip", "others"),
    [
        ("Иван", "Петров", ("иван", "Петровъ"), [("Олег", "Сидоров"), ("Анна", "Козлова")]),
        ("Γιώργος", "Παπαδόπουλος", ("ΓΙΩΡΓΟΣ", "Παπαδοπουλος"), [("Ελένη", "Νικολάου"), ("Νίκος", "Ράπτης")]),
        ("محمد", "الحسن", ("مُحَمَّد", "الحسن"), [("فاطمة", "العلي"), ("خالد", "منصور")]),
        ("प्रिया", "शर्मा", ("प्रिया", "शर्मा"), [("अमित", "वर्मा"), ("नेहा", "गुप्ता")]),
        ("伟", "王", ("伟", "王"), [("娜", "李"), ("敏", "张")]),
    ],
    ids=["Cyrillic", "Greek", "Arabic", "Devanagari", "Han"],
)
def test_names_of_any_script_are_linked(
    tmp_path: Path, forename: str, surname: str, slip: tuple[str, str], others: list[tuple[str, str]]
) -> None:
    named = [(forename, surname), slip, *others, *(tuple(name.split()) for name, _, _ in FILLERS)]
    days = ["03/04/1980"] * 2 + [f"{n + 10}/0{n + 1}/19{50 + 7 * n}" for n in range(len(named) - 2)]
    rows: list[dict[str, object]] = [
        {"id": n, "first": name[0], "last": name[1], "town": None, "born": day, "height": None}
        for n, (name, day) in enumerate(zip(named, days, strict=True))
    ]
    linked = link_tables(read_tables([bring(tmp_path, "a.parquet", rows)], MAPPING, "id"), MAPPING)
    assert [group for group in linked.clusters.groups if len(group) > 1] == [("0", "1")]
    whole = parse_file_mapping({"columns": {"full_name": "name", "street": "at"}})
    row = {"id": 1, "name": f"{forename} {surname}", "at": "ул. Ленина, 5"}
    path = bring(tmp_path, "b.parquet", [row])
    (found,) = standardise_rows(read_tables([path], whole, "id").rows, whole).to_pylist()
    assert found["forename"] and found["surname"] and found["street"] == "ул ленина 5"


def test_what_is_no_name_is_none_in_any_script(tmp_path: Path) -> None:
    rows = [{"id": n, "last": text} for n, text in enumerate(["unknown", "12", "??", "-", " "])]
    mapping = parse_file_mapping({"columns": {"surname": "last"}})
    found = standardise_rows(read_tables([bring(tmp_path, "a.parquet", rows)], mapping, "id").rows, mapping)
    assert found.column("surname").to_pylist() == [None] * 5


def test_a_memory_limit_that_is_none_or_too_small_is_told(tmp_path: Path) -> None:
    brought = read_tables([bring(tmp_path, "a.csv", ROWS)], MAPPING, "id")
    with pytest.raises(LinkageFailed, match="write a number and its unit"):
        link_tables(brought, MAPPING, "much")
    with pytest.raises(EngineNotAvailable, match="set a larger one"):
        link_tables(brought, MAPPING, "100KB")


def test_an_identifier_that_cannot_be_anybodys_says_nothing() -> None:
    assert clean_identifier("ssn", "123-45-6789") == "123456789"
    assert clean_identifier("ssn", "000-00-0000") is None
    assert clean_identifier("nhs", "999 000 0018") == "9990000018"
    assert clean_identifier("nhs", "999 000 0019") is None


FILLERS = [
    ("Cy Abara", "Derby", "1941"),
    ("Di Musgrove", "Truro", "1972"),
    ("Ed Pickering", "Wells", "1983"),
    ("Flo Lovelace", "Ely", "1954"),
    ("Gus Hathersage", "Bath", "1995"),
]
"""Others, since in a table of three a name that two have is common."""


@pytest.mark.parametrize(
    "document",
    [
        {"columns": {}, "identifiers": [{"column": "number", "scheme": "ssn"}]},
        {"columns": {"full_name": "name"}, "compare": [{"name": "place", "column": "town", "kind": "text"}]},
        {"columns": {"surname": "name", "town": "town"}, "birth": {"year": "year", "month": "month", "day": "day"}},
        {"columns": {"forename": "name", "street": ["town", "number"]}, "birth": {"year": "year"}},
        {
            "columns": {"full_name": "name", "postcode": "number"},
            "compare": [
                {"name": "height", "column": "height", "kind": "number", "within": [0.5, 2]},
                {"name": "town", "column": "town", "kind": "exact"},
            ],
        },
    ],
)
def test_two_rows_alike_are_one_by_whatever_is_mapped(tmp_path: Path, document: dict[str, Any]) -> None:
    mapping = parse_file_mapping(document)
    rows = [
        {"id": n, "name": name, "number": f"1234{max(n, 1)}7", "town": town, "year": year, "month": "2", "day": "5"}
        for n, (name, town, year) in enumerate(
            [
                ("Bo Quennell", "Ripon", "1961"),
                ("Bo Quennell", "Ripon", "1961"),
                ("Ai Zabel", "Leeds", "1930"),
                *FILLERS,
            ]
        )
    ]
    path = bring(tmp_path, "a.parquet", [{**row, "height": 1.5} for row in rows])
    linked = link_tables(read_tables([path], mapping, "id"), mapping)
    assert [group for group in linked.clusters.groups if len(group) > 1] == [("0", "1")]


@pytest.mark.parametrize("count", [0, 1])
def test_a_table_of_nobody_or_one_is_linked(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.csv"
    lines = ["id,first,last,town,born,height", "1,Ann,Ng,York,03/04/1980,2"]
    path.write_text("\n".join(lines[: count + 1]) + "\n", encoding="utf-8")
    brought = read_tables([path], MAPPING, "id")
    linked = link_tables(brought, MAPPING, is_trained=True)
    assert len(linked.clusters.groups) == count
    write_clusters(tmp_path / "out", brought, linked.clusters)
    assert pq.read_table(tmp_path / "out").num_rows == count
