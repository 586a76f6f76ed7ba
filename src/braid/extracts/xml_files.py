"""XML as partners send it, without the dangers: no document type, no entities, no network, no giant trees."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree

from braid.extracts.files import check_not_blank, decode, decode_noted, read_bytes
from braid.extracts.model import Reading, UnreadableFile

_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding", re.IGNORECASE)


def read_xml(path: Path, reading: Reading) -> Any:
    """Return the root element of an XML file; raise `UnreadableFile` with the line where it is none or is cut short."""
    data = read_bytes(path)
    check_not_blank(data)
    return parse_xml(data, reading)


def parse_xml(data: bytes, reading: Reading) -> Any:
    """Return the root element of XML bytes, as `read_xml`."""
    if any(doctype in data for doctype in _DOCTYPES):
        raise UnreadableFile(
            "xml_doctype", "the file declares a document type: remove it, it is not part of any return"
        )
    try:
        root = _parse(data)
    except etree.XMLSyntaxError as error:
        root = _parse_other_encoding(data, reading, error)
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(
            "xml_doctype", "the file declares a document type: remove it, it is not part of any return"
        )
    return root


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def in_known_encoding(data: bytes) -> bytes:
    """Return XML bytes that a parser takes: those that declare no encoding and are no UTF-8 are read as text first.

    For bytes that `parse_xml` has read before, and whose encoding was noted then.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text, encoding = decode(data)
        return data if _DECLARED.match(data) or encoding == "utf-16" else text.encode()
    return data


def _parse(data: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(data, parser)


def _parse_other_encoding(data: bytes, reading: Reading, error: etree.XMLSyntaxError) -> Any:
    """Parse bytes that declare no encoding and are no UTF-8; otherwise refuse with the line of the first `error`."""
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


def _unreadable(error: etree.XMLSyntaxError) -> UnreadableFile:
    line = error.lineno or 1
    return UnreadableFile("xml_malformed", f"no well-formed XML from line {line} on: cut short or another format?")
