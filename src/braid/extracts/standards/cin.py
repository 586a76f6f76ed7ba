"""Children in need census (XML): one child a block, each with referrals, and in each the work that followed.

Every block of the seven kinds counts as a row of the part that bears its name. A pupil number with a wrong check letter
is kept and flagged. Names of elements drift (GenderCurrent became Sex); both are read whatever the year says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from braid.extracts.definition import Definition
from braid.extracts.fields import RowRefused
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards.cin_details import REFERRAL, STANDARD, WAITS, Block, read_details
from braid.extracts.walked import read_row, walked
from braid.extracts.xml_files import XmlPieces, find_root, local_name, look_over_xml

HEADER = "Header"


def known_elements(definition: Definition) -> frozenset[str]:
    """Return the names of all elements that a definition of XML knows."""
    found: set[str] = set()
    for part in definition.parts:
        found |= {*part.rows.split("/"), *part.groups, *part.holders}
        found |= {column.name for column in part.columns.values() if not column.is_given}
    return frozenset(found)


PARTS = tuple(part.name for part in walked(STANDARD).parts if part.name != HEADER)
KNOWN = known_elements(walked(STANDARD))
BLOCKS = frozenset(PARTS) - {"Child"}
ROW_LIMIT = 100_000
PlaceOf = Callable[[Any], str]


def read_cin(path: Path, reading: Reading) -> None:
    """Read a census file; raise `UnreadableFile` where it is none."""
    stated: dict[str, str] = {}
    text_file = look_over_xml(path, reading)
    if find_root(text_file)[1] != "Message":
        raise _no_census()
    pieces = XmlPieces(text_file, "{*}Child")
    for element, is_child in pieces:
        _read_piece(element, is_child, reading, stated, pieces.place)
        reading.piece_done()
    _read_piece(pieces.root, False, reading, stated, pieces.place)
    if stated.get("Collection", "") not in ("", "CIN"):
        raise _no_census()
    _check_year(stated, reading)


def _read_piece(element: Any, is_child: bool, reading: Reading, stated: dict[str, str], place: PlaceOf) -> None:
    """Read a child, or what stands between children, where every block is misplaced."""
    for name in ("Collection", "Year", "ReferenceDate"):
        if name not in stated:
            found = next(element.iter("{*}" + name), None)
            if found is not None:
                stated[name] = (found.text or "").strip()
    blocks = _count_unknown(element, reading, is_child, place)
    seen: set[Any] = set()
    children = list(_blocks(element, "Child")) if is_child else []
    for child in children:
        _read_child(child, reading, seen, place)
    if blocks > len(seen) - len(children):
        _reject_misplaced(element, reading, seen, place)


def _no_census() -> UnreadableFile:
    needed = "the file is no CIN census: a Message with Collection CIN is needed: check what was sent"
    return UnreadableFile("wrong_standard", needed)


def _check_year(stated: dict[str, str], reading: Reading) -> None:
    year, reference = stated.get("Year", ""), stated.get("ReferenceDate", "")
    known = walked(STANDARD)
    if year.isdecimal() and not known.first_year <= int(year) <= known.last_year:
        reading.warn(
            "year_unknown",
            "Year",
            None,
            f"the file states a year that is not known ({known.first_year} to {known.last_year} are) and was read by"
            " the rules of another, so that what is new in it is counted as unmapped: add the year, or ask the sender",
        )
    elif year and year != str(reading.source.collection_year):
        reading.note("year_differs", "Year", None, "the file states another collection year than it was read as")
    if year and reference and not reference.startswith(year):
        reading.note("reference_date_differs", "ReferenceDate", None, "ReferenceDate lies outside the stated Year")


def _count_unknown(root: Any, reading: Reading, is_child: bool, place: PlaceOf) -> int:
    """Count elements that no rule reads by name, and stray text between elements, which some systems write.

    The text behind a child comes with the emptied child, since it may not be there yet. Returns how many of the
    elements are rows of a part below a child.
    """
    blocks = 0
    for element in root.iter():
        name = local_name(element)
        if name in BLOCKS:
            blocks += 1
        elif name not in KNOWN and name:
            reading.unmapped[name] += 1
        tail = None if is_child and element is root else element.tail
        text = element.text
        if (tail and not tail.isspace()) or (text and len(element) and not text.isspace()):
            reading.unmapped["text between elements"] += 1
            reading.note("stray_text", name or None, place(element), "text between elements was ignored")
    return blocks


def _blocks(parent: Any, name: str) -> Iterator[Any]:
    return (element for element in parent.iter("{*}" + name) if local_name(element) == name)


def _read_child(child: Any, reading: Reading, seen: set[Any], place: PlaceOf) -> None:
    """Read a child and all blocks in it; where the child is refused, so is every block in it."""
    seen.add(child)
    block = Block(child, reading, place(child))
    reading.row_in("Child")
    try:
        key = _emit_child(block)
    except RowRefused as refused:
        _refuse(reading, "Child", child, refused, block.ref)
        for part in PARTS[1:]:
            for element in _blocks(child, part):
                seen.add(element)
                reading.row_in(part)
                _refuse(reading, part, element, RowRefused("parent_refused"), place(element))
        return
    reading.row_read("Child")
    for number, details in enumerate(child.iterchildren("{*}CINdetails"), 1):
        _read_block(details, key, reading, seen, f"{block.ref}/{REFERRAL}[{number}]", place)


def _read_block(details: Any, key: str, reading: Reading, seen: set[Any], ref: str, place: PlaceOf) -> None:
    try:
        read_details(details, key, reading, seen, ref)
    except RowRefused as refused:
        _refuse(reading, REFERRAL, details, refused, ref)
        for inner in PARTS[2:]:
            for element in _blocks(details, inner):
                seen.add(element)
                reading.row_in(inner)
                _refuse(reading, inner, element, RowRefused("parent_refused"), place(element))
    else:
        reading.row_read(REFERRAL)


def _reject_misplaced(root: Any, reading: Reading, seen: set[Any], place: PlaceOf) -> None:
    for part in PARTS[1:]:
        for element in _blocks(root, part):
            if element not in seen:
                reading.row_in(part)
                _refuse(reading, part, element, RowRefused("block_misplaced"), place(element))


def _refuse(reading: Reading, part: str, element: Any, refused: RowRefused, place: str) -> None:
    whole = etree.tostring(element, encoding="unicode", with_tail=False)[:ROW_LIMIT]
    reading.row_rejected(part, place, refused.rule, refused.message, whole, refused.fld)


def _emit_child(block: Block) -> str:
    part = walked(STANDARD).part("Child")
    row = read_row(part, block.fields(*part.groups), block.texts)
    return row.fields.values[part.person or ""]


CONNECTORS = (
    Connector(
        STANDARD,
        walked(STANDARD).first_year,
        walked(STANDARD).last_year,
        read_cin,
        walked(STANDARD).title,
        waits=WAITS,
        is_piecewise=True,
    ),
)
