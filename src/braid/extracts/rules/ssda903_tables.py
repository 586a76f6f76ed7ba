"""The modules of a looked-after children return as tables: one row a line, cells in capital letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from braid.extracts.fields import can_read_line
from braid.extracts.files import hash_file
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.rules.gather import Gathered
from braid.extracts.standards.ssda903_modules import Module, open_modules
from braid.extracts.walked import walked

TABLES = {part.name: part.table for part in walked("ssda903").parts}
"""The table of each module, as the rules name it."""


def gather_ssda903(path: Path, number: int, tables: Mapping[str, Gathered]) -> set[str]:
    """Write the rows of the modules that a connector could read to `tables`; return the names of their tables."""
    reading = _nobody(path)
    found = {TABLES[module.part.name] for module in _gathered(path, reading, number, tables)}
    return found | {TABLES[name] for name in reading.parts}


def _gathered(path: Path, reading: Reading, number: int, tables: Mapping[str, Gathered]) -> Iterator[Module]:
    try:
        for module in open_modules(path, reading):
            table, sheet = tables[TABLES[module.part.name]], module.sheet
            width = len(sheet.header)
            for line in sheet.lines:
                if can_read_line(line, width):
                    cells = {name: cell.upper() for name, cell in zip(sheet.header, line.cells, strict=False)}
                    table.add(number, f"{sheet.unit} {line.number}", cells)
            yield module
    except UnreadableFile:
        return  # the connector has said before what is wrong with the file


def _nobody(path: Path) -> Reading:
    """Return a reading that nobody reads: the connector has said before what it doubts of the encoding."""
    return Reading(Source("rules", "rules", "ssda903", 0), hash_file(path), path.name)
