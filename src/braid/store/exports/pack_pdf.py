"""A pack as a tagged PDF after PDF/UA-1, and the check that it holds the pack's words and nothing else."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader

from braid.store.exports.packs import (
    COLOURS,
    Label,
    Pack,
    PackCell,
    PackSection,
    PackTable,
    Picture,
    Shape,
    heads_of,
    is_figure,
)
from braid.store.exports.pdf import compile_pdf
from braid.store.exports.pdf_check import bare_words, check_tagged, refuse_if
from braid.store.exports.tables import AUTHOR

NOT_PRINTABLE = "the pack has letters that its fonts lack; write them in Latin, Greek or Cyrillic"
LETTERS_ON_LINE, SHORT, MOST_LETTERS = 80, 18, 40
"""Letters of the cells of a row: that stand on one line; of a short cell; and the most that a column counts for."""
TEMPLATE = b"""
#let given = json(bytes(sys.inputs.given))
#set document(title: given.title, author: given.author, date: none)
#set page(paper: "a4", margin: (x: 1.8cm, top: 1.8cm, bottom: 2cm),
  footer: context text(size: 9pt)[#given.footer, page #counter(page).display()])
#set text(lang: "en", region: "GB", ligatures: false, hyphenate: false, size: 12pt)
#set par(justify: false)
#show heading.where(level: 1): set text(size: 20pt)
#show heading.where(level: 2): set text(size: 16pt)
#show heading.where(level: 2): set block(above: 2em, below: 1em)
#let paint(shape) = {
  let points = shape.points.map(at => (at.at(0) * 1pt, at.at(1) * 1pt))
  if shape.kind == "area" { place(top + left, polygon(fill: rgb(shape.colour), ..points)) }
  else if shape.kind == "line" {
    let dash = if shape.is_broken { "dashed" } else { none }
    let stroke = (paint: rgb(shape.colour), thickness: shape.width * 1pt, dash: dash)
    for n in range(points.len() - 1) {
      place(top + left, line(start: points.at(n), end: points.at(n + 1), stroke: stroke))
    }
  } else {
    let x = points.at(0).at(0)
    let words = text(size: shape.size * 1pt, fill: rgb(shape.colour), shape.words)
    let side = if shape.anchor == "end" { right } else if shape.anchor == "middle" { center } else { left }
    let start = if shape.anchor == "end" { x - 400pt } else if shape.anchor == "middle" { x - 200pt } else { x }
    place(top + left, dx: start, dy: points.at(0).at(1) - shape.size * 0.4pt, box(width: 400pt, align(side, words)))
  }
}
#let picture(given) = figure(
  alt: given.alternative,
  block(width: given.width * 1pt, height: given.height * 1pt, breakable: false)[
    #for shape in given.shapes { paint(shape) }
  ],
)
= #given.title
#given.subtitle
#for section in given.sections [
  == #section.title
  #for one in section.pictures [
    #block(breakable: false, above: 1.2em)[
      #strong(one.title)
      #picture(one)
    ]
  ]
  #for words in section.lines [#par(words)]
  #if section.points.len() > 0 [#list(..section.points)]
  #for one in section.tables [
    #block(sticky: true, above: 1.6em, par(strong(one.caption)))
    #text(size: 10pt, table(
      columns: if one.widths.len() == 0 { one.columns.len() } else {
        one.widths.map(part => if part == 0 { auto } else { part * 1fr })
      },
      stroke: 0.4pt, inset: 5pt,
      table.header(repeat: true, ..one.columns.map(head => table.cell(
        breakable: false, align: if head.is_number { right } else { left }, strong(head.words)))),
      ..one.rows.flatten().map(cell => table.cell(
        breakable: false, align: if cell.is_number { right } else { left }, [#cell.words])),
    ))
  ]
]
== What this was made of
#for (name, words) in given.about [#par(text(size: 9pt)[#name: #words])]
"""


def write_pack_pdf(pack: Pack, about: tuple[tuple[str, str], ...], footer: str, made_on: dt.date) -> bytes:
    """Return the file; the same pack on the same day gives the same bytes. Raises `ExportUnsafe` for odd letters."""
    given = {
        "title": pack.title,
        "subtitle": pack.subtitle,
        "author": AUTHOR,
        "about": [list(line) for line in about],
        "footer": footer,
        "sections": [_section(section) for section in pack.sections],
    }
    return compile_pdf(TEMPLATE, given, made_on, NOT_PRINTABLE)


def _section(section: PackSection) -> dict[str, Any]:
    return {
        "title": section.title,
        "lines": section.lines,
        "points": section.points,
        "pictures": [_picture(one) for one in section.pictures],
        "tables": [
            {
                "caption": one.caption,
                "columns": [{"words": words, "is_number": is_number} for words, is_number in heads_of(one)],
                "widths": _widths(one),
                "rows": [[_cell(cell) for cell in row] for row in one.rows],
            }
            for one in section.tables
        ],
    }


def _widths(table: PackTable) -> list[int]:
    """Return the parts of the page that columns take, by their letters; nought for what they need, none where all fits.

    Short cells stay on one line, and what is left of the line is shared out among the long ones.
    """
    rows = [table.columns, *([cell_words(cell) for cell in row] for row in table.rows)]
    columns = [[row[at] for row in rows] for at in range(len(table.columns))]
    longest = [max(map(len, cells)) for cells in columns]
    if sum(longest) <= LETTERS_ON_LINE:
        return []
    if sum(letters for letters in longest if letters <= SHORT) > LETTERS_ON_LINE - SHORT:
        return []
    return [0 if letters <= SHORT else min(letters, MOST_LETTERS) for letters in longest]


def _picture(one: Picture) -> dict[str, Any]:
    return {
        "title": one.title,
        "alternative": one.alternative,
        "width": one.width,
        "height": one.height,
        "shapes": [_shape(shape) for shape in one.shapes],
    }


def _shape(shape: Shape) -> dict[str, Any]:
    told: dict[str, Any] = {**vars(shape), "colour": COLOURS[shape.colour]}
    if isinstance(shape, Label):
        told["points"] = [shape.at]
    return told


def _cell(cell: PackCell) -> dict[str, Any]:
    return {"words": cell_words(cell), "is_number": is_figure(cell)}


def cell_words(cell: PackCell) -> str:
    """Return a cell as it stands on paper."""
    if cell is None:
        return ""
    return f"{cell:,}" if isinstance(cell, int | float) else cell


def check_pack_pdf(content: bytes, pack: Pack, about: tuple[tuple[str, str], ...], footer: str) -> None:
    """Raise `ExportUnsafe` unless the PDF holds the pack's words on tagged pages, what is said of pictures, no more."""
    reader = PdfReader(io.BytesIO(content))
    check_tagged(reader, content, pack.title)
    wanted = [bare_words(words) for words in _words(pack, about)]
    read = []
    for number, page in enumerate(reader.pages, 1):
        bare, end = bare_words(page.extract_text()), bare_words(f"{footer}, page {number}")
        refuse_if("a page without its footer", not bare.endswith(end))
        read.append(bare[: -len(end)])
    headings = {bare_words("".join(table.columns)) for _, table in pack.tables()}
    refuse_if("words other than the pack's, or letters that its fonts lack", not _same_words(read, wanted, headings))
    alternatives = [one.alternative for section in pack.sections for one in section.pictures]
    refuse_if("a picture without its words", sorted(_alternatives(reader)) != sorted(alternatives))


