"""How the common language describes a table: columns with a type, a unit, a code list, a sensitivity and a meaning.

One registry, `TABLES`, holds every table the chain writes, so that the store, the reference pages, the access rules and
the tests all read the same description.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """The types a column may have. Engines map them; nothing else is portable between the two engines."""

    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"


class Sensitivity(StrEnum):
    """What a column could do to a person if the wrong reader saw it."""

    NORMAL = "N"
    """No harm beyond the ordinary duty of confidence."""
    SPECIAL = "S"
    """Special category or criminal offence data (UK GDPR articles 9 and 10)."""
    IDENTITY = "I"
    """Says who somebody is, or bridges an old identity and a new one."""
    LOCATION = "L"
    """Could lead somebody to where a person is: address, postcode, school, worker's patch, telephone."""
    EXISTENCE = "E"
    """That the row exists is itself the secret: support for victims, a conference about risk."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `unit` names what a number counts (days, weeks, km). `codes` names a list in `braid.language.codes.CODE_LISTS`.
    """

    name: str
    type: Type
    sensitivity: Sensitivity
    description: str
    codes: str | None = None
    unit: str | None = None
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the common language: its columns in order, its key, and the sentence that says what a row is."""

    name: str
    row_is: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column called `name`; raise `KeyError` naming the table and the column if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name!r} has no column {name!r}")

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)
