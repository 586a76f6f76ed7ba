"""What the lake holds of a person: the rows of partners' extracts about their records, in the words of the language."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq

from braid.language.codes import CODE_LISTS
from braid.language.findings import PERSON, PERSON_LINK
from braid.language.records import LINEAGE, PERSON_RECORD, SOURCE_TABLES
from braid.language.schema import Column, Table
from braid.store.lake import Run
from braid.trust.subject_rights import Line
from braid.trust.subject_rights_terms import LOCATION, SUPPORT

Row = Mapping[str, Any]
_LINEAGE = frozenset(column.name for column in LINEAGE)
_RECORDS = ("person_record_id", "other_person_record_id")


@dataclass(frozen=True)
class Found:
    """One thing that is held: its kind and title, who asserts it, of which day, its lines, and whom else it is about.

    `about` are person ids.
    """

    kind: str
    title: str
    lines: tuple[Line, ...] = field(repr=False)
    source: str = ""
    held_on: dt.date | None = None
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Standing:
    """What of the subject decides which columns are laid before anybody: whether they ask themselves, are protected,
    and have a location that is withheld."""

    asks_themselves: bool
    is_protected: bool
    is_withheld: bool


def read_standing(run: Run, subject_id: str, asks_themselves: bool) -> Standing | None:
    """Return how the run has the subject; `None` where it knows nobody of that id."""
    rows = _read(run, PERSON.name, ("person_id", "==", subject_id))
    if not rows:
        return None
    withheld = any(bool(row["protected"]) or bool(row["location_withheld"]) for row in rows)
    return Standing(asks_themselves, any(bool(row["protected"]) for row in rows), withheld)


def find_in_lake(run: Run, subject_id: str, standing: Standing, sealed: Collection[str]) -> Iterator[Found]:
    """Yield what partners' extracts say of the person, record by record.

    Of somebody who is sealed nothing is yielded at all: their absence is the seal. What a row says of somebody else who
    is protected is locked whole, since that there is such a row may be what must not be told.
    """
    links = _read(run, PERSON_LINK.name, ("person_id", "==", subject_id))
    mine = sorted({row["person_record_id"] for row in links})
    for row in _read(run, PERSON_RECORD.name, ("record_id", "in", mine)):
        yield _found(PERSON_RECORD, row, standing, frozenset(), is_locked=_tells(row, standing))
    for table in SOURCE_TABLES:
        for row in _rows_about(run, table, mine):
            others = _others(run, row, mine)
            if others & set(sealed):
                continue
            is_locked = _tells(row, standing) or (bool(others) and _is_anybody_protected(run, others))
            yield _found(table, row, standing, others, is_locked=is_locked)


def _rows_about(run: Run, table: Table, mine: list[str]) -> list[Row]:
    """Return the rows of a table that are about one of these records, each once."""
    columns = [name for name in _RECORDS if name in table.names]
    rows = [row for name in columns for row in _read(run, table.name, (name, "in", mine))]
    return list({row["record_id"]: row for row in rows}.values())


def _tells(row: Row, standing: Standing) -> bool:
    """Whether that the row is there is itself the secret, towards whoever asks."""
    return row["sensitivity"] == "safe_address" and not (standing.is_protected and standing.asks_themselves)


def _found(table: Table, row: Row, standing: Standing, others: frozenset[str], *, is_locked: bool) -> Found:
    shown = [column for column in table.columns if column.name not in (*_LINEAGE, *_RECORDS)]
    lines = tuple(_line(column, row[column.name], standing) for column in shown if row[column.name] not in (None, ""))
    if is_locked:
        lines = (Line("Not said", "", "E", SUPPORT),)
    title = f"{table.name.replace('_', ' ').capitalize()}: {table.row_is}"[:100]
    return Found("record", title, lines, row["organisation_id"], row["as_of_date"], others)


def _line(column: Column, value: object, standing: Standing) -> Line:
    if column.sensitivity == "L" and (standing.is_withheld or not standing.asks_themselves):
        return Line(column.description, "", "L", LOCATION)
    return Line(column.description, _words(column, value), column.sensitivity.value)


def _words(column: Column, value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    text = str(value)
    return CODE_LISTS[column.codes].get(text, text) if column.codes else text


def _others(run: Run, row: Row, mine: list[str]) -> frozenset[str]:
    """Return the persons of the other records that a row names."""
    records = sorted({row[name] for name in _RECORDS if row.get(name)} - set(mine))
    links = _read(run, PERSON_LINK.name, ("person_record_id", "in", records)) if records else []
    return frozenset(link["person_id"] for link in links)


def _is_anybody_protected(run: Run, persons: Collection[str]) -> bool:
    rows = _read(run, PERSON.name, ("person_id", "in", sorted(persons)))
    return any(bool(row["protected"]) for row in rows)


def _read(run: Run, table: str, wanted: tuple[str, str, Any]) -> list[Row]:
    path = run.table(table)
    if not path.is_file() or (wanted[1] == "in" and not wanted[2]):
        return []
    rows: list[Row] = pq.read_table(path, filters=[wanted]).to_pylist()
    return rows
