"""Example places as the benchmarks read them: source tables, who is whom, who lives with whom, and seals.

A place that `braid example DIR` wrote need not be run: its extracts are read as a run reads them, once, and what was
read is kept beside them under `DIR/benchmark`.
"""

from __future__ import annotations

import csv
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

from braid.extracts.run import gather  # noqa: E402 - the path is set first
from braid.extracts.run import read_place as read_extracts  # noqa: E402
from braid.language.findings import TABLES  # noqa: E402
from braid.language.records import SOURCE_TABLES  # noqa: E402
from braid.people import seals  # noqa: E402
from braid.people.run import INPUT_TABLES, add_missing_tables  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from braid.store.place_folder import load_place  # noqa: E402
from braid.store.reference_rows import read_reference  # noqa: E402
from braid.store.restricted import read_restricted  # noqa: E402
from people.little_place import LittlePlace  # noqa: E402

KEPT = "benchmark"
READ_WITH = "2GB"
"""What the engine that reads a place may hold; the process that measures has its own."""


@dataclass(frozen=True)
class Human:
    """A true person: what a benchmark asks about them."""

    given: str
    family: str
    born: str
    sex: str
    household: str
    group: str = ""


def read_place(folder: Path, memory_limit: str = "1GB") -> tuple[DuckDBEngine, dict[str, str]]:
    """Return an engine with the source tables of a place, and the truth by record id."""
    engine = DuckDBEngine(memory_limit=memory_limit)
    for path in _tables(folder):
        engine.load_parquet(path.stem, path)
    add_missing_tables(engine)
    with (folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        true = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
    rows = engine.rows("select record_id, feed, partner_record_id from person_record")
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in rows}
    return engine, {record: true[key] for record, key in keys.items() if key in true}


def _tables(folder: Path) -> Iterator[Path]:
    """Yield the files of source tables, of the visible run or of what was read for benchmarks alone."""
    current = folder / "lake" / "current"
    if current.exists():
        kept = folder / "lake" / "runs" / current.read_text(encoding="utf-8").strip()
    else:
        kept = folder / KEPT
        if not kept.is_dir():
            _read(folder, kept)
    for name in dict.fromkeys((*(table.name for table in SOURCE_TABLES), *INPUT_TABLES)):
        if (kept / f"{name}.parquet").exists():
            yield kept / f"{name}.parquet"


def _read(folder: Path, kept: Path) -> None:
    place, parts, fresh = load_place(folder), folder / f".{KEPT}-parts", folder / f".{KEPT}"
    shutil.rmtree(parts, ignore_errors=True)
    shutil.rmtree(fresh, ignore_errors=True)
    read_extracts(place, place.extract_dates()[-1], parts, min(2, os.cpu_count() or 1))
    engine = DuckDBEngine(memory_limit=READ_WITH)
    gather(engine, parts)
    engine.load_rows(TABLES["postcode"], read_reference(place, TABLES["postcode"]))
    fresh.mkdir()
    for name in dict.fromkeys((*(table.name for table in SOURCE_TABLES if table.name in INPUT_TABLES), "postcode")):
        engine.write(TABLES[name], fresh / f"{name}.parquet")
    engine.close()
    shutil.rmtree(parts)
    fresh.rename(kept)


def read_humans(folder: Path) -> dict[str, Human]:
    """Return the true people of a place by id."""
    with (folder / "truth" / "persons.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["true_person_id"]: Human(
                row["given_name"],
                row["family_name"],
                row["birth_date"],
                row["sex"],
                row["household_id"],
                row["ethnicity"],
            )
            for row in csv.DictReader(file)
        }


def little_humans(place: LittlePlace) -> dict[str, Human]:
    """Return the same of a little place."""
    return {
        key: Human(one.given, one.family, one.born.isoformat(), one.sex, one.household)
        for key, one in place.people.items()
    }


def read_seals(folder: Path) -> tuple[seals.SealedRow, ...]:
    """Return which records a seal keeps apart."""
    rows = read_restricted(load_place(folder), seals.SEALS_FILE, seals.COLUMNS)
    return seals.parse_seals(rows)
