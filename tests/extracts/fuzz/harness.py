"""Feeds damaged files to every parser of `braid.extracts` and holds each answer to what is owed.

    export PYTHONPATH=src:tests
    python -m extracts.fuzz.harness --inputs 1000000 --processes 2 --folder FOLDER    # goes on where it was
    python -m extracts.fuzz.harness --number 4711 --folder FOLDER                     # one input once more

An input is made from the seed of the run and its number alone. Each is read or refused within a second or ten, and
within a bound of memory: a reading has rows in = rows read + rows rejected, every refused row kept, records that can be
written; a refusal names a rule. No message repeats a value. Whatever breaks that is kept with its input in `findings`.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import pickle
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from braid.extracts import csv_files, json_files, json_stored
from braid.extracts.catalogue import find_connector
from braid.extracts.definition_files import load_definition
from braid.extracts.feed_columns import find_definition
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import read_file
from braid.extracts.recognition import recognise
from braid.extracts.reference.load import load_file
from braid.extracts.rules.cin_tables import gather_cin
from braid.extracts.rules.gather import Gathered
from braid.extracts.rules.layouts import LAYOUTS
from braid.extracts.rules.rule_files import read_rule
from braid.extracts.rules.ssda903_tables import gather_ssda903
from braid.language.findings import TABLES
from braid.language.rule_files import RulesInvalid
from braid.store.arrow_types import to_arrow
from braid.store.duckdb_engine import DuckDBEngine
from extracts.fuzz.mutations import CANARY, mutate
from extracts.fuzz.seeds import Seed, load_seeds, mapping_path
from extracts.twins import read_fast, read_in_pieces, read_slowly

SECONDS = 20.0
"""Processor seconds that one input may take: generous, since the machine may be a slow one."""
GROWTH_MB = 400
"""Megabytes by which a few inputs may raise the most that the process ever held."""
CHUNK = 500
WRITTEN_HERE = ("mapping", "definition", "rule")
"""Parsers of files that a place writes itself: they hold nobody, and a refusal names the word that will not do."""
PART = CANARY[:8]


class Hang(BaseException):
    """An input took too long. No handler of the code under test may catch it."""


class BadAnswer(AssertionError):
    """A parser answered, but not with what it owes."""


@dataclass
class Tally:
    """What became of inputs: how many were read, how many refused by which rule, and what went wrong."""

    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest: float = 0.0
    peak: int = 0
    """The most kilobytes that the process ever held."""


def make_input(seeds: list[Seed], run: int, number: int) -> tuple[Seed, bytes]:
    """Return the input of a number: which sound file, and its damaged bytes."""
    chance = Random(f"{run}:{number}")
    seed = chance.choice(seeds)
    return seed, mutate(chance, seed.form, seed.data)


def hold(seed: Seed, data: bytes, folder: Path) -> str:
    """Have one input read; return "read" or the rule of the refusal. Raises whatever is wrong."""
    path = folder / seed.name
    path.write_bytes(data)
    try:
        answer = _parse(seed, path, folder)
    except UnreadableFile as refusal:
        if seed.parser not in WRITTEN_HERE:
            _check_quiet(refusal.message, refusal.rule)
        return refusal.rule
    if isinstance(answer, Reading):
        _check_reading(answer)
        _check_other_ways(seed, path, answer)
    return "read"


def _parse(seed: Seed, path: Path, folder: Path) -> Any:
    if seed.parser == "mapping":
        return load_mapping(path)
    if seed.parser == "definition":
        return load_definition(path)
    if seed.parser == "rule":
        try:
            return read_rule(path.read_text(encoding="utf-8", errors="replace"), seed.name, LAYOUTS[seed.standard])
        except RulesInvalid:
            raise UnreadableFile("rule_invalid", "the rule will not do") from None
    if seed.parser == "reference":
        with tempfile.TemporaryDirectory(dir=folder) as place:
            return load_file(path, Path(place))
    if len(path.read_bytes()) % 8 == 0:
        _recognise(path)
    return read_file(path, _source(seed), _mapping(seed))


def _source(seed: Seed) -> Source:
    return Source("feed", "partner", seed.standard, seed.year, "2026-11-15")


def _mapping(seed: Seed) -> Any:
    return load_mapping(mapping_path(seed.mapping)) if seed.mapping else None


def _recognise(path: Path) -> None:
    try:
        found = recognise(path)
    except UnreadableFile as refusal:
        _check_quiet(refusal.message)
        return
    for one in (*found.fits, *found.nearest):
        _check_quiet(one.why, *one.lacks)


def _check_reading(reading: Reading) -> None:
    for part, count in reading.parts.items():
        if count.rows_in != count.rows_read + count.rows_rejected:
            raise BadAnswer(f"part {part}: rows in are not rows read and rejected")
    refused = sum(count.rows_rejected for count in reading.parts.values())
    said = sum(issue.severity == "reject" for issue in reading.issues)
    if not refused == len(reading.rejects) == said:
        raise BadAnswer("a refused row is not kept, or not said")
    for name, rows in reading.records.items():
        table = to_arrow(TABLES[name], rows)
        if len({row["record_id"] for row in rows}) != table.num_rows:
            raise BadAnswer(f"{name}: an id stands twice")
    for issue in reading.issues:
        _check_quiet(issue.message, issue.field, issue.position, issue.rule)
    _check_quiet(*reading.parts)


class _Nowhere:
    def take(self, table: Any, data: Any) -> None:
        """See `Drain.take`."""


def _check_other_ways(seed: Seed, path: Path, reading: Reading) -> None:
    """Hold what a run does besides to what it owes: rules' tables of whatever was read; now and then the large ways."""
    if seed.standard in LAYOUTS:
        _gather_tables(seed, path)
    chance = len(path.read_bytes()) % 16
    if chance < 6 and (find_connector(seed.standard, seed.year).is_piecewise or seed.form in ("json", "xml")):
        with _as_large(chance > 2):
            drained = read_in_pieces(path, _source(seed), _Nowhere(), _mapping(seed), 3)
        if drained.parts != reading.parts or +drained.unmapped != +reading.unmapped:
            raise BadAnswer("read piece by piece it counts otherwise")
    if chance == 0 and seed.form in ("csv", "parquet"):
        definition = find_definition(_source(seed), _mapping(seed))
        if definition is not None and read_slowly(path, _source(seed), definition) != read_fast(
            path, _source(seed), definition, _engine(), 256
        ):
            raise BadAnswer("read by columns it says something else")


