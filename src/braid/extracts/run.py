"""All extracts of a place to the source tables of a run: feed by feed, file by file, on both cores.

A feed's newest extract on or before the as-of date is read whole. Where one of its files cannot be read at all, the
extract before it is used, and the run says so: an unreadable file must not make people vanish.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from braid.extracts.catalogue import find_connector
from braid.extracts.changes import FOLDED, FoldedFeed, read_folded
from braid.extracts.column_tables import ColumnReading
from braid.extracts.drained import DrainedReading
from braid.extracts.feed_columns import FeedColumns, are_large, find_definition, read_feed_by_columns, reads_large
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import read_feed, read_returns
from braid.extracts.retractions import NOTHING, Retractions, date_of, kept_files
from braid.extracts.rules.check import has_rules
from braid.extracts.rules.issues import write_rule_issues
from braid.extracts.same_files import REPEATED, find_repeated, repeated_issue
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.language.schema import Table
from braid.store.arrow_types import to_arrow
from braid.store.engine import Engine
from braid.store.place_folder import CHANGES, RETURNS, SNAPSHOTS, Feed, Place, PlaceInvalid

UNREADABLE = "unreadable_file"
NAMED_BY_PATH = frozenset({"cin"})
"""Standards whose rows were once named by line, and are by an XPath."""
NOBODY: Mapping[str, frozenset[str]] = {}


@dataclass
class FeedSummary:
    """What reading one feed gave. Counts are rows of the partner's files."""

    feed: str
    organisation: str
    standard: str
    as_of_date: str | None
    rows_in: int = 0
    rows_read: int = 0
    rows_rejected: int = 0
    records: int = 0
    issues: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 of every file that was read, by its path in the place folder: also of an extract that stood in."""
    unreadable: list[str] = field(default_factory=list)
    """Extract dates that were passed over because a file in them could not be read."""
    retracted: list[str] = field(default_factory=list)
    """Files that were passed over because their partner took them back, by name below the feed's folder."""
    dates: list[str] = field(default_factory=list)
    """Every date with an extract until the day, read or not: the next run tells by them what came late."""

    def document(self) -> dict[str, Any]:
        """Return the summary as a JSON document."""
        return {**self.__dict__, "issues": dict(self.issues), "unmapped": dict(self.unmapped)}


@dataclass(frozen=True)
class FeedTask:
    """What a worker needs to read one feed, whole, and where it writes."""

    place: Place
    feed: Feed
    as_of: dt.date
    parts_folder: Path
    open_engine: Callable[[Path], Engine] | None = None
    """Opens the engine that large files are read with; what it spills goes to the folder given."""
    taken_back: frozenset[str] = frozenset()
    """Hashes of files of the feed that its partner took back."""
    without: frozenset[str] = frozenset()
    """Keys of people of the feed of whom nothing may be held."""
    rows_taken_back: frozenset[tuple[str, str]] = frozenset()
    """Places of files of the feed, by hash, that its partner took back."""

    def find_files(self, as_of: dt.date) -> tuple[dt.date | None, list[Path], list[str]]:
        """Return what `retractions.kept_files` does, of this feed."""
        return kept_files(self.place, self.feed, as_of, self.taken_back)


