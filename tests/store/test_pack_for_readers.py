"""A pack as it is read out: language, title, headings, heads of tables, pictures in words, nothing untagged.

Own checks after ISO 14289-1 (PDF/UA-1), clauses 7.1 to 7.5 and the Matterhorn Protocol 1.1: no checker of others is
installed. They read the tree of tags and the streams of the pages with pypdf.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from braid.place.drawings import Bar, Mark, draw_bars, draw_series, draw_shares
from braid.store.exports import Form, Pack, PackSection, PackTable, Purpose, export_pack

TODAY = dt.date(2026, 11, 29)
PURPOSE = Purpose("test-board (Board member)", "run", TODAY, TODAY + dt.timedelta(90))
PAINTS = {b"Tj", b"TJ", b"'", b'"', b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"sh", b"Do"}
BEGINS, ENDS = {b"BDC", b"BMC"}, b"EMC"
INLINE = {"/Strong", "/Em", "/Span", "/Link"}
SERIES = draw_series("Days", [Mark(f"{n}", float(n)) for n in range(9)], "days", target=3.0)
SHARES = draw_shares("Shares", ["Oct", "Nov"], [("Posts", [3.0, 2.0]), ("Outcomes", [1.0, 2.0])])
BARS = draw_bars("Bars", [Bar("Waiting", 120.0, "120"), Bar("Elsewhere", None, "Few")])
ROWS = tuple((f"Row {number}", "long words " * (number % 9), f"{number}") for number in range(90))
PACK = Pack(
    "Board pack",
    "For the meeting",
    (
        PackSection("Waits", (BARS, SERIES), ("A line.",), ("one", "two"), (PackTable("Many", ("A", "B", "C"), ROWS),)),
        PackSection("Money", (SHARES,), tables=(PackTable("Few", ("Fund", "Pounds"), (("One", 5), ("Two", None))),)),
        PackSection("Paper 1", lines=("Summary: words.", "Recommendation: more words.")),
    ),
    (("run", "ab12"),),
    "Confidential",
)


@dataclass(frozen=True)
class Tag:
    """An element of the tree with the kinds of those that it stands in."""

    kind: str
    held: Any
    above: tuple[str, ...]


@pytest.fixture(scope="module")
def reader() -> PdfReader:
    return PdfReader(io.BytesIO(export_pack(PACK, Form.PDF, PURPOSE).content))


def tags_of(reader: PdfReader) -> list[Tag]:
    """Every element of the tree of tags, in reading order."""
    tree: Any = reader.root_object["/StructTreeRoot"]
    return list(_tags(tree["/K"], ()))


def _tags(held: Any, above: tuple[str, ...]) -> Iterator[Tag]:
    held = held.get_object()
    if isinstance(held, list):
        for each in held:
            yield from _tags(each, above)
    elif isinstance(held, dict) and "/S" in held:
        yield Tag(str(held["/S"]), held, above)
        if "/K" in held:
            yield from _tags(held["/K"], (*above, str(held["/S"])))


def attributes_of(tag: Tag) -> dict[str, Any]:
    found: dict[str, Any] = {}
    given = tag.held.get("/A", [])
    for one in given if isinstance(given, list) else [given]:
        found |= {key: value for key, value in one.get_object().items() if key != "/O"}
    return found


def marked_of(reader: PdfReader) -> list[tuple[int, int]]:
    """Page and number of every marked piece of content that the tree names, in reading order."""
    pages = {page.indirect_reference.idnum: at for at, page in enumerate(reader.pages) if page.indirect_reference}
    tree: Any = reader.root_object["/StructTreeRoot"]
    return list(_marked(tree["/K"], None, pages))


def _marked(held: Any, page: Any, pages: dict[int, int]) -> Iterator[tuple[int, int]]:
    held = held.get_object()
    if isinstance(held, list):
        for each in held:
            yield from _marked(each, page, pages)
    elif isinstance(held, int):
        yield page, int(held)
    elif isinstance(held, dict):
        here = pages[held.raw_get("/Pg").idnum] if "/Pg" in held else page
        if held.get("/Type") == "/MCR":
            yield here, int(held["/MCID"])
        elif "/K" in held:
            yield from _marked(held["/K"], here, pages)


def pieces_of(reader: PdfReader) -> tuple[list[tuple[int, int]], list[str]]:
    """Page and number of every marked piece that stands on a page, and operators that paint outside any mark."""
    numbered, outside = [], []
    for at, page in enumerate(reader.pages):
        depth = 0
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator in BEGINS:
                depth += 1
                if operator == b"BDC" and isinstance(operands[1], dict) and "/MCID" in operands[1]:
                    numbered.append((at, int(operands[1]["/MCID"])))
            elif operator == ENDS:
                depth -= 1
            elif operator in PAINTS and depth == 0:
                outside.append(f"page {at + 1}: {operator!r}")
    return numbered, outside


def test_the_document_says_its_language_and_shows_its_title(reader: PdfReader) -> None:
    root: Any = reader.root_object
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/MarkInfo"]["/Suspects"].value is False
    assert reader.metadata is not None and reader.metadata.title == PACK.title


def test_headings_are_one_of_the_first_level_then_one_for_each_section_and_bookmarks_lead_to_them(
    reader: PdfReader,
) -> None:
    headings = [(tag.kind, str(tag.held["/T"])) for tag in tags_of(reader) if tag.kind.startswith("/H")]
    sections = [*(section.title for section in PACK.sections), "What this was made of"]
    assert headings == [("/H1", PACK.title), *(("/H2", title) for title in sections)]
    first, *rest = reader.outline
    assert getattr(first, "title", "") == PACK.title
    assert [one.title for one in rest[0]] == sections  # type: ignore[union-attr]


def test_each_table_has_head_cells_that_say_what_they_head_and_each_cell_names_its_head(reader: PdfReader) -> None:
    tags = tags_of(reader)
    assert sum(1 for tag in tags if tag.kind == "/Table") == len(PACK.tables())
    heads = [tag for tag in tags if tag.kind == "/TH"]
    assert len(heads) == sum(len(table.columns) for _, table in PACK.tables())
    assert {attributes_of(tag)["/Scope"] for tag in heads} == {"/Column"}
    ids = {str(tag.held["/ID"]) for tag in heads}
    cells = [tag for tag in tags if tag.kind == "/TD"]
    assert len(cells) == sum(len(row) for _, table in PACK.tables() for row in table.rows)
    assert all({str(one) for one in attributes_of(tag)["/Headers"]} <= ids for tag in cells)
    assert all(len(attributes_of(tag)["/Headers"]) == 1 for tag in cells)


def test_each_picture_is_one_figure_that_says_in_words_what_it_shows(reader: PdfReader) -> None:
    figures = [tag for tag in tags_of(reader) if tag.kind == "/Figure"]
    wanted = [picture.alternative for section in PACK.sections for picture in section.pictures]
    assert [str(tag.held["/Alt"]) for tag in figures] == wanted
    assert all(len(attributes_of(tag)["/BBox"]) == 4 for tag in figures)


def test_words_stand_in_paragraphs_lists_and_cells_never_loose(reader: PdfReader) -> None:
    tags = tags_of(reader)
    loose = [tag for tag in tags if tag.kind in INLINE and tag.above[-1:] in (("/Document",), ("/Sect",), ("/Div",))]
    assert loose == []
    items = [tag for tag in tags if tag.kind == "/LI"]
    assert len(items) == 2 and all(tag.above[-1] == "/L" for tag in items)


def test_nothing_is_painted_untagged_and_every_piece_stands_once_in_the_tree_in_the_order_of_the_pages(
    reader: PdfReader,
) -> None:
    numbered, outside = pieces_of(reader)
    assert outside == []
    named = marked_of(reader)
    assert len(named) == len(set(named))
    assert set(named) == set(numbered)
    assert named == sorted(named), "what is read out follows the pages from top to bottom"
    assert len(reader.pages) > 2
