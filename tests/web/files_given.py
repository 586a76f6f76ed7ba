"""Files that somebody gives to a case, made here: a letter, a document, pictures; and such as are not taken."""

import io
import struct
import zipfile
import zlib

import typst
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pdf(words: str = "The assessment is done.") -> bytes:
    """A PDF of one page of words."""
    return typst.compile(f"{words}\n".encode(), format="pdf")


def scanned() -> bytes:
    """A PDF whose page is a picture: what it says can be searched by nobody."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf("nothing")))
    picture = DecodedStreamObject()
    picture.set_data(b"\0\0\0")
    picture.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Image")})
    writer._add_object(picture)
    return _written(writer)


def acting_pdf(name: str = "/JavaScript", packed: bool = False) -> bytes:
    """A PDF that does something when it is opened; its objects packed, so that a search of the bytes misses it."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf("nothing")))
    action = DictionaryObject({NameObject("/S"): NameObject(name), NameObject("/JS"): TextStringObject("app.alert(1)")})
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(action)
    made = _written(writer)
    if not packed:
        return made
    # Names may be written in numbers (ISO 32000, 7.3.5), so that the letters stand nowhere.
    return made.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS ", b"/J#53 ")


def locked_pdf() -> bytes:
    """A PDF under a password."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf("nothing")))
    writer.encrypt("secret")
    return _written(writer)


def with_file() -> bytes:
    """A PDF with another file in it."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf("nothing")))
    writer.add_attachment("more.exe", b"MZ")
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def zipped(**entries: bytes) -> bytes:
    """An archive of entries by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(words: str = "The assessment is done.", types: str = _TYPES, **more: bytes) -> bytes:
    """A Word document of one line, with more parts."""
    body = f"<w:document {_W}><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    parts = {"[Content_Types].xml": (head + types).encode(), "word/document.xml": (head + body).encode()}
    return zipped(**parts, **more)


def relationship(kind: str, target: str) -> bytes:
    """A part of a Word document that leads elsewhere."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="a" Type="{_RELATION}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    ).encode()


def odt(**more: bytes) -> bytes:
    """An OpenDocument text."""
    content = b'<?xml version="1.0" encoding="UTF-8"?><office><text>words</text></office>'
    return zipped(**{"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content, **more})


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A picture of one point, with what a program wrote beside it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunk(*one) for one in chunks) + chunk(
        b"IDAT", zlib.compress(b"\0\0")
    ) + chunk(b"IEND", b"")  # fmt: skip


def jpeg(where: bytes = b"") -> bytes:
    """A picture with what a camera wrote of where it was taken."""
    exif = b"\xff\xe1" + struct.pack(">H", len(where) + 8) + b"Exif\0\0" + where if where else b""
    return b"\xff\xd8" + exif + b"\xff\xdb\x00\x04\x00\x01" + b"\xff\xda\x00\x03\x00ab\xff\xd9"
