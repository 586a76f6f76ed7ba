"""Rows out of JSON and XML: where they stand, what is found under a path below one, and what no path asks for.

A part of a definition says in `rows` where its rows stand, by names from the top down ("CTfile/CTFpupilData/Pupil");
lists are passed through. A column is a path below the row: `BasicDetails/FormerUPN`, `person.name`, the JSON pointer
`/names/0/family`, or `../reference` for what encloses the row. What stands there several times is joined by semicolons.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from braid.extracts import json_files
from braid.extracts.csv_files import Line, clean_cell
from braid.extracts.definition import Definition, Part
from braid.extracts.document_rows import LastPlace, Rows, XmlRows
from braid.extracts.document_trees import ABOVE, JsonTree, Node, Steps, Tree, XmlTree, is_name, steps_of
from braid.extracts.files import check_not_blank, check_size, decode, read_bytes
from braid.extracts.json_lines import LINE_BROKEN, BrokenLine, LineList
from braid.extracts.model import Reading, UnreadableFile
from braid.extracts.tables import KnownTable, RawTable, find_headings
from braid.extracts.xml_files import look_over_xml, parse_xml

SEVERAL = ";"
MOST_NAMES = 100
"""More keys than these beside each other are data, not names, and are not told one by one."""
UNNAMED = "*"
_LOOKED_AT_BYTES = 4_096
_JSON_BEGINS = re.compile(r'\s*(\[\s*[\[{\]]|\{\s*["}]|\{[^\r\n]*[\r\n]+\s*\{\s*")')
"""A list or an object; or a broken line with an object on the next one."""
_XML_BEGINS = re.compile(r"\s*<[?!A-Za-z]")


def find_form(path: Path) -> str:
    """Return json or xml for a file that begins like it, and nothing for any other; its name says nothing."""
    try:
        with path.open("rb") as stream:
            start = stream.read(_LOOKED_AT_BYTES)
        text = decode(start)[0].lstrip("\ufeff")
    except (OSError, UnreadableFile):
        return ""
    if _XML_BEGINS.match(text):
        return "xml"
    return "json" if _JSON_BEGINS.match(text) else ""


def open_document_tables(path: Path, reading: Reading, definition: Definition, form: str) -> list[KnownTable]:
    """Return the rows of a JSON or XML file as a table for each part of a resolved definition that it has rows of.

    Where there are none, a part whose place is there is a table without rows. Raises `UnreadableFile` where the file is
    none, or has a place of no part.
    """
    if form == "xml" and check_size(path, is_held=False) >= json_files.STORED_BYTES:
        tables = _open_large_xml(path, reading, definition)
        if tables:
            return tables
    tree: Tree = XmlTree() if form == "xml" else JsonTree()
    is_large = form == "json" and check_size(path, is_held=False) >= json_files.STORED_BYTES
    root = read_root(path, reading, form)
    parts = definition.parts
    if not any(part.rows for part in parts):
        parts = _parts_by_keys(definition, tree, root)
    roots = [root, *[_without_broken(root)] * len(parts)]
    rows = [Rows(tree, one, steps_of(part.rows, tree)) for one, part in zip(roots, parts, strict=False)]
    found = [(part, nodes if is_large else list(nodes)) for part, nodes in zip(parts, rows, strict=True)]
    held = [(part, nodes) for part, nodes in found if next(iter(nodes), None) is not None]
    held = held or [(part, nodes) for part, nodes in found if _has_place(tree, part, root)]
    if not held:
        raise UnreadableFile(
            "wrong_standard", f"the file has no rows of any part ({describe_rows(definition)}): check what was sent"
        )
    return [_table(tree, part, nodes, definition) for part, nodes in held]


def _without_broken(root: Any) -> Any:
    """Return a document for all parts but the first, of which a broken line is a row: it is refused once."""
    return root.without_broken() if isinstance(root, LineList) else root


def _open_large_xml(path: Path, reading: Reading, definition: Definition) -> list[KnownTable]:
    """Return the tables of a large XML file, of which no more than a row's own part is held.

    None where a column asks for more than that, there are no rows, or rows are too far from each other: then the file
    is held whole.
    """
    tree = XmlTree()
    pieces = [_find_piece(part, tree) for part in definition.parts]
    if not all(pieces):
        return []
    text_file = look_over_xml(path, reading)
    tables = []
    try:
        for part, piece in zip(definition.parts, pieces, strict=True):
            nodes = XmlRows(text_file, piece, steps_of(part.rows, tree))
            if next(iter(nodes), None) is not None:
                tables.append(_table(tree, part, nodes, definition))
    except UnreadableFile as error:
        if error.rule != "xml_piece_too_long":
            raise
        return []
    return tables


def _find_piece(part: Part, tree: Tree) -> Steps:
    """Return the path of the element that holds what the columns of a part's row ask for; none for the whole file."""
    steps = steps_of(part.rows, tree)
    up = max((path.count(ABOVE) for name in part.columns for path in _paths(part, name, tree)), default=0)
    piece = steps[: len(steps) - up]
    return piece if len(piece) > 1 and piece[-1] not in piece[:-1] and not part.has_groups else ()


