"""The words of an XML part as a reader sees them, though mark-up breaks a word into runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from braid.outbound.opened import CannotOpen

_RUNS = frozenset("r t rPr phoneticPr delText ins del hyperlink smartTag proofErr bookmarkStart bookmarkEnd".split())
"""Elements of Office Open XML (ECMA-376) within a paragraph or a cell: no word ends where they do."""
_STRUCK, _ADDED = frozenset({"del", "moveFrom"}), frozenset({"ins", "moveTo"})
_SCIENTIFIC = re.compile(r"-?\d(?:\.\d+)?[eE]\+?\d{1,2}")


def xml_texts(content: bytes) -> list[str]:
    """Return the part as text: as it is written, its words joined, and its words before and after tracked changes.

    Raise `CannotOpen` for a part that is not well formed, or declares entities.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise CannotOpen("an XML part is not well formed; save the file again") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise CannotOpen("an XML part declares entities; save the file again")
    written = str(etree.tostring(root.getroottree(), encoding="unicode"))
    joined = ["".join(_words(root, left_out)) for left_out in (frozenset[str](), _STRUCK, _ADDED)]
    attributes = "\n".join(str(value) for element in root.iter() for value in element.attrib.values())
    numbers = "\n".join(f"{float(number):.0f}" for number in _SCIENTIFIC.findall(joined[0]))
    return list(dict.fromkeys([written, *joined, attributes, numbers]))


def _words(element: etree._Element, left_out: frozenset[str]) -> Iterator[str]:
    """Yield the words in order, a line end behind each paragraph and cell. Remarks and instructions count as words."""
    if not isinstance(element.tag, str):
        yield f"\n{element.text or ''}\n"
    else:
        name = etree.QName(element).localname
        if name not in left_out:
            yield element.text or ""
            for child in element:
                yield from _words(child, left_out)
                yield child.tail or ""
        if name not in _RUNS:
            yield "\n"
