"""Containers with a word hidden in them, made by hand or by programs that had no part in opening them."""

from __future__ import annotations

import base64
import gzip
import io
import quopri
import re
import zipfile

import openpyxl
import typst
import xlsxwriter
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

WORDS = "12 Larchwood Road"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def zip_with_remark() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "nothing")
        archive.comment = WORDS.encode()
    return file.getvalue()


def document(body: str, *more: tuple[str, str]) -> bytes:
    """A word-processor document of a body and more parts."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    parts = [("word/document.xml", f"<w:document {_W}><w:body>{body}</w:body></w:document>"), *more]
    return zipped(*((name, (head + xml).encode()) for name, xml in parts))


def runs(*words: str) -> str:
    return "<w:p>" + "".join(f'<w:r><w:t xml:space="preserve">{word}</w:t></w:r>' for word in words) + "</w:p>"


def tracked() -> bytes:
    struck = "<w:del><w:r><w:delText>Oakfield</w:delText></w:r></w:del>"
    added = "<w:ins><w:r><w:t>Larchwood</w:t></w:r></w:ins>"
    return document(f"<w:p><w:r><w:t>12 </w:t></w:r>{struck}{added}<w:r><w:t> Road</w:t></w:r></w:p>")


def workbook(hide: str) -> bytes:
    """A workbook with the words where `hide` says."""
    book = openpyxl.Workbook()
    book.active["A1"] = "nothing"
    if hide == "hidden sheet":
        sheet = book.create_sheet("raw")
        sheet["C9"], sheet.sheet_state = WORDS, "veryHidden"
    if hide == "sheet name":
        book.create_sheet(WORDS)
    if hide == "comment":
        book.active["A1"].comment = openpyxl.comments.Comment(WORDS, "x")
    if hide == "property":
        book.properties.subject = WORDS
    if hide == "defined name":
        book.defined_names["x"] = openpyxl.workbook.defined_name.DefinedName("x", attr_text=f'"{WORDS}"')
    if hide == "footer":
        book.active.oddFooter.left.text = WORDS
    if hide == "formula":
        book.active["B1"] = f'="12 Larch"&"x"&"{WORDS}"'
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rich_workbook() -> bytes:
    """A cell whose words are broken into runs of their own format."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    bold = book.add_format({"bold": True})
    book.add_worksheet().write_rich_string("A1", "12 La", bold, "rchw", "ood Road")
    book.close()
    return file.getvalue()


def printed(*pages: str, attachment: bytes = b"", **properties: str) -> bytes:
    """A PDF of pages by one program, with properties and an attachment put in by another."""
    made = typst.compile("#pagebreak()\n".join(f"{words}\n" for words in pages).encode(), format="pdf")
    writer = PdfWriter(clone_from=io.BytesIO(made))
    writer.add_metadata({f"/{name}": value for name, value in properties.items()})
    if attachment:
        writer.add_attachment("more.txt", attachment)
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def with_note() -> bytes:
    """A PDF whose page has a remark pinned to it, which no print shows."""
    writer = PdfWriter(clone_from=io.BytesIO(printed("nothing")))
    note = {"/Type": NameObject("/Annot"), "/Subtype": NameObject("/Text"), "/Contents": TextStringObject(WORDS)}
    writer.add_annotation(0, DictionaryObject({NameObject(key): value for key, value in note.items()}))
    return written(writer)


def unused_stream() -> bytes:
    """A PDF with an object that no page refers to."""
    writer = PdfWriter(clone_from=io.BytesIO(printed("nothing")))
    stream = DecodedStreamObject()
    stream.set_data(b"BT [(12 La) 3 (rchwood R) -2 (oad)] TJ ET")
    writer._add_object(stream)
    return written(writer)


def changed_pdf() -> bytes:
    """A PDF to which a newer version was added, the older one still in it."""
    writer = PdfWriter(io.BytesIO(printed("nothing")), incremental=True)
    writer.add_metadata({"/Title": "newer"})
    return written(writer)


def pdf_bomb() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(printed("nothing")))
    stream = DecodedStreamObject()
    stream.set_data(b"\0" * 100_000_000)
    writer._add_object(stream.flate_encode())
    return written(writer)


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(printed("nothing")))
    writer.encrypt("", algorithm="RC4-128")
    return written(writer)


def mail(coding: str) -> bytes:
    content = {
        "base64": lambda: base64.encodebytes(f"x {WORDS}".encode()),
        "quoted-printable": lambda: quopri.encodestring(f"{'x' * 60} {WORDS}".encode()),
        "8bit": lambda: f"{'é'} {WORDS}".encode(),
        "soft breaks": lambda: b"12 La=\nrchw=\nood =\nRoad",
    }[coding]()
    named = "quoted-printable" if coding == "soft breaks" else coding
    head = "From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
    return (head + named).encode() + b"\n\n" + content


