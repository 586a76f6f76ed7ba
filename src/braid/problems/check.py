"""Checking problem files: every fault of every file, and what the sound ones lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from braid.language.rule_files import Fault, RulesInvalid, RulesUnreadable
from braid.problems.advice import find_advice
from braid.problems.load import find_clashes, load_statement, place_files
from braid.problems.model import Statement


@dataclass(frozen=True)
class Checked:
    """One problem file: the statement that it describes, or the faults for which it describes none."""

    file: str
    statement: Statement | None
    faults: tuple[Fault, ...] = ()
    advice: tuple[Fault, ...] = ()
    readable: bool = True


def check_files(
    files: Sequence[Path], place_folder: Path | None = None, districts: Mapping[str, str] | None = None
) -> list[Checked]:
    """Return what is found in each of `files`, in their order.

    The files of a place are also held against each other, though only `files` are reported, and against its districts.
    """
    own = [] if place_folder is None else [path for path in place_files(place_folder) if not _among(path, files)]
    read = [_read(path, frozenset(districts or ())) for path in files]
    others = [_read(path, frozenset()) for path in own]
    sound = [(checked.file, checked.statement) for checked in (*read, *others) if checked.statement]
    clashes = find_clashes(sound)
    return [_with_clashes(checked, clashes) for checked in read]


def _among(path: Path, files: Sequence[Path]) -> bool:
    return path.resolve() in {file.resolve() for file in files}


def _read(path: Path, districts: frozenset[str]) -> Checked:
    try:
        statement = load_statement(path)
    except RulesInvalid as invalid:
        return Checked(path.name, None, invalid.faults, readable=not isinstance(invalid, RulesUnreadable))
    return Checked(path.name, statement, advice=tuple(find_advice(statement, path.name, districts)))


def _with_clashes(checked: Checked, clashes: list[Fault]) -> Checked:
    own = tuple(fault for fault in clashes if fault.file == checked.file)
    return replace(checked, statement=None, faults=own, advice=()) if own else checked
