"""The blemishes of real files: those each page of examples names, and those that befall any table.

Every standard that is a definition is held to the second kind with every example of its own: a byte order mark, UTF-16,
titles and a second heading above the names, no-break spaces, a workbook named CSV with dates as dates and as formulas,
nothing written as `#N/A`, a file with a heading alone, and one with nothing in it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from braid.extracts import checks
from braid.extracts.definition_files import load_definitions
from braid.extracts.definition_years import resolve
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import check_counts, read_file
from extracts.connector_page import SPEC, load_examples

DEFINED = {one.standard: one for one in load_definitions() if not one.is_walked}
EXAMPLES = {one["file"]: one for one in load_examples()}
TABLES = [one for one in load_examples() if one["standard"] in DEFINED and one["file"].endswith(".csv")]
TRAPS = [trap for path in sorted(SPEC.glob("*.toml")) for trap in tomllib.loads(path.read_text()).get("trap", ())]


def _read(path: Path, standard: str, year: int) -> Reading:
    reading = read_file(path, Source("feed", "partner", standard, year))
    check_counts(reading)
    return reading


def _said(reading: Reading) -> dict[str, Any]:
    """Return the records of a file without where they stood in it."""
    return {
        kind: [{k: v for k, v in row.items() if k not in ("row_ref", "file_sha256")} for row in rows]
        for kind, rows in reading.records.items()
        if rows
    }


@pytest.mark.parametrize("trap", TRAPS, ids=lambda one: f"{one['file']}-{one['shows'][:40]}")
def test_each_trap_of_a_page(trap: dict[str, Any], tmp_path: Path) -> None:
    example = EXAMPLES[trap["file"]]
    text = example["text"].lstrip("\n")
    for old, new in trap["change"]:
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / trap["file"]
    path.write_text(text, encoding="utf-8")
    reading = _read(path, example["standard"], example["year"])
    counts = {part: [one.rows_in, one.rows_read, one.rows_rejected] for part, one in reading.parts.items()}
    assert {part: counts[part] for part in trap["rows"]} == trap["rows"]
    assert sorted({one.rule for one in reading.issues if one.severity != "note"}) == trap["rules"]
    assert set(trap.get("unmapped", ())) <= reading.unmapped.keys()


def _plain(text: str) -> bytes:
    return text.encode()


def _with_mark(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def _in_utf_16(text: str) -> bytes:
    return text.encode("utf-16")


def _with_titles_above(text: str) -> bytes:
    """Put two headings above that of the names, as an export with question texts has them."""
    width = len(next(csv.reader(io.StringIO(text))))
    return f"Export of the year\n{','.join(f'Question {n}' for n in range(width))}\n{text}".encode()


def _with_no_break_spaces(text: str) -> bytes:
    rows = list(csv.reader(io.StringIO(text)))
    made = io.StringIO()
    heading = ["\u00a0" + name.replace(" ", "\u00a0") for name in rows[0]]
    body = [[f"\u00a0{cell}\u00a0" if cell else "\u00a0" for cell in row] for row in rows[1:]]
    csv.writer(made, lineterminator="\r\n").writerows([heading, *body])
    return made.getvalue().encode()


def _as_workbook(text: str) -> bytes:
    """Return the rows as a workbook: a cell that is a date is one, every second as a formula without a result."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(csv.reader(io.StringIO(text))):
        sheet.append([_cell(cell, number % 2 == 0) if number else cell for cell in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(text: str, as_formula: bool) -> Any:
    date = checks.check_date(text)[0] if len(text) == 10 else None
    if date is None:
        return text or None
    return f"=DATE({date.year},{date.month},{date.day})" if as_formula else dt.datetime(date.year, date.month, date.day)  # noqa: DTZ001


SHAPES: tuple[Callable[[str], bytes], ...] = (
    _with_mark, _in_utf_16, _with_titles_above, _with_no_break_spaces, _as_workbook,
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda one: one.__name__.strip("_"))
@pytest.mark.parametrize("example", TABLES, ids=lambda one: f"{one['standard']}-{one['file']}")
def test_a_table_says_the_same_however_it_was_saved(
    example: dict[str, Any], shape: Callable[[str], bytes], tmp_path: Path
) -> None:
    text = example["text"].lstrip("\n")
    said = []
    for number, data in enumerate((_plain(text), shape(text))):
        path = tmp_path / str(number) / example["file"]
        path.parent.mkdir()
        path.write_bytes(data)
        said.append(_said(_read(path, example["standard"], example["year"])))
    assert said[0] == said[1] and said[0]


@pytest.mark.parametrize("example", TABLES, ids=lambda one: f"{one['standard']}-{one['file']}")
def test_a_heading_alone_is_a_part_without_rows_and_nothing_at_all_is_refused(
    example: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / example["file"]
    path.write_text(example["text"].lstrip("\n").split("\n")[0] + "\n", encoding="utf-8")
    reading = _read(path, example["standard"], example["year"])
    assert [vars(one) for one in reading.parts.values()] == [{"rows_in": 0, "rows_read": 0, "rows_rejected": 0}]
    for text in ("", "\ufeff", " \n\r\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UnreadableFile) as refused:
            _read(path, example["standard"], example["year"])
        assert refused.value.rule == "file_empty"


def test_what_means_nothing_is_nothing_in_every_optional_column(tmp_path: Path) -> None:
    """A cell of a blank is as if it were empty: the same records, and no doubt said."""
    for number, example in enumerate(one for one in TABLES if DEFINED[one["standard"]].blanks):
        definition = resolve(DEFINED[example["standard"]], example["year"])
        blank = sorted(definition.blanks)[0]
        rows = list(csv.reader(io.StringIO(example["text"].lstrip("\n"))))
        said = []
        for filling in ("", blank):
            made = io.StringIO()
            csv.writer(made, lineterminator="\n").writerows(
                [rows[0], *[[c or filling for c in row] for row in rows[1:]]]
            )
            path = tmp_path / f"{number}{len(said)}.csv"
            path.write_text(made.getvalue(), encoding="utf-8")
            reading = _read(path, example["standard"], example["year"])
            said.append((_said(reading), [(one.rule, one.field) for one in reading.issues]))
        assert said[0] == said[1], example["file"]


def test_every_definition_has_a_page() -> None:
    assert DEFINED.keys() <= {one["standard"] for one in load_examples()}
