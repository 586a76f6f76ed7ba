"""Delimited text cut into batches of rows as columns, with the line each row starts on.

A block without quotes and with as many cells in every row is read by Arrow's own reader, several times as fast as
Python's. Every other block goes through the `csv` module, as strictly as `braid.extracts.csv_files` reads a table, so
that both ways find the same rows, faults and ends.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from braid.extracts.csv_files import Line, clean_cell, find_fault
from braid.extracts.model import UnreadableFile

SPACES = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
"""What Python strips from text that is ASCII."""


@dataclass(frozen=True)
class Batch:
    """Rows as columns, in the order of the heading, cells without outer spaces; `numbers` are the lines they start on.

    `faults` are rows that cannot be told into cells; `find_raw` returns a row as it stands in the file. `places` say
    where each row stands, where that is no line, and `fault_places` where each of those does.
    """

    numbers: pa.Array
    columns: list[pa.Array]
    faults: list[Line]
    find_raw: Callable[[int], str]
    places: pa.Array | None = None
    fault_places: list[str] | None = None


class BatchReader:
    """Cuts the blocks of one file, from the row below its heading on."""

    def __init__(self, delimiter: str, width: int, first_line: int, has_last_line_end: bool) -> None:
        self._delimiter = delimiter
        self._width = width
        self._line = first_line
        self._before = width
        self._has_last_line_end = has_last_line_end

    def read(self, blocks: Iterator[bytes]) -> Iterator[Batch]:
        """Yield a batch for each block; raise `UnreadableFile` with the line where the file ends in the middle."""
        for block in blocks:
            batch = self._read_plain(block) if self._is_plain(block) else None
            yield batch or self._read_quoted(block, blocks)

    def _is_plain(self, block: bytes) -> bool:
        if b'"' in block or not block.endswith(b"\n") or self._width < 2:
            return False
        return b"\r" not in block or block.count(b"\r") == block.count(b"\r\n")

    def _read_plain(self, block: bytes) -> Batch | None:
        """Return the rows of a block without quotes; `None` where they have not all as many cells as the heading."""
        names = [str(number) for number in range(self._width)]
        try:
            table = pa_csv.read_csv(
                pa.BufferReader(block),
                read_options=pa_csv.ReadOptions(column_names=names, block_size=max(len(block), 1), use_threads=False),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self._delimiter, quote_char=False, ignore_empty_lines=False
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                    null_values=[],
                    check_utf8=False,  # blocks are, whatever the file is
                ),
            )
        except pa.ArrowInvalid:
            return None
        columns = [_whole(column) for column in table.columns]
        if any((pc.max(pc.binary_length(column)).as_py() or 0) > csv.field_size_limit() for column in columns):
            return None
        first = self._line
        self._line += table.num_rows
        self._before = self._width
        numbers = _numbers(first, table.num_rows)
        columns = [_clean(column) for column in columns]
        return without_blank_rows(numbers, columns, [], _RawLines(block, first).find)

    def _read_quoted(self, block: bytes, blocks: Iterator[bytes]) -> Batch:
        lines = _Lines(block, blocks, self._line)
        found = self._read_at_once(lines) or self._read_one_by_one(lines)
        self._line = lines.number
        return found

    def _read_at_once(self, lines: _Lines) -> Batch | None:
        """Return the rows of a block in which every line is a row of its own; `None` for any other."""
        if not lines.ends_with_line:
            return None
        try:
            rows = list(csv.reader(lines.held, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None
        if len(rows) != len(lines.held) or set(map(len, rows)) != {self._width}:
            return None
        self._before = self._width
        first = lines.number
        lines.skip_all()
        numbers = _numbers(first, len(rows))
        columns = [_clean(pa.array(cells, pa.string())) for cells in zip(*rows, strict=True)]
        return without_blank_rows(numbers, columns, [], lambda number: _ended(lines.held[number - first]))

    def _read_one_by_one(self, lines: _Lines) -> Batch:
        numbers: list[int] = []
        rows: list[list[str]] = []
        faults: list[Line] = []
        raws: dict[int, str] = {}
        for line in self._iterate(lines):
            if line.fault or any(line.cells[self._width :]):
                faults.append(line if line.fault else Line(line.number, [], line.raw, "row_too_long"))
                continue
            numbers.append(line.number)
            raws[line.number] = line.raw
            rows.append((line.cells + [""] * (self._width - len(line.cells)))[: self._width])
        cells: Sequence[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [[] for _ in range(self._width)]
        columns = [pa.array(column, pa.string()) for column in cells]
        return Batch(pa.array(numbers, pa.int64()), columns, faults, raws.__getitem__)

    def _iterate(self, lines: _Lines) -> Iterator[Line]:
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        while not lines.is_done():
            number = lines.start()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(number, [], lines.raw(), find_fault(error, number))
                continue
            if len(cells) < self._before and not lines.raw_has_line_end():
                raise UnreadableFile(
                    "file_truncated", f"the last row, line {number}, ends in the middle: file cut short? Send it again."
                )
            self._before = len(cells) or self._before
            cleaned = [clean_cell(cell) for cell in cells]
            if any(cleaned):
                yield Line(number, cleaned, lines.raw())


def _numbers(first: int, count: int) -> pa.Array:
    return pa.array(np.arange(first, first + count, dtype=np.int64))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())


def _clean(column: pa.Array) -> pa.Array:
    """Return a column of texts without outer spaces, as `clean_cell` cleans one."""
    if _has_nothing_to_clean(column):
        return column
    if pc.all(pc.string_is_ascii(column)).as_py() is not False:
        return pc.ascii_trim(column, characters=SPACES)
    return pa.array([clean_cell(cell) for cell in column.to_pylist()], pa.string())


def _has_nothing_to_clean(column: pa.Array) -> bool:
    """Whether all letters of a column are ASCII and none a space: most columns of most files."""
    _, ends, letters = column.buffers()
    if letters is None:
        return True
    of_rows = np.frombuffer(ends, np.int32)[column.offset : column.offset + len(column) + 1]
    held = np.frombuffer(letters, np.uint8)[of_rows[0] : of_rows[-1]]
    return len(held) == 0 or bool(held.min() > _SPACE and held.max() < _NOT_ASCII)


_SPACE, _NOT_ASCII = ord(" "), 0x80


def without_blank_rows(
    numbers: pa.Array, columns: list[pa.Array], faults: list[Line], find_raw: Callable[[int], str]
) -> Batch:
    """Return a batch of the rows that hold anything."""
    blank = pc.equal(columns[0], "")
    for column in columns[1:]:
        if not pc.any(blank).as_py():
            return Batch(numbers, columns, faults, find_raw)
        blank = pc.and_(blank, pc.equal(column, ""))
    kept = pc.invert(blank)
    return Batch(numbers.filter(kept), [column.filter(kept) for column in columns], faults, find_raw)


def _ended(line: str) -> str:
    return line.rstrip("\r\n")


class _RawLines:
    """The lines of a plain block, cut only when a row of it is refused."""

    def __init__(self, block: bytes, first: int) -> None:
        self._block = block
        self._first = first
        self._lines: list[bytes] | None = None

    def find(self, number: int) -> str:
        """Return a row as it stands in the file."""
        if self._lines is None:
            self._lines = self._block.split(b"\n")
        return self._lines[number - self._first].decode().rstrip("\r\n")


class _Lines:
    """The lines of a block for the csv reader; a row that is still open at its end goes on in the next block."""

    def __init__(self, block: bytes, blocks: Iterator[bytes], number: int) -> None:
        self.held = list(io.StringIO(block.decode(), newline=""))
        self.number = number
        self._blocks = blocks
        self._next = 0
        self._row: list[str] = []

    @property
    def ends_with_line(self) -> bool:
        """Whether the last line has an end: only the last of a file may lack it."""
        return bool(self.held) and self.held[-1].endswith(("\n", "\r"))

    def skip_all(self) -> None:
        """Count every line as read."""
        self.number += len(self.held)
        self._next = len(self.held)

    def is_done(self) -> bool:
        """Whether the block has no further line."""
        return self._next >= len(self.held)

    def start(self) -> int:
        """Begin a row and return the number of its first line."""
        self._row = []
        return self.number

    def raw(self) -> str:
        """Return the present row as it stands in the file, without its line end."""
        return _ended("".join(self._row))

    def raw_has_line_end(self) -> bool:
        """Whether the present row ends with its line."""
        return bool(self._row) and self._row[-1].endswith(("\n", "\r"))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.is_done():
            self.held.extend(io.StringIO(next(self._blocks).decode(), newline=""))
        line = self.held[self._next]
        self._next += 1
        self.number += 1
        self._row.append(line)
        return line