def pdf_remark() -> bytes:
    """A PDF with a remark between two objects, which no program shows."""
    made = printed("nothing")
    at = made.index(b"endobj") + 6
    length = len(f"\n% {WORDS}")
    start = int(made[made.rindex(b"startxref") + 9 :].split()[0])
    table = made[start:]
    head = made[:at] + f"\n% {WORDS}".encode() + made[at:start]
    moved = re.sub(
        rb"(\d{10}) (\d{5}) n", lambda m: b"%010d %s n" % (int(m[1]) + length * (int(m[1]) > at), m[2]), table
    )
    return head + re.sub(rb"startxref\s+\d+", b"startxref\n%d" % (start + length), moved)


def octal_note() -> bytes:
    """A PDF with an object of no page that shows its words in octal."""
    writer = PdfWriter(clone_from=io.BytesIO(printed("nothing")))
    stream = DecodedStreamObject()
    stream.set_data(b"BT (" + b"".join(b"\\%03o" % letter for letter in WORDS.encode()) + b") Tj ET")
    writer._add_object(stream)
    return written(writer)


HIDDEN = {
    "text": lambda: f"At {WORDS}.".encode(),
    "UTF-16": lambda: f"At {WORDS}.".encode("utf-16"),
    "page tags": lambda: b"<p>12 Lar<b>chw</b>ood <i>Road</i></p>",
    "gzip": lambda: gzip.compress(WORDS.encode()),
    "gzip, second member": lambda: gzip.compress(b"nothing") + gzip.compress(WORDS.encode()),
    "gzip, name": lambda: b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"12-larchwood-road\0" + gzip.compress(b"x")[10:],
    "zip": lambda: zipped(("a.txt", WORDS.encode())),
    "zip, stored": lambda: zipped(("a.txt", WORDS.encode()), method=zipfile.ZIP_STORED),
    "zip, name": lambda: zipped(("12-Larchwood-Road.txt", b"nothing")),
    "zip, remark": zip_with_remark,
    "zip in zip": lambda: zipped(("b.zip", zipped(("a.txt", WORDS.encode())))),
    "gzip in zip in gzip": lambda: gzip.compress(zipped(("a.gz", gzip.compress(WORDS.encode())))),
    "document": lambda: document(runs(WORDS)),
    "document, broken runs": lambda: document(runs("12 La", "rchw", "ood R", "oad")),
    "document, comment": lambda: document(
        runs("nothing"), ("word/comments.xml", f"<w:comments {_W}>{runs(WORDS)}</w:comments>")
    ),
    "document, header": lambda: document(runs("nothing"), ("word/header1.xml", f"<w:hdr {_W}>{runs(WORDS)}</w:hdr>")),
    "document, property": lambda: document(runs("nothing"), ("docProps/core.xml", f"<p><title>{WORDS}</title></p>")),
    "document, attribute": lambda: document(f'<w:p><w:docPr descr="{WORDS}"/></w:p>'),
    "document, remark": lambda: document(f"<!-- {WORDS} -->"),
    "document, escapes": lambda: document(runs("12 &#76;archwood Road")),
    "document, tracked change": tracked,
    "document, struck": lambda: document(f"<w:p><w:del><w:r><w:delText>{WORDS}</w:delText></w:r></w:del></w:p>"),
    "document in zip": lambda: zipped(("a.docx", document(runs("12 Larch", "wood Road")))),
    **{
        f"workbook, {hide}": lambda hide=hide: workbook(hide)
        for hide in ("hidden sheet", "sheet name", "comment", "property", "defined name", "footer", "formula")
    },
    "workbook, broken runs": rich_workbook,
    "PDF": lambda: printed(WORDS),
    "PDF, second page": lambda: printed("nothing", f"nothing but {WORDS}"),
    "PDF, small steps": lambda: printed("12 La#h(1pt)rch#h(2pt)wood Road"),
    "PDF, property": lambda: printed("nothing", Subject=WORDS),
    "PDF, own property": lambda: printed("nothing", Xyz=WORDS),
    "PDF, attachment": lambda: printed("nothing", attachment=WORDS.encode()),
    "PDF, zip attached": lambda: printed("nothing", attachment=zipped(("a.txt", WORDS.encode()))),
    "PDF, note": with_note,
    "PDF, object of no page": unused_stream,
    "PDF, octal": octal_note,
    "PDF, remark": pdf_remark,
    "JSON, line ends": lambda: b'{"text": "0770\\n0 90\\n0123"}',
    **{f"mail, {coding}": lambda coding=coding: mail(coding) for coding in ("base64", "quoted-printable", "8bit")},
    "mail, soft breaks": lambda: mail("soft breaks"),
    "mail, header": lambda: b"From: a@b.example\nX-Note: =?utf-8?q?12_Larchwo?= =?utf-8?q?od_Road?=\n\nnothing",
    "calendar, folded": lambda: b"BEGIN:VCALENDAR\r\nSUMMARY:12 Lar\r\n chwood R\r\n\toad\r\nEND:VCALENDAR\r\n",
    "calendar, escaped": lambda: b"BEGIN:VCALENDAR\nLOCATION:12\\, Larchwood\\nRoad\nEND:VCALENDAR\n",
}


