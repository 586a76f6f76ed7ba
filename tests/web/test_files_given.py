"""Files that are taken and files that are not, by content and by name; and what is taken out of a picture."""

import os

import files_given
import pytest

from braid.outbound.document_file import (
    FILE_KINDS,
    MOST_BYTES,
    FileRefused,
    can_be_searched,
    readings,
    take_file,
)

TAKEN = {
    "letter.pdf": ("pdf", files_given.pdf),
    "C:\\fakepath\\LETTER.PDF": ("pdf", files_given.pdf),
    "../../etc/letter.pdf": ("pdf", files_given.pdf),
    "scan.pdf": ("pdf", files_given.scanned),
    "letter.docx": ("docx", files_given.docx),
    "letter.odt": ("odt", files_given.odt),
    "photo.JPEG": ("jpeg", files_given.jpeg),
    "photo.png": ("png", files_given.png),
    "note.txt": ("text", lambda: "Grüße, and £5\r\n\tindented".encode()),
    "links.docx": (
        "docx",
        lambda: files_given.docx(
            **{"word/_rels/document.xml.rels": files_given.relationship("hyperlink", "https://x")}
        ),
    ),
}
REFUSED = {
    "empty": ("a.pdf", lambda: b"", "is empty"),
    "too long": ("a.pdf", lambda: b"%PDF-" + bytes(MOST_BYTES), "larger than 10 MB"),
    "no ending": ("letter", files_given.pdf, "one of these kinds"),
    "a page": ("a.html", lambda: b"<script>alert(1)</script>", "one of these kinds"),
    "a picture that acts": ("a.svg", lambda: b"<svg onload='alert(1)'/>", "one of these kinds"),
    "a workbook": ("a.xlsx", files_given.docx, "one of these kinds"),
    "a document with macros by name": ("a.docm", files_given.docx, "one of these kinds"),
    "two endings": ("a.pdf.exe", files_given.pdf, "one of these kinds"),
    "named as another": ("a.png", files_given.pdf, "is something else"),
    "a program named as a PDF": ("a.pdf", lambda: b"MZ\x90", "is something else"),
    "a page named as text": ("a.txt", lambda: b"<p>\0</p>", "holds something else"),
    "text of another coding": ("a.txt", lambda: "Grüße".encode("latin-1"), "UTF-8"),
    "a script in a PDF": ("a.pdf", files_given.acting_pdf, "a script"),
    "a script whose name is in numbers": ("a.pdf", lambda: files_given.acting_pdf(packed=True), "a script"),
    "a PDF that starts a program": ("a.pdf", lambda: files_given.acting_pdf("/Launch"), "starts another program"),
    "a PDF with a file in it": ("a.pdf", files_given.with_file, "another file"),
    "a PDF under a password": ("a.pdf", files_given.locked_pdf, "encrypted"),
    "a PDF cut short": ("a.pdf", lambda: files_given.pdf()[:200], "damaged"),
    "a Word document cut short": ("a.docx", lambda: files_given.docx()[:200], "damaged"),
    "an archive": ("a.docx", lambda: files_given.zipped(**{"a.txt": b"words"}), "no Word document"),
    "macros": ("a.docx", lambda: files_given.docx(**{"word/vbaProject.bin": b"x"}), "macros or other files"),
    "macros by type": (
        "a.docx",
        lambda: files_given.docx(types="<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>"),
        "macros or other files",
    ),
    "a file in a document": ("a.docx", lambda: files_given.docx(**{"word/embeddings/a.xlsx": b"x"}), "other files"),
    "a template from elsewhere": (
        "a.docx",
        lambda: files_given.docx(
            **{"word/_rels/settings.xml.rels": files_given.relationship("attachedTemplate", "https://evil.example/t")}
        ),
        "fetches something from elsewhere",
    ),
    "a picture from elsewhere": (
        "a.docx",
        lambda: files_given.docx(
            **{"word/_rels/document.xml.rels": files_given.relationship("image", "https://evil.example/i")}
        ),
        "fetches something from elsewhere",
    ),
    "a Word document named as OpenDocument": ("a.odt", files_given.docx, "no OpenDocument text"),
    "scripts in an OpenDocument text": ("a.odt", lambda: files_given.odt(**{"Scripts/a.py": b"x"}), "macros"),
    "a picture cut short": ("a.png", lambda: files_given.png()[:20], "damaged"),
    "an archive that unfolds too far": (
        "a.docx",
        lambda: files_given.docx(**{"word/media/a.bmp": bytes(60_000_000)}),
        "cannot be looked into",
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_of_the_closed_list_is_taken(name):
    code, make = TAKEN[name]
    content = make()
    taken = take_file(name, content)
    assert taken.kind is FILE_KINDS[code]
    assert taken.content == content or code == "jpeg", "as it was given; of a picture its points"


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_is_refused_with_the_rule(case):
    name, make, words = REFUSED[case]
    with pytest.raises(FileRefused, match=words) as refusal:
        take_file(name, make())
    assert "evil.example" not in str(refusal.value), "nothing of name or content in the message"


def test_where_a_picture_was_taken_is_taken_out():
    where = b"GPS 51.5007,-0.1246"
    assert where not in take_file("a.jpg", files_given.jpeg(where)).content
    assert where not in take_file("a.png", files_given.png((b"tEXt", b"Comment\0" + where))).content


def test_the_guard_reads_the_words_of_a_letter_whose_head_is_a_picture():
    content = files_given.scanned()
    assert not can_be_searched(content) and can_be_searched(files_given.pdf()) and can_be_searched(files_given.docx())
    found = readings(content)
    assert any(leaf.closed for leaf in found) and any(b"nothing" in leaf.content for leaf in found if not leaf.closed)


def test_no_noise_breaks_the_reader():
    """Random bytes behind each beginning are refused or taken, and nothing else happens."""
    for name, (_, make) in TAKEN.items():
        for _ in range(20):
            content = bytearray(make())
            at = int.from_bytes(os.urandom(4), "big") % len(content)
            content[at : at + 16] = os.urandom(16)
            try:
                take_file(name, bytes(content))
            except FileRefused:
                continue
