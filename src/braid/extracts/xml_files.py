"""XML as partners send it, without the dangers: no document type, no entities, no network, no giant trees.

A file is read piece by piece: the elements of a name (a child of a census, an entry of a bundle) are handed out as they
end and then let go, with whatever stands between them, so that memory does not grow with the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from braid.extracts.blocks import TextFile, iterate_bytes, look_over, note_other_encoding
from braid.extracts.files import decode, decode_noted
from braid.extracts.model import Reading, UnreadableFile

LONGEST_PIECE = 32 << 20
"""Bytes within which a piece ends: neither a piece nor what stands before the first or behind the last is longer."""
BLOCK_BYTES = 1 << 18
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-?8[\"'])", re.IGNORECASE)
"""An encoding that is declared and may be true of bytes that are no UTF-8."""
_PARSER: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class XmlPieces:
    """The pieces of one XML file.

    Iterating yields `(element, True)` for each outermost element of the name and `(element, False)` for each element
    that stands complete beside the way to one, in the order of the file. An element is whole when it is yielded, its
    tail included. A piece whose tail may still follow is yielded again with it, emptied, as what stands between; then
    it is gone. What is left at the end, the way to the last piece with all that follows it, is `root`.
    """

    root: Any

    def __init__(self, text_file: TextFile, name: str, at_top: bool = False) -> None:
        """Set out to read a file that was looked over; `at_top` leaves alone what is not directly inside the root."""
        self._text_file = text_file
        self._name = name
        self._at_top = at_top
        self._gone: dict[int, tuple[Any, Counter[str]]] = {}

    def place(self, element: Any) -> str:
        """Return where an element of a piece, or of what stands between them, stands in the whole file: an XPath."""
        steps = []
        while (parent := element.getparent()) is not None:
            name = local_name(element)
            depth = sum(1 for _ in parent.iterancestors())
            holder, gone = self._gone.get(depth, (None, Counter[str]()))
            before = gone[name] if holder is parent else 0
            steps.append(f"{name}[{before + _number(element)}]")
            element = parent
        return "/" + "/".join([local_name(element), *reversed(steps)])

    def __iter__(self) -> Iterator[tuple[Any, bool]]:
        """Yield the pieces and what stands between them; raise `UnreadableFile` with the line where it is no XML."""
        self._parser = etree.XMLPullParser(events=("end",), tag=self._name, **_PARSER)
        silent = 0
        for block in iterate_xml(self._text_file):
            _do(self._parser.feed, block)
            silent += len(block)
            for piece in self._pieces():
                silent = 0
                yield from self._before(piece)
                yield piece, True
                piece.clear(keep_tail=True)
            if silent > LONGEST_PIECE:
                raise UnreadableFile(
                    "xml_piece_too_long",
                    f"more than {LONGEST_PIECE >> 20} MB without the end of a record: check which standard it follows",
                )
        self.root = _do(self._parser.close)
        for piece in self._pieces():
            yield from self._before(piece)
            yield piece, True
            piece.clear(keep_tail=True)
        if self.root.getroottree().docinfo.internalDTD is not None:
            raise _doctype()

    def _before(self, piece: Any) -> Iterator[tuple[Any, bool]]:
        """Yield what stands complete before a piece, on each level of the way to it, from the outside; then remove it.

        What was removed is counted, since it tells which of its name each element behind it is.
        """
        for depth, holder in enumerate((*reversed(list(piece.iterancestors())), piece), -1):
            parent = holder.getparent()
            while parent is not None and parent[0] is not holder:
                yield parent[0], False
                if self._gone.get(depth, (None,))[0] is not parent:
                    self._gone[depth] = (parent, Counter())
                self._gone[depth][1][local_name(parent[0])] += 1
                del parent[0]

    def _pieces(self) -> Iterator[Any]:
        for _, element in self._parser.read_events():
            if self._at_top:
                parent = element.getparent()
                is_piece = parent is not None and parent.getparent() is None
            else:
                is_piece = next(element.iterancestors(self._name), None) is None
            if is_piece:
                yield element


def _number(element: Any) -> int:
    """Return which of its name an element is among those beside it that are still there, from 1."""
    return 1 + sum(1 for _ in element.itersiblings(element.tag, preceding=True))


def place_below(element: Any, holder: Any, place: str) -> str:
    """Return where an element stands in one that stands at `place` and is whole: an XPath of names and places."""
    steps = []
    while element is not holder and element is not None:
        steps.append(f"{local_name(element)}[{_number(element)}]")
        element = element.getparent()
    return "/".join([place, *reversed(steps)])


def look_over_xml(path: Path, reading: Reading) -> TextFile:
    """Return what holds of an XML file as a whole, noting another encoding than it declares.

    Raises `UnreadableFile` where it is absent, empty, binary or declares a document type.
    """
    text_file = look_over(path)
    _refuse_doctype(text_file)
    if _is_undeclared(text_file):
        note_other_encoding(text_file, reading)
    return text_file


def find_root(text_file: TextFile) -> tuple[str, str]:
    """Return namespace and name of the root element; raise `UnreadableFile` where there is none."""
    parser = etree.XMLPullParser(events=("start",), **_PARSER)
    for block in iterate_xml(text_file):
        _do(parser.feed, block)
        for _, element in parser.read_events():
            return etree.QName(element).namespace or "", local_name(element)
    _do(parser.close)
    raise UnreadableFile("xml_malformed", "the file has no root element: check what was sent")


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace; empty for comments and processing instructions."""
    return _without_namespace(element.tag)


