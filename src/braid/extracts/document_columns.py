"""JSON and XML that a definition describes, read batch by batch: the fast twin of reading a document's rows one by one.

What stands under the paths of a row are texts, as the cells of a table are. Some thousands of them are columns, and
columns are read alike, whatever they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from braid.extracts.batches import Batch
from braid.extracts.column_tables import ColumnReading, Drain, TableReader, drain_issues
from braid.extracts.csv_files import Line
from braid.extracts.definition import MAPPING, Definition
from braid.extracts.documents import find_form, open_document_tables
from braid.extracts.files import hash_file
from braid.extracts.model import Reading, Source
from braid.extracts.rows import count_strange_columns
from braid.extracts.standards.defined import check_is_document
from braid.extracts.tables import KnownTable

BATCH_ROWS = 8_192


def describes_document(definition: Definition, form: str) -> bool:
    """Whether a file of a form, json or xml, is read as a document by a definition, and not as a table."""
    return definition.is_of_documents or (form == "json" and definition.standard == MAPPING)


def read_document_by_columns(
    path: Path, source: Source, definition: Definition, drain: Drain, batch_rows: int = BATCH_ROWS
) -> ColumnReading:
    """Read a document as a resolved definition says and hand everything that it gives to `drain`.

    Raises `UnreadableFile` as the row reader does; what was handed over until then is to be thrown away.
    """
    digest = hash_file(path)
    reading, said = ColumnReading(source, digest, path.name), Reading(source, digest, path.name)
    form = find_form(path)
    check_is_document(path, form)
    before = 0
    for known in open_document_tables(path, said, definition, form):
        count_strange_columns(known.header, said, known.part)
        reader = TableReader(definition, known.part, known.header, drain, reading)
        batches: Iterable[Batch] = _iterate_batches(known, before, batch_rows)
        if known.part.has_groups:
            batches = list(batches)
            for batch in batches:
                reader.learn_groups(batch)
        for batch in batches:
            reader.read(batch)
            before += len(batch.numbers)
        reader.noughts.say(said)
    reading.unmapped.update(said.unmapped)
    drain_issues(drain, reading, said)
    return reading


def _iterate_batches(known: KnownTable, before: int, batch_rows: int) -> Iterator[Batch]:
    """Yield the rows of a part in batches, numbered on from those of the parts before it."""
    lines = iter(known.lines)
    while True:
        places: list[str] = []
        held: list[Line] = []
        faults: list[tuple[str, Line]] = []
        for line in islice(lines, batch_rows):
            place = known.table.position(line.number)
            if line.fault:
                faults.append((place, line))
            else:
                places.append(place)
                held.append(line)
        if not held and not faults:
            return
        numbers = pa.array(np.arange(before + 1, before + len(held) + 1, dtype=np.int64))
        columns = [pa.array(cells, pa.string()) for cells in zip(*(line.cells for line in held), strict=True)]
        columns += [pa.array([""] * len(held))] * (len(known.header) - len(columns))
        raws = _Raws(held, before + 1)
        told = [place for place, _ in faults]
        yield Batch(numbers, columns, [line for _, line in faults], raws.find, pa.array(places, pa.string()), told)
        before += len(held)


class _Raws:
    """The rows of a batch as they are kept where they are refused."""

    def __init__(self, lines: list[Line], first: int) -> None:
        self._lines = lines
        self._first = first

    def find(self, number: int) -> str:
        """Return a row as it is kept."""
        return self._lines[number - self._first].raw
