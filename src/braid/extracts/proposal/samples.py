"""The first rows of a file of any kind as columns of texts, from which a mapping is proposed."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from braid.extracts.csv_files import Line, clean_cell, normalise_heading
from braid.extracts.document_trees import JsonTree, Tree, XmlTree, is_name
from braid.extracts.documents import SEVERAL, find_form, read_root
from braid.extracts.json_lines import LineList
from braid.extracts.json_stored import StoredList
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.parquet_files import is_parquet, open_parquet_table
from braid.extracts.proposal.contents import looks_like_data
from braid.extracts.tables import HEADING_ROWS, open_text_table
from braid.extracts.workbooks import column_letter, is_workbook, open_workbook_tables

SAMPLE_ROWS = 5_000
LEAST_ROWS = 3
"""A list of so many objects, wrapped in others, is taken for the rows of a JSON document."""


@dataclass(frozen=True)
class SampledColumn:
    """A column: its heading as the file writes it, and its cells in the sample, empty ones included."""

    name: str
    cells: tuple[str, ...]

    @property
    def filled(self) -> tuple[str, ...]:
        """The cells that hold anything."""
        return tuple(cell for cell in self.cells if cell)


@dataclass(frozen=True)
class Sample:
    """What a proposal is made from; `path` leads to rows."""

    columns: tuple[SampledColumn, ...]
    rows: int
    left_out: tuple[str, ...] = ()
    """What is said of columns without a heading of their own, and what to do about them."""
    path: str = ""


def take_sample(path: Path) -> Sample:
    """Return the first rows of a file; raise `UnreadableFile` where it is none or its first row is no heading."""
    said = Reading(Source("", "", "", 0), "", path.name)
    form = "" if is_workbook(path) or is_parquet(path) else find_form(path)
    if form:
        return _of_document(path, said, form)
    if is_workbook(path):
        sheets = (list(itertools.islice(table.lines, SAMPLE_ROWS)) for table in open_workbook_tables(path, said))
        lines = max(sheets, key=len, default=[])
    else:
        table = open_parquet_table(path) if is_parquet(path) else open_text_table(path, said)
        lines = list(itertools.islice(table.lines, SAMPLE_ROWS))
    return _of_lines([line for line in lines if not line.fault])


def _of_lines(lines: Sequence[Line]) -> Sample:
    if not lines:
        raise UnreadableFile("no_heading", "the file has no line of column names: export it with its heading")
    first = lines[:HEADING_ROWS]
    most = max(_filled(line.cells) for line in first)
    place = next(number for number, line in enumerate(first) if _filled(line.cells) * 2 > most)
    heading, rows = first[place].cells, lines[place + 1 :]
    if any(looks_like_data(cell) for cell in heading):
        raise UnreadableFile(
            "no_heading", "the first row looks like data and not like names of columns: export it with its heading"
        )
    return _sample([" ".join(cell.split()) for cell in heading], [line.cells for line in rows])


def _filled(cells: Sequence[str]) -> int:
    """Return how many cells hold anything. Titles fill few; names fill most columns, though some twice or not at all.

    Whoever took the row of most different names would take somebody's row for the names where two columns share one.
    """
    return sum(bool(cell) for cell in cells)


def _sample(names: Sequence[str], rows: Sequence[Sequence[str]], path: str = "") -> Sample:
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(normalise_heading(name), []).append(place)
    blank = [place for place in places.pop("", []) if any(place < len(row) and row[place] for row in rows)]
    beyond = max((len(row) for row in rows), default=0)
    blank += [place for place in range(len(names), beyond) if any(place < len(row) and row[place] for row in rows)]
    doubled = [found for found in places.values() if len(found) > 1]
    columns = tuple(
        SampledColumn(names[place], tuple(row[place] if place < len(row) else "" for row in rows))
        for place in sorted(found[0] for found in places.values() if len(found) == 1)
    )
    left_out = (*_say_blank(blank), *(_say_doubled(names[found[0]], found) for found in doubled))
    if not columns:
        said = " ".join(left_out) or "Export the file with its heading."
        raise UnreadableFile("no_heading", f"no column has a name of its own. {said}")
    return Sample(columns, len(rows), left_out, path)


def _say_blank(places: Sequence[int]) -> Iterator[str]:
    if places:
        yield (
            f"Not read, since nothing stands above: {_letters(places)}. Give each a heading in the file, and propose"
            " again."
        )


def _say_doubled(name: str, places: Sequence[int]) -> str:
    return (
        f"Not read, since all are headed {name}: {_letters(places)}. Nobody could say which is meant: rename all but"
        " one in the file, or ask the sender which to keep, and propose again."
    )


def _letters(places: Sequence[int]) -> str:
    """Return columns as a spreadsheet names them: column 3 (C)."""
    return ", ".join(f"column {place + 1} ({column_letter(place + 1)})" for place in places)


def _of_document(path: Path, said: Reading, form: str) -> Sample:
    tree: Tree = XmlTree() if form == "xml" else JsonTree()
    root = read_root(path, said, form)
    root = root.without_broken() if isinstance(root, LineList) else root
    where = _find_repeated(root) if form == "xml" else _find_list(root)
    nodes = list(itertools.islice(tree.rows(root, where), SAMPLE_ROWS))
    leaves = dict.fromkeys(steps for node in nodes for steps in tree.leaves(node.value))
    names = {steps: _name(steps, tree) for steps in leaves}
    names = {steps: name for steps, name in names.items() if name}
    if not nodes or not names:
        raise UnreadableFile("wrong_standard", "the file has no rows: no list of objects, no element that repeats")
    cells = [[SEVERAL.join(map(clean_cell, tree.texts(node.value, steps))) for steps in names] for node in nodes]
    return _sample(list(names.values()), cells, "/".join(where))


def _name(steps: Sequence[str], tree: Tree) -> str:
    """Return a path as a mapping writes it; nothing for one that holds what may be a value and no name."""
    if not all(map(is_name, steps)):
        return ""
    if len(steps) > 1 and any("." in step for step in steps) and isinstance(tree, JsonTree):
        return "/" + "/".join(steps)
    return tree.separator.join(steps)


def _find_repeated(root: Any) -> tuple[str, ...]:
    """Return the path of the elements that most often stand beside each other, the outermost of such."""
    best: tuple[int, tuple[str, ...]] = (1, ())
    for steps, times in _repeats(root):
        if times > best[0]:
            best = (times, steps)
    return best[1]


def _find_list(root: Any) -> tuple[str, ...]:
    """Return the names that lead through objects to the one long list of a JSON document, where it is wrapped.

    Nothing where the rows are found without: the document is a list, or holds one list alone; nor where several lists
    have members enough to be rows.
    """
    if not isinstance(root, dict):
        return ()
    lists = [(steps, value) for steps, value in _lists(root, ()) if isinstance(next(iter(value), None), dict)]
    long = [steps for steps, value in lists if len(value) >= LEAST_ROWS]
    others = [steps for steps, value in lists if 1 < len(value) < LEAST_ROWS]
    if len(long) != 1 or others or (len(lists) == 1 and len(long[0]) == 1):
        return ()
    return long[0] if all(map(is_name, long[0])) else ()


def _lists(value: dict[str, Any], before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any] | StoredList]]:
    for key, below in value.items():
        if isinstance(below, list | StoredList):
            yield (*before, key), below
        elif isinstance(below, dict):
            yield from _lists(below, (*before, key))


def _repeats(root: Any) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield each path whose elements have elements below them, with how many stand there; outer ones first."""
    level: list[tuple[Any, tuple[str, ...]]] = [(root, (_local(root),))]
    while level:
        counted = Counter(steps for element, steps in level if len(element))
        yield from counted.items()
        level = [(child, (*steps, _local(child))) for element, steps in level for child in element if len(child)]


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