def read_place(
    place: Place,
    as_of: dt.date,
    parts_folder: Path,
    workers: int,
    progress: Callable[[str], None] | None = None,
    open_engine: Callable[[Path], Engine] | None = None,
    retractions: Retractions = NOTHING,
    without: Mapping[str, frozenset[str]] = NOBODY,
) -> list[FeedSummary]:
    """Read every feed of `place` as at `as_of`; write one Parquet part per feed and table into `parts_folder`.

    Returns one summary per feed, in the order of place.toml. Feeds are independent, so they are read side by side.
    Large files of standards that are definitions are read by columns with an engine of their own, and returns are
    checked against their publisher's rules, where `open_engine` opens one; otherwise files are read row by row. No file
    in `retractions` is read, and of the people in `without`, by feed and the partner's key, no state of a feed of
    changes holds anything.
    Raises `PlaceInvalid` where a feed's mapping will not do: that is the place's own fault, not the partner's.
    """
    _check_mappings(place)
    _check_retractions(place, retractions)
    parts_folder.mkdir(parents=True, exist_ok=True)
    tasks = [
        FeedTask(
            place,
            feed,
            as_of,
            parts_folder,
            _opener(place, feed, as_of, open_engine),
            retractions.files_of(feed.id),
            without.get(feed.id, frozenset()),
            retractions.rows_of(feed.id),
        )
        for feed in place.feeds
    ]
    summaries = []
    for summary in _each(read_one_feed, tasks, workers):
        summaries.append(summary)
        if progress:
            progress(summary.feed)
    return summaries


def _opener(
    place: Place, feed: Feed, as_of: dt.date, open_engine: Callable[[Path], Engine] | None
) -> Callable[[Path], Engine] | None:
    """Return what opens an engine for a feed whose files are large, or that has rules of its own to be checked.

    A worker need not know engines for any other.
    """
    is_large = feed.sends == SNAPSHOTS and are_large(place.extract_files(feed, as_of)[1])
    return open_engine if has_rules(feed.standard) or is_large else None


def _each(function: Callable[[FeedTask], FeedSummary], tasks: list[FeedTask], workers: int) -> Iterable[FeedSummary]:
    pool = _open_pool(workers)
    if pool is None:
        yield from map(function, tasks)
        return
    with pool:
        yield from pool.map(function, tasks)


def _open_pool(workers: int) -> ProcessPoolExecutor | None:
    """Return a pool of processes; `None` for one worker, or where the machine has no shared memory for locks.

    Some containers give an ordinary user none. Reading one feed after another is slower, not wrong.
    """
    if workers < 2:
        return None
    try:
        return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("forkserver"))
    except OSError:
        return None


def read_one_feed(task: FeedTask) -> FeedSummary:
    """Read the newest readable extract of one feed and write its parts."""
    passed_over: list[str] = []
    issues: list[dict[str, Any]] = []
    date, files, retracted = task.find_files(task.as_of)
    readings: Sequence[Reading | ColumnReading] = []
    columns: FeedColumns | None = None
    folded: FoldedFeed | None = None
    repeated: dict[Path, Path] = {}
    once: list[Path] = []
    while date is not None:
        source = Source(
            task.feed.id, task.feed.organisation, task.feed.standard, task.feed.year, as_of_date=date.isoformat()
        )
        try:
            _check_no_way_out(files)
            mapping = find_mapping(task.feed.mapping, task.place.folder)
            folded = _read_folded(task, files, source)
            repeated = {} if folded else find_repeated(files, partial(date_of, task.place, task.feed))
            once = [path for path in files if path not in repeated]
            columns = None if folded else _read_columns(task, once, source, mapping)
            read = folded or columns
            readings = read.readings if read else _read_rows(task, once, source, mapping)
            break
        except UnreadableFile as error:
            passed_over.append(date.isoformat())
            repeated, once = {}, []
            issues.append(_unreadable_issue(task.feed, error))
            date, files, more = task.find_files(date - dt.timedelta(days=1))
            retracted += more
    summary = _summary(task.feed, date, readings, passed_over)
    summary.retracted, summary.dates = retracted, task.place.feed_dates(task.feed, task.as_of)
    if columns:
        summary.records, summary.issues = columns.records, columns.issues
    if folded:
        summary.files, summary.unreadable = folded.files, [*passed_over, *folded.unreadable]
        issues += folded.issues
    else:
        hashes = {path: reading.file_sha256 for path, reading in zip(once, readings, strict=False)}
        for path in files if readings else ():
            summary.files[str(path.relative_to(task.place.folder))] = hashes[repeated.get(path, path)]
        issues += [repeated_issue(task.feed.id, path, first) for path, first in repeated.items()]
        summary.issues.update([REPEATED] * len(repeated))
    _write_parts(task, [one for one in readings if isinstance(one, Reading)], issues)
    if readings and task.open_engine is not None and has_rules(task.feed.standard):
        summary.issues.update(_check_rules(task, once or files, readings))
    return summary


