"""Reading a partner file: the nouns. A connector turns one file into records and says what it could not use.

The law of every connector: for each part of a file, rows in = rows read + rows rejected. A rejected row is kept whole
with its reason; a doubtful row is read with an issue; a column or code nobody knows is counted under `unmapped`.
Messages name place, rule and next step and never carry a person's value.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from braid.language.records import record_id


class UnreadableFile(Exception):
    """The bytes are not what the standard says: empty, binary, truncated, another standard. Exit code 3.

    `rule` is a stable code, `message` says what was found and what to do, without any person's value. `file_name` is
    the file, where whoever read it knew.
    """

    def __init__(self, rule: str, message: str, file_name: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.file_name = file_name


@contextmanager
def named(file_name: str) -> Iterator[None]:
    """Have an `UnreadableFile` that is raised meanwhile say which file it is of, unless it says so already."""
    try:
        yield
    except UnreadableFile as error:
        error.file_name = error.file_name or file_name
        raise


@dataclass(frozen=True)
class Source:
    """Where a file comes from: the lineage that every record of it carries."""

    feed: str
    organisation_id: str
    standard: str
    collection_year: int
    as_of_date: str | None = None
    """ISO date that the extract speaks of, where it is known."""


@dataclass
class PartCount:
    """Rows of one part of a file. The invariant `rows_in == rows_read + rows_rejected` holds when reading ends."""

    rows_in: int = 0
    rows_read: int = 0
    rows_rejected: int = 0


@dataclass(frozen=True)
class Issue:
    """What a rule found. `severity` is reject, warning or note."""

    severity: str
    rule: str
    field: str | None
    position: str | None
    message: str


@dataclass(frozen=True)
class Reject:
    """A row that was not read, kept as it stands in the file."""

    part: str
    position: str
    rule: str
    row: str


@dataclass
class Reading:
    """What reading one file gave: records by type, counts by part, issues, rejects and what nobody mapped.

    A connector calls `row_in` once per row, then exactly one of `row_read` and `row_rejected`; it adds records with
    `emit` and doubts with `warn`.
    """

    source: Source
    file_sha256: str
    file_name: str
    mapping: Mapping[str, Any] | None = None
    """The parsed mapping file, for standards that are read by mapping."""
    parts: dict[str, PartCount] = field(default_factory=lambda: defaultdict(PartCount))
    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    issues: list[Issue] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)
    _last_person: tuple[str | None, str] = (None, "")
    """The key asked for last and its id: what a row makes is nearly all about one person."""

    def row_in(self, part: str) -> None:
        """Count a row of `part` that the file holds."""
        self.parts[part].rows_in += 1

    def row_read(self, part: str) -> None:
        """Count a row of `part` as read."""
        self.parts[part].rows_read += 1

    def row_rejected(self, part: str, position: str, rule: str, message: str, row: str, fld: str | None = None) -> None:
        """Refuse a row: count it, keep it whole, and say why in an issue without its values."""
        self.parts[part].rows_rejected += 1
        self.rejects.append(Reject(part, position, rule, row))
        self.issues.append(Issue("reject", rule, fld, position, message))

    def piece_done(self) -> None:
        """Say that nothing of the file read so far will be looked at again: a large file hands over what it gave."""

    def warn(self, rule: str, fld: str | None, position: str | None, message: str) -> None:
        """Flag a row that is read all the same."""
        self.issues.append(Issue("warning", rule, fld, position, message))

    def note(self, rule: str, fld: str | None, position: str | None, message: str) -> None:
        """Record something worth knowing about the file as a whole."""
        self.issues.append(Issue("note", rule, fld, position, message))

    def emit(
        self,
        record_type: str,
        natural_key: tuple[str, ...],
        row_ref: str,
        sensitivity: str = "normal",
        quality: str | None = None,
        **values: Any,
    ) -> str:
        """Add a record of `record_type` (a table of `braid.language.records`) and return its deterministic id.

        Dates are given as ISO text or `datetime.date`; empty values may be left out. An unknown column raises
        `KeyError` when the table is written.
        """
        identity = record_id(self.source.feed, record_type, *natural_key)
        self.records[record_type].append(
            {
                "record_id": identity,
                "feed": self.source.feed,
                "organisation_id": self.source.organisation_id,
                "standard": self.source.standard,
                "collection_year": self.source.collection_year,
                "file_sha256": self.file_sha256,
                "row_ref": row_ref,
                "as_of_date": self.source.as_of_date,
                "sensitivity": sensitivity,
                "quality": quality,
                **values,
            }
        )
        return identity

    def person_record_id(self, partner_record_id: str) -> str:
        """Return the id of this feed's person record with the partner's own key: the same from every file of it."""
        key, identity = self._last_person
        if key != partner_record_id:
            identity = record_id(self.source.feed, "person_record", partner_record_id)
            self._last_person = (partner_record_id, identity)
        return identity

    def report(self) -> dict[str, Any]:
        """Return the document that `braid read --json` prints."""
        return {
            "standard": self.source.standard,
            "year": self.source.collection_year,
            "rows": {
                part: {"in": count.rows_in, "read": count.rows_read, "rejected": count.rows_rejected}
                for part, count in self.parts.items()
            },
            "records": {record_type: len(rows) for record_type, rows in self.records.items()},
            "issues": [
                {
                    "severity": issue.severity,
                    "rule": issue.rule,
                    "field": issue.field,
                    "position": issue.position,
                    "message": issue.message,
                }
                for issue in self.issues
            ],
            "unmapped": dict(self.unmapped),
        }


@dataclass(frozen=True)
class Connector:
    """One standard in a range of collection years: the function that reads a file of it.

    `read(path, reading)` fills the reading and raises `UnreadableFile`. With `needs_mapping`, `reading.mapping` is set.
    `waits` are the kinds of wait whose clocks it reads, codes of the list `wait_kind`.
    """

    standard: str
    first_year: int
    last_year: int
    read: Callable[[Path, Reading], None]
    description: str
    needs_mapping: bool = False
    waits: tuple[str, ...] = ()
    is_piecewise: bool = False
    """Whether it reads a document piece by piece, or a table row by row, so that a large one need not be held."""
