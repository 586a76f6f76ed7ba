"""The guard sees through every container, or the content stays; no content makes it crash, hang or claim too much."""

from __future__ import annotations

import gzip
import io
import time
import zipfile

import pytest
from containers_made import CLOSED, HIDDEN, WORDS, document, mail, printed, runs, workbook, zipped
from hypothesis import given, settings
from hypothesis import strategies as st
from outgoing import NORMAL, TOKENS, reasons, rendered_for

from braid.outbound import CannotOpen, File, Text, open_container
from braid.outbound.containers import unfold
from braid.trust.locations import find_tokens


def found(content: bytes) -> bool:
    return any(find_tokens(text, TOKENS) for _, text in open_container(content))


@pytest.mark.parametrize("where", HIDDEN)
def test_a_hidden_location_is_found(where: str) -> None:
    assert found(HIDDEN[where]())


IN_A_MAIL = (
    "gzip",
    "zip in zip",
    "document, broken runs",
    "workbook, hidden sheet",
    "PDF, second page",
    "mail, base64",
)


@pytest.mark.parametrize("where", (*IN_A_MAIL, "mail, base64", "calendar, folded"))
def test_a_hidden_location_is_refused_as_an_attachment(where: str) -> None:
    pieces = (Text("Plan", "See the file.", NORMAL), File("plan", HIDDEN[where](), NORMAL))
    assert reasons(rendered_for("email", pieces=pieces)) == ("location",)


@pytest.mark.parametrize("what", CLOSED)
def test_what_cannot_be_read_in_full_stays_closed(what: str) -> None:
    content, started = CLOSED[what](), time.monotonic()
    with pytest.raises(CannotOpen) as told:
        open_container(content)
    assert time.monotonic() - started < 5
    assert "Larchwood" not in str(told.value)


@pytest.mark.parametrize("what", ["unknown", "zip, locked", "PDF, locked", "zip with a picture"])
def test_what_stays_closed_is_withheld(what: str) -> None:
    pieces = (Text("Plan", "See the file.", NORMAL), File("plan", CLOSED[what](), NORMAL))
    assert reasons(rendered_for("email", pieces=pieces)) == ("unsearchable",)


HARMLESS = {
    "document": document(runs("The review ", "is on ", "Monday.")),
    "workbook": workbook("nothing"),
    "PDF": printed("The review is on Monday.", "Page two."),
    "zip": zipped(("a.txt", b"The review is on Monday."), ("folder/", b"")),
    "gzip": gzip.compress(b"The review is on Monday."),
    "mail": mail("8bit").replace(WORDS.encode(), b"The review"),
    "page": b"<p>5 &lt; 6</p>",
}


@pytest.mark.parametrize("what", HARMLESS)
def test_a_harmless_file_is_opened_and_leaves(what: str) -> None:
    pieces = (Text("Plan", "See the file.", NORMAL), File("plan", HARMLESS[what], NORMAL))
    assert reasons(rendered_for("email", pieces=pieces)) == ()


def test_a_zip_written_to_a_pipe_is_opened() -> None:
    """Such a file gives the sizes of an entry behind it."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.content = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.content += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.txt", "b.txt"):
            archive.writestr(name, WORDS)
    assert pipe.content[6] & 8 and found(pipe.content)


SEEDS = [*(make() for make in HIDDEN.values()), *HARMLESS.values()]


@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_container_never_breaks_the_reader(seed: bytes, data: st.DataObject) -> None:
    """Bytes flipped, cut out or put in: it is opened or it stays closed, quickly, and never raises anything else."""
    content = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        how = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if how == "flip" and content:
            content[at] ^= data.draw(st.integers(1, 255))
        elif how == "cut":
            del content[at : at + data.draw(st.integers(1, 64))]
        else:
            content[at:at] = data.draw(st.binary(min_size=1, max_size=16))
    started = time.monotonic()
    leaves = unfold("content", bytes(content))
    assert time.monotonic() - started < 10
    assert leaves or not content


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=60)), max_size=5), st.integers(0, 3))
@settings(max_examples=60)
def test_nothing_is_skipped(entries: list[tuple[str, bytes]], wrap: int) -> None:
    """What goes into archives comes out as it was, entry by entry, or the whole stays closed."""
    named = [(f"{number}{name}".replace("\0", ""), content) for number, (name, content) in enumerate(entries)]
    try:
        packed = zipped(*named)
    except (ValueError, UnicodeEncodeError):
        return
    for _ in range(wrap):
        packed = gzip.compress(packed, mtime=0)
    try:
        texts = [text for _, text in open_container(packed)]
    except CannotOpen:
        assert any(_words(content) is None for _, content in named)
        return
    for _, content in named:
        words = _words(content)
        assert words is not None and any(words.encode() in text for text in texts)


def _words(content: bytes) -> str | None:
    """The content as text, or None where it is none or holds control characters."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        words = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if set(words) & {chr(code) for code in (*range(32), 127)} - set("\t\r\n\f") else words


@given(st.binary(max_size=400))
def test_any_bytes_are_opened_or_stay_closed(content: bytes) -> None:
    leaves = unfold("content", content)
    words = _words(content)
    if not any(leaf.closed for leaf in leaves):
        assert words is not None and (not words or any(words.encode() in leaf.content for leaf in leaves))
