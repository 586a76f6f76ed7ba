"""Reading one partner file, or the files of a feed, by the connector of its standard and year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from braid.extracts.catalogue import find_connector
from braid.extracts.files import check_size, hash_file
from braid.extracts.mapping import find_shipped_mapping, load_mapping
from braid.extracts.model import PartCount, Reading, Source, UnreadableFile, named
from braid.extracts.standards.ssda903_feed import join_modules

FEED_STEPS: Mapping[str, Callable[[Sequence[Reading]], None]] = {"ssda903": join_modules}
"""What the files of a feed say only together, by standard."""
SENSITIVITIES = ("normal", "special", "criminal", "safe_address")
"""Row sensitivities from the least to the most protected."""
SETTLED = frozenset({"row_ref", "file_sha256", "quality", "as_of_date", "confidential", "sensitivity"})
"""Columns that a later row of the same record neither fills nor contradicts."""


class CountsDisagreeError(RuntimeError):
    """A connector lost or doubled a row: rows in are not rows read plus rows rejected. Our fault."""


def read_file(path: Path, source: Source, mapping: Mapping[str, Any] | None = None) -> Reading:
    """Return what one file holds.

    `mapping` is the parsed mapping document, for the standards that are read by one; without one, the one that ships
    for the standard is used.

    Raises `UnknownStandard` and `UnreadableFile`; never anything about the person a row is about.
    """
    connector = find_connector(source.standard, source.collection_year)
    if connector.needs_mapping and mapping is None:
        shipped = find_shipped_mapping(source.standard)
        if shipped is None:
            raise UnreadableFile(
                "mapping_missing", f"standard {source.standard} is read by mapping: name a mapping file"
            )
        mapping = load_mapping(shipped)
    with named(path.name):
        check_size(path)
        reading = Reading(source, hash_file(path), path.name, mapping)
        connector.read(path, reading)
    check_counts(reading)
    settle_repeats([reading])
    return reading


def read_feed(paths: Iterable[Path], source: Source, mapping: Mapping[str, Any] | None = None) -> list[Reading]:
    """Return what the files of one feed hold, in the order given; a record that several files hold is kept once.

    The first file to hold it keeps it, filled with what the later ones add.
    """
    readings = [read_file(path, source, mapping) for path in paths]
    settle_repeats(readings)
    if source.standard in FEED_STEPS:
        FEED_STEPS[source.standard](readings)
    return readings


def read_returns(
    paths: Sequence[Path], sources: Sequence[Source], mapping: Mapping[str, Any] | None = None
) -> list[Reading]:
    """Return what several returns of one feed hold, each with its own source, oldest first.

    A record that a later return holds again is as that one says it, also where that one leaves something out: each
    return speaks of the whole of its year. Protection alone is kept from any of them.
    """
    readings = [read_file(path, source, mapping) for path, source in zip(paths, sources, strict=True)]
    newest: dict[str, dict[str, Any]] = {}
    for reading in reversed(readings):
        for record_type, rows in reading.records.items():
            own = {row["record_id"] for row in rows if newest.setdefault(row["record_id"], row) is row}
            for row in rows:
                _keep_protected(newest[row["record_id"]], row)
            reading.records[record_type] = [row for row in rows if row["record_id"] in own]
    standard = sources[0].standard if sources else ""
    if standard in FEED_STEPS:
        FEED_STEPS[standard](readings)
    return readings


class Counted(Protocol):
    """Whatever counted the rows of a file by part."""

    source: Source
    parts: dict[str, PartCount]


def check_counts(reading: Counted) -> None:
    """Raise `CountsDisagreeError` where a part's rows in are not its rows read plus its rows rejected."""
    for part, count in reading.parts.items():
        if count.rows_in != count.rows_read + count.rows_rejected:
            raise CountsDisagreeError(
                f"{reading.source.standard}: part {part} has {count.rows_in} rows in, {count.rows_read} read and "
                f"{count.rows_rejected} rejected"
            )


def settle_repeats(readings: list[Reading]) -> None:
    """Keep each record id once over the readings, and say how many were repeated and how many of them disagree."""
    kept: dict[str, dict[str, Any]] = {}
    for reading in readings:
        for record_type, rows in reading.records.items():
            reading.records[record_type] = _first_of_each(rows, kept, reading, record_type)


def disagreement_message(record_type: str) -> str:
    """Return what is said of a record that differs from an earlier one of the same key."""
    return f"a second {record_type} of the same key differs: first kept"


def repetition_message(record_type: str, repeated: int) -> str:
    """Return what is said of the records of a file that repeat earlier ones."""
    return f"{repeated} {record_type} records repeat an earlier one"


def _first_of_each(
    rows: list[dict[str, Any]], kept: dict[str, dict[str, Any]], reading: Reading, record_type: str
) -> list[dict[str, Any]]:
    fresh: list[dict[str, Any]] = []
    repeated = 0
    for row in rows:
        first = kept.setdefault(row["record_id"], row)
        if first is row:
            fresh.append(row)
            continue
        repeated += 1
        if _fill(first, row):
            reading.warn(
                "record_disagrees",
                record_type,
                row["row_ref"],
                disagreement_message(record_type),
            )
    if repeated:
        reading.note("record_repeated", record_type, None, repetition_message(record_type, repeated))
    return fresh


def _fill(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Fill what `first` lacks from `second`; return whether they disagree on anything that both hold.

    Protection is the exception to the first being kept: if either says that an address is confidential or a row is more
    sensitive, the record says so.
    """
    _keep_protected(first, second)
    disagree = False
    for name, value in second.items():
        if value is None or name in SETTLED:
            continue
        if first.get(name) is None:
            first[name] = value
        elif first[name] != value:
            disagree = True
    return disagree


def _keep_protected(first: dict[str, Any], second: Mapping[str, Any]) -> None:
    if second.get("confidential"):
        first["confidential"] = True
    if SENSITIVITIES.index(second["sensitivity"]) > SENSITIVITIES.index(first["sensitivity"]):
        first["sensitivity"] = second["sensitivity"]
