"""The modules of a looked-after children return as tables: one row a line, cells in capital letters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from braid.extracts.csv_files import iterate_lines
from braid.extracts.fields import can_read_line
from braid.extracts.files import decode_noted, hash_file, is_blank, read_bytes
from braid.extracts.model import Reading, Source
from braid.extracts.rules.gather import Gathered
from braid.extracts.standards.ssda903 import find_module, find_module_name
from braid.extracts.walked import walked

TABLES = {part.name: part.table for part in walked("ssda903").parts}
"""The table of each module, as the rules name it."""


def gather_ssda903(path: Path, number: int, tables: Mapping[str, Gathered]) -> set[str]:
    """Write the rows of a module that a connector could read to `tables`; return the name of its table."""
    data = read_bytes(path)
    if is_blank(data):
        name = find_module_name(path.name)
        return {TABLES[name]} if name else set()
    lines = iterate_lines(decode_noted(data, _nobody(path)))
    heading = next(lines)
    found = find_module(heading.cells)
    if found is None:
        return set()
    part, header = found
    table = tables[TABLES[part.name]]
    width = len(header)
    for line in lines:
        if can_read_line(line, width):
            cells = {name: cell.upper() for name, cell in zip(header, line.cells, strict=False)}
            table.add(number, f"line {line.number}", cells)
    return {table.table.name}


def _nobody(path: Path) -> Reading:
    """Return a reading that nobody reads: the connector has said before what it doubts of the encoding."""
    return Reading(Source("rules", "rules", "ssda903", 0), hash_file(path), path.name)
