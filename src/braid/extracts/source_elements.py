"""From a row reference back to the element of XML that it names: by its place, or by the line in which it begins."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from braid.extracts.blocks import look_over
from braid.extracts.model import UnreadableFile
from braid.extracts.source_found import RowNotFound, SourceRow
from braid.extracts.xml_files import iterate_xml, local_name

SAMPLE_BYTES = 1 << 16
_STEP = re.compile(r"([^/\[\]]+)(?:\[(\d+)\])?")
_FED = 1 << 14
"""Bytes of XML that are gone through at a time: what begins and ends in them is held together."""
_SAFE: dict[str, bool] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""As `braid.extracts.xml_files` reads."""
Named = tuple[str, int]
Place = list[Named]
"""Where an element stands: from the root on each name, and which of that name it is among its siblings."""


def read_element(path: Path, xpath: str) -> SourceRow:
    """Return the element of an XPath of names and places alone, as our references are."""
    steps = [_STEP.fullmatch(step) for step in xpath.strip("/").split("/")]
    if not all(steps):
        raise RowNotFound("the reference is no XPath of names and places")
    wanted = [(step[1].rpartition(":")[2], int(step[2] or 1)) for step in steps if step]
    for place, element, _ in _elements(path, lambda place, _: place == wanted):
        if place == wanted:
            return _element_row(element)
    raise RowNotFound("the file has no element at that place")


def read_element_of_line(path: Path, number: int, key: str) -> SourceRow:
    """Return the outermost element that begins in a line, has others inside it, and is about one key alone.

    Where several people stand in one line, what holds them all begins there too: it is no row of anybody.
    """
    own: dict[tuple[Named, ...], SourceRow] = {}
    others: dict[tuple[Named, ...], SourceRow] = {}
    for place, element, line in _elements(path, lambda place, line: line == number and len(place) > 1):
        if line != number or len(place) < 2 or not len(element):
            continue
        is_own = _is_about(element, key)
        if is_own is not False:
            found = own if is_own else others
            for inner in [one for one in found if one[: len(place)] == tuple(place)]:
                del found[inner]
            found[tuple(place)] = _element_row(element)
    found = own or others
    if len(found) == 1:
        return next(iter(found.values()))
    raise RowNotFound(
        f"{len(found)} elements begin in line {number}: nobody can say which is meant"
        if found
        else f"no element with others inside it begins in line {number}"
    )


def _is_about(element: Any, key: str) -> bool | None:
    """Return whether an element is about a key alone; `None` where the key does not stand in it."""
    texts = [(local_name(one), (one.text or "").strip()) for one in element.iter()]
    named = {name for name, text in texts if key and text == key}
    return all(text == key for name, text in texts if name in named) if named else None


def _elements(path: Path, keeps: Callable[[Place, int], bool]) -> Iterator[tuple[Place, Any, int]]:
    """Yield each element as it ends, with the names and places that lead to it and the line in which it begins.

    What `keeps` wants, by place and line, is whole when it is yielded; all else is let go of as it ends.
    """
    names: Place = []
    places: list[Counter[str]] = [Counter()]
    kept = 0
    for event, element in _events(path):
        if event == "start":
            name = local_name(element)
            places[-1][name] += 1
            names.append((name, places[-1][name]))
            places.append(Counter())
            kept += keeps(names, element.sourceline or 0)
            continue
        yield list(names), element, element.sourceline or 0
        kept -= keeps(names, element.sourceline or 0)
        names.pop()
        places.pop()
        if not kept:
            _let_go(element)


def _events(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield where elements begin and end, of a file in whatever encoding it was read."""
    try:
        if _is_utf8(path):
            with path.open("rb") as stream:
                yield from etree.iterparse(stream, events=("start", "end"), **_SAFE)
            return
        parser = etree.XMLPullParser(events=("start", "end"), **_SAFE)
        for block in iterate_xml(look_over(path)):
            for at in range(0, len(block), _FED):
                parser.feed(block[at : at + _FED])
                yield from parser.read_events()
        parser.close()
        yield from parser.read_events()
    except (etree.XMLSyntaxError, UnreadableFile):
        raise RowNotFound("the file is no well-formed XML any more") from None


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while block := stream.read(SAMPLE_BYTES):
                decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _let_go(element: Any) -> None:
    parent = element.getparent()
    element.clear()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _element_row(element: Any) -> SourceRow:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return SourceRow("element", text)
