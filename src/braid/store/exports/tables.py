"""What is exported, for whom, and what comes of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | int | float | None
Cell = str | int | float
AUTHOR = "Braid"
MOST_LETTERS_IN_CELL = 32_767
DIGITS = 15
"""Digits of a number that every spreadsheet keeps."""


class ExportRefused(Exception):
    """The table may not leave: too many rows, or a second person has not approved. The message says the next step."""


class ExportUnsafe(Exception):
    """The file that was written holds something else than the table; it is thrown away. The message names what."""


class Form(StrEnum):
    """The forms of a file; each is also the ending of its name."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


@dataclass(frozen=True)
class ExportTable:
    """Rows to export. `source` names the cube or the list; `notes` are lines on how to read it."""

    title: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    person_level: bool = False


@dataclass(frozen=True)
class Approval:
    """Somebody else than who asks has seen what is to be exported, and why."""

    approved_by: str
    reference: str
    most_rows: int


@dataclass(frozen=True)
class Purpose:
    """Who asks for the file, which run it is of, and until when it may be used. `made_for` stands in the file."""

    made_for: str
    run_id: str
    made_on: dt.date
    use_until: dt.date
    approval: Approval | None = None


@dataclass(frozen=True)
class Export:
    """A file that was opened again and found to hold the table, and its manifest."""

    content: bytes
    manifest: dict[str, str | int] = field(hash=False)


@dataclass(frozen=True)
class Sheet:
    """The table as it stands in the file, every text guarded: what is written and what must be read back."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    about: tuple[tuple[str, str], ...]
    footer: str
    made_on: dt.date

    @property
    def lines(self) -> tuple[tuple[Cell, ...], ...]:
        """The heading, then the rows."""
        return (self.columns, *self.rows)


def content_sha256(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return the SHA-256 of a table's heading and rows, the same in every form."""
    text = json.dumps([list(columns), [list(row) for row in rows]], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