def picture_page() -> bytes:
    """A PDF whose page shows a picture, of words perhaps."""
    writer = PdfWriter(clone_from=io.BytesIO(printed("nothing")))
    picture = DecodedStreamObject()
    picture.set_data(b"\0\0\0")
    picture.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Image")})
    writer._add_object(picture)
    return written(writer)


def secret_font() -> bytes:
    """A PDF whose fonts do not say what their letters are: what it shows is not what can be read."""
    writer = PdfWriter(clone_from=io.BytesIO(printed("nothing")))
    for item in writer._objects:
        if isinstance(item, DictionaryObject) and item.get("/Type") == "/Font":
            item.pop("/ToUnicode", None)
    return written(writer)


def locked_zip() -> bytes:
    content = bytearray(zipped(("a.txt", b"nothing")))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def nested(depth: int) -> bytes:
    content = WORDS.encode()
    for _ in range(depth):
        content = zipped(("a", content))
    return content


def twice_listed() -> bytes:
    """An archive of which the list names one entry, though another lies before it."""
    hidden = zipped(("a.txt", WORDS.encode()))
    file = io.BytesIO(hidden[: hidden.index(b"PK\x01\x02")])
    file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("b.txt", "nothing")
    return file.getvalue()


CLOSED = {
    "picture": lambda: b"\xff\xd8\xff\xe0\0\x10JFIF",
    "unknown": lambda: b"\0\1\2\3nothing",
    "latin letters": lambda: "é".encode("latin-1"),
    "old office file": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "rich text": lambda: b"{\\rtf1 12 Larch{\\b wood} Road}",
    "zip, locked": locked_zip,
    "zip with a picture": lambda: zipped(("a.jpg", b"\xff\xd8\xff\xe0")),
    "zip bomb": lambda: zipped(("a", b"\0" * 60_000_000)),
    "zip bomb of text": lambda: zipped(*((str(number), b"a" * 30_000_000) for number in range(2))),
    "zip of many": lambda: zipped(*((str(number), b"") for number in range(2_100))),
    "zip, bytes before": lambda: WORDS.encode() + zipped(("a.txt", b"nothing")),
    "zip, bytes behind": lambda: zipped(("a.txt", b"nothing")) + WORDS.encode(),
    "zip, entry not listed": twice_listed,
    "zip, packed otherwise": lambda: zipped(("a.txt", b"nothing"), method=zipfile.ZIP_BZIP2),
    "zip, cut": lambda: zipped(("a.txt", b"nothing" * 50))[:-30],
    "zip too deep": lambda: nested(9),
    "gzip bomb": lambda: gzip.compress(b"\0" * 60_000_000),
    "gzip, cut": lambda: gzip.compress(b"nothing" * 50)[:-9],
    "gzip, bytes behind": lambda: gzip.compress(b"nothing") + WORDS.encode(),
    "document with entities": lambda: zipped(
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "12 Larchwood Road">]><a>&b;</a>')
    ),
    "document, not well formed": lambda: zipped(("a.xml", b'<?xml version="1.0"?><a><b></a>')),
    "PDF, locked": locked_pdf,
    "PDF bomb": pdf_bomb,
    "PDF, older version": changed_pdf,
    "PDF, picture": picture_page,
    "PDF, font without letters": secret_font,
    "PDF, bytes behind": lambda: printed("nothing") + WORDS.encode(),
    "PDF, cut": lambda: printed("nothing")[:-200],
    "mail, unknown coding": lambda: mail("base64").replace(b": base64", b": x-own"),
    "mail with a picture": lambda: (
        mail("base64").replace(b"text/plain; charset=utf-8", b"image/png")[:140]
        + b"\n\n"
        + base64.b64encode(b"\x89PNG\r\n\x1a\n\0")
    ),
}
