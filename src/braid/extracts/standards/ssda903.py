"""Looked-after children return (SSDA903): one CSV a module, told by its columns, dates dd/mm/yyyy or ISO.

A module may lawfully be empty: a file without even a heading whose name says which module it is, is read as no rows.
Extra LA and YEAR columns are ignored. What a row of episodes becomes stands in `ssda903_episodes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from braid.extracts.csv_files import Sheet, check_end, iterate_lines, match_heading
from braid.extracts.fields import Fields, count_unknown_columns, read_rows
from braid.extracts.files import decode_noted, is_blank, read_bytes
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards import ssda903_modules as modules
from braid.extracts.standards.review_clocks import LOOKED_AFTER
from braid.extracts.standards.ssda903_episodes import EPISODE_COLUMNS, read_episodes

IGNORED = frozenset({"LA", "YEAR", "ID"})


@dataclass(frozen=True)
class Module:
    """One module of the return: its name as files are called, the columns that tell it, the others, and its reader."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    read_row: Callable[[Fields], None] | None


MODULES = (
    Module("episodes", ("CHILD", "DECOM", "RNE", "LS"), EPISODE_COLUMNS, None),
    Module("reviews", ("CHILD", "REVIEW", "REVIEW_CODE"), ("DOB",), modules.read_review),
    Module("missing", ("CHILD", "MISSING", "MIS_START"), ("DOB", "MIS_END"), modules.read_missing),
    Module("oc2", ("CHILD", "SDQ_SCORE", "CONVICTED"), modules.OC2_COLUMNS, modules.read_oc2),
    Module("oc3", ("CHILD", "IN_TOUCH", "ACTIV", "ACCOM"), ("DOB",), modules.read_oc3),
    Module("ad1", ("CHILD", "DATE_INT", "DATE_MATCH"), modules.AD1_COLUMNS, modules.read_ad1),
    Module("uasc", ("CHILD", "SEX", "DUC"), ("DOB",), modules.read_uasc),
    Module("previous_permanence", ("CHILD", "PREV_PERM"), ("DOB", "LA_PERM", "DATE_PERM"), modules.read_permanence),
    Module(
        "placed_for_adoption",
        ("CHILD", "DATE_PLACED"),
        ("DOB", "DATE_PLACED_CEASED", "REASON_PLACED_CEASED"),
        modules.read_placed,
    ),
    Module("sw_episodes", ("CHILD", "SW_ID", "SW_DECOM"), ("DOB", "SW_DEC", "SW_REASON"), modules.read_worker),
    Module("dolo", ("CHILD", "DOLO_START"), ("DOB", "DOLO_END"), modules.read_dolo),
    Module("header", ("CHILD", "SEX", "DOB"), ("ETHNIC", "UPN", "MOTHER", "MC_DOB"), modules.read_header),
)
FILE_NAMES = {
    **{module.name: module.name for module in MODULES},
    "placedadoption": "placed_for_adoption", "placed_adoption": "placed_for_adoption",
    "prevperm": "previous_permanence", "prev_perm": "previous_permanence", "swepisodes": "sw_episodes",
    "social_worker": "sw_episodes",
}  # fmt: skip


def read_ssda903(path: Path, reading: Reading) -> None:
    """Read a file of any module; raise `UnreadableFile` where its columns are of none."""
    data = read_bytes(path)
    if is_blank(data):
        _note_empty(path, reading)
        return
    lines = iterate_lines(check_end(decode_noted(data, reading), reading))
    first = next(lines, None)
    if first is None or first.fault:
        raise UnreadableFile("no_heading", "the file has no line of column names: export it with its heading")
    module, sheet = _find_module(Sheet(match_heading(first.cells, ("CHILD",)), lines))
    count_unknown_columns(sheet, reading, {*module.required, *module.optional, *IGNORED})
    if module.read_row is None:
        read_episodes(sheet, reading)
    else:
        read_rows(sheet, reading, module.name, module.read_row)


def find_module_name(file_name: str) -> str | None:
    """Return the module that a file's name ends on, as in 2020-episodes.csv; `None` where it names none."""
    stem = file_name.lower().rsplit(".", 1)[0].replace("-", "_").replace(" ", "_")
    names = sorted(FILE_NAMES, key=len, reverse=True)
    return next((FILE_NAMES[name] for name in names if stem.endswith(name)), None)


def _note_empty(path: Path, reading: Reading) -> None:
    name = find_module_name(path.name)
    if name is None:
        raise UnreadableFile("file_empty", "the file is empty: ask the partner to send it again")
    reading.parts[name].rows_in += 0
    reading.note("module_empty", None, None, f"the {name} file holds nothing, not even a heading: read as no rows")


def _find_module(sheet: Sheet) -> tuple[Module, Sheet]:
    for module in MODULES:
        header = match_heading(sheet.header, (*module.required, *module.optional))
        if all(header.count(name) == 1 for name in module.required):
            return module, Sheet(header, sheet.lines)
    kinds = "; ".join(f"{module.name}: {', '.join(module.required)}" for module in MODULES)
    raise UnreadableFile("wrong_standard", f"the heading is of no module, which needs once each ({kinds})")


CONNECTORS = (
    Connector(
        "ssda903", 2017, 2030, read_ssda903, "Looked-after children return, one CSV a module", waits=LOOKED_AFTER
    ),
)