def _check_rules(task: FeedTask, files: Sequence[Path], readings: Sequence[Reading | ColumnReading]) -> Counter[str]:
    """Check the files that were read against the rules of their standard, the returns of a year together.

    Returns how often each rule found something.
    """
    found: Counter[str] = Counter()
    if task.open_engine is None:
        return found
    years: dict[int, list[int]] = {}
    for place, reading in enumerate(readings):
        years.setdefault(reading.source.collection_year, []).append(place)
    with closing(task.open_engine(task.parts_folder)) as engine:
        for year, places in years.items():
            target = task.parts_folder / f"{ISSUE.name}.{task.feed.id}.rules-{year}.parquet"
            hashes = [readings[place].file_sha256 for place in places]
            source = readings[places[0]].source
            found.update(write_rule_issues([files[place] for place in places], hashes, source, engine, target))
    return found


def _read_folded(task: FeedTask, files: Sequence[Path], source: Source) -> FoldedFeed | None:
    """Read files that are laid over each other; `None` for a standard that has none."""
    if task.feed.standard not in FOLDED:
        return None
    return read_folded(task.place, task.feed, files, source, task.without, task.rows_taken_back, task.taken_back)


def _read_rows(
    task: FeedTask, files: Sequence[Path], source: Source, mapping: Mapping[str, Any] | None
) -> list[Reading]:
    """Read the files of an extract row by row, or those of all returns, each as of the year of its own date."""
    if task.feed.sends != RETURNS:
        return read_feed(files, source, mapping)
    dates = [date_of(task.place, task.feed, path) for path in files]
    sources = [replace(source, collection_year=_year_in(source, date), as_of_date=date) for date in dates]
    return read_returns(files, sources, mapping)


def _year_in(source: Source, date: str) -> int:
    """Return the collection year of a return by the date of its folder, within the years that are read."""
    connector = find_connector(source.standard, source.collection_year)
    return min(max(int(date[:4]), connector.first_year), connector.last_year)


def _read_columns(
    task: FeedTask, files: Sequence[Path], source: Source, mapping: Mapping[str, Any] | None
) -> FeedColumns | None:
    """Read large files batch by batch and write their parts; `None` for files that are read by rows."""
    if task.open_engine is None or task.feed.sends != SNAPSHOTS or not are_large(files):
        return None
    definition = find_definition(source, mapping)
    if not reads_large(source, definition, files):
        return None
    with closing(task.open_engine(task.parts_folder)) as engine:
        ending = f"{task.feed.id}.columns"
        return read_feed_by_columns(files, source, definition, engine, task.parts_folder, ending, mapping=mapping)


def _check_no_way_out(files: Iterable[Path]) -> None:
    """Raise `UnreadableFile` for a link: whoever may put files here could otherwise have any file of ours read."""
    link = next((path for path in files if path.is_symlink()), None)
    if link:
        message = "a file of the extract is a link to another place: put the file itself there"
        raise UnreadableFile("file_is_link", message, link.name)


def find_mapping(name: str, folder: Path) -> Mapping[str, Any] | None:
    """Return the mapping a feed names: a shipped one by its bare name, or a file of `folder`; `None` without a name.

    Raises `UnreadableFile` where there is no such mapping, or it breaks a rule.
    """
    if not name:
        return None
    shipped = resources.files("braid.extracts").joinpath("mappings", f"{name}.toml")
    path = Path(str(shipped)) if shipped.is_file() else folder / name
    if not path.is_file() or not (shipped.is_file() or path.resolve().is_relative_to(folder.resolve())):
        raise UnreadableFile("mapping_missing", f"there is no mapping {name!r}; name a shipped one or a file beside it")
    return load_mapping(path)


