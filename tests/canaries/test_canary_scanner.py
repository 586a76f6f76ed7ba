"""The scanner finds every canary in every way of writing and every container; so that finding none says something."""

from __future__ import annotations

import ast
import base64
import gzip
import hashlib
import io
import json
import quopri
import random
import zipfile
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typst

from canaries.needles import Canary, make_needles
from canaries.scan import Report, Scanner
from canaries.search import Search

CANARIES = (
    Canary("a", "address", "12 Larchwood Road, Exampleton, ZZ99 1AB"),
    Canary("b", "postcode", "ZZ98 2CD"),
    Canary("c", "uprn", "999000111222"),
    Canary("d", "position", "51.507421, -0.127839"),
    Canary("e", "telephone", "07700 900123"),
    Canary("f", "email", "bel@refuge.example"),
    Canary("g", "school", "Saint Agnes Primary School"),
    Canary("h", "gp", "Harbour Lane Surgery"),
    Canary("i", "venue", "Harbour House unit 4"),
)
EVERY = {
    "plain": str.encode,
    "capitals": lambda text: text.upper().encode(),
    "squashed": lambda text: "".join(letter for letter in text if letter.isalnum()).upper().encode(),
    "with hyphens": lambda text: text.replace(" ", "-").replace(",", "").encode(),
    "HTML": lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
    "URL": lambda text: "".join(f"%{ord(letter):02x}" for letter in text).encode(),
    "URL as forms write it": lambda text: quote(text).replace("%20", "+").encode(),
    "JSON": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text).encode(),
    "quoted-printable": lambda text: "".join(f"={ord(letter):02X}" for letter in text).encode(),
    "quoted-printable, folded": lambda text: quopri.encodestring(("x" * 66 + text).encode()),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 +1": lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
    "base64 +2": lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
    "base64, folded": lambda text: base64.encodebytes(b"w" * 51 + text.encode()),
    "hexadecimal": lambda text: b"\\x" + text.encode().hex().encode(),
    "UTF-16 little": lambda text: text.encode("utf-16-le"),
    "UTF-16 big": lambda text: text.encode("utf-16-be"),
    **{
        way: lambda text, way=way: hashlib.new(way, text.encode()).hexdigest().encode()
        for way in ("md5", "sha1", "sha256")
    },
    "sha256, bytes": lambda text: hashlib.sha256(text.encode()).digest(),
}
ONE = {
    ("a", "postcode alone"): b"she is in ZZ99 1AB now",
    ("a", "postcode, squashed"): b"zz991ab",
    ("a", "house and outward code"): b"No 12, near ZZ99 , ask",
    ("a", "street line"): b"12 larchwood road",
    ("d", "position"): b'{"lat": 51.50742, "lon": -0.12784}',
    ("e", "national"): b"(07700) 900123",
    ("e", "international"): b"+447700900123",
    ("e", "with 0044"): b"0044 7700 900123",
    ("e", "with (0)"): b"+44 (0)7700 900123",
    ("e", "with hyphens"): b"07700-900-123",
}
PLANTS = [
    *((canary.name, way, make(canary.value)) for canary in CANARIES for way, make in EVERY.items()),
    *((name, way, content) for (name, way), content in ONE.items()),
]


def noise(seed: int, size: int = 3_000) -> bytes:
    return random.Random(seed).randbytes(size)


def _zip(content: bytes, name: str = "a.bin") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def _workbook(content: bytes) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("raw")
    sheet["C3"], sheet.sheet_state = content.decode(), "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _pdf(content: bytes) -> bytes:
    text = b'#import sys: inputs\n#set page(width: 200cm)\n#inputs.at("words")'
    return typst.compile(text, format="pdf", sys_inputs={"words": content.decode()})


def _parquet(content: bytes) -> bytes:
    try:
        column = pa.array(["nothing", content.decode()]).dictionary_encode()
    except UnicodeDecodeError:
        column = pa.array([b"nothing", content])
    file = io.BytesIO()
    pq.write_table(pa.table({"note": column}), file, compression="zstd")
    return file.getvalue()


