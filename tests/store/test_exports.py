"""The exporter writes what it was given and nothing else, and throws away whatever holds more."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject

from braid.store.exports import (
    Approval,
    ExportRefused,
    ExportTable,
    ExportUnsafe,
    Form,
    Purpose,
    export_table,
    exporter,
)
from braid.store.exports.csv_file import check_csv, write_csv
from braid.store.exports.pdf import write_pdf
from braid.store.exports.pdf_check import check_pdf
from braid.store.exports.tables import Sheet
from braid.store.exports.workbook import book_of, write_workbook
from braid.store.exports.workbook_check import check_as_read, check_parts, check_workbook
from braid.trust.spreadsheet_cells import guarded

TODAY = dt.date(2026, 11, 27)
DAY = dt.datetime.combine(TODAY, dt.time())
PURPOSE = Purpose("test-analyst (Analyst)", "2026-11-15-sample", TODAY, TODAY + dt.timedelta(90))
TABLE = ExportTable(
    "Waits by kind",
    "waits_by_kind_and_district",
    ("Area", "Kind of wait", "Waiting"),
    (("Northmere", "Social housing register", 120), ("Southwick Down", "=cmd|'/C calc'!A0", 2.5), ("", None, 0)),
    ("Counts are rounded to 5.",),
)
SHEET: Sheet = exporter._sheet(TABLE, PURPOSE)
ATTACKS = (
    "=1+1", "+44 7700 900123", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1", "\n=1", "%0A=1", "|calc", "\ufeff=1", "\u200b=1",
    " =1", "\u00a0=1", "\uff1d1", "a;=1+1", "a,@x", 'a";=1', "x\x00y", "\u202ereversed", "_x003D_1", "'=1", "",
)  # fmt: skip
STARTS_A_FORMULA = re.compile(r"(?:^|[;,])[\s\"\u200b-\u200f\ufeff]*[=+\-@%|＝＋－＠％｜]")  # noqa: RUF001


@pytest.mark.parametrize("form", Form)
def test_a_table_is_written_the_same_every_time_with_its_manifest(form: Form) -> None:
    one, other = export_table(TABLE, form, PURPOSE), export_table(TABLE, form, PURPOSE)
    assert one == other
    assert one.manifest["rows"] == 3 and one.manifest["form"] == form.value
    assert {one.manifest["content_sha256"]} == {
        export_table(TABLE, each, PURPOSE).manifest["content_sha256"] for each in Form
    }


def test_whom_it_is_for_and_until_when_stands_in_every_form() -> None:
    files = {form: export_table(TABLE, form, PURPOSE).content for form in Form}
    book = openpyxl.load_workbook(io.BytesIO(files[Form.XLSX]))
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert (about["Made for"], about["Use until"]) == ("test-analyst (Analyst)", "2027-02-25")
    assert "test-analyst (Analyst)" in str(book["Figures"].oddFooter.left.text)
    for page in PdfReader(io.BytesIO(files[Form.PDF])).pages:
        assert "Made for test-analyst (Analyst), use until 2027-02-25, page" in page.extract_text()
    rows = list(csv.DictReader(io.StringIO(files[Form.CSV].decode("utf-8-sig"))))
    assert {(row["Made for"], row["Use until"]) for row in rows} == {("test-analyst (Analyst)", "2027-02-25")}


@pytest.mark.parametrize("text", ATTACKS)
def test_no_cell_begins_like_a_formula_or_hides_a_letter(text: str) -> None:
    table = replace(TABLE, rows=((text, text, 1),))
    for form in (Form.CSV, Form.XLSX):
        content = export_table(table, form, PURPOSE).content
        if form is Form.CSV:
            read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1][0]
        else:
            read = openpyxl.load_workbook(io.BytesIO(content))["Figures"]["A2"].value or ""
        assert read == guarded(text)
    assert not STARTS_A_FORMULA.search(guarded(text))
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\ufeff]", guarded(text))


LETTERS = st.characters() | st.sampled_from("=+-@%|\t\r\n;,\"' \ufeff\u200b\u202e\x00\ud800\uffff_x＝＠")  # noqa: RUF001
TEXTS = st.text(LETTERS, max_size=12)
VALUES = TEXTS | st.integers(-(10**15) + 1, 10**15 - 1) | st.floats(-9e14, 9e14) | st.none()


@given(TEXTS)
def test_guarding_twice_is_guarding_once(text: str) -> None:
    assert guarded(guarded(text)) == guarded(text)
    assert not STARTS_A_FORMULA.search(guarded(text))


def written_is_read_back(rows: list[tuple[str | int | float | None, ...]]) -> None:
    table = ExportTable("Cells", "fuzz", tuple("abcd"), tuple(rows))
    wanted = [[_cell(value) for value in row] for row in rows]
    book = openpyxl.load_workbook(io.BytesIO(export_table(table, Form.XLSX, PURPOSE).content))
    lines = list(book["Figures"].iter_rows(min_row=2, min_col=1, max_col=4))
    assert [[cell.value if cell.value is not None else "" for cell in line] for line in lines] == wanted
    assert {cell.data_type for line in lines for cell in line} <= {"s", "n"}
    text = export_table(table, Form.CSV, PURPOSE).content.decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [row[:4] for row in read] == [[str(value) for value in row] for row in wanted]


def _cell(value: str | int | float | None) -> str | int | float:
    """Guarded text, and numbers to the 15 digits that a spreadsheet keeps."""
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else float(f"{value:.15g}") if isinstance(value, float) else value


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES, VALUES), min_size=1, max_size=30))
def test_cells_are_read_back_as_they_were_written(rows: list[tuple[str | int | float | None, ...]]) -> None:
    written_is_read_back(rows)


@pytest.mark.slow
def test_a_million_cells_are_read_back_as_they_were_written() -> None:
    """Random texts of the letters that matter, in files of 40,000 cells."""
    import random

    chance, letters = random.Random(5), [*"=+-@%|\t\r\n;,\"' abcé_x\ufeff\u200b\u202e\x00\ud800\uffff", "＝", "👩"]  # noqa: RUF001
    for _ in range(25):
        rows = [
            tuple("".join(chance.choices(letters, k=chance.randint(0, 12))) for _ in range(4)) for _ in range(10_000)
        ]
        written_is_read_back(list(rows))


def test_a_number_that_no_cell_holds_and_a_crooked_table_are_refused() -> None:
    for value in (float("nan"), float("inf"), 10**15, True, "x" * 32_768):
        with pytest.raises(ExportUnsafe):
            export_table(replace(TABLE, rows=(("a", "b", value),)), Form.CSV, PURPOSE)
    with pytest.raises(ExportUnsafe, match="number of cells"):
        export_table(replace(TABLE, rows=(("a", "b"),)), Form.CSV, PURPOSE)


PEOPLE = replace(TABLE, person_level=True, rows=tuple((f"person {number}", "rtt", 1) for number in range(101)))
APPROVED = Approval("test-ig-lead", "MTG-2026-11", 101)


@pytest.mark.parametrize(
    ("rows", "approval", "reason"),
    [
        (101, None, "second person"),
        (101, replace(APPROVED, reference=" "), "second person"),
        (101, replace(APPROVED, approved_by=" Test-Analyst (analyst) "), "cannot approve it"),
        (101, replace(APPROVED, most_rows=100), "more rows than were approved"),
        (5_001, replace(APPROVED, most_rows=9_999), "do not leave at once"),
    ],
)
def test_many_people_leave_with_a_second_person_alone(rows: int, approval: Approval | None, reason: str) -> None:
    table = replace(PEOPLE, rows=tuple((f"person {number}", "rtt", 1) for number in range(rows)))
    with pytest.raises(ExportRefused, match=reason):
        export_table(table, Form.CSV, replace(PURPOSE, approval=approval))


def test_few_people_or_approved_ones_leave_and_an_expired_purpose_does_not() -> None:
    export_table(replace(PEOPLE, rows=PEOPLE.rows[:100]), Form.CSV, PURPOSE)
    export = export_table(PEOPLE, Form.CSV, replace(PURPOSE, approval=APPROVED))
    assert export.manifest["approved_by"] == "test-ig-lead"
    for purpose in (replace(PURPOSE, made_for=" "), replace(PURPOSE, use_until=TODAY - dt.timedelta(1))):
        with pytest.raises(ExportRefused, match="whom it is for"):
            export_table(TABLE, Form.CSV, purpose)


def saved(change: Callable[[openpyxl.Workbook], object]) -> bytes:
    """Our workbook, opened and saved by another program after a change."""
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(SHEET)))
    book.properties.created = book.properties.modified = DAY
    change(book)
    file = io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    held["docProps/core.xml"] = re.sub(
        rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-11-27T00:00:00Z", held["docProps/core.xml"]
    )
    return packed(held)


def packed(held: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in held.items():
            parts.writestr(name, content)
    return file.getvalue()


def raw_rows(book: openpyxl.Workbook, state: str) -> None:
    """The sheet of the breach of 2023: rows that the figures were made from."""
    page = book.create_sheet("Raw")
    page.append(["Surname", "Initial", "Unit"])
    page.append(["Example", "A", "Unit 1"])
    page.sheet_state = state


def setting(**changes: object) -> Callable[[openpyxl.Workbook], object]:
    def change(book: openpyxl.Workbook) -> None:
        for name, value in changes.items():
            setattr(book.properties, name, value)

    return change


CHANGES: dict[str, tuple[Callable[[openpyxl.Workbook], object], str]] = {
    "hidden sheet": (lambda book: raw_rows(book, "hidden"), "a hidden sheet"),
    "very hidden sheet": (lambda book: raw_rows(book, "veryHidden"), "a hidden sheet"),
    "visible sheet": (lambda book: raw_rows(book, "visible"), "a sheet that was not written"),
    "hidden row": (lambda book: setattr(book["Figures"].row_dimensions[2], "hidden", True), "a hidden row"),
    "hidden column": (lambda book: setattr(book["Figures"].column_dimensions["A"], "hidden", True), "a hidden column"),
    "formula": (lambda book: book["Figures"].__setitem__("C2", "=1+1"), "a formula"),
    "comment": (lambda book: setattr(book["Figures"]["A2"], "comment", Comment("raw", "a")), "a comment"),
    "link": (lambda book: setattr(book["Figures"]["A2"], "hyperlink", "https://place.example/"), "a link"),
    "property": (setting(keywords="raw"), "a document property"),
    "author": (setting(creator="Somebody"), "a document property"),
    "custom property": (
        lambda book: book.custom_doc_props.append(StringProperty(name="unit", value="raw")),
        "a document property",
    ),
    "another day": (setting(created=DAY - dt.timedelta(9)), "a document property"),
    "defined name": (
        lambda book: book.defined_names.add(DefinedName("raw", attr_text="Figures!$A$1")),
        "a defined name",
    ),
    "print title": (lambda book: setattr(book["Figures"], "print_title_rows", "1:1"), "a defined name"),
    "filter": (lambda book: setattr(book["Figures"].auto_filter, "ref", "A1:C4"), "a rule or filter"),
    "validation": (
        lambda book: book["Figures"].add_data_validation(DataValidation("list", formula1='"a,b"', sqref="A2")),
        "a rule or filter",
    ),
    "number format": (lambda book: setattr(book["Figures"]["C2"], "number_format", ";;;"), "a number format"),
    "other value": (lambda book: book["Figures"].__setitem__("C2", 121), "a value that was not written"),
    "far cell": (lambda book: book["Figures"].__setitem__("H90", "raw"), "a value that was not written"),
}  # fmt: skip


def test_another_programs_copy_of_our_workbook_reads_the_same() -> None:
    check_as_read(saved(lambda book: None), book_of(SHEET))


@pytest.mark.parametrize("name", CHANGES)
def test_a_workbook_with_something_else_in_it_is_refused(name: str) -> None:
    change, reason = CHANGES[name]
    content = saved(change)
    with pytest.raises(ExportUnsafe, match=f"the workbook holds {reason}"):
        check_as_read(content, book_of(SHEET))
    with pytest.raises(ExportUnsafe):
        check_parts(content, 2)


def edited(part: str, old: str, new: str) -> bytes:
    """Our own file with one place of one part changed, as no library would."""
    with zipfile.ZipFile(io.BytesIO(write_workbook(SHEET))) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    assert old.encode() in held[part]
    held[part] = held[part].replace(old.encode(), new.encode(), 1)
    return packed(held)


SHEET1 = "xl/worksheets/sheet1.xml"
EDITS = {
    "hidden row": (SHEET1, '<row r="2"', '<row hidden="1" r="2"'),
    "row of no height": (SHEET1, '<row r="2"', '<row ht="0" customHeight="1" r="2"'),
    "every row hidden": (SHEET1, "<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" '),
    "column without width": (SHEET1, 'width="24.7109375"', 'width="0"'),
    "formula": (SHEET1, "<v>120</v>", "<f>119+1</f><v>120</v>"),
    "drawing": (SHEET1, "</sheetData>", '</sheetData><drawing xmlns:r="x" r:id="rId9"/>'),
    "embedded object": (SHEET1, "</sheetData>", "</sheetData><oleObjects/>"),
    "extension": (SHEET1, "</sheetData>", "</sheetData><extLst/>"),
    "pivot": ("xl/workbook.xml", "</sheets>", "</sheets><pivotCaches/>"),
    "external link": ("xl/workbook.xml", "</sheets>", "</sheets><externalReferences/>"),
    "defined name": ("xl/workbook.xml", "</sheets>", "</sheets><definedNames/>"),
    "hidden sheet": ("xl/workbook.xml", '<sheet name="About"', '<sheet state="hidden" name="About"'),
    "target outside": ("xl/_rels/workbook.xml.rels", 'Target="styles.xml"', 'Target="https://place.example/s"'),
    "hidden phonetics": ("xl/sharedStrings.xml", "</si>", '<rPh sb="0" eb="1"><t>raw</t></rPh></si>'),
    "remark": (SHEET1, "<sheetData>", "<!-- raw --><sheetData>"),
    "manager": ("docProps/app.xml", "<Company></Company>", "<Company></Company><Manager>raw</Manager>"),
    "company": ("docProps/app.xml", "<Company></Company>", "<Company>raw</Company>"),
    "white letters": ("xl/styles.xml", '<color theme="1"/>', '<color rgb="FFFFFFFF"/>'),
    "macro": ("[Content_Types].xml", "spreadsheetml.sheet.main+xml", "macroEnabled.main+xml"),
}


def test_our_own_file_packed_again_passes() -> None:
    check_workbook(edited(SHEET1, "<sheetData>", "<sheetData>"), SHEET)


@pytest.mark.parametrize("name", EDITS)
def test_a_part_with_something_else_in_it_is_refused(name: str) -> None:
    with pytest.raises(ExportUnsafe):
        check_parts(edited(*EDITS[name]), 2)


@pytest.mark.parametrize(
    "name", ["xl/vbaProject.bin", "xl/embeddings/oleObject1.bin", "xl/pivotCache/pivotCacheDefinition1.xml", "raw.txt"]
)
def test_a_part_more_is_refused(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(write_workbook(SHEET))) as parts:
        held = {each: parts.read(each) for each in parts.namelist()}
    with pytest.raises(ExportUnsafe, match="a part that was not written"):
        check_parts(packed({**held, name: b"raw"}), 2)


@pytest.mark.parametrize("content", [b"raw" + write_workbook(SHEET), write_workbook(SHEET) + b"raw"])
def test_bytes_beside_the_parts_are_refused(content: bytes) -> None:
    with pytest.raises((ExportUnsafe, zipfile.BadZipFile)):
        check_parts(content, 2)


def test_a_writer_that_adds_a_sheet_never_gets_its_file_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exporter.WRITERS, Form.XLSX, lambda sheet: saved(lambda book: raw_rows(book, "hidden")))
    with pytest.raises(ExportUnsafe, match="a hidden sheet"):
        export_table(TABLE, Form.XLSX, PURPOSE)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"Northmere"', b'"=1+1"'), (b"120", b"121"), (b"\r\n", b'\r\n"raw"\r\n'), (b"Southwick", b"South\x00wick")],
)
def test_a_csv_file_with_something_else_in_it_is_refused(old: bytes, new: bytes) -> None:
    content = write_csv(SHEET)
    check_csv(content, SHEET)
    with pytest.raises(ExportUnsafe):
        check_csv(content.replace(old, new, 1), SHEET)


PDF_CHANGES: dict[str, Callable[[PdfWriter], object]] = {
    "file": lambda writer: writer.add_attachment("raw.csv", b"raw"),
    "script": lambda writer: writer.root_object.update(
        {NameObject("/OpenAction"): DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})}
    ),
    "page": lambda writer: writer.add_blank_page(100, 100),
    "property": lambda writer: writer.add_metadata({"/Keywords": "raw"}),
    "title": lambda writer: writer.add_metadata({"/Title": "Another"}),
    "link": lambda writer: writer.add_uri(0, "https://place.example/", (0, 0, 9, 9)),
    "form": lambda writer: writer.root_object.update({NameObject("/AcroForm"): DictionaryObject()}),
}


def copied(change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(write_pdf(SHEET)))
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_copy_of_our_pdf_passes_and_one_with_something_else_in_it_does_not() -> None:
    check_pdf(copied(lambda writer: None), SHEET)
    for name, change in PDF_CHANGES.items():
        with pytest.raises(ExportUnsafe):
            check_pdf(copied(change), SHEET)
            pytest.fail(f"a PDF with one more {name} passed")
    appended = write_pdf(SHEET)
    with pytest.raises(ExportUnsafe):
        check_pdf(appended + appended[appended.rindex(b"startxref") :], SHEET)
    with pytest.raises(ExportUnsafe, match="words other"):
        check_pdf(write_pdf(SHEET), replace(SHEET, rows=SHEET.rows[:-1]))


def test_letters_that_the_fonts_of_a_pdf_lack_are_refused_and_many_pages_pass() -> None:
    with pytest.raises(ExportUnsafe, match="letters that its fonts lack"):
        export_table(replace(TABLE, rows=(("漢字", "", 1),)), Form.PDF, PURPOSE)
    rows = tuple(
        (f"Area {number} #b *x* $y$ \\z", "Register, waiting and words that go on " * 4, number)
        for number in range(150)
    )
    pages = PdfReader(io.BytesIO(export_table(replace(TABLE, rows=rows), Form.PDF, PURPOSE).content)).pages
    assert len(pages) == 5