def _check_mappings(place: Place) -> None:
    for feed in place.feeds:
        if feed.sends == CHANGES and feed.standard not in FOLDED:
            raise PlaceInvalid(
                f'place.toml feed {feed.id!r}: sends = "{CHANGES}" is known for {", ".join(sorted(FOLDED))}; an extract'
                " of another standard is a snapshot of all that is the case: leave sends out"
            )
        try:
            find_mapping(feed.mapping, place.folder)
        except UnreadableFile as error:
            raise PlaceInvalid(f"place.toml feed {feed.id!r}: {error.message}") from None


def _check_retractions(place: Place, retractions: Retractions) -> None:
    """Raise `PlaceInvalid` where a row of a census was taken back by its line: its rows are named by where they stand.

    Such a name would be found nowhere, and what was taken back would come back without a word.
    """
    censuses = {feed.id for feed in place.feeds if feed.standard in NAMED_BY_PATH}
    for feed, _, row in sorted(retractions.rows):
        if feed in censuses and not row.startswith("/"):
            raise PlaceInvalid(
                f"restricted/retracted.csv names a row of feed {feed!r} by its line, and a census' rows are named by"
                " where they stand: take it back anew with --row and its XPath, and take that line out"
            )


def _unreadable_issue(feed: Feed, error: UnreadableFile) -> dict[str, Any]:
    return {
        "feed": feed.id,
        "file_sha256": "",
        "file_name": error.file_name,
        "severity": "reject",
        "rule": error.rule or UNREADABLE,
        "message": error.message,
    }


def _summary(
    feed: Feed, date: dt.date | None, readings: Sequence[Reading | ColumnReading], passed_over: list[str]
) -> FeedSummary:
    summary = FeedSummary(
        feed.id,
        feed.organisation,
        feed.standard,
        date.isoformat() if date else None,
        unreadable=passed_over,
    )
    for reading in readings:
        for part in reading.parts.values():
            summary.rows_in += part.rows_in
            summary.rows_read += part.rows_read
            summary.rows_rejected += part.rows_rejected
        summary.unmapped.update(reading.unmapped)
        if isinstance(reading, Reading) and not isinstance(reading, DrainedReading):
            summary.records += sum(len(rows) for rows in reading.records.values())
            summary.issues.update(issue.rule for issue in reading.issues if issue.severity != "note")
    return summary


def _write_parts(task: FeedTask, readings: list[Reading], extra_issues: list[dict[str, Any]]) -> None:
    for table in SOURCE_TABLES:
        rows = [row for reading in readings for row in reading.records.get(table.name, ())]
        _write_part(task, table, rows)
    _write_part(task, ISSUE, extra_issues + [row for reading in readings for row in _issue_rows(reading)])
    _write_part(task, REJECT, [row for reading in readings for row in _reject_rows(reading)])


def _write_part(task: FeedTask, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        pq.write_table(to_arrow(table, rows), task.parts_folder / f"{table.name}.{task.feed.id}.parquet")


def _file_columns(reading: Reading) -> Mapping[str, str]:
    return {"feed": reading.source.feed, "file_sha256": reading.file_sha256, "file_name": reading.file_name}


def _issue_rows(reading: Reading) -> Iterable[dict[str, Any]]:
    for issue in reading.issues:
        yield {**_file_columns(reading), **issue.__dict__}


def _reject_rows(reading: Reading) -> Iterable[dict[str, Any]]:
    for reject in reading.rejects:
        yield {**_file_columns(reading), **reject.__dict__}


def gather(engine: Engine, parts_folder: Path) -> None:
    """Join the parts of every feed into the source tables. A record id carries its feed, so no two parts share one."""
    for table in (*SOURCE_TABLES, ISSUE, REJECT):
        if any(parts_folder.glob(f"{table.name}.*.parquet")):
            engine.load_parquet(table.name, parts_folder / f"{table.name}.*.parquet")
        else:
            engine.load_rows(table, [])
