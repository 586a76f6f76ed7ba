"""What partners took back: files, rows and records that no run reads any more.

`restricted/retracted.csv` names them; whole people stand in `restricted/withdrawn.csv`, which linking reads too. The
list is what must be kept: without it the next run would read what was taken back again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.store.engine import Engine
from braid.store.place_folder import SNAPSHOTS, Feed, Place, PlaceInvalid

RETRACTED_FILE = "retracted"
"""Name of the list under `restricted/`, without its ending."""
COLUMNS = ("feed", "kind", "key", "decided_date", "reference", "by")
FILE, ROW, RECORD = "file", "row", "record"
_HEX = "[0-9a-f]"
FORMS = {
    FILE: (re.compile(f"{_HEX * 64}"), "the SHA-256 of the file, 64 hexadecimal digits"),
    ROW: (re.compile(rf"{_HEX * 64} \S.*"), "the SHA-256 of the file, a space, and the place in it"),
    RECORD: (re.compile(f"{_HEX * 20}"), "the id of a record, 20 hexadecimal digits"),
}
"""What the key of each kind looks like."""
LINKS = ("person_record_id", "other_person_record_id")
"""Columns by which a row of a source table is about a person record."""


@dataclass(frozen=True)
class Retractions:
    """What was taken back: hashes of files by feed, places in files as feed, hash and place, and ids of records."""

    files: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rows: frozenset[tuple[str, str, str]] = frozenset()
    records: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return sum(map(len, self.files.values())) + len(self.rows) + len(self.records)

    def files_of(self, feed: str) -> frozenset[str]:
        """Return the hashes of the files of a feed that were taken back."""
        return self.files.get(feed, frozenset())

    def rows_of(self, feed: str) -> frozenset[tuple[str, str]]:
        """Return the places of a feed's files that were taken back, each as the hash of the file and the place."""
        return frozenset((digest, place) for name, digest, place in self.rows if name == feed)

    def holds(self, row: Mapping[str, str]) -> bool:
        """Whether a row of a source table is of what was taken back, by its lineage."""
        feed, digest, place = row["feed"], row["file_sha256"], row["row_ref"]
        return (
            row["record_id"] in self.records
            or digest in self.files_of(feed)
            or any(f == feed and d == digest and is_at(place, at) for f, d, at in self.rows)
        )


def is_at(place: str, named: str) -> bool:
    """Whether a place in a file is the one named, or below it in the same document."""
    return place == named or place.startswith(f"{named}/")


NOTHING = Retractions()


def parse_retracted(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Retractions:
    """Return what the rows of `restricted/retracted.csv` take back, each given with its line.

    Raises `PlaceInvalid` naming line and rule at the first that is wrong: what was taken back may not come back.
    """
    files: dict[str, set[str]] = {}
    places: set[tuple[str, str, str]] = set()
    records: set[str] = set()
    for line, row in rows:
        feed, kind, key, day, reference = ((row.get(name) or "").strip() for name in COLUMNS[:5])
        where = f"restricted/{RETRACTED_FILE}.csv line {line}"
        if not all((feed, reference)):
            raise PlaceInvalid(f"{where}: feed and reference are needed; fill them")
        if kind not in FORMS:
            raise PlaceInvalid(f"{where}: kind is one of {', '.join(FORMS)}; write one of them")
        form, words = FORMS[kind]
        if not form.fullmatch(key):
            raise PlaceInvalid(f"{where}: the key of a {kind} is {words}; write it so")
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            raise PlaceInvalid(f"{where}: decided_date is no date; write it as yyyy-mm-dd") from None
        if kind == FILE:
            files.setdefault(feed, set()).add(key)
        elif kind == ROW:
            digest, _, place = key.partition(" ")
            places.add((feed, digest, place))
        else:
            records.add(key)
    return Retractions({feed: frozenset(found) for feed, found in files.items()}, frozenset(places), frozenset(records))


def kept_files(
    place: Place, feed: Feed, as_of: dt.date, taken_back: Set[str]
) -> tuple[dt.date | None, list[Path], list[str]]:
    """Return date and files of a feed's newest extract of which something is left, and what of it is not read.

    `taken_back` are hashes of files of the feed; a name is that below the feed's folder. An extract of which all files
    were taken back is as one never sent: the one before it stands.
    """
    gone: list[str] = []
    date, files = place.extract_files(feed, as_of)
    while date is not None and taken_back:
        kept = [path for path in files if path.is_symlink() or hash_of(path) not in taken_back]
        gone += [name_of(place, feed, path) for path in files if path not in kept]
        if kept:
            return dt.date.fromisoformat(max(date_of(place, feed, path) for path in kept)), kept, gone
        if feed.sends != SNAPSHOTS:
            return None, [], gone
        date, files = place.extract_files(feed, date - dt.timedelta(days=1))
    return date, files, gone


def name_of(place: Place, feed: Feed, path: Path) -> str:
    """Return the name of a file below the folder of its feed: the date of its extract, and its name there."""
    return path.relative_to(place.folder / "extracts" / feed.id).as_posix()


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, as it stands in the list."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def date_of(place: Place, feed: Feed, path: Path) -> str:
    """Return the date of the extract that a file of a feed is in."""
    return name_of(place, feed, path).partition("/")[0]


def retract(engine: Engine, retractions: Retractions) -> None:
    """Take the rows and records that were taken back out of the source tables of `engine`, issues and refused rows too.

    A place in a file takes what stands below it in the same document with it. With the record of a person goes
    everything that is about it.
    """
    if not retractions.rows and not retractions.records:
        return
    listed = {name: [row[n] for row in sorted(retractions.rows)] for n, name in enumerate(("feed", "file", "place"))}
    engine.load_arrow("retracted_row", pa.table({name: pa.array(each, pa.string()) for name, each in listed.items()}))
    ids = pa.array(sorted(retractions.records), pa.string())
    engine.load_arrow("retracted_record", pa.table({"record_id": ids}))
    engine.create(
        "retracted_person",
        f"select t.record_id from person_record t where exists ({_stands('row_ref')}) or exists ({_is_named()})",
    )
    for table in SOURCE_TABLES:
        links = [name for name in LINKS if name in table.names]
        links += ["record_id"] if table.name == "person_record" else []
        about = [f"select 1 from retracted_person p where p.record_id = t.{name}" for name in links]
        _keep_others(engine, table.name, [_stands("row_ref"), _is_named(), *about])
    for table in (ISSUE, REJECT):
        _keep_others(engine, table.name, [_stands("position")])


def _stands(place: str) -> str:
    return (
        "select 1 from retracted_row w where w.feed = t.feed and w.file = t.file_sha256"
        f" and (t.{place} = w.place or starts_with(t.{place}, concat(w.place, '/')))"
    )


def _is_named() -> str:
    return "select 1 from retracted_record r where r.record_id = t.record_id"


def _keep_others(engine: Engine, name: str, gone: Sequence[str]) -> None:
    kept = " and ".join(f"not exists ({one})" for one in gone)
    engine.create(name, f"select t.* from {name} t where {kept}")
