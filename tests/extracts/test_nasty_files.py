"""Files that nobody has seen before: each is read whole, or refused with a rule, a place and a next step."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import check_counts, read_file
from extracts.connector_page import load_examples
from extracts.fuzz.seeds import DOCUMENTS
from extracts.nasty_files import JSON, SAME, TABLES, WORKBOOKS, XML, Document, Nasty
from extracts.test_csc_api import CENSUS, CHILD
from extracts.test_fpl import case

EXAMPLES = {one["standard"]: one for one in reversed(load_examples())}
TABLE_STANDARDS = ("rtt_open_pathways", "school_census", "victim_service", "wlmds", "core", "annex_a")
BOOK_STANDARDS = ("rtt_open_pathways", "sen2", "annex_a")
NEXT_STEPS = ("check", "send", "ask", "export", "save", "unpack", "correct", "remove", "keep", "cut short")


def read(path: Path, data: bytes, standard: str, year: int) -> Reading:
    path.write_bytes(data)
    reading = read_file(path, Source("feed", "partner", standard, year))
    check_counts(reading)
    return reading


def said(reading: Reading) -> dict[str, Any]:
    """Return the records of a file without where they stood in it."""
    return {
        kind: sorted(
            ({k: v for k, v in row.items() if k not in ("row_ref", "file_sha256")} for row in rows),
            key=lambda row: row["record_id"],
        )
        for kind, rows in reading.records.items()
        if rows
    }


def hold(nasty: Nasty, content: Any, plain: bytes, standard: str, year: int, path: Path) -> None:
    """Read a file plainly and unkindly saved, and hold the one to the other."""
    before = read(path, plain, standard, year)
    if nasty.becomes != SAME:
        with pytest.raises(UnreadableFile) as refused:
            read(path, nasty.make(content), standard, year)
        assert refused.value.rule == nasty.becomes, refused.value.message
        assert any(step in refused.value.message.lower() for step in NEXT_STEPS), refused.value.message
        return
    after = read(path, nasty.make(content), standard, year)
    assert said(after) == said(before) != {}
    rejected = Counter(one.rule for one in after.rejects) - Counter(one.rule for one in before.rejects)
    assert sum(rejected.values()) == nasty.rejects
    assert set(nasty.says) <= {one.rule for one in after.issues}
    assert all(one.position for one in after.issues if one.severity == "reject")


def rows_of(standard: str) -> tuple[list[list[str]], int]:
    example = EXAMPLES[standard]
    return list(csv.reader(io.StringIO(example["text"].lstrip("\n")))), example["year"]


def text_of(rows: list[list[str]]) -> bytes:
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows(rows)
    return held.getvalue().encode()


@pytest.mark.parametrize("standard", TABLE_STANDARDS)
@pytest.mark.parametrize("nasty", TABLES, ids=lambda one: one.name)
def test_tables(nasty: Nasty, standard: str, tmp_path: Path) -> None:
    rows, year = rows_of(standard)
    hold(nasty, rows, text_of(rows), standard, year, tmp_path / "table.csv")


@pytest.mark.parametrize("standard", BOOK_STANDARDS)
@pytest.mark.parametrize("nasty", WORKBOOKS, ids=lambda one: one.name)
def test_workbooks(nasty: Nasty, standard: str, tmp_path: Path) -> None:
    rows, year = rows_of(standard)
    hold(nasty, rows, text_of(rows), standard, year, tmp_path / "book.xlsx")


def without_declaration(text: str) -> str:
    text = text.strip()
    return text[text.index("?>") + 2 :].strip() if text.startswith("<?xml") else text


DOCUMENTS_OF_XML = {
    "cin": Document(CENSUS.strip(), "Message", "LAchildID", "C1"),
    "ctf": Document(without_declaration(EXAMPLES["ctf"]["text"]), "CTfile", "Surname", "Quill"),
}


@pytest.mark.parametrize("standard", DOCUMENTS_OF_XML)
@pytest.mark.parametrize("nasty", XML, ids=lambda one: one.name)
def test_xml(nasty: Nasty, standard: str, tmp_path: Path) -> None:
    document = DOCUMENTS_OF_XML[standard]
    hold(nasty, document, document.text.encode(), standard, 2026, tmp_path / "document.xml")


DOCUMENTS_OF_JSON = {
    "housing_register": DOCUMENTS["housing_register"],
    "fpl": [case()],
    "csc_api": [CHILD],
}


REFUSED = {("csc_api", "utf-16"): "encoding"}
"""What one standard refuses and the others read: payloads that are laid over each other are read as UTF-8 alone."""


@pytest.mark.parametrize("standard", DOCUMENTS_OF_JSON)
@pytest.mark.parametrize("nasty", JSON, ids=lambda one: one.name)
def test_json(nasty: Nasty, standard: str, tmp_path: Path) -> None:
    value = DOCUMENTS_OF_JSON[standard]
    if (standard, nasty.name) in REFUSED:
        nasty = replace(nasty, becomes=REFUSED[standard, nasty.name])
    hold(nasty, value, json.dumps(value).encode(), standard, 2026, tmp_path / "document.json")