@contextmanager
def _as_large(is_so: bool) -> Iterator[None]:
    """Have files of any size read as large ones are: lists left in the file, rows and elements let go of."""
    before = json_files.STORED_BYTES, csv_files.HELD_BYTES, json_stored.KEPT_LIST
    if is_so:
        json_files.STORED_BYTES, csv_files.HELD_BYTES, json_stored.KEPT_LIST = 0, 0, 40
    try:
        yield
    finally:
        json_files.STORED_BYTES, csv_files.HELD_BYTES, json_stored.KEPT_LIST = before


def _gather_tables(seed: Seed, path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as name, ExitStack() as stack:
        tables = {one.name: stack.enter_context(Gathered(one, Path(name))) for one in LAYOUTS[seed.standard].tables}
        (gather_cin if seed.standard == "cin" else gather_ssda903)(path, 0, tables)


@lru_cache(maxsize=1)
def _engine() -> DuckDBEngine:
    """Return the engine of this process."""
    return DuckDBEngine("256MB", 1)


def _check_quiet(*texts: str | None) -> None:
    for text in texts:
        if text and PART in text:
            raise BadAnswer("a message repeats a value")
        if text:
            text.encode()


def hold_in_bounds(seed: Seed, data: bytes, folder: Path, tally: Tally, name: str) -> None:
    """Have one input read within its bounds and count what became of it; keep it where something is wrong."""
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        answer = hold(seed, data, folder)
        if answer == "read":
            tally.read += 1
        else:
            tally.refused[answer] += 1
        if sum(tally.refused.values()) % 10 == 0:
            _check_memory(tally)
    except (Exception, Hang) as error:  # whatever comes is a finding
        tally.findings.append(f"{name} {seed.parser} {seed.standard} {seed.name}: {describe(error)}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        tally.slowest = max(tally.slowest, time.process_time() - begun)


def _check_memory(tally: Tally) -> None:
    """Look now and then, since asking takes longer than many an input."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown, tally.peak = (peak - (tally.peak or peak)) / 1024, peak
    if grown > GROWTH_MB:
        raise BadAnswer(f"memory grew by more than {GROWTH_MB} MB")


def describe(error: BaseException) -> str:
    """Return the kind of an error and where it arose, without its message, which may hold a value."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/braid/" in frame.filename]
    where = "; ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-2:])
    words = str(error) if isinstance(error, BadAnswer) else ""
    return f"{type(error).__name__} {words} at {where}"


def guard() -> None:
    """Have this process stop an input that takes too long."""

    def stop(*_: Any) -> None:
        raise Hang

    signal.signal(signal.SIGPROF, stop)


def run_numbers(seeds: list[Seed], run: int, numbers: range, keep: Path | None = None) -> Tally:
    """Have the inputs of some numbers read and return what became of them; keep those with findings in a folder."""
    tally = Tally()
    guard()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as text:
        for number in numbers:
            seed, data = make_input(seeds, run, number)
            found = len(tally.findings)
            hold_in_bounds(seed, data, Path(text), tally, str(number))
            if keep and len(tally.findings) > found:
                (keep / f"{number}-{seed.name}").write_bytes(data)
    return tally


def _work(task: tuple[int, int, int, Path]) -> tuple[int, Tally]:
    run, start, end, folder = task
    if not _SEEDS:
        _SEEDS.extend(pickle.loads((folder / "seeds.pickle").read_bytes()))
        warnings.simplefilter("ignore")  # of libraries that read workbooks, of workbooks that are meant to be broken
    return start, run_numbers(_SEEDS, run, range(start, end), folder / "findings")


_SEEDS: list[Seed] = []


def _tasks(arguments: argparse.Namespace) -> Iterator[tuple[int, int, int, Path]]:
    log = arguments.folder / "done.txt"
    done = {int(line.split()[0]) for line in log.read_text().splitlines()} if log.exists() else set()
    for start in range(0, arguments.inputs, CHUNK):
        if start not in done:
            yield arguments.seed, start, min(start + CHUNK, arguments.inputs), arguments.folder


def main(words: list[str] | None = None) -> int:
    """Run the inputs that no earlier run did, and print what became of all of them; return 1 where any broke a parser.

    `words` are those of the command line unless given.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--number", type=int, default=-1, help="one input alone, with what it raises")
    arguments = parser.parse_args(words)
    (arguments.folder / "findings").mkdir(parents=True, exist_ok=True)
    if arguments.number >= 0:
        seeds = load_seeds(arguments.folder, with_place=True)
        seed, data = make_input(seeds, arguments.seed, arguments.number)
        print(seed.parser, seed.standard, seed.name, hashlib.sha256(data).hexdigest()[:12])
        print(hold(seed, data, arguments.folder))
        return 0
    kept = arguments.folder / "seeds.pickle"
    if not kept.exists():
        kept.write_bytes(pickle.dumps(load_seeds(arguments.folder, with_place=True)))
    with (
        multiprocessing.get_context("spawn").Pool(arguments.processes, maxtasksperchild=40) as pool,
        (arguments.folder / "done.txt").open("a") as log,
        (arguments.folder / "findings.txt").open("a") as told,
    ):
        for start, tally in pool.imap_unordered(_work, _tasks(arguments)):
            refused = sum(tally.refused.values())
            log.write(f"{start} {tally.read} {refused} {len(tally.findings)} {tally.slowest:.2f}\n")
            log.flush()
            told.writelines(f"{line}\n" for line in tally.findings)
            told.flush()
    rows = [line.split() for line in (arguments.folder / "done.txt").read_text().splitlines()]
    sums = [sum(int(row[column]) for row in rows) for column in (1, 2, 3)]
    slowest = max(float(row[4]) for row in rows)
    print(f"{sum(sums)} inputs: {sums[0]} read, {sums[1]} refused, {sums[2]} findings; slowest {slowest:.1f} s of CPU")
    return 1 if sums[2] else 0


if __name__ == "__main__":
    sys.exit(main())
