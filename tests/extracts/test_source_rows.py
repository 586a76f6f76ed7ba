"""From a row reference back to what stood in the file: every kind of file, each row alone, however large the file."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from braid.extracts.csv_files import iterate_lines
from braid.extracts.model import Reading, Source
from braid.extracts.read import read_file
from braid.extracts.source_rows import RowNotFound, read_source_row

CENSUS = """<?xml version="1.0" encoding="UTF-8"?>
<Message xmlns="urn:x"><Children>
<Child><ChildIdentifiers><LAchildID>A1</LAchildID></ChildIdentifiers></Child><Child><ChildIdentifiers>
<LAchildID>A2</LAchildID></ChildIdentifiers></Child>
<Child>
 <ChildIdentifiers><LAchildID>A3</LAchildID></ChildIdentifiers>
</Child></Children></Message>"""


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_line_is_found_with_its_bytes_and_without_the_row_beside_it(tmp_path: Path) -> None:
    content = '\ufeffid,words\r\n1,"two\r\nlines é"\r\n2,x\r\n'
    path = put(tmp_path, "a.csv", content)
    found = read_source_row(path, "line 2")
    assert found.text == '1,"two\r\nlines é"' and found.form == "row"
    assert found.first_byte is not None and found.last_byte is not None
    assert path.read_bytes()[found.first_byte : found.last_byte + 1].decode().rstrip() == found.text
    assert read_source_row(path, "line 4").text == "2,x"
    with pytest.raises(RowNotFound, match="line 3"):
        read_source_row(path, "line 3")  # inside the row before
    with pytest.raises(RowNotFound, match="line 9"):
        read_source_row(path, "line 9")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings_are_read_as_the_connectors_read_them(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, "a.csv", "id;name\n1;Zoë\n2;y\n".encode(encoding))
    found = read_source_row(path, "line 2")
    assert found.text == "1;Zoë" and found.first_byte is not None and found.last_byte is not None
    piece = path.read_bytes()[found.first_byte : found.last_byte + 1]
    assert piece.decode("utf-16-le" if encoding == "utf-16" else encoding) == "1;Zoë\n"


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=6)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=6))
def test_lines_are_those_that_the_reader_of_tables_counts(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["a", "b"], *rows])
    path = put(tmp_path_factory.mktemp("lines"), "a.csv", text.getvalue())
    for line in iterate_lines(text.getvalue(), ","):
        if not line.fault:
            assert read_source_row(path, f"line {line.number}").text == line.raw


def test_an_element_is_found_by_its_place_and_by_its_line_with_the_partners_key(tmp_path: Path) -> None:
    path = put(tmp_path, "cin.xml", CENSUS)
    for place in ("/Message/Children/Child[2]", "/Message[1]/Children/Child[2]"):
        assert "A2" in (found := read_source_row(path, place).text) and "A1" not in found and "A3" not in found
    assert "A3" in read_source_row(path, "line 5").text
    assert "A2" in (two := read_source_row(path, "line 3", "A2").text) and "A1" not in two
    with pytest.raises(RowNotFound, match="2 elements begin in line 3"):
        read_source_row(path, "line 3")
    with pytest.raises(RowNotFound):
        read_source_row(path, "/Message/Children/Child[4]")
    whole = put(tmp_path, "one.xml", CENSUS.replace("\n", ""))
    assert "A3" in (own := read_source_row(whole, "line 1", "A3").text) and "A1" not in own, "what holds all is no row"
    with pytest.raises(RowNotFound, match="elements begin"):
        read_source_row(whole.with_name("cin.xml"), "line 3", "A9")


def test_a_file_that_is_cut_short_is_said(tmp_path: Path) -> None:
    with pytest.raises(RowNotFound, match="well-formed"):
        read_source_row(put(tmp_path, "cut.xml", CENSUS[:200]), "/Message/Children/Child[9]")
    with pytest.raises(RowNotFound):
        read_source_row(put(tmp_path, "cut.json", '[{"a": 1}, {"a": '), "/1/a/2")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def pointers(value: Any, at: str = "") -> list[tuple[str, Any]]:
    """Return every place of a document with its value; a key with a slash, or an empty one, has no place of its own."""
    found = [(at, value)] if at else []
    if isinstance(value, list):
        return found + [one for index, below in enumerate(value) for one in pointers(below, f"{at}/{index}")]
    if isinstance(value, dict):
        named = [(key, below) for key, below in value.items() if key and "/" not in key]
        return found + [one for key, below in named for one in pointers(below, f"{at}/{key}")]
    return found


@settings(max_examples=80, deadline=None)
@given(value=JSON, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_every_value_is_found_as_the_reader_of_json_finds_it(
    value: Any, indent: int | None, ascii_only: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    path = put(tmp_path_factory.mktemp("json"), "a.json", text)
    for pointer, wanted in pointers(value):
        found = read_source_row(path, pointer)
        assert json.loads(found.text) == wanted
        assert path.read_bytes()[found.first_byte : (found.last_byte or 0) + 1].decode() == found.text


def test_what_is_no_row_is_not_shown(tmp_path: Path) -> None:
    path = put(tmp_path, "a.json", '{"a": [1, 2]}')
    for reference in ("", "/"):
        with pytest.raises(RowNotFound, match="file as a whole"):
            read_source_row(path, reference)
    for reference in ("/b", "/a/2", "/a/x", "/a/0/y"):
        with pytest.raises(RowNotFound):
            read_source_row(path, reference)


def test_a_row_of_a_sheet_is_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    second = book.create_sheet("List 2")
    second.append(["id", "name"])
    second.append([1, 'Ann, "A"'])
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert read_source_row(path, "sheet 2 row 2").text == '1,"Ann, ""A"""'
    for reference in ("sheet 3 row 1", "sheet 1 row 7"):
        with pytest.raises(RowNotFound):
            read_source_row(path, reference)


def test_every_record_of_a_census_names_its_own_element(tmp_path: Path) -> None:
    path = put(tmp_path, "cin.xml", CENSUS)
    reading = read_file(path, Source("feed", "council", "cin", 2026))
    for row in reading.records["person_record"]:
        element = etree.fromstring(read_source_row(path, row["row_ref"], row["partner_record_id"]).text)
        assert [one.text for one in element.iter("{urn:x}LAchildID")] == [row["partner_record_id"]]
    assert isinstance(reading, Reading) and len(reading.records["person_record"]) == 3


@pytest.mark.parametrize("form", ["csv", "xml", "json"])
def test_a_large_file_is_not_held_in_memory(tmp_path: Path, form: str) -> None:
    people, filler = 20_000, "x" * 300
    with (tmp_path / f"a.{form}").open("w") as file:
        match form:
            case "csv":
                file.writelines(["id,words\n", *(f"{number},{filler}\n" for number in range(people))])
            case "xml":
                file.writelines(
                    ["<M>", *(f"<C><I>{number}</I><W>{filler}</W></C>\n" for number in range(people)), "</M>"]
                )
            case "json":
                file.write(json.dumps([{"id": number, "words": filler} for number in range(people)]))
    reference = {"csv": f"line {people + 1}", "xml": f"/M/C[{people}]", "json": f"/{people - 1}"}[form]
    tracemalloc.start()
    found = read_source_row(tmp_path / f"a.{form}", reference)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(people - 1) in found.text
    assert peak < 2_000_000, "a file of six megabytes and more"