def _document(content: bytes) -> bytes:
    words = content.decode().replace("&", "&amp;")
    half = len(words) // 2
    runs = "".join(f"<w:r><w:t>{part}</w:t></w:r>" for part in (words[:half], words[half:]))
    return _zip(f'<?xml version="1.0"?><w:document xmlns:w="w">{runs}</w:document>'.encode(), "word/document.xml")


CONTAINERS = {
    "text": lambda content: b"a line\n" + content + b"\nanother",
    "gzip": lambda content: gzip.compress(b"a line\n" + content),
    "zip in zip": lambda content: _zip(_zip(content)),
    "workbook, hidden sheet": _workbook,
    "document, broken runs": _document,
    "PDF": _pdf,
    "Parquet": _parquet,
    "database file": lambda content: b"\x01" + noise(1) + b"\0" + content + b"\0" + noise(2),
    "database dump": lambda content: b"COPY t (a) FROM stdin;\n7\t" + content + b"\n\\.\n",
}
TEXT_ALONE = {"workbook, hidden sheet", "document, broken runs", "PDF"}
FEW = {"plain", "squashed", "HTML", "base64 +1", "sha256", *(way for _, way in ONE)}
"""Ways of writing that are tried in containers that are slow to make."""
DECODED_IN_TEXT_ALONE = {
    *("HTML", "URL", "URL as forms write it", "JSON", "quoted-printable", "quoted-printable, folded"),
}


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(CANARIES)


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_canary_is_found_in_every_way_in_every_container(container: str, scanner: Scanner) -> None:
    missed, planted = [], 0
    for name, way, content in PLANTS:
        printable = all(32 <= code < 127 for code in content)
        if container in TEXT_ALONE and not (printable and way in FEW):
            continue
        if container == "database file" and way in DECODED_IN_TEXT_ALONE:
            continue  # escapes are undone in text alone
        report = Report()
        scanner.scan_bytes("planted", CONTAINERS[container](content), report)
        planted += 1
        if name not in {hit.canary for hit in report.hits} or report.unopened:
            missed.append((name, way))
    print(f"{container}: {planted - len(missed)} of {planted} planted canaries found")
    assert missed == [] and planted > 50


def test_nothing_is_found_where_nothing_is(scanner: Scanner) -> None:
    report = Report()
    words = "No 12 in ZZ97. 51.5074 north, 0.2278 west. Ring 07700 900124. Saint Agnes is a name. UPRN 999000111223. "
    for content in (
        words.encode() * 50,
        noise(3, 2_000_000),
        base64.b64encode(noise(4, 500_000)),
        json.dumps(words).encode(),
    ):
        scanner.scan_bytes("harmless", content, report)
    assert report.hits == set() and report.unopened == []
    assert report.files == 4 and report.bytes_looked_at > 2_500_000


def test_the_fast_search_agrees_with_the_plain_one() -> None:
    """Against `in`, over random bytes of few letters, where needles overlap and stand at the very start and end."""
    dice = random.Random(5)
    letters = b"abc"
    for _ in range(60):
        contents = {bytes(dice.choices(letters, k=dice.randint(4, 9))) for _ in range(12)}
        needles = [needle for needle in make_needles([CANARIES[1]]).squashed[:1] for _ in contents]
        needles = [type(needle)(content, needle.canary, "x") for needle, content in zip(needles, contents, strict=True)]
        hay = bytes(dice.choices(letters, k=dice.randint(0, 400)))
        assert {n.content for n in Search(needles).find(hay)} == {content for content in contents if content in hay}


def test_a_needle_across_two_chunks_is_found() -> None:
    (needle, *_) = make_needles([CANARIES[2]]).squashed
    for start in range(3_999_985, 4_000_005):
        hay = b"x" * start + needle.content + b"y" * 10
        assert list(Search([needle]).find(hay)) == [needle]


def test_a_container_that_cannot_be_opened_is_said(scanner: Scanner) -> None:
    report = Report()
    scanner.scan_bytes("cut", _zip(b"nothing" * 100)[:-30], report)
    assert report.unopened and report.unopened[0].startswith("cut")


def test_the_scanner_shares_no_code_with_what_it_checks() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        if path.name not in ("whole_demo.py", "test_canary_demo.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
            assert not any(module.split(".")[0] == "braid" for module in modules), path.name
