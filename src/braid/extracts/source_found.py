"""What stood in a file where a record was read from, and why it is not found there."""

from __future__ import annotations

from dataclasses import dataclass


class RowNotFound(Exception):
    """The file has no such row, or nobody can say which one is meant. The message says why, without a value."""


@dataclass(frozen=True)
class SourceRow:
    """What stood in the file. `form` says what it is: row, sheet row, element, value or line.

    `first_byte` and `last_byte` count from 0 and bound its bytes in the file; `None` where the row was unpacked (a
    workbook) or written anew (an element of XML, with the names of its namespaces).
    """

    form: str
    text: str
    first_byte: int | None = None
    last_byte: int | None = None