def _words(pack: Pack, about: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield everything that stands in the pack, in order."""
    yield from (pack.title, pack.subtitle)
    for section in pack.sections:
        yield section.title
        for picture in section.pictures:
            yield picture.title
            yield from (shape.words for shape in picture.shapes if isinstance(shape, Label))
        yield from section.lines
        for words in section.points:
            yield f"{BULLET}{words}"
        for table in section.tables:
            yield table.caption
            yield from table.columns
            yield from (cell_words(cell) for row in table.rows for cell in row)
    yield "What this was made of"
    yield from (f"{name}: {words}" for name, words in about)


BULLET = "\N{BULLET}"


def _same_words(pages: list[str], wanted: list[str], headings: set[str]) -> bool:
    """Whether the pages, one after another, hold the words; a table that goes on repeats its heading on each page."""
    left = "".join(wanted)
    for number, page in enumerate(pages):
        if not left.startswith(page) and number:
            page = next((page.removeprefix(one) for one in headings if left.startswith(page.removeprefix(one))), page)
        if not left.startswith(page):
            return False
        left = left[len(page) :]
    return not left


def _alternatives(reader: PdfReader) -> list[str]:
    """Return what is said of each figure in the tree of tags."""
    found: list[str] = []
    waiting: list[Any] = [reader.root_object["/StructTreeRoot"]]
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            if one.get("/S") == "/Figure" and "/Alt" in one:
                found.append(str(one["/Alt"]))
            if "/K" in one:
                waiting.append(one["/K"])
    return found
