"""Standards that are read by definition alone: one connector for each file of `braid/extracts/definitions`.

But those that are walked: they have a connector of their own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from braid.extracts.definition import MAPPING, Definition
from braid.extracts.definition_files import load_definitions
from braid.extracts.definition_years import resolve
from braid.extracts.documents import find_form, open_document_tables
from braid.extracts.files import check_not_blank, read_bytes
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.month_first import LOOKED_AT_ROWS, check_month_first
from braid.extracts.parquet_files import is_parquet, open_parquet_table
from braid.extracts.rows import read_table
from braid.extracts.tables import KnownTable, describe_parts, find_known_table, open_text_table
from braid.extracts.workbooks import is_workbook, open_workbook_tables


def read_defined(definition: Definition, path: Path, reading: Reading) -> None:
    """Read a file of a standard that is a definition; raise `UnreadableFile` where it is of no part of it."""
    read_by_rows(path, reading, resolve(definition, reading.source.collection_year))


def read_by_rows(path: Path, reading: Reading, definition: Definition) -> None:
    """Read the tables of a file, text, workbook, Parquet or document, row by row as a resolved definition says."""
    if is_workbook(path):
        _read_workbook(path, reading, definition)
        return
    form = find_form(path)
    if definition.is_of_documents or (form == "json" and definition.standard == MAPPING):
        check_is_document(path, form)
        for found in open_document_tables(path, reading, definition, form):
            read_table(found, reading, definition)
        return
    table = open_parquet_table(path) if is_parquet(path) else open_text_table(path, reading)
    known = find_known_table(definition, table, reading)
    if known is None:
        raise _wrong_standard(definition)
    _read_table(known, reading, definition)


def _read_table(known: KnownTable, reading: Reading, definition: Definition) -> None:
    """Read a table that is no document, once its dates are known to be day first, or said not to be."""
    first = list(islice(known.lines, LOOKED_AT_ROWS))
    check_month_first(definition, known.part, known.header, first)
    read_table(replace(known, lines=chain(first, known.lines)), reading, definition)


def check_is_document(path: Path, form: str) -> None:
    """Raise `UnreadableFile` where a file is neither JSON nor XML."""
    if not form:
        check_not_blank(read_bytes(path))
        raise UnreadableFile("wrong_standard", "the file is neither JSON nor XML: check which standard it follows")


def _read_workbook(path: Path, reading: Reading, definition: Definition) -> None:
    """Read every sheet that is of a part; say and count those that are of none."""
    found = 0
    for number, table in enumerate(open_workbook_tables(path, reading), 1):
        known = find_known_table(definition, table, reading)
        if known is not None:
            _read_table(known, reading, definition)
            found += 1
        else:
            reading.unmapped[f"sheet {number}"] += 1
            reading.note("sheet_unknown", None, f"sheet {number}", f"sheet {number} is of no part and was not read")
    if not found:
        raise _wrong_standard(definition)


def _wrong_standard(definition: Definition) -> UnreadableFile:
    return UnreadableFile(
        "wrong_standard",
        f"no heading among the first rows has what the standard needs in this year ({describe_parts(definition)}):"
        " check the standard, the year and the heading line",
    )


CONNECTORS = tuple(
    Connector(
        one.standard,
        one.first_year,
        one.last_year,
        partial(read_defined, one),
        f"{one.title}, by configuration" if one.is_by_configuration else one.title,
        waits=one.waits,
    )
    for one in load_definitions()
    if not one.is_walked
)
