"""Tables read batch by batch as a definition says: the fast twin of `braid.extracts.rows`.

Each distinct text of a column is read once, by the cell's own function; what concerns whole rows is asked of whole
columns (`braid.extracts.column_rows`, `braid.extracts.column_records`). Records, issues and rejects go to a drain after
each batch, so that memory is bounded by the batch and not by the file.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from braid.extracts.batches import Batch, BatchReader
from braid.extracts.blocks import BLOCK_BYTES, TextFile, iterate_blocks, look_over, note_encoding
from braid.extracts.column_tables import ColumnReading, Drain, TableReader, drain_issues
from braid.extracts.csv_files import Line, check_doubled, find_delimiter, iterate_lines
from braid.extracts.definition import Definition
from braid.extracts.files import hash_file
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.month_first import LOOKED_AT_ROWS, check_month_first
from braid.extracts.parquet_files import UNIT as PARQUET_UNIT
from braid.extracts.parquet_files import is_parquet, iterate_batches, open_parquet_table, read_names
from braid.extracts.rows import count_strange_columns
from braid.extracts.tables import HEADING_ROWS, Heading, describe_parts, find_headings, note_preamble

COLUMN_BLOCK_BYTES = 8 << 20
"""What is read at once. Eight megabytes of a table and all that is made of them stay in memory that is warm."""


def read_by_columns(
    path: Path,
    source: Source,
    definition: Definition,
    drain: Drain,
    block_bytes: int = COLUMN_BLOCK_BYTES,
) -> ColumnReading:
    """Read a table, text or Parquet, as a resolved definition says and hand everything that it gives to `drain`.

    Raises `UnreadableFile` as the row reader does; what was handed over until then is to be thrown away.
    """
    if is_parquet(path):
        return _read_parquet(path, source, definition, drain)
    text_file = look_over(path)
    reading = ColumnReading(source, text_file.sha256, path.name)
    said = Reading(source, text_file.sha256, path.name)
    note_encoding(text_file, said)
    delimiter, heading, first_line = _find_heading(text_file, definition, said)
    reader = TableReader(definition, heading.part, heading.header, drain, reading)
    return _read(reader, said, lambda: _batches(text_file, delimiter, heading, first_line, block_bytes))


def _read_parquet(path: Path, source: Source, definition: Definition, drain: Drain) -> ColumnReading:
    digest = hash_file(path)
    reading = ColumnReading(source, digest, path.name)
    names = read_names(path)
    heading = _choose_heading(definition, [Line(0, names, ",".join(names))])
    rows = list(itertools.islice(open_parquet_table(path).lines, 1, LOOKED_AT_ROWS + 1))
    check_month_first(definition, heading.part, heading.header, rows)
    reader = TableReader(definition, heading.part, heading.header, drain, reading, PARQUET_UNIT)
    return _read(reader, Reading(source, digest, path.name), lambda: iterate_batches(path))


def _read(reader: TableReader, said: Reading, batches: Callable[[], Iterator[Batch]]) -> ColumnReading:
    """Read every batch of a table, twice where rows say something only together, and hand over what is said of it."""
    reading = reader.reading
    count_strange_columns(reader.header, said, reader.part)
    if reader.part.has_groups:
        for batch in batches():
            reader.learn_groups(batch)
    for batch in batches():
        reader.read(batch)
    reading.unmapped.update(said.unmapped)
    reader.noughts.say(said)
    drain_issues(reader.drain, reading, said)
    return reading


def _batches(
    text_file: TextFile, delimiter: str, heading: Heading, first_line: int, block_bytes: int
) -> Iterator[Batch]:
    blocks = _below(iterate_blocks(text_file, block_bytes), first_line - 1)
    return BatchReader(delimiter, len(heading.header), first_line, text_file.has_last_line_end).read(blocks)


def _below(blocks: Iterator[bytes], lines: int) -> Iterator[bytes]:
    """Yield the blocks without their first lines."""
    for block in blocks:
        while lines and block:
            end = _line_end(block)
            block, lines = block[end:], lines - 1
        if block:
            yield block


def _line_end(block: bytes) -> int:
    ends = [end for end in (block.find(b"\n"), block.find(b"\r")) if end >= 0]
    if not ends:
        return len(block)
    end = min(ends)
    return end + (2 if block[end : end + 2] == b"\r\n" else 1)


def _find_heading(text_file: TextFile, definition: Definition, said: Reading) -> tuple[str, Heading, int]:
    """Return the delimiter, the heading of the table, and the line below it."""
    text = _first_text(text_file)
    delimiter = find_delimiter(text)
    lines = iterate_lines(text, delimiter)
    rows = list(itertools.islice(lines, HEADING_ROWS))
    heading = _choose_heading(definition, rows)
    line = rows[heading.place]
    below = [*rows[heading.place + 1 :], *_while_whole(lines, LOOKED_AT_ROWS)][:LOOKED_AT_ROWS]
    check_month_first(definition, heading.part, heading.header, below)
    note_preamble(said, f"line {line.number}", heading.place)
    return delimiter, heading, line.number + _count_lines(line.raw)


def _while_whole(lines: Iterator[Line], most: int) -> Iterator[Line]:
    """Yield rows up to the place at which the beginning of a file, read alone, ends in the middle of one."""
    with contextlib.suppress(UnreadableFile):
        yield from itertools.islice(lines, most)


def _choose_heading(definition: Definition, rows: Sequence[Line]) -> Heading:
    """Return the one heading among the first rows; raise `UnreadableFile` where there is none, or several fit."""
    headings = find_headings(definition, rows)
    if not headings:
        raise UnreadableFile(
            "wrong_standard",
            f"no heading among the first rows has what the standard needs in this year ({describe_parts(definition)}):"
            " check the standard, the year and the heading line",
        )
    if len(headings) > 1:
        names = ", ".join(heading.part.name for heading in headings)
        raise UnreadableFile("part_ambiguous", f"the heading may be of {names}: keep the columns that only one has")
    (heading,) = headings
    check_doubled(heading.header, heading.part.columns)
    return heading


def _count_lines(raw: str) -> int:
    return raw.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def _first_text(text_file: TextFile) -> str:
    """Return the beginning of the file: whole lines, more of them the longer they are."""
    found = b""
    for block in iterate_blocks(text_file, BLOCK_BYTES // 16):
        found += block
        if found.count(b"\n") + found.count(b"\r") > 4 * LOOKED_AT_ROWS:
            break
    return found.decode()