@lru_cache(maxsize=4096)
def _without_namespace(tag: Any) -> str:
    """Return the local part of a tag: the same few come again and again."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def parse_xml(data: bytes, reading: Reading) -> Any:
    """Return the root element of XML bytes, whole; raise `UnreadableFile` with the line where they are none."""
    if any(doctype in data for doctype in _DOCTYPES):
        raise _doctype()
    try:
        root = _parse(data)
    except etree.XMLSyntaxError as error:
        root = _parse_other_encoding(data, reading, error)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    return root


def in_known_encoding(data: bytes) -> bytes:
    """Return XML bytes that a parser takes: those that are no UTF-8 and declare nothing else are read as text first.

    For bytes that `parse_xml` has read before, and whose encoding was noted then.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text, encoding = decode(data)
        return data if _DECLARED.match(data) or encoding == "utf-16" else text.encode()
    return data


def _parse(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(**_PARSER))


def _parse_other_encoding(data: bytes, reading: Reading, error: etree.XMLSyntaxError) -> Any:
    """Parse bytes that are no UTF-8 and declare nothing else; otherwise refuse with the line of the first `error`."""
    try:
        data.decode("utf-8")
        is_utf8 = True
    except UnicodeDecodeError:
        is_utf8 = False
    if is_utf8 or _DECLARED.match(data):
        raise _unreadable(error) from None
    try:
        return _parse(decode_noted(data, reading).encode())
    except etree.XMLSyntaxError as second:
        raise _unreadable(second) from None


def iterate_xml(text_file: TextFile) -> Iterator[bytes]:
    """Yield the file as the parser can read it: as it stands, or as UTF-8 where it is not and says nothing else."""
    if _is_undeclared(text_file):
        yield from iterate_bytes(text_file, BLOCK_BYTES)
        return
    with text_file.path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block


def _is_undeclared(text_file: TextFile) -> bool:
    if text_file.encoding not in ("cp1252", "iso-8859-1"):
        return False
    with text_file.path.open("rb") as stream:
        return not _DECLARED.match(stream.read(1024))


def _do(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except etree.XMLSyntaxError as error:
        raise _unreadable(error) from None


def _refuse_doctype(text_file: TextFile) -> None:
    longest, rest = max(map(len, _DOCTYPES)), b""
    with text_file.path.open("rb") as stream:
        while block := stream.read(1 << 20):
            looked_at = rest + block
            if any(doctype in looked_at for doctype in _DOCTYPES):
                raise _doctype()
            rest = looked_at[1 - longest :]


def _doctype() -> UnreadableFile:
    return UnreadableFile("xml_doctype", "the file declares a document type: remove it, it is not part of any return")


def _unreadable(error: etree.XMLSyntaxError) -> UnreadableFile:
    line = error.lineno or 1
    return UnreadableFile("xml_malformed", f"no well-formed XML from line {line} on: cut short or another format?")
