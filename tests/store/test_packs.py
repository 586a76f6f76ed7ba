"""A pack leaves as what it is: every word, every picture said in words, every table, and nothing else."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from braid.language.documents import fingerprint, parse, write
from braid.store.exports import ExportRefused, ExportUnsafe, Form, Purpose, export_pack
from braid.store.exports.pack_pdf import check_pack_pdf, write_pack_pdf
from braid.store.exports.packs import Area, Label, Line, Pack, PackSection, PackTable, Picture
from drawn import drawn

TODAY = dt.date(2026, 11, 29)
PURPOSE = Purpose("test-board (Board member)", "2026-11-15-sample", TODAY, TODAY + dt.timedelta(90))
BARS = Picture(
    "Weeks waited",
    "Bars. Register 20 weeks, school place 6 weeks.",
    480,
    80,
    (
        Area("area", ((100, 10), (300, 10), (300, 30), (100, 30)), "blue"),
        Line("line", ((100, 50), (200, 60)), "orange", is_broken=True),
        Label("label", (0, 20), "Register"),
        Label("label", (480, 20), "20", "end"),
    ),
)
LONG = PackTable("Weeks by kind", ("Kind", "Weeks"), tuple((f"kind {number}", number * 100) for number in range(150)))
PACK = Pack(
    "Board pack",
    "Health and wellbeing board, 1 December 2026",
    (
        PackSection("Waits", (BARS,), ("A line with £5 and \N{MINUS SIGN}3.",), ("one point", "two points"), (LONG,)),
        PackSection("Money", tables=(PackTable("=HYPERLINK()", ("Fund", "£"), (("=1+1", 2.5), ("", None))),)),
    ),
    (("run", "ab12"),),
)
ABOUT = (("Made for", "x"),)


def test_a_pack_is_read_back_from_paper_word_for_word_with_its_pictures_in_words() -> None:
    export = export_pack(PACK, Form.PDF, PURPOSE)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(export.content)).pages)
    for words in ("Board pack", "Register", "one point", "14,900", "SHA-256 ab12", "test-board"):
        assert words in text
    assert b"<pdfuaid:part>1" in PdfReader(io.BytesIO(export.content)).root_object["/Metadata"].get_data()  # type: ignore[attr-defined]
    assert export.manifest["content_sha256"] == fingerprint(PACK)


def test_the_same_pack_on_the_same_day_gives_the_same_bytes_in_both_forms() -> None:
    for form in (Form.PDF, Form.XLSX):
        assert export_pack(PACK, form, PURPOSE).content == export_pack(PACK, form, PURPOSE).content


def test_a_workbook_has_a_sheet_for_each_table_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export_pack(PACK, Form.XLSX, PURPOSE).content))
    assert book.sheetnames == ["1 Waits", "2 Money", "About"]
    assert book["1 Waits"]["B152"].value == 14_900
    cells = [cell for row in book["2 Money"].iter_rows() for cell in row]
    assert "'=1+1" in {cell.value for cell in cells}
    assert all(cell.data_type != "f" for cell in cells)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (replace(PACK, title="Another pack"), "another title"),
        (replace(PACK, subtitle="Another board"), "words other than the pack's"),
        (replace(PACK, sections=PACK.sections[:1]), "words other than the pack's"),
        (
            replace(
                PACK, sections=(replace(PACK.sections[0], pictures=(replace(BARS, alternative="x"),)), PACK.sections[1])
            ),
            "a picture without its words",
        ),
    ],
)
def test_a_file_of_another_pack_is_refused(other: Pack, words: str) -> None:
    content = write_pack_pdf(other, ABOUT, "footer", TODAY)
    check_pack_pdf(content, other, ABOUT, "footer")
    with pytest.raises(ExportUnsafe, match=words):
        check_pack_pdf(content, PACK, ABOUT, "footer")


def test_a_file_that_something_was_put_into_is_refused() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(write_pack_pdf(PACK, ABOUT, "footer", TODAY)))
    writer.add_attachment("rows.csv", b"name")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(ExportUnsafe):
        check_pack_pdf(out.getvalue(), PACK, ABOUT, "footer")


def test_a_pack_names_whom_it_is_for_and_leaves_in_two_forms_alone() -> None:
    with pytest.raises(ExportRefused, match="names whom"):
        export_pack(PACK, Form.PDF, replace(PURPOSE, made_for=" "))
    with pytest.raises(ExportRefused, match="PDF or workbook"):
        export_pack(PACK, Form.CSV, PURPOSE)


WORDS = st.text(st.characters(codec="latin-1", categories=("L", "N", "P", "Zs")), min_size=1, max_size=30).filter(
    str.strip
)
ROWS = st.lists(st.tuples(WORDS, st.integers(-10_000, 10_000) | st.none()), max_size=60)


@drawn(15, 400)
@given(WORDS, WORDS, st.lists(WORDS, max_size=4), ROWS)
def test_any_pack_leaves_whole_or_not_at_all(title: str, section: str, points: list[str], rows: list) -> None:
    table = PackTable(section, ("Name", "Number"), tuple(rows))
    pack = Pack(title, section, (PackSection(section, (BARS,), (title,), tuple(points), (table,)),), ())
    assert parse(write(pack).encode(), Pack, "pack") == pack
    try:
        content = export_pack(pack, Form.PDF, PURPOSE).content
    except ExportUnsafe:
        return
    assert len(PdfReader(io.BytesIO(content)).pages) >= 1