def _has_place(tree: Tree, part: Part, root: Any) -> bool:
    """Whether the place of a part's rows is there, though none stands in it: nobody to tell of is no fault."""
    steps = steps_of(part.rows, tree)
    return len(steps) > 1 and next(iter(tree.rows(root, steps[:-1])), None) is not None


def read_root(path: Path, reading: Reading, form: str) -> Any:
    """Return a JSON document, a large one without its long lists, the objects of JSON lines, or the root of XML.

    Raises `UnreadableFile` where the file is none.
    """
    return _read_xml(path, reading) if form == "xml" else json_files.load_json(path, reading)


def describe_rows(definition: Definition) -> str:
    """Return each part with where its rows stand, for a message."""
    return "; ".join(f"{part.name} at {part.rows or 'the top'}" for part in definition.parts)


def _parts_by_keys(definition: Definition, tree: Tree, root: Any) -> tuple[Part, ...]:
    """Return the part that rows at the top are of, by their keys, where a definition says no `rows`."""
    if len(definition.parts) == 1:
        (part,) = definition.parts
        return definition.parts if _holds(tree, part, root) else ()
    keys = dict.fromkeys(
        tree.separator.join(steps) for node in tree.rows(root, ()) for steps in tree.leaves(node.value)
    )
    headings = find_headings(definition, [Line(0, list(keys), "")])
    if len(headings) > 1:
        names = ", ".join(heading.part.name for heading in headings)
        raise UnreadableFile("part_ambiguous", f"the keys may be of {names}: keep those that only one has")
    return tuple(heading.part for heading in headings)


def _holds(tree: Tree, part: Part, root: Any) -> bool:
    """Whether any row has one of the columns that tell the part, filled or not: another standard's file has none."""
    names = dict.fromkeys(name for name in (part.person, *part.told_by) if name)
    wanted = [steps for name in names for steps in _paths(part, name, tree)]
    return any(_texts(tree, node, steps) for node in tree.rows(root, ()) for steps in wanted)


def _table(tree: Tree, part: Part, nodes: Iterable[Node], definition: Definition) -> KnownTable:
    if part.has_groups:
        nodes = list(nodes)
    paths = {name: _paths(part, name, tree) for name in part.columns}
    strange = _find_strange(tree, part, nodes, definition, paths)
    header = (*part.columns, *strange)
    places: Sequence[str] = LastPlace() if isinstance(nodes, Rows | XmlRows) else [node.place for node in nodes]
    lines = _lines(tree, nodes, [paths[name] for name in part.columns], places)
    return KnownTable(RawTable(lines, places=places), part, header, lines)


