"""JSON and XML as trees: the rows at the end of a path, the texts under one, and every path that holds a text.

A path is names from the top down or from a row down; lists are passed through (`braid.extracts.documents`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from braid.extracts.json_lines import BrokenLine, places_of
from braid.extracts.json_nodes import whole_characters
from braid.extracts.json_stored import StoredList
from braid.extracts.xml_files import local_name

ABOVE = ".."
_NAME = re.compile(r"@?[A-Za-z_][A-Za-z0-9_ .:?()&'#%-]{0,63}")
Steps = tuple[str, ...]
_LIST = (list, StoredList)
"""A list, held or left in its file."""
_HOLDS = (dict, *_LIST)


@dataclass(frozen=True)
class Node:
    """A row as it stands in its document: the object or element, where it is, and what encloses it, outermost first."""

    value: Any
    place: str
    above: tuple[Any, ...] = ()


class Tree(Protocol):
    """A kind of document."""

    separator: str

    def rows(self, root: Any, steps: Steps) -> Iterator[Node]:
        """Yield what stands at the end of some names from the top down."""

    def texts(self, value: Any, steps: Steps) -> list[str]:
        """Return the texts that stand under a path below a row."""

    def leaves(self, value: Any, before: Steps = ()) -> Iterator[Steps]:
        """Yield the path of everything below a row that holds a text."""

    def raw(self, node: Node) -> str:
        """Return a row as it is kept where it is refused."""


def is_name(step: str) -> bool:
    """Whether a step of a path looks like a name rather than a value that somebody made a key."""
    return bool(_NAME.fullmatch(step))


def steps_of(path: str, tree: Tree) -> Steps:
    """Return the names that a path is made of; a JSON pointer is taken apart by its own rules."""
    if not path:
        return ()
    if path.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/"))
    if "/" in path or isinstance(tree, XmlTree):
        return tuple(path.split("/"))
    return tuple(path.split("."))


class JsonTree:
    """Objects and lists. A row at the top is the document's own object, each of its list, or of its only list.

    A broken line of a file of lines is a row wherever rows stand.
    """

    separator = "."

    def rows(self, root: Any, steps: Steps) -> Iterator[Node]:
        """See `Tree.rows`."""
        if not steps and isinstance(root, dict):
            lists = [key for key, value in root.items() if _is_list_of_objects(value)]
            steps = (lists[0],) if len(lists) == 1 else ()
        yield from self._walk(root, steps, "", ())

    def _walk(self, value: Any, steps: Steps, place: str, above: tuple[Any, ...]) -> Iterator[Node]:
        if isinstance(value, _LIST):
            for where, member in places_of(value, place):
                yield from self._walk(member, steps, where, above)
        elif isinstance(value, BrokenLine):
            yield Node(value, place, above)
        elif isinstance(value, dict):
            if not steps:
                yield Node(value, place or "/", above)
            elif steps[0] in value:
                key = steps[0].replace("~", "~0").replace("/", "~1")
                yield from self._walk(value[steps[0]], steps[1:], f"{place}/{key}", (*above, value))

    def texts(self, value: Any, steps: Steps) -> list[str]:
        """See `Tree.texts`."""
        if len(steps) == 1 and type(value) is dict:  # nearly always so, and found without asking what else it may be
            below = value.get(steps[0])
            if below is None or type(below) is str:
                return [whole_characters(below or "")] if steps[0] in value else []
        if isinstance(value, _LIST):
            if steps and steps[0].isdecimal():
                place = int(steps[0])
                return [text for member in islice(value, place, place + 1) for text in self.texts(member, steps[1:])]
            return [text for member in value for text in self.texts(member, steps)]
        if not steps:
            return [] if isinstance(value, dict) else [text_of_scalar(value)]
        if not isinstance(value, dict):
            return []
        whole = self.separator.join(steps)
        if whole in value:  # a key may hold points itself
            return self.texts(value[whole], ())
        return self.texts(value[steps[0]], steps[1:]) if steps[0] in value else []

    def leaves(self, value: Any, before: Steps = ()) -> Iterator[Steps]:
        """See `Tree.leaves`."""
        if isinstance(value, dict):
            for key, below in value.items():
                if isinstance(below, _HOLDS):
                    yield from self.leaves(below, (*before, key))
                elif below is not None:
                    yield (*before, key)
        elif isinstance(value, _LIST):
            for member in value:
                yield from self.leaves(member, before)
        elif value is not None and before:
            yield before

    def raw(self, node: Node) -> str:
        """See `Tree.raw`."""
        if isinstance(node.value, BrokenLine):
            return whole_characters(node.value.text)
        return whole_characters(json.dumps(node.value, ensure_ascii=False, default=list))


class XmlTree:
    """Elements, by their names without namespace; an attribute is a path that ends in `@name`."""

    separator = "/"

    def rows(self, root: Any, steps: Steps) -> Iterator[Node]:
        """See `Tree.rows`."""
        if not steps or local_name(root) != steps[0]:
            return
        yield from self.rows_below(root, steps[1:], f"/{steps[0]}", ())

    def rows_below(self, element: Any, steps: Steps, place: str, above: tuple[Any, ...]) -> Iterator[Node]:
        """Yield what stands at the end of some names below an element, which stands at `place` inside `above`."""
        if not steps:
            yield Node(element, place, above)
            return
        for number, child in enumerate(_children(element, steps[0]), 1):
            yield from self.rows_below(child, steps[1:], f"{place}/{steps[0]}[{number}]", (*above, element))

    def texts(self, value: Any, steps: Steps) -> list[str]:
        """See `Tree.texts`."""
        if not steps:
            return [] if len(value) else [value.text or ""]
        if steps[0].startswith("@"):
            return [value.get(steps[0][1:], "")]
        return [text for child in _children(value, steps[0]) for text in self.texts(child, steps[1:])]

    def leaves(self, value: Any, before: Steps = ()) -> Iterator[Steps]:
        """See `Tree.leaves`."""
        for child in value:
            steps = (*before, local_name(child))
            if len(child):
                yield from self.leaves(child, steps)
            elif (child.text or "").strip():
                yield steps

    def raw(self, node: Node) -> str:
        """See `Tree.raw`."""
        from lxml import etree

        return str(etree.tostring(node.value, encoding="unicode", with_tail=False))


def _children(element: Any, name: str) -> list[Any]:
    return [child for child in element if local_name(child) == name]


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, _LIST) and len(value) > 0 and all(isinstance(member, dict) for member in value)


def text_of_scalar(value: Any) -> str:
    """Return a JSON value as the text that a cell would hold: yes and no in capitals, a whole number without point.

    Half characters, which no encoding can store, are replaced.
    """
    if isinstance(value, str):
        return whole_characters(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return whole_characters(str(value))
