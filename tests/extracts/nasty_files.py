"""Files as nobody should send them, made by hand: for each family the same few rows, saved in one more unkind way.

A maker turns the plain content into bytes. What becomes of it is everything that the plain file says, or a refusal of
the whole file; and besides so many rows that are refused, and rules that must be said.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.utils.datetime import CALENDAR_MAC_1904

SAME = "same"
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Nasty:
    """A way to save a file, and what must become of it."""

    name: str
    make: Callable[[Any], bytes]
    becomes: str = SAME
    """`same`, or the rule by which the file is refused."""
    rejects: int = 0
    """How many rows are there besides and must be refused."""
    says: tuple[str, ...] = ()
    """Rules of doubts and notes that must be said."""


def _text(
    rows: Rows, delimiter: str = ",", end: str = "\n", quoting: Any = csv.QUOTE_MINIMAL, encoding: str = "utf-8"
) -> bytes:
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return held.getvalue().encode(encoding)


def _mixed_ends(rows: Rows) -> bytes:
    lines = _text(rows).splitlines()
    return b"".join(line + (b"\r\n", b"\n", b"\r")[number % 3] for number, line in enumerate(lines))


def _empty_rows(rows: Rows) -> bytes:
    empty = [[""] * len(rows[0])] * 3000
    return _text([rows[0], *empty, *rows[1:], *empty]) + b"\r\n\r\n , , \n"


def _short_rows(rows: Rows) -> bytes:
    """Leave out the empty cells at the end of each row, as some programs do."""
    held = []
    for row in rows:
        cells = list(row)
        while cells and not cells[-1]:
            cells.pop()
        held.append(cells)
    return _text(held)


def _zip(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


TABLES: tuple[Nasty, ...] = (
    Nasty("a-mark-and-semicolons-and-quotes", lambda rows: _text(rows, ";", "\r\n", csv.QUOTE_ALL, "utf-8-sig")),
    Nasty("tabs", lambda rows: _text(rows, "\t")),
    Nasty("bars", lambda rows: _text(rows, "|")),
    Nasty("a-first-line-that-names-the-delimiter", lambda rows: b"sep=;\r\n" + _text(rows, ";")),
    Nasty("line-ends-of-three-kinds", _mixed_ends),
    Nasty("big-endian-utf-16", lambda rows: b"\xfe\xff" + _text(rows, encoding="utf-16-be"), says=("encoding",)),
    Nasty("utf-16-without-its-mark", lambda rows: _text(rows, encoding="utf-16-le"), becomes="file_binary"),
    Nasty("columns-turned-round", lambda rows: _text([row[::-1] for row in rows])),
    Nasty(
        "headings-in-small-letters-with-spaces", lambda rows: _text([[f"  {n.lower()} " for n in rows[0]], *rows[1:]])
    ),
    Nasty("thousands-of-empty-rows", _empty_rows),
    Nasty("a-comma-at-the-end-of-each-row", lambda rows: _text([[*row, ""] for row in rows])),
    Nasty("empty-cells-at-the-end-left-out", _short_rows),
    Nasty("a-mark-of-an-old-end-of-file", lambda rows: _text(rows) + b"\x1a", becomes="file_truncated"),
    Nasty(
        "cells-that-keep-their-noughts",
        lambda rows: _text([[f'="{cell}"' if cell else "" for cell in row] for row in rows]),
    ),
    Nasty("a-line-of-totals-below", lambda rows: _text([*rows, ["", "Total", "2"]]), rejects=1),
    Nasty("a-row-longer-than-the-heading", lambda rows: _text([*rows, [*rows[1], "x"]]), rejects=1),
    Nasty("a-quote-within-a-cell", lambda rows: _text(rows) + b'a"b,"c"d",e\n', rejects=1),
    Nasty("a-quote-that-never-ends", lambda rows: _text(rows) + b'"a,b\n', becomes="open_quote"),
    Nasty("the-table-twice-in-one-file", lambda rows: _text([*rows, rows[0]]), rejects=1),
    Nasty(
        "two-files-in-an-archive",
        lambda rows: _zip({"1.csv": _text(rows), "2.csv": _text(rows)}),
        becomes="file_binary",
    ),
    Nasty("packed", lambda rows: gzip.compress(_text(rows), mtime=0), becomes="file_binary"),
)


def _book(fill: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    fill(book)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _plain_sheet(book: Workbook, rows: Rows, change: Callable[[str, int, int], Any] | None = None) -> Any:
    """Fill the first sheet; `change` says what stands in a cell instead of its text, by row and column."""
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows):
        sheet.append([(change(cell, number, place) if change else cell) or None for place, cell in enumerate(row)])
    return sheet


def as_day(text: str) -> dt.date | None:
    """Return the day that a cell of the plain file holds."""
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _days(cell: str, number: int, _place: int) -> Any:
    return (as_day(cell) if number else None) or cell


def _of_1904(rows: Rows) -> bytes:
    def fill(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        _plain_sheet(book, rows, _days)

    return _book(fill)


def _merged(rows: Rows) -> bytes:
    def fill(book: Workbook) -> None:
        sheet = _plain_sheet(book, [["Title"], [""], *rows])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(rows[0]))

    return _book(fill)


def _beside(rows: Rows, state: str, content: Rows) -> bytes:
    """Return a book with another sheet, before the one of the rows, in a state: visible, hidden or veryHidden."""

    def fill(book: Workbook) -> None:
        _plain_sheet(book, rows)
        other = book.create_sheet("Old", 0)
        other.sheet_state = state
        for row in content:
            other.append(list(row))

    return _book(fill)


def _far_rows(rows: Rows) -> bytes:
    def fill(book: Workbook) -> None:
        sheet = _plain_sheet(book, rows)
        for number in range(100, 3000):
            sheet.cell(number, 1).number_format = "0.00"
        sheet.cell(5000, 30).value = "   "

    return _book(fill)


def _chart(rows: Rows) -> bytes:
    def fill(book: Workbook) -> None:
        _plain_sheet(book, rows)
        book.create_chartsheet("Chart").add_chart(BarChart())
        book.create_sheet("Empty")

    return _book(fill)


def _filtered(rows: Rows) -> bytes:
    """Return a book with a row and a column that nobody sees: they are sent all the same, and so they are read."""

    def fill(book: Workbook) -> None:
        sheet = _plain_sheet(book, rows)
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["A"].hidden = True
        sheet.auto_filter.ref = "A1:B2"

    return _book(fill)


def _broken_inside(rows: Rows) -> bytes:
    whole = zipfile.ZipFile(io.BytesIO(_book(lambda book: _plain_sheet(book, rows))))
    parts = {name: whole.read(name) for name in whole.namelist()}
    name = "xl/worksheets/sheet1.xml"
    return _zip({**parts, name: parts[name][: len(parts[name]) // 2]})


WORKBOOKS: tuple[Nasty, ...] = (
    Nasty("days-as-days", lambda rows: _book(lambda book: _plain_sheet(book, rows, _days))),
    Nasty("days-counted-from-1904", _of_1904),
    Nasty("a-title-over-merged-cells", _merged, says=("rows_above_heading",)),
    Nasty("an-empty-hidden-sheet-first", lambda rows: _beside(rows, "hidden", [[]])),
    Nasty("notes-in-a-very-hidden-sheet", lambda rows: _beside(rows, "veryHidden", [["Nobody looks here"]]),
          says=("sheet_unknown",)),
    Nasty("an-old-copy-in-a-hidden-sheet", lambda rows: _beside(rows, "hidden", rows), says=("sheet_hidden",)),
    Nasty("thousands-of-formatted-empty-rows", _far_rows),
    Nasty("a-chart-and-an-empty-sheet", _chart),
    Nasty("hidden-rows-and-columns", _filtered),
    Nasty("columns-turned-round", lambda rows: _book(lambda book: _plain_sheet(book, [row[::-1] for row in rows]))),
    Nasty("headings-in-small-letters", lambda rows: _book(
        lambda book: _plain_sheet(book, rows, lambda c, n, _: c if n else f" {c.lower()}\n"))),
    Nasty("a-heading-in-two-lines", lambda rows: _book(
        lambda book: _plain_sheet(book, rows, lambda c, n, _: c if n else c.replace(" ", "\n")))),
    Nasty("a-sheet-cut-short-inside", _broken_inside, becomes="workbook_broken"),
    Nasty("cut-short", lambda rows: _book(lambda book: _plain_sheet(book, rows))[:-400], becomes="workbook_broken"),
    Nasty("locked-with-a-password", lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
          becomes="file_binary"),
    Nasty("another-kind-of-workbook", lambda _: _zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
          becomes="file_binary"),
)  # fmt: skip


@dataclass(frozen=True)
class Document:
    """A document of XML without its declaration, its root, and one element with its value, to be saved otherwise."""

    text: str
    root: str
    element: str
    value: str

    def with_value(self, written: str) -> bytes:
        """Return the document with the value written otherwise, wherever it stands."""
        said = f"<{self.element}>{self.value}<"
        assert said in self.text
        return self.text.replace(said, f"<{self.element}>{written}<").encode()

    def with_root(self, written: str) -> bytes:
        """Return the document with its root written otherwise."""
        assert f"<{self.root}>" in self.text
        return self.text.replace(f"<{self.root}>", f"<{self.root}{written}", 1).encode()


def _in_xml(encoding: str) -> Callable[[Document], bytes]:
    return lambda one: f'<?xml version="1.0" encoding="{encoding}"?>\n{one.text}'.encode(encoding)


def _prefixed(one: Document) -> bytes:
    """Put every element under a prefix that stands for a namespace."""
    text = one.text.replace("</", "\0").replace("<", "<r:").replace("\0", "</r:")
    return text.replace(f"<r:{one.root}>", f'<r:{one.root} xmlns:r="urn:example:return">', 1).encode()


def _doctype(one: Document, rest: str) -> bytes:
    return f"<!DOCTYPE {one.root} {rest}>{one.text}".encode()


def _by_number(text: str) -> str:
    return "".join(f"&#{ord(letter)};" for letter in text)


XML: tuple[Nasty, ...] = (
    Nasty("a-namespace-by-default", lambda one: one.with_root(' xmlns="urn:example:return">')),
    Nasty("a-prefix-on-every-element", _prefixed),
    Nasty("comments-and-instructions-everywhere",
          lambda one: one.text.replace("><", "><!-- a note --><?target data?><").encode()),
    Nasty("a-comment-inside-a-value", lambda one: one.with_value(f"{one.value[0]}<!-- no -->{one.value[1:]}")),
    Nasty("a-value-as-cdata", lambda one: one.with_value(f"<![CDATA[{one.value}]]>")),
    Nasty("a-value-by-number", lambda one: one.with_value(_by_number(one.value))),
    Nasty("values-with-spaces-and-lines-around", lambda one: one.with_value(f"\n\t  {one.value}\r\n ")),
    Nasty("a-stray-word-between-elements", lambda one: one.with_root(">stray")),
    Nasty("attributes-nobody-asked-for", lambda one: one.with_root(' version="9" x="1">')),
    Nasty("latin-letters-said-so", _in_xml("iso-8859-1")),
    Nasty("utf-16-said-so", _in_xml("utf-16")),
    Nasty("a-mark-before-the-declaration",
          lambda one: b"\xef\xbb\xbf" + b'<?xml version="1.0" encoding="utf-8"?>' + one.text.encode()),
    Nasty("an-entity-of-its-own", lambda one: _doctype(one, '[<!ENTITY a "C1">]'), becomes="xml_doctype"),
    Nasty("a-file-from-elsewhere", lambda one: _doctype(one, 'SYSTEM "file:///etc/hostname"'), becomes="xml_doctype"),
    Nasty("an-entity-that-nobody-declared", lambda one: one.with_value("&nbsp;C1"), becomes="xml_malformed"),
    Nasty("two-roots", lambda one: (one.text + one.text).encode(), becomes="xml_malformed"),
    Nasty("cut-short", lambda one: one.text.encode()[:-30], becomes="xml_malformed"),
    Nasty("a-mark-of-an-old-end-of-file", lambda one: one.text.encode() + b"\x1a", becomes="xml_malformed"),
    Nasty("another-document", lambda _: b"<html><body><p>Session expired</p></body></html>", becomes="wrong_standard"),
)  # fmt: skip


def _json(change: Callable[[str], str] = lambda text: text, encoding: str = "utf-8") -> Callable[[Any], bytes]:
    return lambda value: change(json.dumps(value, indent=1)).encode(encoding)


def _turn_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _turn_keys(value[key]) for key in reversed(value)}
    return [_turn_keys(one) for one in value] if isinstance(value, list) else value


JSON: tuple[Nasty, ...] = (
    Nasty("a-mark", _json(encoding="utf-8-sig")),
    Nasty("utf-16", _json(encoding="utf-16"), says=("encoding",)),
    Nasty("keys-turned-round", lambda value: json.dumps(_turn_keys(value)).encode()),
    Nasty("every-letter-as-a-number", lambda value: "".join(
        f"\\u{ord(c):04x}" if c.isalpha() and inside else c
        for c, inside in _with_strings(json.dumps(value))).encode()),
    Nasty("no-spaces-and-one-line-end", lambda value: json.dumps(value, separators=(",", ":")).encode() + b"\r\n"),
    Nasty("keys-that-nobody-knows", lambda value: json.dumps([{**one, "x": {"y": [1]}} for one in value]).encode()),
    Nasty("a-null-among-the-rows", lambda value: json.dumps([*value, None]).encode(), rejects=1),
    Nasty("a-text-among-the-rows", lambda value: json.dumps([*value, "Total: 2"]).encode(), rejects=1),
    Nasty("a-comma-too-many", _json(lambda text: text[:-1] + ",]"), becomes="not_json"),
    Nasty("a-comment", _json(lambda text: "// export\n" + text), becomes="not_json"),
    Nasty("two-documents", _json(lambda text: text + text), becomes="not_json"),
    Nasty("a-number-that-is-none", _json(lambda text: text[:-1] + ", NaN]"), becomes="json_number"),
    Nasty("a-key-twice", _json(lambda text: text[:-1] + ', {"id": 1, "id": 2}]'), becomes="json_repeated_key"),
    Nasty("cut-short", _json(lambda text: text[:-40]), becomes="file_truncated"),
    Nasty("a-thousand-lists", lambda _: b"[" * 1000 + b"]" * 1000, becomes="json_too_deep"),
    Nasty("a-page-of-an-error", lambda _: b'{"error": "token expired", "code": 401}', becomes="wrong_standard"),
)  # fmt: skip


def _with_strings(text: str) -> list[tuple[str, bool]]:
    """Return the letters of JSON, each with whether it stands inside a text."""
    found, inside, escaped = [], False, False
    for letter in text:
        if letter == '"' and not escaped:
            inside = not inside
        found.append((letter, inside and not escaped))
        escaped = letter == "\\" and not escaped
    return found