def _lines(tree: Tree, nodes: Iterable[Node], columns: Sequence[list[Steps]], places: Sequence[str]) -> Iterator[Line]:
    for number, node in enumerate(nodes):
        if isinstance(places, LastPlace):
            places.place = node.place
        fault = LINE_BROKEN if isinstance(node.value, BrokenLine) else None
        yield NodeLine(number, [_cell(tree, node, paths) for paths in columns], tree, node, fault)


class NodeLine(Line):
    """The row of a node, whose text is made when somebody asks how a refused row is kept.

    Of XML it is made at once: an element is let go of when the next one is read.
    """

    def __init__(self, number: int, cells: list[str], tree: Tree, node: Node, fault: str | None = None) -> None:
        """Take the cells of a node, or why it is none."""
        made = tree.raw(node) if isinstance(tree, XmlTree) else None
        for name, value in (("number", number), ("cells", cells), ("fault", fault), ("_of", (tree, node, made))):
            object.__setattr__(self, name, value)

    @property
    def raw(self) -> str:
        """Return the row as it is kept where it is refused."""
        tree, node, made = self.__dict__["_of"]
        text: str = tree.raw(node) if made is None else made
        return text


def _paths(part: Part, name: str, tree: Tree) -> list[Steps]:
    """Return where a column may stand: under its name, or under another that it may have."""
    return [steps_of(path, tree) for path in (name, *part.columns[name].aliases)]


def _cell(tree: Tree, node: Node, paths: Sequence[Steps]) -> str:
    for steps in paths:
        found = _texts(tree, node, steps)
        texts = found if len(found) == 1 else [text for text in map(clean_cell, found) if text]
        cell = clean_cell(texts[0]) if len(texts) == 1 else SEVERAL.join(texts)
        if cell:
            return cell
    return ""


def _texts(tree: Tree, node: Node, steps: Steps) -> list[str]:
    """Return what stands under a path, which may begin with what encloses the row."""
    up = steps.count(ABOVE)
    if not up:
        return tree.texts(node.value, steps)
    if up > len(node.above):
        return []
    return tree.texts(node.above[-up], steps[up:])


def _find_strange(
    tree: Tree, part: Part, nodes: Iterable[Node], definition: Definition, paths: Mapping[str, list[Steps]]
) -> list[str]:
    """Return what stands below rows and no column asks for, a path of another part's rows apart."""
    known = {_without_indices(steps) for found in paths.values() for steps in found}
    known |= {(tree.separator.join(steps),) for steps in known}
    own = steps_of(part.rows, tree)
    others = [steps_of(one.rows, tree)[len(own) :] for one in definition.parts if one is not part and one.rows]
    below = [steps for steps in others if steps]
    strange: dict[Steps, None] = {}
    for node in nodes:
        for steps in tree.leaves(node.value):
            if steps not in known and not any(steps[: len(other)] == other for other in below):
                strange.setdefault(steps)
    return [tree.separator.join(steps) for steps in _without_values(strange)]


def _without_values(paths: Iterable[Steps]) -> list[Steps]:
    """Return paths with a star for each step that may be somebody's value: no name, or one of very many beside it."""
    beside: dict[Steps, set[str]] = defaultdict(set)
    for steps in paths:
        for depth, step in enumerate(steps):
            beside[steps[:depth]].add(step)
    many = {before for before, names in beside.items() if len(names) > MOST_NAMES}
    return list(
        dict.fromkeys(
            tuple(step if is_name(step) and steps[:depth] not in many else UNNAMED for depth, step in enumerate(steps))
            for steps in paths
        )
    )


def _without_indices(steps: Steps) -> Steps:
    return tuple(step for step in steps if not step.isdecimal() and step != ABOVE)


def _read_xml(path: Path, reading: Reading) -> Any:
    data = read_bytes(path)
    check_not_blank(data)
    return parse_xml(data, reading)
